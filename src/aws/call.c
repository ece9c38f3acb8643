/* A call of an operation: its attempts, from the first to the final answer.
 *
 * DESIGN: aws_call builds the request once and then sends it, signed anew each time, until the
 * answer is final:
 *
 *   reply 2xx, checksum right     -> the document
 *   throttled                     -> wait, again (any operation: it was not done)
 *   5xx, lost or cut reply        -> wait, again, unless it may have been done and must not be
 *                                    done twice (flags 0)
 *   skewed clock, proved by Date  -> adopt the offset, again at once, once
 *   token expired, key unknown    -> read the credentials again; when they changed, again, once
 *   anything else                 -> the error
 *
 * A write of which one attempt may have been taken stays "perhaps done" however the later attempts
 * fail: a refusal of the second attempt says nothing about the first. Only a success settles it
 * here.
 *
 * All calls of the client share the retry quota, so that a service in trouble is not buried in
 * retries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "client_impl.h"
#include "core/deadline.h"
#include "core/json.h"
#include "core/rand.h"
#include "core/secret.h"
#include "errors.h"
#include "reply.h"
#include "request.h"

enum {
    CONNECT_TIMEOUT_MS = 5000,
    IDLE_TIMEOUT_MS = 12000,
    TOTAL_TIMEOUT_MS = 30000,
    GIVE_UP_MS = 20000,
    ATTEMPTS = 3,
    ATTEMPTS_DYNAMODB = 4
};
static const size_t reply_max = (size_t)24 << 20;

/* One call and its attempts. */
struct call {
    struct aws_client *c;
    enum aws_op_id op;
    const struct aws_op *row;
    const cJSON *in;
    const struct json_each *each; /* or NULL */
    struct aws_seen *seen;        /* or NULL */
    struct request request;
    struct aws_creds creds;
    struct http_response reply;
    struct failure failure;
    int attempt; /* the number of the attempt, from 1 */
    int attempts;
    int last_cost; /* the cost of the last retry */
    int64_t began_ms;
    bool skew_tried, creds_tried;
    bool perhaps; /* for a write: the service may have taken this attempt */
    bool earlier; /* the service may have taken an earlier attempt */
};

enum verdict { DONE, AGAIN_NOW, AGAIN_LATER };

static int attempts_of(const struct aws_client *c, enum aws_service_id s)
{
    if (c->max_attempts > 0) {
        return c->max_attempts;
    }
    return s == AWS_DYNAMODB || s == AWS_STREAMS ? ATTEMPTS_DYNAMODB : ATTEMPTS;
}

static bool is_dynamodb(const struct call *k)
{
    return k->row->service == AWS_DYNAMODB || k->row->service == AWS_STREAMS;
}

/* How much longer to wait for a long poll, whose reply the service holds back on purpose. */
static int long_poll_ms(const struct call *k)
{
    if (k->op != AWS_OP_SQS_RECEIVE_MESSAGE) {
        return 0;
    }
    int64_t s = json_int(k->in, "WaitTimeSeconds", 0);
    return s <= 0 ? 0 : (int)(s > 20 ? 20 : s) * 1000;
}

static void log_attempt(const struct call *k, const char *outcome)
{
    struct log *log = k->c->o.log;

    if (log_on(log, LOG_LVL_DEBUG)) {
        char id[64];
        reply_request_id(&k->reply, id, sizeof id);
        log_line(log, LOG_LVL_DEBUG,
                 "%s.%s attempt=%d/%d status=%d ms=%d sent=%zu received=%zu request-id=%s %s",
                 aws_service_get(k->row->service)->signing_name, k->row->name, k->attempt,
                 k->attempts, k->reply.status, k->reply.elapsed_ms, k->request.body_len,
                 k->reply.body.len, id[0] == '\0' ? "-" : id, outcome);
    }
}

static enum err_code send_once(struct call *k, struct err *e)
{
    struct aws_client *c = k->c;
    enum aws_service_id s = k->row->service;
    int64_t wall = clock_wall_ms(c->o.clock) + atomic_load(&c->skew_ms[s]);
    int total = c->o.total_timeout_ms == 0 ? TOTAL_TIMEOUT_MS : c->o.total_timeout_ms;
    unsigned char key[32];

    client_signing_key(c, s, &k->creds, wall, key);
    struct request_send how = {
        .creds = &k->creds,
        .key = key,
        .wall_ms = wall,
        .connect_timeout_ms =
            c->o.connect_timeout_ms == 0 ? CONNECT_TIMEOUT_MS : c->o.connect_timeout_ms,
        .total_timeout_ms = total + long_poll_ms(k),
        .idle_timeout_ms =
            (c->o.idle_timeout_ms == 0 ? IDLE_TIMEOUT_MS : c->o.idle_timeout_ms) + long_poll_ms(k),
        .max_bytes = c->o.max_reply_bytes == 0 ? reply_max : c->o.max_reply_bytes,
        /* without it, libcurl would by itself send a write again on a connection that broke, and
         * not tell */
        .once = (k->row->flags & AWS_OP_READ) == 0};
    (void)atomic_fetch_add(&c->requests, 1);
    enum err_code rc = request_send(c->http, &k->request, &how, &k->reply, e);
    secret_wipe(key, sizeof key);
    return rc;
}

/* Spends quota for one more attempt; false when no attempt, time or quota is left: a person waits
 * for this call, and a service that was silent twice will be silent again. */
static bool may_retry(struct call *k, enum retry_kind kind)
{
    int64_t give_up = k->c->o.give_up_ms == 0 ? GIVE_UP_MS : k->c->o.give_up_ms;

    if (k->attempt >= k->attempts ||
        clock_mono_ms(k->c->o.clock) - k->began_ms >= give_up + long_poll_ms(k)) {
        return false;
    }
    int cost = retry_quota_take(&k->c->quota, kind);
    if (cost == 0) {
        return false;
    }
    k->last_cost = cost;
    return true;
}

static void begin_attempt(struct call *k)
{
    k->earlier = k->earlier || k->perhaps;
    k->perhaps = false;
}

static enum verdict later(struct call *k, enum retry_kind kind, int64_t hint_ms, struct err *e)
{
    struct err stopped;

    if (!may_retry(k, kind)) {
        return DONE;
    }
    int ms = retry_delay_ms(kind, is_dynamodb(k), k->attempt, rand_unit(), hint_ms);
    if (deadline_left_ms(ms + 1) <= ms) {
        return DONE; /* the operation's time ends before the next attempt could begin */
    }
    if (client_wait(k->c, ms, &stopped) != E_OK) {
        *e = stopped;
        begin_attempt(k); /* that attempt did not end with the stop */
        return DONE;
    }
    return AGAIN_LATER;
}

/* Notes that the service may have taken the attempt under way. */
static void note_perhaps(struct call *k)
{
    k->perhaps = (k->row->flags & AWS_OP_READ) == 0;
}

/* Handles an attempt that brought no reply, or one that was cut or damaged. */
static enum verdict lost(struct call *k, struct err *e)
{
    char subject[256];
    enum err_code rc = e->code;

    log_attempt(k, e->msg);
    if (e->maybe_done) {
        note_perhaps(k);
    }
    errors_subject(k->op, k->in, subject, sizeof subject);
    (void)err_wrap(e, "%s", subject);
    if (!err_means(rc, ERR_LINK) || (k->row->flags == 0 && k->perhaps)) {
        return DONE;
    }
    return later(k, RETRY_TRANSIENT, -1, e);
}

/* Does the code of the refusal have this flag (AWS_CODE_...)? */
static bool code_has(const struct call *k, unsigned flag)
{
    const struct aws_code *row = aws_code_find(k->failure.code);

    return row != NULL && (row->flags & flag) != 0;
}

static bool adopt_skew(struct call *k, int64_t skew)
{
    atomic_int_fast64_t *at = &k->c->skew_ms[k->row->service];
    int64_t off = skew - atomic_load(at);

    if (k->skew_tried || !code_has(k, AWS_CODE_SKEW) ||
        (off < ERRORS_SKEW_MS && off > -ERRORS_SKEW_MS)) {
        return false;
    }
    k->skew_tried = true;
    atomic_store(at, skew);
    log_line(k->c->o.log, LOG_LVL_WARN, "the clock differs from %s by %lld s: corrected",
             k->request.endpoint->host, (long long)(skew / 1000));
    return true;
}

/* May the call be made with these keys? */
static enum err_code check_may_write(const struct call *k, const struct aws_creds *creds,
                                     struct err *e)
{
    const struct aws_options *o = &k->c->o;
    bool writes = (k->row->flags & (AWS_OP_READ | AWS_OP_GIVES_BACK)) == 0;

    return writes && o->may_write != NULL ? o->may_write(o->may_write_arg, creds->access_key_id, e)
                                          : E_OK;
}

/* Gets other credentials than the refused ones into `k->creds`; false when there are none that the
 * call may be made with. The refused ones stay then: they are what a retry is signed with. */
static bool new_creds(struct call *k)
{
    struct aws_creds fresh = {.expires_ms = TIME_NONE};

    if (k->creds_tried || !code_has(k, AWS_CODE_RENEW)) {
        return false;
    }
    k->creds_tried = true;
    if (!aws_creds_refused(k->c->creds, &k->creds)) {
        return false;
    }
    if (aws_creds_get(k->c->creds, &fresh, NULL) != E_OK ||
        check_may_write(k, &fresh, NULL) != E_OK) {
        aws_creds_clear(&fresh);
        return false;
    }
    aws_creds_clear(&k->creds);
    k->creds = fresh;
    return true;
}

/* Handles an answer in which the service refused. */
static enum verdict refused(struct call *k, struct err *e)
{
    const struct aws_op *row = k->row;
    int64_t skew = reply_skew_ms(&k->reply, clock_wall_ms(k->c->o.clock));

    reply_failure(aws_service_get(row->service)->protocol, &k->reply, &k->failure);
    log_attempt(k, k->failure.code);
    enum retry_kind kind = retry_classify(k->failure.status, k->failure.code);
    if (kind == RETRY_THROTTLE) {
        (void)atomic_fetch_add(&k->c->throttles, 1);
    }
    struct errors_context context = {
        .op = k->op, .in = k->in, .creds = &k->creds, .region = k->c->region, .skew_ms = skew};
    (void)errors_explain(&context, &k->failure, e);
    if (adopt_skew(k, skew) || new_creds(k)) {
        return AGAIN_NOW;
    }
    if (kind == RETRY_TRANSIENT || k->reply.status >= 500) {
        note_perhaps(k); /* an internal error says nothing about what was done before it */
        if (row->flags == 0) {
            return DONE;
        }
    }
    return kind == RETRY_NO ? DONE : later(k, kind, k->failure.retry_after_ms, e);
}

/* The document of a good reply. A reply that was seen before is not read; any other becomes the one
 * that was seen. */
static cJSON *document(struct call *k, struct err *e)
{
    struct aws_seen now = {.any = true};
    const struct aws_seen *seen = k->seen;

    if (seen != NULL) {
        sha256(k->reply.body.data, k->reply.body.len, now.digest);
        now.same = seen->any && memcmp(now.digest, seen->digest, sizeof now.digest) == 0;
    }
    cJSON *doc = now.same ? json_new_object() : reply_document(k->op, &k->reply, k->each, e);
    if (doc != NULL) {
        now.units = now.same ? seen->units : client_units(k->row, doc);
        client_count_units(k->c, k->row, now.units);
        if (seen != NULL) {
            *k->seen = now;
        }
    }
    return doc;
}

static enum verdict attempt(struct call *k, cJSON **doc, struct err *e)
{
    enum err_code rc = send_once(k, e);

    if (rc != E_OK) {
        return lost(k, e);
    }
    if (k->reply.status < 200 || k->reply.status >= 300) {
        return refused(k, e);
    }
    if (!reply_crc_ok(&k->reply)) {
        (void)err_set(e, E_NET, "the reply was damaged on the way (checksum)");
        e->maybe_done = true;
        return lost(k, e);
    }
    *doc = document(k, e);
    if (*doc == NULL) {
        struct err why = *e;
        char subject[256];
        log_attempt(k, "not understood");
        note_perhaps(k);
        errors_subject(k->op, k->in, subject, sizeof subject);
        (void)err_wrap(e, "%s", subject);
        e->http_status = k->reply.status;
        memcpy(e->hint, why.hint, sizeof e->hint);
        return DONE;
    }
    log_attempt(k, "ok");
    retry_quota_give(&k->c->quota, k->last_cost);
    *e = (struct err){0};
    return DONE;
}

/* Tells, when the call has failed for good, that an earlier attempt may have been taken: the last
 * attempt's error does not say it. */
static void tell_perhaps(const struct call *k, struct err *e)
{
    static const char earlier[] = "; an earlier attempt got no answer and may have been taken";
    size_t len = strlen(e->msg);

    e->maybe_done = k->perhaps || k->earlier;
    if (k->earlier && !k->perhaps) {
        /* A long cause is cut, this sentence is not. */
        size_t at = len + sizeof earlier > sizeof e->msg ? sizeof e->msg - sizeof earlier : len;
        memcpy(e->msg + at, earlier, sizeof earlier);
    }
}

static cJSON *run(struct call *k, struct err *e)
{
    cJSON *doc = NULL;

    for (k->attempt = 1;; k->attempt++) {
        begin_attempt(k);
        e->code = E_OK;
        http_response_reuse(&k->reply);
        failure_clear(&k->failure);
        enum verdict v = attempt(k, &doc, e);
        if (v == DONE) {
            if (doc == NULL) {
                tell_perhaps(k, e);
            }
            return doc;
        }
        (void)atomic_fetch_add(&k->c->retries, 1);
        if (v == AGAIN_NOW) {
            k->attempts++; /* this is a correction, not a retry of the same request */
        }
    }
}

/* Makes the call. `k` says what to ask and whom, and how the reply is taken; everything else in `k`
 * is filled here. */
static enum err_code call(struct call *k, cJSON **out, cJSON **error_doc, struct err *e)
{
    struct err mine = {0};
    struct aws_client *c = k->c;
    cJSON *doc = NULL;

    e = e == NULL ? &mine : e;
    *e = (struct err){0};
    k->row = aws_op_get(k->op);
    k->creds.expires_ms = TIME_NONE;
    k->failure.retry_after_ms = -1;
    struct call_mark mark = {.op = k->op};
    client_call_begins(c, &mark);
    k->attempts = attempts_of(c, k->row->service);
    k->began_ms = clock_mono_ms(c->o.clock);
    if (out != NULL) {
        *out = NULL;
    }
    if (error_doc != NULL) {
        *error_doc = NULL;
    }
    if (request_init(&k->request, k->op, &c->endpoints[k->row->service], k->in, e) == E_OK &&
        aws_creds_get(c->creds, &k->creds, e) == E_OK && check_may_write(k, &k->creds, e) == E_OK) {
        doc = run(k, e);
    }
    client_call_ends(c, &mark);
    if (e->code != E_OK) {
        (void)atomic_fetch_add(&c->failures, 1);
        if (error_doc != NULL) {
            *error_doc = k->failure.doc;
            k->failure.doc = NULL; /* moved */
        }
    }
    if (out != NULL) {
        *out = doc;
    } else {
        cJSON_Delete(doc);
    }
    enum err_code rc = e->code;
    (void)atomic_fetch_add(&c->calls[k->op][rc], 1);
    request_clear(&k->request);
    aws_creds_clear(&k->creds);
    http_response_clear(&k->reply);
    failure_clear(&k->failure);
    return rc;
}

enum err_code aws_call_error(struct aws_client *c, enum aws_op_id op, const cJSON *in, cJSON **out,
                             cJSON **error_doc, struct err *e)
{
    struct call k = {.c = c, .op = op, .in = in};

    return call(&k, out, error_doc, e);
}

enum err_code aws_call_each(struct aws_client *c, enum aws_op_id op, const cJSON *in,
                            const struct json_each *each, cJSON **out, struct err *e)
{
    struct call k = {.c = c, .op = op, .in = in, .each = each};

    return call(&k, out, NULL, e);
}

enum err_code aws_call_seen(struct aws_client *c, enum aws_op_id op, const cJSON *in,
                            struct aws_seen *seen, cJSON **out, struct err *e)
{
    struct call k = {.c = c, .op = op, .in = in, .seen = seen};

    seen->same = false;
    enum err_code rc = call(&k, out, NULL, e);
    if (seen->same) { /* the caller has an empty document for it */
        cJSON_Delete(*out);
        *out = NULL;
    }
    return rc;
}

enum err_code aws_call(struct aws_client *c, enum aws_op_id op, const cJSON *in, cJSON **out,
                       struct err *e)
{
    struct call k = {.c = c, .op = op, .in = in};

    return call(&k, out, NULL, e);
}
