/* Going on with the requests that wait in the outbox. */
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "batch_find.h"
#include "bus_check.h"
#include "core/alloc.h"
#include "dispatch.h"
#include "ops/sync_log.h"
#include "parallel.h"

/* GRACE_MS: how long after a PutEvents that may have arrived the job is given to show up. A rule
 * invokes its target within a second or two; a minute is generous. Without the right to ask Batch
 * only the container's first report shows the job, and the container may wait for capacity for
 * days: then the event is not sent again at all. BEFORE_MS: Batch's jobs are looked for from an
 * hour before the request was kept, because an unnoticed clock that is ahead would cost a second
 * event. */
enum { GRACE_MS = 60000, BEFORE_MS = 60 * 60 * 1000 };

enum { ROUND = 40 }; /* entries that are taken over at a time: each holds a descriptor */

struct resume {
    const struct ops *o;
    struct dispatch dispatches[ROUND];
    size_t len;
    int resumed;
    int left;
    struct err first;
};

/* Takes over the entries that are free; an entry that another mvpdash works on stays with that
 * one. */
static void open_some(struct resume *r, const struct outbox_item *items, size_t n)
{
    r->len = 0;
    for (size_t i = 0; i < n; i++) {
        struct dispatch *f = &r->dispatches[r->len];
        *f = (struct dispatch){.end = DISPATCH_ON, .resumed = true};
        enum err_code rc = outbox_open(r->o, items[i].job_id, &f->entry, &f->err);
        if (rc == E_OK) {
            f->in_doubt = f->entry.stage == OUTBOX_SENT;
            r->len++;
        } else if (rc == E_CONFLICT) {
            r->left++;
        } else if (rc != E_NOT_FOUND && r->first.code == E_OK) {
            r->first = f->err;
        }
    }
}

static void done(struct dispatch *f)
{
    f->end = DISPATCH_ARRIVED;
    f->err = (struct err){0};
    outbox_done(&f->entry);
}

static void wait_on(struct dispatch *f)
{
    f->end = DISPATCH_KEPT;
    outbox_leave(&f->entry);
}

/* Keeps an entry for which nothing proves whether its event was taken, and nothing will prove it by
 * itself. */
static void stay_unknown(struct dispatch *f, const char *why, bool gone)
{
    (void)err_set(&f->err, E_NOT_FOUND,
                  "whether the event of %s was sent is not known (%s): kept in the outbox",
                  f->entry.job_id, why);
    f->err.maybe_done = true;
    (void)err_hint_set(
        &f->err,
        gone ? "`mvpdash outbox send %s` sends it, `mvpdash outbox drop %s` gives it up"
             : "`mvpdash status %s` shows whose it is; `mvpdash outbox drop %s` gives this one up",
        f->entry.job_id, f->entry.job_id);
    wait_on(f);
}

/* Looks at the record of an entry that may have been sent. Only the record of this very request
 * settles the question. */
static void check_record(void *arg, size_t i)
{
    struct resume *r = arg;
    struct dispatch *f = &r->dispatches[i];
    cJSON *item = NULL;

    /* the record of an item was written together with it, whatever the item says of the event */
    bool kept = f->entry.stage == OUTBOX_KEPT && f->entry.stands;
    if (f->end != DISPATCH_ON || (f->entry.stage != OUTBOX_SENT && !kept)) {
        return;
    }
    if (ddb_get_item(r->o->aws, r->o->table, "jobId", f->entry.job_id, true, &item, &f->err) !=
        E_OK) {
        wait_on(f);
        return;
    }
    enum pickup p = dispatch_pickup(item, f->entry.request_id);
    f->recorded = p != PICKUP_GONE && p != PICKUP_OTHER;
    if (p == PICKUP_YES) {
        done(f);
    } else if (p == PICKUP_ENDED) {
        dispatch_drop(f, item);
        f->err = (struct err){0}; /* this is what somebody wanted */
    } else if (p == PICKUP_OTHER) {
        stay_unknown(f, "its record is of another request", false);
    } else if (p == PICKUP_GONE && kept) {
        (void)err_set(&f->err, E_NOT_FOUND, "the record of %s is gone: its event is not sent",
                      f->entry.job_id);
        f->end = DISPATCH_FAILED;
        outbox_done(&f->entry);
    }
    cJSON_Delete(item);
}

/* Handles an entry of which Batch has no job. */
static void not_found(struct dispatch *f, int64_t waited_ms)
{
    if (waited_ms < GRACE_MS) {
        f->err = (struct err){0}; /* this is no failure: it is only too early to send again */
        wait_on(f);
    } else if (!f->recorded) { /* without a record there is no job to send an event for */
        stay_unknown(f, "its record is gone, and Batch has no job of it", true);
    }
}

/* Asks Batch once about all entries that are still in doubt. */
static void check_batch(struct resume *r)
{
    struct batch_want *wants = xcalloc(r->len + 1, sizeof *wants);
    struct batch_hit *hits = xcalloc(r->len + 1, sizeof *hits);
    struct dispatch **of = xcalloc(r->len + 1, sizeof(void *));
    struct err e = {0};
    size_t n = 0;

    for (size_t i = 0; i < r->len; i++) {
        struct dispatch *f = &r->dispatches[i];
        if (f->end == DISPATCH_ON && f->entry.stage == OUTBOX_SENT) {
            int64_t kept = f->entry.kept_ms;
            int64_t from = f->entry.sent_ms < kept ? f->entry.sent_ms : kept;
            wants[n] = (struct batch_want){.job_id = f->entry.job_id, .from_ms = from - BEFORE_MS};
            of[n++] = f;
        }
    }
    enum err_code rc = batch_search(r->o, wants, n, false, hits, &e);
    for (size_t i = 0; i < n; i++) {
        int64_t waited_ms = outbox_waited_ms(&of[i]->entry);
        if (hits[i].found == BATCH_NOT_KNOWN) { /* "not known" does not mean "none" */
            bool early = rc == E_DENIED && waited_ms < GRACE_MS;
            of[i]->err = early ? (struct err){0} : e;
            wait_on(of[i]);
        } else if (hits[i].found == BATCH_FOUND) {
            done(of[i]);
        } else {
            not_found(of[i], waited_ms);
        }
        batch_hit_clear(&hits[i]);
    }
    free(of);
    free(hits);
    free(wants);
}

static void record_one(void *arg, size_t i)
{
    struct resume *r = arg;
    struct dispatch *f = &r->dispatches[i];

    if (f->end == DISPATCH_ON && f->entry.stage == OUTBOX_DEAD) {
        (void)err_set(&f->err, E_SERVICE, "%s", f->entry.why);
        dispatch_fail_record(r->o, f);
    } else if (f->end == DISPATCH_ON && f->entry.stage == OUTBOX_KEPT) {
        if (outbox_sync(&f->entry, &f->err) == E_OK) {
            dispatch_record(r->o, f);
        } else {
            wait_on(f);
        }
    }
}

/* Sends the rest, which is safe to send: first the records, then the events, ten a call. */
static void send_rest(struct resume *r)
{
    ops_parallel(r->len, record_one, r);
    for (size_t i = 0; i < r->len; i += EVENTS_PER_CALL) {
        size_t n = r->len - i < EVENTS_PER_CALL ? r->len - i : EVENTS_PER_CALL;
        dispatch_send(r->o, r->dispatches + i, n);
        dispatch_settle(r->o, r->dispatches + i, n, 0);
    }
}

static void resume_some(struct resume *r, const struct outbox_item *items, size_t n)
{
    int64_t begun = ops_begin(r->o);

    open_some(r, items, n);
    /* The records are checked side by side: a hundred, one after the other, would take all the time
     * on a slow link, in each run anew, and none would ever be sent. */
    ops_parallel(r->len, check_record, r);
    check_batch(r);
    send_rest(r);
    ops_end(begun);
    for (size_t i = 0; i < r->len; i++) {
        const struct dispatch *f = &r->dispatches[i];
        r->resumed += f->end == DISPATCH_ARRIVED;
        r->left += f->end == DISPATCH_KEPT;
        if (f->err.code != E_OK && r->first.code == E_OK) {
            r->first = f->err;
        }
    }
}

/* Moves the entries that may be gone on with to the front; the others are left. */
static size_t sort_out(struct resume *r, struct outbox_item *items, size_t n)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        if (items[i].kind == OUTBOX_OURS && !items[i].busy) {
            items[len++] = items[i];
        } else {
            r->left += items[i].busy;
        }
    }
    return len;
}

enum err_code ops_outbox_resume(const struct ops *o, int *resumed, int *left, struct err *e)
{
    struct resume *r = xcalloc(1, sizeof *r);
    struct outbox_item *items = NULL;
    size_t n = 0;

    r->o = o;
    if (outbox_read(o, &items, &n, &r->first) == E_OK) {
        n = sort_out(r, items, n);
    }
    if (n > 0 && bus_check(o, &r->first) != E_OK) {
        r->left += (int)n; /* the entries wait until there is a bus */
        n = 0;
    }
    for (size_t i = 0; i < n; i += ROUND) {
        resume_some(r, items + i, n - i < ROUND ? n - i : ROUND);
    }
    free(items);
    sync_log_tidy(o); /* a dashboard that stays open for days looks here each minute */
    if (resumed != NULL) {
        *resumed = r->resumed;
    }
    if (left != NULL) {
        *left = r->left;
    }
    enum err_code rc = r->first.code;
    if (rc != E_OK && e != NULL) {
        *e = r->first;
    }
    free(r);
    return rc;
}

int ops_outbox_len(const struct ops *o)
{
    char **ids = NULL;
    size_t n = outbox_list(o, &ids);

    outbox_list_free(ids, n);
    return (int)n;
}
