#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "batch_find.h"
#include "bus_check.h"
#include "core/alloc.h"
#include "flight.h"

/* How long after a PutEvents that may have arrived the job is given to show up. A rule invokes its
 * target within a second or two; a minute is generous. Without the right to ask Batch only the
 * container's first report shows it, which waits for capacity: five minutes then. Batch's jobs are
 * looked for an hour back: the price of an unnoticed clock that is ahead would be a second event.
 */
enum { GRACE_MS = 60000, GRACE_BLIND_MS = 300000, BEFORE_MS = 60 * 60 * 1000 };

enum { ROUND = 100 }; /* entries taken over at a time: each holds a descriptor */

struct resume {
    const struct ops *o;
    struct flight flights[ROUND];
    size_t len;
    int resumed;
    int left;
    struct err first;
};

/* Takes over what is free; what another mvpdash works on stays with it. */
static void open_some(struct resume *r, char *const *ids, size_t n)
{
    r->len = 0;
    for (size_t i = 0; i < n; i++) {
        struct flight *f = &r->flights[r->len];
        *f = (struct flight){.end = FLIGHT_ON, .resumed = true};
        enum err_code rc = outbox_open(r->o, ids[i], &f->entry, &f->err);
        if (rc == E_OK) {
            r->len++;
        } else if (rc == E_CONFLICT) {
            r->left++;
        } else if (rc != E_NOT_FOUND && r->first.code == E_OK) {
            r->first = f->err;
        }
    }
}

static void done(struct flight *f)
{
    f->end = FLIGHT_LANDED;
    f->err = (struct err){0};
    outbox_done(&f->entry);
}

static void wait_on(struct flight *f)
{
    f->end = FLIGHT_KEPT;
    outbox_leave(&f->entry);
}

/* What the records say of those that may have been sent. */
static void check_records(struct resume *r)
{
    for (size_t i = 0; i < r->len; i++) {
        struct flight *f = &r->flights[i];
        cJSON *item = NULL;
        if (f->end != FLIGHT_ON || f->entry.stage != OUTBOX_SENT) {
            continue;
        }
        if (ddb_get_item(r->o->aws, r->o->table, "jobId", f->entry.job_id, true, &item, &f->err) !=
            E_OK) {
            wait_on(f);
            continue;
        }
        f->recorded = true;
        /* A record that is gone was removed by somebody who wants no such job. */
        if (flight_pickup(item, f->entry.request_id) != PICKUP_NO) {
            done(f);
        }
        cJSON_Delete(item);
    }
}

/* Asks Batch once for all that are still in doubt. */
static void check_batch(struct resume *r, int64_t now_ms)
{
    const char **ids = xcalloc(r->len + 1, sizeof *ids);
    struct flight **of = xcalloc(r->len + 1, sizeof(void *));
    struct batch_job **found = xcalloc(r->len + 1, sizeof(void *));
    struct err e = {0};
    int64_t since = now_ms;
    size_t n = 0;

    for (size_t i = 0; i < r->len; i++) {
        struct flight *f = &r->flights[i];
        if (f->end == FLIGHT_ON && f->entry.stage == OUTBOX_SENT) {
            ids[n] = f->entry.job_id;
            of[n++] = f;
            since = f->entry.sent_ms < since ? f->entry.sent_ms : since;
        }
    }
    enum err_code rc = batch_find_by_job(r->o, ids, n, since - BEFORE_MS, TIME_NONE, found, &e);
    for (size_t i = 0; i < n; i++) {
        int64_t waited = now_ms - of[i]->entry.sent_ms;
        if (rc != E_OK && (rc != E_DENIED || waited < GRACE_BLIND_MS)) {
            of[i]->err = rc == E_DENIED ? (struct err){0} : e;
            wait_on(of[i]);
        } else if (found[i] != NULL) {
            done(of[i]);
        } else if (waited >= 0 && waited < GRACE_MS) {
            of[i]->err = (struct err){0}; /* no failure: it is only too early */
            wait_on(of[i]);
        }
        batch_job_free(found[i]);
    }
    free(found);
    free(of);
    free(ids);
}

/* The rest is safe to send: records first, then events, ten a call. */
static void send_rest(struct resume *r)
{
    for (size_t i = 0; i < r->len; i++) {
        struct flight *f = &r->flights[i];
        if (f->end == FLIGHT_ON && f->entry.stage == OUTBOX_DEAD) {
            (void)err_set(&f->err, E_SERVICE, "%s", f->entry.why);
            flight_bury(r->o, f);
        } else if (f->end == FLIGHT_ON && f->entry.stage == OUTBOX_KEPT) {
            flight_record(r->o, f);
        }
    }
    for (size_t i = 0; i < r->len; i += EVENTS_PER_CALL) {
        size_t n = r->len - i < EVENTS_PER_CALL ? r->len - i : EVENTS_PER_CALL;
        flight_send(r->o, r->flights + i, n);
        flight_settle(r->o, r->flights + i, n, 0);
    }
}

static void resume_some(struct resume *r, char *const *ids, size_t n)
{
    open_some(r, ids, n);
    check_records(r);
    check_batch(r, clock_wall_ms(r->o->clock));
    send_rest(r);
    for (size_t i = 0; i < r->len; i++) {
        const struct flight *f = &r->flights[i];
        r->resumed += f->end == FLIGHT_LANDED;
        r->left += f->end == FLIGHT_KEPT;
        if (f->err.code != E_OK && r->first.code == E_OK) {
            r->first = f->err;
        }
    }
}

enum err_code ops_outbox_resume(const struct ops *o, int *resumed, int *left, struct err *e)
{
    struct resume *r = xcalloc(1, sizeof *r);
    char **ids = NULL;
    size_t n = outbox_list(o, &ids);
    size_t n_tried = n;

    r->o = o;
    if (n > 0 && bus_check(o, &r->first) != E_OK) {
        r->left = (int)n; /* they wait until there is a bus */
        n_tried = 0;
    }
    for (size_t i = 0; i < n_tried; i += ROUND) {
        resume_some(r, ids + i, n_tried - i < ROUND ? n_tried - i : ROUND);
    }
    outbox_list_free(ids, n);
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
