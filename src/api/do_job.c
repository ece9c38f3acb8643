/* do_job.c - GET /status/{jobId}, DELETE /jobs/{jobId}. */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "handlers.h"
#include "impl.h"
#include "jobs/job_json.h"
#include "ops/job_ops.h"

enum { REASON_MAX = 500 };

void do_status(const struct call *c, struct reply *r)
{
    struct job_detail *d = NULL;
    struct err e = {0};

    (void)snprintf(r->job_id, sizeof r->job_id, "%s", c->id);
    if (ops_job_get(c->api->ops, c->id, false, &d, &e) != E_OK) {
        reply_err(r, &e);
        return;
    }
    cJSON *doc = job_json(d->job, d->batch, &d->state);
    if (d->batch_err.code != E_OK) {
        json_set_str(doc, "warning", d->batch_err.msg);
    }
    reply_json(r, 200, doc);
    job_detail_free(d);
}

/* Who asked, and why: "API client web: text". */
static enum err_code reason_text(const struct call *c, char *out, size_t size, struct err *e)
{
    const char *reason = target_query(c->target, "reason");

    if (reason != NULL && strlen(reason) > REASON_MAX) {
        return err_set(e, E_INVALID, "reason: is longer than %d bytes", REASON_MAX);
    }
    (void)snprintf(out, size, "API%s%s%s%s", c->client[0] == '\0' ? "" : " client ", c->client,
                   reason == NULL || reason[0] == '\0' ? "" : ": ", reason == NULL ? "" : reason);
    return E_OK;
}

void do_cancel(const struct call *c, struct reply *r)
{
    struct cancel_result out = {.outcome = CANCEL_DONE};
    char why[REASON_MAX + 120];
    struct err e = {0};
    enum err_code rc = reason_text(c, why, sizeof why, &e);

    (void)snprintf(r->job_id, sizeof r->job_id, "%s", c->id);
    if (rc == E_OK) {
        rc = ops_cancel(c->api->ops, c->id, why, &out, &e);
    }
    if (rc != E_OK) {
        reply_err(r, &e);
        return;
    }
    if (out.succeeded) {
        reply_fail(r, 409, "conflict",
                   "job %s had ended well before the cancel took effect: it is COMPLETED", c->id);
        return;
    }
    cJSON *doc = json_new_object();
    json_set_str(doc, "jobId", c->id);
    json_set_str(doc, "status", "cancelled");
    reply_json(r, 200, doc);
}
