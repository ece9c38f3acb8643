/* do_job.c - GET /status/{jobId}, DELETE /jobs/{jobId}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "handlers.h"
#include "hide.h"
#include "impl.h"
#include "jobs/job_json.h"
#include "ops/job_ops.h"

cJSON *api_job_json(const struct api *a, const struct job *j, const struct batch_job *b,
                    const struct job_state *s)
{
    static const char *const reasons[] = {"statusReason", "reason"};
    struct eta eta;
    cJSON *doc = job_json(j, b, s, outlook_of(a->outlook, j, s, &eta) ? &eta : NULL,
                          settings_context(a->ops->settings));

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        cJSON *reason = cJSON_GetObjectItemCaseSensitive(doc, reasons[i]);
        if (cJSON_IsString(reason)) { /* the member keeps its place among the others */
            char *told = hide_actor(reason->valuestring);
            json_change_str(reason, told);
            free(told);
        }
    }
    return doc;
}

static void answer(const struct api *a, const struct job_detail *d, const char *warning,
                   struct reply *r)
{
    cJSON *doc = api_job_json(a, d->job, d->batch, &d->state);

    if (warning != NULL) {
        char *told = hide_paths(warning);
        json_set_str(doc, "warning", told);
        free(told);
    }
    reply_json(r, 200, doc);
}

/* Is the answer about the job final, as long as the job's record stays as it is? */
static bool is_over(const struct job_detail *d)
{
    const struct batch_job *b = d->batch;

    return d->item != NULL && d->batch_asked && d->batch_err.code == E_OK && d->others_all &&
           d->others_len == 0 && job_status_final((enum job_status)d->state.status) &&
           !d->state.drift &&
           (b == NULL || b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED);
}

static void give(struct reply *r, char *text)
{
    r->status = 200;
    r->type = "application/json";
    r->body = text;
}

/* Is the record the one that an earlier answer was made of? Then that answer is given again. */
static bool answered_before(const struct call *c, struct reply *r)
{
    struct aws_seen seen;
    cJSON *item = NULL;
    char *text = NULL;

    if (!answer_cache_knows(c->api->answers, c->id, &seen) ||
        ops_job_record(c->api->ops, c->id, &seen, &item, NULL) != E_OK) {
        return false;
    }
    if (seen.same || item != NULL) {
        text = answer_cache_find(c->api->answers, c->id, &seen, item);
    }
    if (text != NULL) {
        give(r, text);
    }
    cJSON_Delete(item);
    return text != NULL;
}

/* Looks at the job. True: the answer says all there is to say, to anybody who asks now. */
static bool look(const struct call *c, struct reply *r)
{
    struct job_detail *d = NULL;
    struct err e = {0};
    bool whole = false;

    if (answered_before(c, r)) {
        return true;
    }
    /* The outbox is looked into first: an entry that leaves it meanwhile has a record by then. */
    struct job_detail *kept = ops_job_kept(c->api->ops, c->id);
    if (ops_job_get(c->api->ops, c->id, false, &d, &e) == E_OK) {
        whole = d->batch_err.code == E_OK;
        answer(c->api, d, whole ? NULL : d->batch_err.msg, r);
        if (is_over(d)) {
            answer_cache_keep(c->api->answers, c->id, d->item, r->body);
        }
    } else if (kept != NULL) {
        answer(c->api, kept, "it waits in the outbox of the server, which sends it by itself", r);
    } else {
        reply_err(r, &e);
    }
    job_detail_free(d);
    job_detail_free(kept);
    return whole;
}

/* Gives what another request about the same job found, if that one began to look after this one
 * came; else looks, for all that ask meanwhile. What went wrong for one says nothing about the
 * others, who may have more time. */
static void ask_status(const struct call *c, struct reply *r)
{
    struct round *mine = NULL;
    char *text = rounds_ask(c->api->rounds, c->id, &mine);

    if (text != NULL) {
        give(r, text);
        return;
    }
    bool whole = look(c, r);
    rounds_end(c->api->rounds, mine, whole ? r->body : NULL);
}

void do_status(const struct call *c, struct reply *r)
{
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", c->id);
    ask_status(c, r);
    reply_tag(r, c->none_match, NULL);
}

/* The reason for the cancel, with the name of the client: "API client web: text". */
static enum err_code reason_text(const struct call *c, char *out, size_t size, struct err *e)
{
    const char *reason = target_query(c->target, "reason");

    if (reason != NULL && text_characters(reason) > CANCEL_REASON_MAX) {
        return err_set(e, E_INVALID, "reason is longer than %d characters", CANCEL_REASON_MAX);
    }
    (void)snprintf(out, size, "API%s%s%s%s", c->client[0] == '\0' ? "" : " client ", c->client,
                   reason == NULL || reason[0] == '\0' ? "" : ": ", reason == NULL ? "" : reason);
    return E_OK;
}

void do_cancel(const struct call *c, struct reply *r)
{
    struct cancel_result out = {.outcome = CANCEL_DONE};
    char why[CANCEL_REASON_MAX * 4 + 120]; /* a character has up to 4 bytes */
    struct err e = {0};

    (void)snprintf(r->job_id, sizeof r->job_id, "%s", c->id);
    if (reason_text(c, why, sizeof why, &e) != E_OK) {
        faults_take(c->wrong, "reason", &e);
    }
    reply_faults(r, c->wrong);
    if (c->wrong->len > 0) {
        return;
    }
    if (ops_cancel(c->api->ops, c->id, why, &out, &e) != E_OK) {
        reply_err(r, &e);
        return;
    }
    cJSON *doc = json_new_object();
    json_set_str(doc, "jobId", c->id);
    json_set_str(doc, "status", "cancelled");
    if (out.unsure) {
        json_set_str(doc, "warning",
                     "Batch could not be asked for all its jobs: another one of this job may run");
    }
    reply_json(r, 200, doc);
}
