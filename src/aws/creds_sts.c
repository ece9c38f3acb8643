/* The calls of STS that the chain itself makes: AssumeRole and AssumeRoleWithWebIdentity. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "creds_impl.h"
#include "endpoint.h"
#include "errors.h"
#include "reply.h"
#include "request.h"
#include "retry.h"

enum { TRIES = 3, TIMEOUT_MS = 15000, REPLY_MAX = 256 * 1024 };

char *creds_session_name(struct creds_ctx *x, const char *given)
{
    return given != NULL ? xstrdup(given) : xasprintf("mvpdash-%" PRId64, creds_now(x) / 1000);
}

static enum err_code read_keys(enum aws_op_id op, const struct http_response *reply,
                               const char *what, struct aws_creds *out, struct err *e)
{
    static const struct creds_members members = {
        .key_id = "AccessKeyId",
        .secret = "SecretAccessKey",
        .token = "SessionToken",
        .expiration = "Expiration",
    };
    cJSON *doc = reply_document(op, reply, NULL, e);
    enum err_code rc = E_PARSE;

    if (doc != NULL) {
        rc = creds_from_json(cJSON_GetObjectItemCaseSensitive(doc, "Credentials"), &members, what,
                             out, e);
    }
    cJSON_Delete(doc);
    return rc;
}

/* One call of the service STS and the keys that sign it. All borrowed. */
struct sts_call {
    struct request *q;
    const cJSON *in;
    const struct aws_creds *signer; /* NULL: the call is not signed */
    const char *what;               /* the source of the credentials, for messages */
};

/* Makes one attempt; `*again` when the next attempt may go better. `*skew_ms` is the service's time
 * minus ours: it starts as 0 and is set when a refusal proves that the clock is wrong. */
static enum err_code try_once(struct creds_ctx *x, const struct sts_call *k, int64_t *skew_ms,
                              bool *again, struct aws_creds *out, struct err *e)
{
    struct http_response reply = {0};
    struct request_send how = {.creds = k->signer,
                               .wall_ms = creds_now(x) + *skew_ms,
                               .total_timeout_ms = TIMEOUT_MS,
                               .max_bytes = REPLY_MAX};
    enum err_code rc = request_send(x->o->http, k->q, &how, &reply, e);

    if (rc != E_OK) {
        *again = err_means(rc, ERR_LINK);
    } else if (reply.status >= 200 && reply.status < 300) {
        *again = false;
        rc = read_keys(k->q->op, &reply, k->what, out, e);
    } else {
        struct failure f;
        struct errors_context c = {.op = k->q->op,
                                   .in = k->in,
                                   .creds = k->signer,
                                   .region = k->q->endpoint->signing_region,
                                   .skew_ms = reply_skew_ms(&reply, creds_now(x))};
        reply_failure(AWS_QUERY_XML, &reply, &f);
        const struct aws_code *row = aws_code_find(f.code);
        bool skewed = *skew_ms == 0 && row != NULL && (row->flags & AWS_CODE_SKEW) != 0 &&
                      (c.skew_ms >= ERRORS_SKEW_MS || c.skew_ms <= -ERRORS_SKEW_MS);
        *again = skewed || retry_classify(f.status, f.code) != RETRY_NO;
        *skew_ms = skewed ? c.skew_ms : *skew_ms;
        rc = errors_explain(&c, &f, e);
        failure_clear(&f);
    }
    log_line(x->o->log, LOG_LVL_DEBUG, "%s: sts.%s status=%d ms=%d", k->what,
             aws_op_get(k->q->op)->name, reply.status, reply.elapsed_ms);
    if (reply.body.data != NULL) {
        strbuf_wipe(&reply.body);
    }
    http_response_clear(&reply);
    return rc;
}

enum err_code creds_sts(struct creds_ctx *x, enum aws_op_id op, const cJSON *in,
                        const struct aws_creds *signer, const char *region, const char *what,
                        struct aws_creds *out, struct err *e)
{
    struct endpoint_options eo = {.profiles = &x->profiles,
                                  .region = region != NULL ? region : x->o->region,
                                  .insecure = x->o->insecure_endpoint};
    struct endpoint endpoint = {0};
    struct request q = {0};
    const struct sts_call k = {.q = &q, .in = in, .signer = signer, .what = what};
    enum err_code rc = endpoint_resolve(&eo, AWS_STS, &endpoint, e);
    bool again = true;
    int64_t skew_ms = 0;

    if (rc == E_OK) {
        rc = request_init(&q, op, &endpoint, in, e);
    }
    for (int n = 1; rc == E_OK; n++) {
        rc = try_once(x, &k, &skew_ms, &again, out, e);
        if (rc == E_OK || !again || n == TRIES) {
            break;
        }
        rc = http_wait(x->o->http, retry_delay_ms(RETRY_TRANSIENT, false, n, rand_unit(), -1), e);
    }
    request_clear(&q);
    endpoint_clear(&endpoint);
    if (rc != E_OK) {
        (void)err_wrap(e, "%s", what);
    }
    if (rc == E_NOT_FOUND) { /* the chain would take E_NOT_FOUND for "not configured" */
        rc = E_CREDS;
        if (e != NULL) {
            e->code = rc;
        }
    }
    return rc;
}
