/* Joining a list of records into a list of jobs.
 *
 * DESIGN: which Batch job belongs to whom is remembered (batch_names.h), so only new Batch jobs are
 * looked at. A Batch job that no record claims is described for its state, and the table is asked
 * for its keys by strongly consistent reads: a record that the Scan was too early for does not
 * count as missing. */
#include "list_join.h"

#include <stdlib.h>
#include <string.h>

#include "batch_find.h"
#include "batch_names.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/map.h"
#include "jobs/join.h"
#include "ops/follow.h"

enum {
    /* percent of the time that is left: the rest is for the states of the other jobs */
    SHARE_PERCENT = 35,
    UNRECORDED_MAX = 2000, /* how many Batch jobs without a record are looked at: the newest */
    UNKNOWN_MAX = 300      /* how many records under unknown Batch ids Batch is asked for */
};

/* ---- records by id ---- */

static void note_err(struct list_join *l, enum err_code rc, const struct err *e)
{
    if (rc != E_OK && l->err.code == E_OK) {
        l->err = *e;
    }
}

bool list_take_jobs(void *arg, struct job **jobs, size_t len)
{
    struct map *m = arg;

    for (size_t i = 0; i < len; i++) {
        job_free(map_put(m, jobs[i]->id, jobs[i]));
    }
    free(jobs);
    return true;
}

void list_free_job(void *j)
{
    job_free(j);
}

/* Fetches the records of these keys: id -> struct job *, owned by the map. False: the table does
 * not answer. */
static bool fetch(struct list_join *l, const char *const *ids, size_t n, struct map **out)
{
    struct err e = {0};

    *out = map_new();
    enum err_code rc = n == 0 ? E_OK : ops_get_jobs(l->o, ids, n, list_take_jobs, *out, &e);
    note_err(l, rc, &e);
    return rc == E_OK;
}

static void add_row(struct list_join *l, struct job *j, struct batch_job *b)
{
    l->rows = xgrow(l->rows, l->len, &l->cap, sizeof *l->rows);
    l->rows[l->len++] = (struct list_row){.job = j, .batch = b, .asked = b != NULL};
}

/* ---- what Batch alone tells of ---- */

struct unclaimed {
    const struct list_join *l;
    int64_t from_ms;
    struct batch_name *items; /* owned */
    size_t len, cap;
};

static void no_range(void *arg, int64_t from_ms, int64_t to_ms)
{
    (void)arg;
    (void)from_ms;
    (void)to_ms;
}

static void note_name(void *arg, const char *batch_id, const char *job_id, int64_t created_ms)
{
    struct unclaimed *u = arg;
    const struct id_set *claimed = &u->l->claimed;

    if (created_ms < u->from_ms || id_set_has(claimed, batch_id) ||
        (job_id[0] != '\0' && id_set_has(claimed, job_id))) {
        return;
    }
    u->items = xgrow(u->items, u->len, &u->cap, sizeof *u->items);
    u->items[u->len++] = (struct batch_name){xstrdup(batch_id), created_ms};
}

static int newest_name(const void *a, const void *b)
{
    const struct batch_name *x = a;
    const struct batch_name *y = b;

    if (x->created_ms != y->created_ms) {
        return x->created_ms > y->created_ms ? -1 : 1;
    }
    return strcmp(y->batch_id, x->batch_id);
}

static int newest_batch(const void *a, const void *b)
{
    const struct batch_job *x = *(struct batch_job *const *)a;
    const struct batch_job *y = *(struct batch_job *const *)b;

    if (x->created_ms != y->created_ms) {
        return x->created_ms > y->created_ms ? -1 : 1;
    }
    return strcmp(y->id, x->id);
}

/* Describes the Batch jobs that no record read so far claims, newest first. */
static void describe_unclaimed(struct list_join *l, int64_t from_ms, struct batch_job ***jobs,
                               size_t *len)
{
    struct unclaimed u = {.l = l, .from_ms = from_ms == TIME_NONE ? 0 : from_ms};
    struct err e = {0};

    batch_names_each(l->o->names, no_range, note_name, &u);
    if (u.len > 0) {
        qsort(u.items, u.len, sizeof *u.items, newest_name);
    }
    size_t n = u.len < UNRECORDED_MAX ? u.len : UNRECORDED_MAX;
    if (u.len > n) {
        enum err_code many =
            err_set(&e, E_TOO_BIG,
                    "of %zu Batch jobs without a record so far, only the newest %zu were matched",
                    u.len, n);
        note_err(l, many, &e);
    }
    const char **ids = xcalloc(n + 1, sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        ids[i] = u.items[i].batch_id;
    }
    enum err_code rc = batch_details(l->o, ids, n, jobs, len, NULL, &e);
    note_err(l, rc, &e);
    if (*len > 0) {
        qsort(*jobs, *len, sizeof(struct batch_job *), newest_batch);
    }
    free(ids);
    batch_names_list_free(u.items, u.len);
}

/* Is the Batch job one to show, when no record has it? */
static bool wanted(const struct list_join *l, const struct batch_job *b)
{
    struct job *j = job_of_batch(b);
    bool yes = l->wants(l->arg, j);

    job_free(j);
    return yes;
}

/* Adds rows for these Batch jobs, unless the table has a record of one after all: then the record's
 * job becomes the row. */
static void add_unrecorded(struct list_join *l, struct batch_job **jobs, size_t len)
{
    const char **ids = xcalloc(2 * len + 1, sizeof *ids);
    struct map *found = NULL;
    struct map *shown = map_new();
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (wanted(l, jobs[i])) {
            ids[n++] = jobs[i]->id;
            if (jobs[i]->job_id != NULL && strcmp(jobs[i]->job_id, jobs[i]->id) != 0) {
                ids[n++] = jobs[i]->job_id;
            }
        }
    }
    bool told = fetch(l, ids, n, &found);
    for (size_t i = 0; told && i < len; i++) {
        const char *id = jobs[i]->job_id != NULL ? jobs[i]->job_id : jobs[i]->id;
        bool twice = map_find(shown, id) != NULL;
        if (twice || !wanted(l, jobs[i]) || map_find(found, id) != NULL ||
            map_find(found, jobs[i]->id) != NULL) {
            continue;
        }
        (void)map_put(shown, id, l);
        add_row(l, job_of_batch(jobs[i]), jobs[i]);
        jobs[i] = NULL; /* moved */
    }
    const char *id;
    void *value;
    size_t at = 0;
    while (told && map_next(found, &at, &id, &value)) {
        char key[BATCH_ID_SIZE];
        if (!id_set_has(&l->claimed, id) && (l->wants(l->arg, value) || job_batch_key(id, key))) {
            id_set_add(&l->claimed, id);
            add_row(l, job_copy(value), NULL);
        }
    }
    map_free(shown, NULL);
    map_free(found, list_free_job);
    free(ids);
}

/* ---- records that belong together ---- */

/* Learns the owners of records under ids of the form of a Batch job's id that Batch was never asked
 * about. */
static void learn_owners(struct list_join *l)
{
    const char *ids[UNKNOWN_MAX];
    struct batch_job **jobs = NULL;
    size_t len = 0;
    size_t n = 0;
    struct err e = {0};

    for (size_t i = 0; i < l->len && n < UNKNOWN_MAX; i++) {
        char key[BATCH_ID_SIZE];
        const struct job *j = l->rows[i].job;
        if (l->rows[i].batch == NULL && job_batch_key(j->id, key) &&
            !batch_names_know(l->o->names, key)) {
            ids[n++] = j->id;
        }
    }
    enum err_code rc = batch_details(l->o, ids, n, &jobs, &len, NULL, &e);
    note_err(l, rc, &e);
    for (size_t i = 0; i < len; i++) {
        if (jobs[i]->created_ms != TIME_NONE) {
            batch_names_put(l->o->names, jobs[i]->id, jobs[i]->job_id, jobs[i]->created_ms);
        }
    }
    batch_jobs_free(jobs, len);
}

/* Fetches, by their ids, the jobs that parts belong to and that are not among the rows. */
static bool fetch_owners(struct list_join *l, const struct map *by_id, struct map **found)
{
    const char **ids = xcalloc(l->len + 1, sizeof *ids);
    struct map *once = map_new();
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++) {
        const char *owner = job_text(l->rows[i].job, JOB_PART_OF);
        if (owner != NULL && map_find(by_id, owner) == NULL && map_find(once, owner) == NULL) {
            (void)map_put(once, owner, l);
            ids[n++] = owner;
        }
    }
    bool told = fetch(l, ids, n, found);
    map_free(once, NULL);
    free(ids);
    return told;
}

/* Does the part belong to an earlier try? The newest known Batch job of its job decides. */
static void settle_try(const struct list_join *l, struct job **part, const struct job *own)
{
    struct batch_name *list = NULL;
    size_t n = own != NULL && own->mark == JOB_RECORDED && job_text(own, JOB_BATCH_ID) != NULL
                   ? 0
                   : batch_names_of(l->o->names, job_text((*part), JOB_PART_OF), &list);

    if (n > 0) {
        const struct batch_job newest = {.id = list[0].batch_id, .created_ms = list[0].created_ms};
        *part = job_set_try(*part, &newest);
    }
    batch_names_list_free(list, n);
}

/* Joins one part with the row of its job; when there is no such row, the part's row becomes it. */
static void join_row(struct list_join *l, size_t part, struct map *by_id, const struct map *found)
{
    struct list_row *r = &l->rows[part];
    const char *owner = job_text(r->job, JOB_PART_OF);
    struct list_row *to = map_find(by_id, owner);
    const struct job *own = to != NULL ? to->job : map_find(found, owner);

    /* When several containers wrote a record, one is shown: the one that was heard of last, which
     * came first. */
    bool more = own != NULL && (own->mark == JOB_TWO_RECORDS || own->mark == JOB_OTHER_KEY);
    settle_try(l, &r->job, own);
    owner = job_text(r->job, JOB_PART_OF);
    struct job *both = more ? NULL : job_join(owner, own, r->job);
    job_free(r->job);
    r->job = NULL;
    if (both == NULL) {
        return;
    }
    if (to == NULL) {
        to = r;
    } else {
        job_free(to->job);
    }
    to->job = both;
    (void)map_put(by_id, both->id, to);
}

static void drop_unwanted(struct list_join *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++) {
        struct list_row *r = &l->rows[i];
        if (r->job != NULL && l->wants(l->arg, r->job)) {
            l->rows[n++] = *r;
        } else {
            list_row_clear(r);
        }
    }
    l->len = n;
}

static int newest_heard(const void *a, const void *b)
{
    const struct job *x = ((const struct list_row *)a)->job;
    const struct job *y = ((const struct list_row *)b)->job;

    if (job_ms(x, JOB_UPDATED) != job_ms(y, JOB_UPDATED)) {
        return job_ms(x, JOB_UPDATED) > job_ms(y, JOB_UPDATED) ? -1 : 1;
    }
    return strcmp(y->id, x->id);
}

static void join_parts(struct list_join *l)
{
    struct map *by_id = map_new();
    struct map *found = NULL;
    size_t parts = 0;

    for (size_t i = 0; i < l->len; i++) {
        if (l->rows[i].batch == NULL) {
            ops_job_owner(l->o, &l->rows[i].job);
        }
        parts += job_text(l->rows[i].job, JOB_PART_OF) != NULL;
    }
    /* when several containers wrote records, the one that was heard of last counts */
    if (parts > 1) {
        qsort(l->rows, l->len, sizeof *l->rows, newest_heard);
    }
    for (size_t i = 0; parts > 0 && i < l->len; i++) {
        if (job_text(l->rows[i].job, JOB_PART_OF) == NULL) {
            (void)map_put(by_id, l->rows[i].job->id, &l->rows[i]);
        }
    }
    bool told = parts > 0 && fetch_owners(l, by_id, &found);
    for (size_t i = 0; told && i < l->len; i++) {
        if (job_text(l->rows[i].job, JOB_PART_OF) != NULL) {
            join_row(l, i, by_id, found);
        }
    }
    drop_unwanted(l);
    map_free(found, list_free_job);
    map_free(by_id, NULL);
}

void list_join(struct list_join *l, int64_t from_ms)
{
    struct batch_job **jobs = NULL;
    size_t len = 0;
    struct err asking = {0};

    batch_names_ready(l->o);
    int64_t before = deadline_share(SHARE_PERCENT);
    enum err_code rc = batch_learn(l->o, from_ms, &asking);
    note_err(l, rc, &asking);
    learn_owners(l);
    describe_unclaimed(l, from_ms, &jobs, &len);
    (void)deadline_set(before);
    add_unrecorded(l, jobs, len);
    batch_jobs_free(jobs, len);
    join_parts(l);
}
