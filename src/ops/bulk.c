/* DESIGN: a line is in one of four places, and each is looked at in this order: the journal says it
 * was sent; the outbox has it (whoever resumes the outbox sends it); its record is there (it was
 * sent or refused, and the outbox let go of it); none of these: it was never begun, and is sent now
 * on its fixed job id. The outbox is read before the records: an entry leaves it only after its
 * record was written, and nobody but the holder of the journal makes new entries for these ids. */
#include "ops/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "bulk_journal.h"
#include "core/alloc.h"
#include "core/map.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "flight.h"
#include "jobs/job.h"

/* The first portion is small: when nothing can be sent at all, little was tried in vain. */
enum { PORTION_FIRST = EVENTS_PER_CALL, PORTION = 16 * EVENTS_PER_CALL };

struct run {
    const struct ops *o;
    const struct bulk *b;
    struct bulk_journal journal;
    struct map *waiting; /* job ids in the outbox at the start */
    size_t ended, failed;
    /* The portion under way. */
    size_t at, len;
    struct bulk_line lines[PORTION];
    bool known[PORTION]; /* nothing to send */
    struct deploy_request sending[PORTION];
    struct deploy_many_result results[PORTION];
    size_t index[PORTION]; /* of sending: the line in the portion */
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
    r->failed += end == BULK_FAILED || end == BULK_KEPT;
}

/* What its record says of a line that an earlier run began. */
static void take_record(struct run *r, size_t i, const cJSON *item)
{
    struct bulk_line *line = &r->lines[i];

    if (flight_pickup(item, r->journal.run) == PICKUP_OTHER) {
        return; /* the job id is another's: trying it says so */
    }
    struct job *j = job_from_item(item);
    r->known[i] = true;
    line->earlier = true;
    if (j != NULL && j->status == JOB_FAILED && j->batch_job_id == NULL) {
        (void)err_set(&line->err, E_SERVICE, "its record is FAILED: %.300s",
                      j->status_reason == NULL ? "no reason given" : j->status_reason);
        (void)err_hint_set(&line->err, "`mvpdash retry` sends it again as a new job");
        end_line(r, i, BULK_FAILED);
    } else {
        bulk_journal_sent(&r->journal, r->at + i, "");
        end_line(r, i, BULK_SENT);
    }
    job_free(j);
}

static enum err_code look_at_records(struct run *r, struct err *e)
{
    const char *ids[PORTION];
    size_t n = 0;
    cJSON *items = NULL;
    const cJSON *item;

    for (size_t i = 0; i < r->len; i++) {
        if (!r->known[i]) {
            ids[n++] = r->journal.ids[r->at + i];
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
        for (size_t i = 0; i < r->len && id != NULL; i++) {
            if (!r->known[i] && strcmp(r->journal.ids[r->at + i], id) == 0) {
                take_record(r, i, item);
            }
        }
    }
    cJSON_Delete(items);
    return rc;
}

/* Sets aside the lines of the portion that an earlier run dealt with. */
static enum err_code look_back(struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->len; i++) {
        const char *event_id = r->journal.event_ids[r->at + i];
        struct bulk_line *line = &r->lines[i];
        if (event_id != NULL) {
            (void)snprintf(line->event_id, sizeof line->event_id, "%s", event_id);
            end_line(r, i, BULK_SENT);
        } else if (map_find(r->waiting, r->journal.ids[r->at + i]) != NULL) {
            (void)err_set(&line->err, E_CONFLICT,
                          "waits in the outbox since an earlier run: whether the bus has it shows "
                          "within a minute");
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
        bulk_journal_sent(&r->journal, r->at + i, m->result.event_id);
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
        r->b->requests[r->at + r->index[k]] = r->sending[k]; /* it may have got parts */
    }
}

/* Not one could be sent, for a reason that holds for the others as well. */
static const struct err *hopeless(const struct run *r)
{
    for (size_t k = 0; k < r->sending_len; k++) {
        switch (r->results[k].code) {
        case E_CONFIG:
        case E_CREDS:
        case E_EXPIRED:
        case E_NET:
        case E_TIMEOUT:
        case E_DENIED:
        case E_NOT_FOUND:
        case E_CANCELLED:
        case E_IO:
            break;
        default:
            return NULL;
        }
    }
    return r->sending_len == 0 ? NULL : &r->results[0].err;
}

static void tell(struct run *r, struct bulk_totals *t)
{
    for (size_t i = 0; i < r->len; i++) {
        const struct bulk_line *line = &r->lines[i];
        t->sent += line->end == BULK_SENT;
        t->earlier += line->end == BULK_SENT && line->earlier;
        t->kept += line->end == BULK_KEPT;
        t->failed += line->end == BULK_FAILED;
        r->b->result(r->b->arg, r->at + i, line);
    }
}

static enum err_code portion(struct run *r, struct bulk_totals *t, struct err *e)
{
    memset(r->lines, 0, sizeof r->lines);
    memset(r->known, 0, sizeof r->known);
    if (r->journal.resumed) {
        enum err_code rc = look_back(r, e);
        if (rc != E_OK) {
            return err_wrap(e, "what an earlier run did is not known, nothing more was sent");
        }
    }
    send_portion(r);
    tell(r, t);
    const struct err *why = hopeless(r);
    if (why != NULL && e != NULL) {
        *e = *why;
    }
    return why == NULL ? E_OK : why->code;
}

bool ops_bulk_earlier(const struct ops *o, const struct bulk *b, size_t *sent)
{
    return bulk_journal_look(o, b, sent);
}

enum err_code bulk_read(const char *path, struct bulk_input *out, struct err *e)
{
    *out = (struct bulk_input){0};
    enum err_code rc = path_read(path, DEPLOY_FILE_MAX, &out->text, &out->len, e);
    if (rc == E_TOO_BIG) {
        return err_set(e, E_INVALID, "is over %d MiB: split it", DEPLOY_FILE_MAX >> 20);
    }
    return rc == E_OK ? deploy_file_read(out->text, out->len, &out->file, e) : rc;
}

void bulk_input_clear(struct bulk_input *in)
{
    deploy_file_clear(&in->file);
    if (in->text != NULL) {
        struct strbuf wipe = {.data = in->text, .len = in->len, .cap = in->len + 1};
        strbuf_wipe(&wipe);
    }
    *in = (struct bulk_input){0};
}

enum err_code ops_bulk(const struct ops *o, const struct bulk *b, struct bulk_totals *totals,
                       struct err *e)
{
    struct run *r = xcalloc(1, sizeof *r);

    *totals = (struct bulk_totals){.not_tried = b->len};
    r->o = o;
    r->b = b;
    r->waiting = map_new();
    enum err_code rc = bulk_journal_open(o, b, &r->journal, e);
    if (rc == E_OK) {
        fault(r, "journal");
        if (r->journal.resumed) {
            list_outbox(r);
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
        totals->not_tried = b->len - totals->sent - totals->kept - totals->failed;
        bulk_journal_close(&r->journal);
    }
    map_free(r->waiting, NULL);
    free(r);
    return rc;
}
