/* Merging the rows of a list with what Batch says about them. */
#include <stdlib.h>
#include <string.h>

#include "batch_find.h"
#include "core/alloc.h"
#include "core/map.h"
#include "jobs/join.h"
#include "list_join.h"
#include "ops/follow.h"
#include "queue_runs.h"
#include "reasons.h"

enum { FACTS_MAX = 5000 }; /* of how many jobs that are over Batch is asked at most: the newest */

static bool undecided(const struct list_row *r)
{
    /* A cancelled job may still be stopping. */
    enum job_status s = (enum job_status)r->job->status;
    return !job_status_final(s) || s == JOB_CANCELLED;
}

/* May Batch know an earlier time of the job? Batch forgets a job a week after its end. */
static bool time_open(const struct list_row *r, int64_t now_ms)
{
    int64_t heard = job_ms(r->job, JOB_UPDATED);

    return !job_time_firm(r->job) && (heard == TIME_NONE || now_ms - heard < BATCH_REMEMBERS_MS);
}

/* May Batch still know the job? */
static bool remembered(const struct list_row *r, int64_t now_ms)
{
    const struct job *j = r->job;
    int64_t heard = job_ms(j, JOB_ENDED);

    heard = heard != TIME_NONE ? heard : job_ms(j, JOB_UPDATED);
    heard = heard != TIME_NONE ? heard : job_time(j, NULL, NULL);

    return heard == TIME_NONE || now_ms - heard < BATCH_REMEMBERS_MS;
}

enum err_code list_ask_batch(const struct ops *o, struct list_row *rows, size_t len,
                             enum list_ask what, struct err *e)
{
    size_t over = 0;
    int64_t now = clock_wall_ms(o->clock);
    struct batch_want *wants = xcalloc(len + 1, sizeof *wants);
    struct batch_hit *hits = xcalloc(len + 1, sizeof *hits);
    size_t *row_of = xcalloc(len + 1, sizeof *row_of);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        const struct job *j = rows[i].job;
        bool wanted = time_open(&rows[i], now) || (what != LIST_ASK_TIMES && undecided(&rows[i]));
        if (what == LIST_ASK_FACTS && !wanted && over < FACTS_MAX && remembered(&rows[i], now)) {
            wanted = true;
            over++;
        }
        if (!rows[i].asked && wanted) {
            row_of[n] = i;
            wants[n++] = (struct batch_want){.job_id = j->id,
                                             .batch_id = job_text(j, JOB_BATCH_ID),
                                             .from_ms = job_batch_from(j, now)};
        }
    }
    enum err_code rc = n == 0 ? E_OK : batch_search(o, wants, n, false, hits, e);
    for (size_t i = 0; i < n; i++) {
        rows[row_of[i]].asked = hits[i].found != BATCH_NOT_KNOWN;
        rows[row_of[i]].batch = hits[i].job;
        hits[i].job = NULL; /* moved */
        batch_hit_clear(&hits[i]);
    }
    free(row_of);
    free(hits);
    free(wants);
    return rc;
}

/* Adds the container's record under its Batch job's id where the job's own record does not tell the
 * end. When the table does not answer, that is no failure: the own record counts. */
static void add_container_records(const struct ops *o, struct list_row *rows, size_t len)
{
    const char **ids = xcalloc(len + 1, sizeof *ids);
    struct map *found = map_new();
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char key[BATCH_ID_SIZE];
        const struct batch_job *b = rows[i].batch;
        if (b != NULL && rows[i].job->mark == JOB_RECORDED && undecided(&rows[i]) &&
            job_batch_key(b->id, key) && strcmp(b->id, rows[i].job->id) != 0) {
            ids[n++] = b->id;
        }
    }
    if (n > 0 && ops_get_jobs(o, ids, n, list_take_jobs, found, NULL) == E_OK) {
        for (size_t i = 0; i < len; i++) {
            const struct batch_job *b = rows[i].batch;
            const struct job *part = b == NULL ? NULL : map_find(found, b->id);
            if (part != NULL && rows[i].job->mark == JOB_RECORDED &&
                strcmp(b->id, rows[i].job->id) != 0) {
                struct job *both = job_join(rows[i].job->id, rows[i].job, part);
                job_free(rows[i].job);
                rows[i].job = both;
            }
        }
    }
    map_free(found, list_free_job);
    free(ids);
}

size_t ops_merge_rows(const struct ops *o, struct list_row *rows, size_t len, bool record_only,
                      struct err *batch_err)
{
    size_t unknown = 0;

    *batch_err = (struct err){0};
    if (!record_only) {
        (void)!list_ask_batch(o, rows, len, LIST_ASK_STATES, batch_err);
        add_container_records(o, rows, len);
    }
    int64_t now = clock_wall_ms(o->clock);
    struct state_rules rules = ops_state_rules(o->settings);
    for (size_t i = 0; i < len; i++) {
        rows[i].unknown = !record_only && undecided(&rows[i]) && !rows[i].asked;
        unknown += rows[i].unknown;
        if (rows[i].batch != NULL && rows[i].batch->status == BATCH_FAILED) {
            reasons_keep(o, rows[i].job->id, rows[i].batch);
        }
        job_state_merge(rows[i].job, rows[i].batch, rows[i].asked, now, &rules, &rows[i].state);
    }
    bool runs_asked = false;
    for (size_t i = 0; i < len; i++) {
        ops_settle_waiting(o, rows[i].job, rows[i].batch, now, &rules, &runs_asked, &rows[i].state);
    }
    return unknown;
}
