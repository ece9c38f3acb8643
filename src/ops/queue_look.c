/* queue_look.c - how the job queue stands. */
#include "ops/queue_look.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "batch_find.h"
#include "core/alloc.h"
#include "parallel.h"
#include "queue_capacity.h"
#include "queue_memory.h"

enum { PAGE = 1000, PAGES_MAX = 5, SIZES_MAX = 500, KEPT_MS = 30 * 1000 };

struct queue_memory {
    pthread_mutex_t lock;      /* guards all members below */
    int64_t at_ms;             /* monotonic: when `facts` were asked for; TIME_NONE: never */
    struct queue_facts *facts; /* owned; NULL: they are not known */
};

struct queue_memory *queue_memory_new(void)
{
    struct queue_memory *m = xcalloc(1, sizeof *m);

    (void)pthread_mutex_init(&m->lock, NULL);
    m->at_ms = TIME_NONE;
    return m;
}

void queue_memory_free(struct queue_memory *m)
{
    if (m == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&m->lock);
    queue_facts_free(m->facts);
    free(m);
}

/* ---- asking ---- */

static const enum batch_status states[] = {BATCH_SUBMITTED, BATCH_PENDING, BATCH_RUNNABLE,
                                           BATCH_STARTING, BATCH_RUNNING};
enum { STATES = sizeof states / sizeof *states };

/* The jobs of one state; piece STATES is the queue itself. */
struct piece {
    struct batch_job **jobs; /* owned */
    size_t len, cap;
    bool more;
    enum err_code rc;
    struct err err;
};

struct look {
    const struct ops *o;
    struct piece pieces[STATES + 1];
    cJSON *queue, *environments; /* owned */
};

static void take_list(struct piece *p, cJSON *list)
{
    const cJSON *v;

    cJSON_ArrayForEach(v, list)
    {
        struct batch_job *b = batch_job_from_json(v);
        if (b != NULL) {
            p->jobs = xgrow(p->jobs, p->len, &p->cap, sizeof(struct batch_job *));
            p->jobs[p->len++] = b;
        }
    }
    cJSON_Delete(list);
}

static void ask_piece(void *arg, size_t i)
{
    struct look *k = arg;
    struct piece *p = &k->pieces[i];
    char *token = NULL;

    if (i == STATES) {
        p->rc = queue_environments(k->o, &k->queue, &k->environments, &p->err);
        return;
    }
    for (int page = 0; page < PAGES_MAX && p->rc == E_OK && (page == 0 || token != NULL); page++) {
        struct batch_list l = {.queue = k->o->queue,
                               .status = batch_status_word(states[i]),
                               .max_results = PAGE,
                               .token = token};
        cJSON *list = NULL;
        char *next = NULL;
        p->rc = batch_list_jobs(k->o->aws, &l, &list, &next, &p->err);
        take_list(p, list);
        free(token);
        token = next;
    }
    p->more = token != NULL;
    free(token);
}

/* Adds the vCPUs of the jobs that run or start. One that has ended meanwhile counts too: it was
 * listed. When Batch does not tell some, their number is missing in the sum, and that is seen. */
static void add_sizes(struct look *k, struct queue_facts *f)
{
    const char **ids = xcalloc(SIZES_MAX, sizeof *ids);
    struct batch_job **jobs = NULL;
    size_t n = 0, len = 0;

    for (size_t i = 0; i < STATES; i++) {
        bool placed = states[i] == BATCH_STARTING || states[i] == BATCH_RUNNING;
        for (size_t j = 0; placed && j < k->pieces[i].len && n < SIZES_MAX; j++) {
            ids[n++] = k->pieces[i].jobs[j]->id;
        }
    }
    if (n > 0) {
        (void)!batch_details(k->o, ids, n, &jobs, &len, NULL, NULL);
    }
    for (size_t i = 0; i < len; i++) {
        queue_facts_add_size(f, jobs[i]);
    }
    batch_jobs_free(jobs, len);
    free(ids);
}

static enum err_code look(struct look *k, struct queue_facts **out, struct err *e)
{
    ops_parallel(STATES + 1, ask_piece, k);
    for (size_t i = STATES + 1; i > 0; i--) { /* a queue that is missing is told first */
        struct piece *p = &k->pieces[i - 1];
        if (p->rc != E_OK) {
            if (e != NULL) {
                *e = p->err;
            }
            return p->rc;
        }
    }
    *out = queue_facts_new(k->queue, k->environments);
    for (size_t i = 0; i < STATES; i++) {
        queue_facts_add(*out, states[i], k->pieces[i].jobs, k->pieces[i].len, k->pieces[i].more);
    }
    queue_facts_order(*out);
    add_sizes(k, *out);
    return E_OK;
}

enum err_code ops_queue_look(const struct ops *o, struct queue_facts **out, struct err *e)
{
    struct look k = {.o = o};
    int64_t begun = ops_begin(o);

    *out = NULL;
    enum err_code rc = look(&k, out, e);
    ops_end(begun);
    for (size_t i = 0; i < STATES; i++) {
        batch_jobs_free(k.pieces[i].jobs, k.pieces[i].len);
    }
    cJSON_Delete(k.queue);
    cJSON_Delete(k.environments);
    return rc;
}

/* ---- one job ---- */

static bool is_new(const struct queue_memory *m, int64_t now_ms)
{
    return m->at_ms != TIME_NONE && now_ms - m->at_ms < KEPT_MS;
}

const char *ops_queue_wait(const struct ops *o, const char *batch_id, bool *runs,
                           char out[QUEUE_TEXT_SIZE])
{
    struct queue_memory *m = o->queue_memory;
    int64_t now = clock_mono_ms(o->clock);

    out[0] = '\0';
    if (m == NULL) {
        return out;
    }
    (void)pthread_mutex_lock(&m->lock);
    if (!is_new(m, now)) {
        struct queue_facts *facts = NULL;
        (void)pthread_mutex_unlock(&m->lock);
        (void)!ops_queue_look(o, &facts, NULL);
        (void)pthread_mutex_lock(&m->lock);
        queue_facts_free(m->facts);
        m->facts = facts;
        m->at_ms = now;
    }
    if (m->facts != NULL) {
        (void)queue_wait_text(m->facts, batch_id, out);
        if (runs != NULL) {
            *runs = m->facts->placed > 0;
        }
    }
    (void)pthread_mutex_unlock(&m->lock);
    return out;
}
