/* Sending the deploys of a file.
 *
 * DESIGN: a line that an earlier run began (bulk_past.h tells which lines, and under which job ids)
 * is in one of four states, which are looked for in this order: a journal says that the line was
 * sent; the outbox has the line (whoever resumes the outbox sends it); the line's record is there
 * (the line was sent or refused, and the outbox let go of it); none of these, so that the line got
 * no further than its journal, and is sent now under its fixed job id. The outbox is read before
 * the records: an entry leaves the outbox only after its record was written, and nobody but the
 * holder of the journal makes new entries for these ids. A record that is PENDING proves no event:
 * its line counts as sent only when Batch has its job. */
#include "ops/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "batch_find.h"
#include "bulk_past.h"
#include "core/alloc.h"
#include "core/map.h"
#include "core/text.h"
#include "dispatch.h"
#include "jobs/job.h"
#include "ops/guard.h"

/* The first portion is small: when nothing can be sent at all, only a few lines were tried in
 * vain. */
enum { PORTION_FIRST = EVENTS_PER_CALL, PORTION = 16 * EVENTS_PER_CALL };

struct run {
    const struct ops *o;
    const struct bulk *b;
    struct bulk_past past;
    struct journal journal;
    struct map *waiting; /* the job ids that the outbox held at the start */
    size_t ended, failed;
    /* The portion that is being sent. */
    size_t at, len;
    struct bulk_line lines[PORTION];
    bool known[PORTION]; /* the line needs no sending */
    struct deploy_request sending[PORTION];
    struct deploy_many_result results[PORTION];
    size_t index[PORTION]; /* for each request that is sent: its line in the portion */
    size_t sending_len;
};

static void fault(const struct run *r, const char *step)
{
    if (r->o->fault != NULL) {
        r->o->fault(step);
    }
}

static void list_outbox(struct run *r)
{
    char **ids = NULL;
    size_t n = outbox_list(r->o, &ids);

    for (size_t i = 0; i < n; i++) {
        (void)map_put(r->waiting, ids[i], r);
    }
    outbox_list_free(ids, n);
}

static void end_line(struct run *r, size_t i, enum bulk_end end)
{
    r->lines[i].end = end;
    r->ended++;
    r->failed += end == BULK_FAILED || end == BULK_KEPT || end == BULK_UNKNOWN;
}

static struct past_line *past_of(struct run *r, size_t i)
{
    return &r->past.lines[r->at + i];
}

/* Takes a line whose job was cancelled, or failed, before Batch had a job of it: nobody sends its
 * event any more. */
static void take_ended(struct run *r, size_t i, const cJSON *item)
{
    struct bulk_line *line = &r->lines[i];
    struct job *j = job_from_item(item);
    const char *reason =
        job_text(j, JOB_STATUS_REASON) == NULL ? "no reason given" : job_text(j, JOB_STATUS_REASON);

    (void)err_set(&line->err, E_SERVICE, "its record is %s: %.*s", job_status_word(j->status),
                  text_cut(reason, 300), reason);
    (void)err_hint_set(&line->err, "`mvpdash retry` sends it as a new job");
    job_free(j);
    end_line(r, i, BULK_FAILED);
}

/* Takes what the record says about a line that an earlier run began. True: it says nothing, because
 * it is PENDING. */
static bool take_record(struct run *r, size_t i, const cJSON *item)
{
    enum pickup p = dispatch_pickup(item, past_of(r, i)->run);

    if (p == PICKUP_OTHER) {
        return false; /* the job id belongs to another request: sending the line will say so */
    }
    r->known[i] = true;
    r->lines[i].earlier = true;
    if (p == PICKUP_ENDED) {
        take_ended(r, i, item);
    } else if (p == PICKUP_YES) {
        journal_sent(&r->journal, past_of(r, i)->job_id, "");
        end_line(r, i, BULK_SENT);
    }
    return p == PICKUP_NO;
}

static void not_known(struct run *r, size_t i, const struct err *why)
{
    struct bulk_line *line = &r->lines[i];

    (void)err_set(&line->err, E_CONFLICT,
                  "an earlier run recorded it, and %s%.*s: whether its event was sent is not known",
                  why->code == E_OK ? "no Batch job of it was found" : "Batch cannot be asked: ",
                  text_cut(why->code == E_OK ? "" : why->msg, 150),
                  why->code == E_OK ? "" : why->msg);
    (void)err_hint_set(&line->err,
                       "--resume looks again; `mvpdash doctor --job %.*s` says more, `mvpdash "
                       "retry` sends it as a new job",
                       text_cut(past_of(r, i)->job_id, 60), past_of(r, i)->job_id);
    end_line(r, i, BULK_UNKNOWN);
}

/* Ends those of the lines `at` whose Batch jobs are there, and takes them out of `at`. */
static enum err_code take_started(struct run *r, size_t *at, size_t *len, struct err *e)
{
    struct batch_want wants[PORTION];
    struct batch_hit hits[PORTION];
    size_t left = 0;

    for (size_t k = 0; k < *len; k++) {
        const struct past_line *l = past_of(r, at[k]);
        wants[k] = (struct batch_want){.job_id = l->job_id, .from_ms = l->at_ms};
    }
    int64_t begun = ops_begin(r->o);
    enum err_code rc = batch_search(r->o, wants, *len, false, hits, e);
    ops_end(begun);
    for (size_t k = 0; k < *len; k++) {
        if (hits[k].found == BATCH_FOUND) {
            journal_sent(&r->journal, wants[k].job_id, "");
            end_line(r, at[k], BULK_SENT);
        } else {
            at[left++] = at[k];
        }
        batch_hit_clear(&hits[k]);
    }
    *len = left;
    return rc;
}

/* Asks Batch about lines whose records are PENDING: only their Batch jobs prove that their events
 * were sent. A rule takes a moment to start a job. */
static void ask_batch(struct run *r, size_t *at, size_t len)
{
    enum { WAIT_MS = 3000 };
    struct err why = {0};
    enum err_code rc = take_started(r, at, &len, &why);

    for (int waited = 0, step = 200; rc == E_OK && len > 0 && waited < WAIT_MS; step *= 2) {
        if (!ops_sleep(r->o, step)) {
            break;
        }
        waited += step;
        rc = take_started(r, at, &len, &why);
    }
    for (size_t k = 0; k < len; k++) {
        not_known(r, at[k], &why);
    }
}

static enum err_code look_at_records(struct run *r, struct err *e)
{
    const char *ids[PORTION];
    size_t pending[PORTION];
    size_t n = 0, pending_len = 0;
    cJSON *items = NULL;
    const cJSON *item;

    for (size_t i = 0; i < r->len; i++) {
        if (!r->known[i] && past_of(r, i)->job_id != NULL) {
            ids[n++] = past_of(r, i)->job_id;
        }
    }
    if (n == 0) {
        return E_OK;
    }
    struct ddb_batch_get g = {
        .table = r->o->table, .key_name = "jobId", .ids = ids, .ids_len = n, .consistent = true};
    enum err_code rc = ddb_batch_get(r->o->aws, &g, &items, e);
    cJSON_ArrayForEach(item, items)
    {
        const char *id = attr_str(item, "jobId");
        for (size_t i = 0; rc == E_OK && i < r->len && id != NULL; i++) {
            const char *own = past_of(r, i)->job_id;
            if (!r->known[i] && own != NULL && strcmp(own, id) == 0 && take_record(r, i, item)) {
                pending[pending_len++] = i;
            }
        }
    }
    cJSON_Delete(items);
    if (pending_len > 0) {
        ask_batch(r, pending, pending_len);
    }
    return rc;
}

/* Sets aside the lines of the portion that an earlier run dealt with. */
static enum err_code look_back(struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->len; i++) {
        const struct past_line *past = past_of(r, i);
        struct bulk_line *line = &r->lines[i];
        if (past->event_id != NULL) {
            (void)snprintf(line->event_id, sizeof line->event_id, "%s", past->event_id);
            end_line(r, i, BULK_SENT);
        } else if (past->job_id != NULL && map_find(r->waiting, past->job_id) != NULL) {
            (void)err_set(&line->err, E_CONFLICT,
                          "has waited in the outbox since an earlier run: within a minute mvpdash "
                          "can tell whether the bus has it");
            (void)err_hint_set(&line->err, "run it again with --resume in a minute");
            end_line(r, i, BULK_KEPT);
        } else {
            continue;
        }
        line->earlier = true;
        r->known[i] = true;
    }
    return look_at_records(r, e);
}

static void on_done(void *arg, size_t index, const struct deploy_many_result *m)
{
    struct run *r = arg;
    size_t i = r->index[index];
    struct bulk_line *line = &r->lines[i];

    line->err = m->err;
    (void)snprintf(line->event_id, sizeof line->event_id, "%s", m->result.event_id);
    if (m->code == E_OK) {
        journal_sent(&r->journal, m->result.job_id, m->result.event_id);
        fault(r, "noted");
    }
    end_line(r, i, m->code == E_OK ? BULK_SENT : m->result.kept ? BULK_KEPT : BULK_FAILED);
    if (r->b->progress != NULL) {
        r->b->progress(r->b->arg, r->ended, r->failed);
    }
}

static void send_portion(struct run *r)
{
    r->sending_len = 0;
    for (size_t i = 0; i < r->len; i++) {
        if (!r->known[i]) {
            r->index[r->sending_len] = i;
            r->sending[r->sending_len++] = r->b->requests[r->at + i];
        }
    }
    if (r->sending_len > 0) {
        (void)ops_deploy_many(r->o, r->sending, r->sending_len, r->results, on_done, r);
    }
    for (size_t k = 0; k < r->sending_len; k++) {
        /* sending may have filled in parts of the request */
        r->b->requests[r->at + r->index[k]] = r->sending[k];
    }
}

/* The error, when not one line could be sent for a reason that holds for all other lines as well. A
 * deploy has no thing of its own that could be missing: what is not found is the table or the bus.
 * What cannot be written is the outbox, which all lines need. A throttle is over by the next
 * portion, or each line of it waits in the outbox. */
static const struct err *hopeless(const struct run *r)
{
    for (size_t k = 0; k < r->sending_len; k++) {
        enum err_code rc = r->results[k].code;
        bool for_all = err_means(rc, ERR_FOR_ALL) || rc == E_NOT_FOUND || rc == E_IO;
        if (!for_all || rc == E_THROTTLED) {
            return NULL;
        }
    }
    return r->sending_len == 0 ? NULL : &r->results[0].err;
}

static void tell(struct run *r, struct bulk_totals *t)
{
    for (size_t i = 0; i < r->len; i++) {
        const struct bulk_line *line = &r->lines[i];
        t->sent += line->end == BULK_SENT && !line->earlier;
        t->earlier += line->end == BULK_SENT && line->earlier;
        t->kept += line->end == BULK_KEPT;
        t->failed += line->end == BULK_FAILED;
        t->unknown += line->end == BULK_UNKNOWN;
        r->b->result(r->b->arg, r->at + i, line);
    }
}

static enum err_code portion(struct run *r, struct bulk_totals *t, struct err *e)
{
    memset(r->lines, 0, sizeof r->lines);
    memset(r->known, 0, sizeof r->known);
    if (look_back(r, e) != E_OK) {
        return err_wrap(e, "what an earlier run did is not known, so no more was sent");
    }
    send_portion(r);
    tell(r, t);
    const struct err *why = hopeless(r);
    if (why != NULL && e != NULL) {
        *e = *why;
    }
    return why == NULL ? E_OK : why->code;
}

enum err_code ops_bulk(const struct ops *o, const struct bulk *b, struct bulk_totals *totals,
                       struct err *e)
{
    struct run *r = xcalloc(1, sizeof *r);

    *totals = (struct bulk_totals){.not_tried = b->len};
    r->o = o;
    r->b = b;
    r->waiting = map_new();
    enum err_code rc = ops_may_write(o, e);
    if (rc == E_OK) {
        rc = bulk_begin(o, b, &r->past, &r->journal, &totals->past, e);
    }
    if (rc == E_OK) {
        fault(r, "journal");
        list_outbox(r);
        if (b->begun != NULL) {
            b->begun(b->arg, &totals->past);
        }
        while (rc == E_OK && r->at < b->len) {
            if (b->stop != NULL && b->stop(b->arg)) {
                rc = err_set(e, E_CANCELLED, "stopped: what was not sent is left for later");
                break;
            }
            size_t most = r->at == 0 ? PORTION_FIRST : PORTION;
            r->len = b->len - r->at < most ? b->len - r->at : most;
            rc = portion(r, totals, e);
            r->at += r->len;
        }
        totals->not_tried = b->len - totals->sent - totals->earlier - totals->kept -
                            totals->failed - totals->unknown;
    }
    journal_close(&r->journal);
    bulk_past_clear(&r->past);
    map_free(r->waiting, NULL);
    free(r);
    return rc;
}
