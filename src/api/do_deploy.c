/* do_deploy.c - POST /deploy.
 *
 * DESIGN: 202 means that the deploy is taken in for good, any other status that it certainly is
 * not. A deploy that AWS could not be told of, but that may have been recorded, waits in the
 * outbox: the answer is 202 with a null eventId. With an Idempotency-Key the job id is fixed on
 * disk before anything is sent; when the same request is sent again, that job id leads to what
 * became of the first one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "core/deadline.h"
#include "core/json.h"
#include "core/rand.h"
#include "core/secret.h"
#include "core/suggest.h"
#include "core/text.h"
#include "deploying.h"
#include "handlers.h"
#include "idem.h"
#include "impl.h"
#include "ops/job_ops.h"

enum { WAIT_MS = 10000, UNKNOWN_AGAIN_S = 5 };

/* ---- the body ---- */

/* Does a client give this member here? The server makes some members, and others may stand at the
 * top of a line of a file of deploys but belong into metadata here. */
static bool is_given(const struct deploy_field *f)
{
    return f->place == DEPLOY_TOP && !f->made;
}

/* The field that a person may have meant; NULL: none is near. */
static const char *meant_field(const char *name)
{
    struct suggest near = suggest_for(name);

    for (size_t i = 0; i < deploy_fields_len; i++) {
        if (is_given(&deploy_fields[i])) {
            suggest_offer(&near, deploy_fields[i].name);
        }
    }
    return suggest_best(&near);
}

static void add_unknown(struct faults *f, const char *name)
{
    const struct deploy_field *known = deploy_field_named(name);
    const char *meant = meant_field(name);
    char reason[160];

    if (known != NULL && known->made) {
        faults_add(f, name, "is made by the server: leave it out");
    } else if (meant != NULL) {
        (void)snprintf(reason, sizeof reason,
                       "is not a field of a deploy: did you mean %s? Other keys go into metadata",
                       meant);
        faults_add(f, name, reason);
    } else {
        char *why = deploy_not_a_field();
        faults_add(f, name, why);
        free(why);
    }
}

/* Takes out the members that the REST API does not take as fields of a deploy. */
static void take_unknown(cJSON *doc, struct faults *f)
{
    cJSON *next;

    for (cJSON *m = doc->child; m != NULL; m = next) {
        const struct deploy_field *known = deploy_field_named(m->string);
        next = m->next;
        if (known == NULL || !is_given(known)) {
            add_unknown(f, m->string);
            cJSON_Delete(cJSON_DetachItemViaPointer(doc, m));
        }
    }
}

static void digest_of(const struct deploy_request *r, char digest[65])
{
    cJSON *detail = deploy_detail_json(r, false);
    char *text = json_text(detail);

    sigv4_sha256_hex(text, strlen(text), digest);
    secret_free(text);
    cJSON_Delete(detail);
}

/* Is the body blank? Its bytes need no NUL after them, and may hold one. */
static bool is_blank(const char *body, size_t len)
{
    size_t i = 0;

    while (i < len && (body[i] == ' ' || body[i] == '\t' || body[i] == '\r' || body[i] == '\n')) {
        i++;
    }
    return i == len;
}

enum err_code api_deploy_read(const char *body, size_t len, struct deploy_request *r,
                              char digest[65], struct faults *f, struct err *e)
{
    struct err own = {0};

    e = e == NULL ? &own : e;
    if (is_blank(body, len)) {
        faults_clear(f);
        return err_set(e, E_INVALID, "the body is empty: give a JSON object like %s",
                       deploy_example);
    }
    cJSON *doc = json_parse_whole(body, len, "the body", e);
    if (doc == NULL) {
        e->code = E_INVALID; /* the fault is the client's, not AWS's */
        faults_clear(f);
        return E_INVALID;
    }
    enum err_code rc = E_OK;
    if (cJSON_IsObject(doc)) {
        take_unknown(doc, f);
        deploy_request_read(r, doc, f);
        rc = faults_err(f, e);
    } else {
        faults_clear(f);
        rc = err_set(e, E_INVALID, "the body is not a JSON object like %s", deploy_example);
    }
    cJSON_Delete(doc);
    if (rc == E_OK) {
        digest_of(r, digest);
    }
    return rc;
}

/* ---- the answer ---- */

void deploy_accepted(struct reply *r, const char *job_id, const char *event_id)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "jobId", job_id);
    json_set_str(doc, "eventId", event_id[0] == '\0' ? NULL : event_id);
    json_set_str(doc, "status", "queued");
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", job_id);
    reply_json(r, 202, doc);
}

/* Deploys. True when the answer is final; false when nothing was done. */
static bool deploy(const struct call *c, struct deploy_request *req, struct reply *r)
{
    struct deploy_result out = {.recorded = false};
    struct err e = {0};
    enum err_code rc = ops_deploy_now(c->api->ops, req, &out, &e);

    return deploy_answer(c, &out, rc, &e, r);
}

bool deploy_answer(const struct call *c, const struct deploy_result *out, enum err_code rc,
                   const struct err *e, struct reply *r)
{
    if (rc == E_OK || out->kept) {
        deploy_accepted(r, out->job_id, rc == E_OK ? out->event_id : "");
        if (rc != E_OK) {
            log_line(c->api->o.log, LOG_LVL_WARN, "%s waits in the outbox: %s", out->job_id,
                     e->msg);
            periodic_wake(c->api->outbox);
            backlog_wake(c->api->backlog);
        }
        return true;
    }
    if (out->unknown) {
        log_line(c->api->o.log, LOG_LVL_WARN, "%s", e->msg);
        reply_fail(r, 503, "outcome_unknown",
                   "no service tells whether job %s was taken in: look with GET /status/%s, or "
                   "send the request again with the same Idempotency-Key",
                   out->job_id, out->job_id);
        (void)snprintf(r->job_id, sizeof r->job_id, "%s", out->job_id);
        r->retry_after_s = UNKNOWN_AGAIN_S;
        return false;
    }
    reply_err(r, e);
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", out->recorded ? out->job_id : "");
    return out->recorded; /* when it was recorded, its record is FAILED by now */
}

/* Answers for a request whose first try, with the same key, was cut short: what became of its
 * job? */
static bool resume(const struct call *c, struct deploy_request *req, const struct idem *x,
                   struct reply *r)
{
    bool taken = false;
    struct err e = {0};

    (void)snprintf(req->job_id, sizeof req->job_id, "%s", x->job_id);
    (void)snprintf(req->request_id, sizeof req->request_id, "%s", x->request_id);
    if (ops_deploy_taken(c->api->ops, x->job_id, x->request_id, &taken, &e) != E_OK) {
        reply_err(r, &e);
        return false;
    }
    if (taken) {
        deploy_accepted(r, x->job_id, "");
        periodic_wake(c->api->outbox);
        return true;
    }
    return deploy(c, req, r);
}

void deploy_replay(const struct call *c, int status, char *body, const char *job_id,
                   struct reply *r)
{
    free(r->body);
    r->status = status;
    r->body = body;
    r->type = "application/json";
    r->replayed = true;
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", job_id);
    meter_replayed(c->api->meter);
}

void deploy_other_body(struct reply *r)
{
    reply_fail(r, 409, "idempotency_conflict",
               "Idempotency-Key: another request has used it; use a new key");
}

void deploy_busy(struct reply *r)
{
    reply_fail(r, 409, "in_progress",
               "the first request with this Idempotency-Key is still under way: repeat this "
               "one when it has ended");
    r->retry_after_s = 2;
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
                                   .wait_ms = deadline_left_ms(WAIT_MS),
                                   .folder = a->keys_folder};
    if (idem_open(a->ops, &q, &x, &state, &e) != E_OK) {
        reply_err(r, &e);
        return;
    }
    bool fresh = state == IDEM_NEW;
    bool begun = state == IDEM_BEGUN;
    bool stands = fresh ? deploy(c, req, r) : begun ? resume(c, req, &x, r) : false;
    if (state == IDEM_ANSWERED) {
        deploy_replay(c, x.status, x.body, x.job_id, r);
        x.body = NULL; /* moved */
    } else if (state == IDEM_OTHER_BODY) {
        deploy_other_body(r);
    } else if (state == IDEM_BUSY) {
        deploy_busy(r);
    }
    if (stands && idem_answer(&x, r->status, r->body, &e) != E_OK) {
        /* The answer is not kept, but the kept job id leads the same request, sent again, to the
         * same job. */
        log_line(a->o.log, LOG_LVL_WARN, "%s", e.msg);
    }
    if (fresh && !stands) {
        idem_forget(&x);
    } else {
        idem_leave(&x);
    }
    if (sync_log_heavy(a->ops)) {
        periodic_wake(a->outbox);
    }
}

void do_deploy(const struct call *c, struct reply *r)
{
    struct deploy_request req;
    char digest[65];
    struct faults wrong = {.len = 0};
    struct err e = {0};

    if (c->key != NULL && idem_check_key(c->key, &e) != E_OK) {
        faults_take(&wrong, "Idempotency-Key", &e);
    }
    if (api_deploy_read(c->body, c->body_len, &req, digest, &wrong, &e) != E_OK) {
        reply_err(r, &e);
        reply_faults(r, &wrong);
        faults_clear(&wrong);
        return;
    }
    if (c->key == NULL) {
        (void)deploy(c, &req, r);
    } else if (c->api->ops->state != NULL) {
        deploy_with_shared_key(c, &req, digest, r);
    } else {
        with_key(c, &req, digest, r);
    }
    deploy_request_clear(&req);
}
