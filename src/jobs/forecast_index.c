/* forecast_index.c - from the jobs that are remembered to the figures for each product and step.
 *
 * DESIGN: each job gives a sample for each of its steps and one for its whole time, to its product
 * and to all. Sorted, the samples of a product's step lie together. Then for each time that a job
 * was in the step, the interval is made of the samples that are not shorter, from the longest one
 * on: so an answer is two searches, whatever was learned. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "forecast_priv.h"

enum { SAMPLES_OF_ONE = 2 * (FORECAST_STEPS + 1) };

struct sample {
    uint64_t product;
    uint32_t step;
    uint32_t age; /* 0: of the job that ended last */
    uint32_t took, to_end;
};

struct samples {
    struct sample *items;
    size_t len;
};

static void add(struct samples *s, const struct sample *x)
{
    s->items[s->len++] = *x;
    if (x->product != 0) {
        s->items[s->len] = *x;
        s->items[s->len++].product = 0;
    }
}

static void add_job(struct samples *s, const struct past *p, uint32_t age)
{
    struct sample x = {.product = p->product, .step = FORECAST_WHOLE, .age = age};

    if (p->started != FORECAST_UNKNOWN) {
        x.took = x.to_end = p->started;
        add(s, &x);
    }
    for (size_t i = 0; i < p->steps_len; i++) {
        x.step = p->step[i];
        x.to_end = p->began[i];
        x.took = p->began[i] - (i + 1 < p->steps_len ? p->began[i + 1] : 0);
        add(s, &x);
    }
}

static int last_first(const void *a, const void *b)
{
    const struct past *x = *(const struct past *const *)a;
    const struct past *y = *(const struct past *const *)b;

    if (x->end_ms != y->end_ms) {
        return x->end_ms > y->end_ms ? -1 : 1;
    }
    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_cell(const void *a, const void *b)
{
    const struct sample *x = a;
    const struct sample *y = b;

    if (x->product != y->product) {
        return x->product < y->product ? -1 : 1;
    }
    if (x->step != y->step) {
        return x->step < y->step ? -1 : 1;
    }
    return x->age < y->age ? -1 : x->age > y->age;
}

static int by_took(const void *a, const void *b)
{
    const struct sample *x = a;
    const struct sample *y = b;

    return x->took < y->took ? -1 : x->took > y->took;
}

/* Keeps `sorted` in order; `len` of them are there. */
static void insert(uint32_t *sorted, size_t len, uint32_t v)
{
    size_t at = len;

    while (at > 0 && sorted[at - 1] > v) {
        at--;
    }
    memmove(sorted + at + 1, sorted + at, (len - at) * sizeof *sorted);
    sorted[at] = v;
}

/* The interval of `n` times, of which one in ten lies outside at each side. */
static void cut_at(struct cut *c, const uint32_t *sorted, size_t n)
{
    size_t low = (n + 1) / 10;
    size_t high = (9 * (n + 1) + 9) / 10;

    c->low = low == 0 ? FORECAST_UNKNOWN : sorted[low - 1];
    c->high = low == 0 ? FORECAST_UNKNOWN : sorted[high - 1];
}

/* The samples are those of one product's step, the last job's first. */
static void add_cell(struct forecast *f, struct sample *items, size_t len, size_t *cuts)
{
    uint32_t sorted[FORECAST_SAMPLES + 1];

    len = len < FORECAST_SAMPLES ? len : FORECAST_SAMPLES;
    f->cells[f->cells_len++] = (struct cell){.product = items->product,
                                             .step = items->step,
                                             .from = (uint32_t)*cuts,
                                             .len = (uint32_t)len};
    qsort(items, len, sizeof *items, by_took);
    for (size_t i = len; i-- > 0;) {
        struct cut *c = &f->cuts[*cuts + i];
        insert(sorted, len - 1 - i, items[i].to_end);
        c->took = items[i].took;
        cut_at(c, sorted, len - i);
    }
    *cuts += len;
}

static bool same_cell(const struct sample *a, const struct sample *b)
{
    return a->product == b->product && a->step == b->step;
}

static void add_cells(struct forecast *f, const struct samples *s)
{
    size_t cuts = 0;
    size_t end = 0;

    for (size_t i = 0; i < s->len; i = end) {
        while (end < s->len && same_cell(&s->items[i], &s->items[end])) {
            end++;
        }
        if (end - i >= FORECAST_FEW) {
            add_cell(f, &s->items[i], end - i, &cuts);
        }
    }
    f->cuts = xrealloc(f->cuts, (cuts + 1) * sizeof *f->cuts);
    f->cells = xrealloc(f->cells, (f->cells_len + 1) * sizeof *f->cells);
}

void forecast_settle(struct forecast *f)
{
    struct samples s = {0};

    if (!f->stale) {
        return;
    }
    const struct past **order = xcalloc(f->len + 1, sizeof *order);
    for (size_t i = 0; i < f->len; i++) {
        order[i] = &f->past[i];
    }
    qsort(order, f->len, sizeof *order, last_first);
    s.items = xcalloc(f->len * SAMPLES_OF_ONE + 1, sizeof *s.items);
    for (size_t i = 0; i < f->len; i++) {
        add_job(&s, order[i], (uint32_t)i);
    }
    qsort(s.items, s.len, sizeof *s.items, by_cell);
    f->cells_len = 0;
    f->cuts = xrealloc(f->cuts, (s.len + 1) * sizeof *f->cuts);
    f->cells = xrealloc(f->cells, (s.len / FORECAST_FEW + 1) * sizeof *f->cells);
    add_cells(f, &s);
    f->stale = false;
    free(s.items);
    free(order);
}
