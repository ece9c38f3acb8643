/* The jobs of all contexts in one list.
 *
 * DESIGN: Each context is listed on a thread of its own, with the same question and the whole
 * limit: the newest N of all are among the newest N of each. Two contexts may share a table: then
 * the later one is not read when its queue is the same too, else a job that both bring is shown
 * once, as the job of the context whose queue knows it, or of the first. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/map.h"
#include "list_join.h"
#include "ops/contexts.h"
#include "ops/guard.h"
#include "ops/history.h"
#include "ops/log_stage.h"
#include "parallel.h"

struct reading {
    const struct contexts *x;
    const struct list_query *q;
    bool logs;
    struct list_result *results;
    struct context_part *parts;
    int64_t *until; /* of each context: when its operation ends, its part of the twins included */
    atomic_size_t read;
};

/* The operation of a context begins now. */
static void begin(struct reading *r, size_t i)
{
    if (r->x->items[i].ops != NULL) {
        int64_t begun = ops_begin(r->x->items[i].ops);
        r->until[i] = deadline_set(begun);
    }
}

/* The progress of one context's list. */
struct counter {
    struct reading *r;
    size_t told;
};

static void on_read(void *arg, size_t n)
{
    struct counter *c = arg;
    size_t more = n - c->told;
    size_t sum = atomic_fetch_add(&c->r->read, more) + more;

    c->told = n;
    c->r->q->progress(c->r->q->arg, sum);
}

static void read_one(void *arg, size_t i)
{
    struct reading *r = arg;
    const struct context_ops *c = &r->x->items[i];
    struct context_part *p = &r->parts[i];
    struct counter counter = {.r = r};
    struct list_query q = *r->q;

    p->err = c->why;
    if (c->ops == NULL || p->skipped) {
        return;
    }
    if (q.progress != NULL) {
        q.progress = on_read;
        q.arg = &counter;
    }
    int64_t before = deadline_set(r->until[i]);
    if (ops_account_check(c->ops, &p->account) == E_OK) {
        p->account = (struct err){0};
    }
    q.history = c->history;
    enum err_code rc = ops_list(c->ops, &q, &r->results[i], &p->err);
    (void)deadline_set(before);
    if (rc != E_OK) {
        (void)err_wrap(&p->err, "context %s", c->name);
        return;
    }
    p->err = (struct err){0};
    history_learned(c->ops, c->history);
    if (r->logs && ops_list_logs(c->ops, &r->results[i], &p->log_err) == E_OK) {
        p->log_err = (struct err){0};
    }
}

static void take_twins(const struct contexts *x, const struct context_twin *twins,
                       struct context_part *parts)
{
    for (size_t i = 0; i < x->len; i++) {
        parts[i].context = x->items[i].name;
        if (twins[i].first != i) {
            parts[i].twin = x->items[twins[i].first].name;
            parts[i].skipped = twins[i].queue;
        } else if (twins[i].unproven.code != E_OK) {
            parts[i].unproven = twins[i].unproven;
            parts[i].unproven_with = x->items[twins[i].unproven_with].name;
        }
    }
}

/* Reads contexts that were skipped because of a twin which then could not be read. */
static void read_skipped(struct reading *r, struct context_twin *twins)
{
    for (size_t i = 0; i < r->x->len; i++) {
        size_t first = twins[i].first;
        if (!r->parts[i].skipped || r->parts[first].err.code == E_OK) {
            continue;
        }
        r->parts[i].skipped = false;
        r->parts[i].twin = NULL;
        twins[i].first = i;
        begin(r, i);
        read_one(r, i);
        for (size_t k = i + 1; k < r->x->len; k++) {
            if (twins[k].first == first) {
                twins[k].first = i;
                r->parts[k].twin = r->x->items[i].name;
            }
        }
    }
}

/* Takes jobs out of `mine` that `first`, which shares the table, has too. */
static void drop_twice(struct list_result *first, struct list_result *mine, struct context_part *p)
{
    struct map *ids = map_new();
    size_t kept = 0;

    for (size_t i = 0; i < first->len; i++) {
        (void)map_put(ids, first->rows[i].job->id, &first->rows[i]);
    }
    for (size_t i = 0; i < mine->len; i++) {
        struct list_row *theirs = map_find(ids, mine->rows[i].job->id);
        if (theirs == NULL) {
            mine->rows[kept++] = mine->rows[i];
            continue;
        }
        if (theirs->batch == NULL && mine->rows[i].batch != NULL) {
            struct list_row row = *theirs; /* Batch knows it in this queue, not in the other */
            *theirs = mine->rows[i];
            mine->rows[i] = row;
        }
        list_row_clear(&mine->rows[i]);
        p->twice++;
    }
    mine->len = kept;
    map_free(ids, NULL);
}

/* Moves the rows of a result to the end of the list. */
static void append(struct contexts_list *out, size_t *cap, struct list_result *r)
{
    for (size_t i = 0; i < r->len; i++) {
        out->rows = xgrow(out->rows, out->len, cap, sizeof *out->rows);
        out->rows[out->len++] = r->rows[i];
    }
    out->more = out->more || r->more;
    free(r->rows);
    *r = (struct list_result){0};
}

static void take_result(struct context_part *p, const struct list_result *r)
{
    p->batch_err = r->batch_err;
    p->join_err = r->join_err;
    p->untimed = r->untimed;
}

/* Counts for each context what is in the list. The names are those of the settings: one for each
 * context, so pointers tell them apart. */
static void count(struct contexts_list *l)
{
    struct context_part *p = l->parts;

    for (size_t i = 0; i < l->len; i++) {
        for (size_t k = 0; p->context != l->rows[i].context && k < l->parts_len; k++) {
            p = &l->parts[k];
        }
        p->jobs++;
        p->unknown += l->rows[i].unknown;
    }
}

void contexts_list(const struct contexts *x, const struct list_query *q, bool logs,
                   struct contexts_list *out)
{
    struct context_twin *twins = xcalloc(x->len + 1, sizeof *twins);
    struct reading r = {.x = x, .q = q, .logs = logs};
    size_t cap = 0;

    *out = (struct contexts_list){.parts_len = x->len};
    out->parts = r.parts = xcalloc(x->len + 1, sizeof *out->parts);
    r.results = xcalloc(x->len + 1, sizeof *r.results);
    r.until = xcalloc(x->len + 1, sizeof *r.until);
    for (size_t i = 0; i < x->len; i++) {
        begin(&r, i);
    }
    contexts_find_twins(x, CONTEXTS_TABLE, twins);
    take_twins(x, twins, out->parts);
    ops_parallel(x->len, read_one, &r);
    read_skipped(&r, twins);
    for (size_t i = 0; i < x->len; i++) {
        take_result(&out->parts[i], &r.results[i]);
        for (size_t k = 0; k < r.results[i].len; k++) {
            r.results[i].rows[k].context = x->items[i].name;
        }
        if (twins[i].first != i) {
            drop_twice(&r.results[twins[i].first], &r.results[i], &out->parts[i]);
        }
    }
    for (size_t i = 0; i < x->len; i++) {
        append(out, &cap, &r.results[i]);
    }
    if (out->len > 0) {
        qsort(out->rows, out->len, sizeof *out->rows, list_newest_first);
    }
    while (q->limit > 0 && out->len > q->limit) {
        list_row_clear(&out->rows[--out->len]);
        out->more = true;
    }
    count(out);
    free(r.until);
    free(r.results);
    free(twins);
}

void contexts_list_of(const char *context, struct list_result *r, const struct err *log_err,
                      struct contexts_list *out)
{
    *out = (struct contexts_list){.rows = r->rows, .len = r->len, .more = r->more, .parts_len = 1};
    out->parts = xcalloc(1, sizeof *out->parts);
    out->parts[0] = (struct context_part){
        .context = context, .jobs = r->len, .unknown = r->unknown, .log_err = *log_err};
    take_result(&out->parts[0], r);
    *r = (struct list_result){0};
}

void contexts_list_clear(struct contexts_list *l)
{
    struct list_result rows = {.rows = l->rows, .len = l->len};

    list_result_clear(&rows);
    free(l->parts);
    *l = (struct contexts_list){0};
}
