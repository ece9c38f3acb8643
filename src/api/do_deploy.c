/* do_deploy.c - POST /deploy.
 *
 * DESIGN: 202 means that the deploy is taken in for good, any other status that it certainly is
 * not. What AWS could not be told of, but may have been recorded, waits in the outbox: 202 with a
 * null eventId. With an Idempotency-Key the job id is fixed, durably, before anything is sent; the
 * same request, sent again, finds out by it what became of the first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "core/json.h"
#include "core/map.h"
#include "core/rand.h"
#include "handlers.h"
#include "idem.h"
#include "impl.h"
#include "ops/job_ops.h"

enum { WAIT_MS = 10000 };

/* ---- the body ---- */

/* A member given twice: which one counts would be a guess. NULL when there is none. */
static const char *given_twice(const cJSON *v)
{
    struct map *seen = cJSON_IsObject(v) ? map_new() : NULL;
    const char *twice = NULL;
    const cJSON *m;

    cJSON_ArrayForEach(m, v)
    {
        if (seen != NULL && map_put(seen, m->string, (void *)m) != NULL) {
            twice = m->string;
        }
        if (twice == NULL && (cJSON_IsObject(m) || cJSON_IsArray(m))) {
            twice = given_twice(m);
        }
        if (twice != NULL) {
            break;
        }
    }
    map_free(seen, NULL);
    return twice;
}

static enum err_code check_members(const cJSON *doc, struct err *e)
{
    static const char *const known[] = {"userId", "productId", "priority", "founderdashDbUrl",
                                        "metadata"};
    const cJSON *m;

    if (!cJSON_IsObject(doc)) {
        return err_set(e, E_INVALID,
                       "the body is not a JSON object like {\"userId\":\"u\","
                       "\"productId\":\"p\"}");
    }
    const char *twice = given_twice(doc);
    if (twice != NULL) {
        return err_set(e, E_INVALID, "%.60s: is given more than once", twice);
    }
    cJSON_ArrayForEach(m, doc)
    {
        bool fits = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            fits = fits || strcmp(m->string, known[i]) == 0;
        }
        if (!fits && (strcmp(m->string, "jobId") == 0 || strcmp(m->string, "timestamp") == 0)) {
            return err_set(e, E_INVALID, "%s: is made by the server: leave it out", m->string);
        }
        if (!fits) {
            return err_set(e, E_INVALID,
                           "%.60s: is not a field of a deploy: give userId, productId, priority, "
                           "founderdashDbUrl and metadata, and put other keys into metadata",
                           m->string);
        }
    }
    return E_OK;
}

enum err_code api_deploy_read(const char *body, size_t len, struct deploy_request *r,
                              char digest[65], struct err *e)
{
    struct err own = {0};

    e = e == NULL ? &own : e;
    cJSON *doc = json_parse(body, len, "the body", e);
    if (doc == NULL) {
        e->code = E_INVALID; /* the client's fault, not AWS's */
        return E_INVALID;
    }
    enum err_code rc = check_members(doc, e);
    if (rc == E_OK) {
        rc = deploy_request_from_json(r, doc, e);
    }
    cJSON_Delete(doc);
    if (rc != E_OK) {
        return rc;
    }
    rc = deploy_request_check(r, NULL, e);
    if (rc != E_OK) {
        deploy_request_clear(r);
        return rc;
    }
    cJSON *detail = deploy_detail_json(r, false);
    char *text = json_text(detail);
    sigv4_sha256_hex(text, strlen(text), digest);
    struct secret wipe = {text};
    secret_clear(&wipe);
    cJSON_Delete(detail);
    return E_OK;
}

/* ---- the answer ---- */

static void accepted(struct reply *r, const char *job_id, const char *event_id)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "jobId", job_id);
    json_set_str(doc, "eventId", event_id[0] == '\0' ? NULL : event_id);
    json_set_str(doc, "status", "queued");
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", job_id);
    reply_json(r, 202, doc);
}

/* True when the answer stands for good; false when nothing was done. */
static bool deploy(const struct call *c, struct deploy_request *req, struct reply *r)
{
    struct deploy_result out = {.recorded = false};
    struct err e = {0};
    enum err_code rc = ops_deploy_now(c->api->ops, req, &out, &e);

    if (rc == E_OK || out.kept) {
        accepted(r, out.job_id, rc == E_OK ? out.event_id : "");
        if (rc != E_OK) {
            log_line(c->api->o.log, LOG_LVL_WARN, "%s waits in the outbox: %s", out.job_id, e.msg);
            beat_wake(c->api->outbox);
        }
        return true;
    }
    reply_err(r, &e);
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", out.recorded ? out.job_id : "");
    return out.recorded; /* its record is FAILED by now */
}

/* The first request with this key was cut short: what became of its job? */
static bool resume(const struct call *c, struct deploy_request *req, const struct idem *x,
                   struct reply *r)
{
    bool taken = false;
    struct err e = {0};

    (void)snprintf(req->job_id, sizeof req->job_id, "%s", x->job_id);
    (void)snprintf(req->request_id, sizeof req->request_id, "%s", x->request_id);
    if (ops_deploy_taken(c->api->ops, x->job_id, &taken, &e) != E_OK) {
        reply_err(r, &e);
        return false;
    }
    if (taken) {
        accepted(r, x->job_id, "");
        beat_wake(c->api->outbox);
        return true;
    }
    return deploy(c, req, r);
}

static void with_key(const struct call *c, struct deploy_request *req, const char *digest,
                     struct reply *r)
{
    struct api *a = c->api;
    enum idem_state state;
    struct idem x;
    struct err e = {0};

    deploy_request_seal(req, clock_wall_ms(a->ops->clock));
    rand_uuid(req->request_id);
    const struct idem_request q = {.client = c->client,
                                   .key = c->key,
                                   .digest = digest,
                                   .job_id = req->job_id,
                                   .request_id = req->request_id,
                                   .wait_ms = WAIT_MS};
    if (idem_open(a->ops, &q, &x, &state, &e) != E_OK) {
        reply_err(r, &e);
        return;
    }
    bool fresh = state == IDEM_NEW;
    bool begun = state == IDEM_BEGUN;
    bool stands = fresh ? deploy(c, req, r) : begun ? resume(c, req, &x, r) : false;
    if (state == IDEM_ANSWERED) {
        r->status = x.status;
        r->body = x.body;
        x.body = NULL; /* moved */
        r->type = "application/json";
        r->replayed = true;
        (void)snprintf(r->job_id, sizeof r->job_id, "%s", x.job_id);
        meter_replayed(a->meter);
    } else if (state == IDEM_OTHER_BODY) {
        reply_fail(r, 409, "idempotency_conflict",
                   "Idempotency-Key: it came with another request before; use a new key");
    } else if (state == IDEM_BUSY) {
        reply_fail(r, 409, "in_progress",
                   "the first request with this Idempotency-Key is still under way: try again");
        r->retry_after_s = 2;
    }
    if (stands && idem_answer(&x, r->status, r->body, &e) != E_OK) {
        /* What was kept before leads to the same job. */
        log_line(a->o.log, LOG_LVL_WARN, "%s", e.msg);
    }
    if (fresh && !stands) {
        idem_forget(&x);
    } else {
        idem_leave(&x);
    }
}

void do_deploy(const struct call *c, struct reply *r)
{
    struct deploy_request req;
    char digest[65];
    struct err e = {0};
    enum err_code rc = c->key == NULL ? E_OK : idem_check_key(c->key, &e);

    if (rc == E_OK) {
        rc = api_deploy_read(c->body, c->body_len, &req, digest, &e);
    }
    if (rc != E_OK) {
        reply_err(r, &e);
        return;
    }
    if (c->key == NULL) {
        (void)deploy(c, &req, r);
    } else {
        with_key(c, &req, digest, r);
    }
    deploy_request_clear(&req);
}
