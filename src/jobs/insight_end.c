/* insight_end.c - from what was gathered to figures in order. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "insight_parts.h"

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* The smallest value with at least `percent` of the values at or below it. */
static int64_t rank(const struct samples *s, size_t percent)
{
    return s->v[(s->len * percent + 99) / 100 - 1];
}

/* Sorts the values, makes the figures and frees the values. */
static struct insight_figures samples_take(struct samples *s)
{
    struct insight_figures f = {s->len, TIME_NONE, TIME_NONE, TIME_NONE};

    if (s->len > 0) {
        qsort(s->v, s->len, sizeof *s->v, by_value);
        f = (struct insight_figures){s->len, rank(s, 50), rank(s, 90), rank(s, 99)};
    }
    free(s->v);
    *s = (struct samples){0};
    return f;
}

/* Known words in the order of a job's life, then the others. */
static int status_order(const void *a, const void *b)
{
    const struct insight_status *x = a;
    const struct insight_status *y = b;
    enum job_status i = job_status_parse(x->word);
    enum job_status k = job_status_parse(y->word);
    bool known = i > JOB_OTHER_STATUS;

    if (known != (k > JOB_OTHER_STATUS)) {
        return known ? -1 : 1;
    }
    return known && i != k ? (i < k ? -1 : 1) : strcmp(x->word, y->word);
}

static int step_order(const void *a, const void *b)
{
    const struct insight_step *x = a;
    const struct insight_step *y = b;
    unsigned i = (unsigned)job_step_rank(x->step); /* an unknown step is the last */
    unsigned k = (unsigned)job_step_rank(y->step);

    return i != k ? (i < k ? -1 : 1) : strcmp(x->step, y->step);
}

static int day_order(const void *a, const void *b)
{
    return strcmp(((const struct insight_group *)a)->key, ((const struct insight_group *)b)->key);
}

static int group_order(const void *a, const void *b)
{
    const struct insight_group *x = a;
    const struct insight_group *y = b;

    if ((x->key == NULL) != (y->key == NULL)) {
        return x->key == NULL ? 1 : -1;
    }
    return x->jobs != y->jobs ? (x->jobs > y->jobs ? -1 : 1)
           : x->key == NULL   ? 0
                              : strcmp(x->key, y->key);
}

static void take_statuses(struct insight_run *r)
{
    struct insight *x = r->x;
    size_t at = 0;
    const char *word;
    void *value;

    x->statuses = xcalloc(map_len(r->statuses) + 1, sizeof *x->statuses);
    while (map_next(r->statuses, &at, &word, &value)) {
        x->statuses[x->statuses_len++] =
            (struct insight_status){xstrdup(word), ((struct tally *)value)->jobs};
    }
    qsort(x->statuses, x->statuses_len, sizeof *x->statuses, status_order);
}

static void take_steps(struct insight_run *r)
{
    struct insight *x = r->x;
    size_t at = 0;
    const char *step;
    void *value;

    x->steps = xcalloc(map_len(r->steps) + 1, sizeof *x->steps);
    while (map_next(r->steps, &at, &step, &value)) {
        x->steps[x->steps_len++] =
            (struct insight_step){xstrdup(step), samples_take(&((struct step_run *)value)->took)};
    }
    qsort(x->steps, x->steps_len, sizeof *x->steps, step_order);
}

static void take_group(struct insight *x, const char *key, struct group_run *g)
{
    struct insight_group *to = &x->groups[x->groups_len++];

    *to = g->g;
    to->key = xstrdup(key);
    to->took = samples_take(&g->took);
}

static void take_groups(struct insight_run *r)
{
    struct insight *x = r->x;
    size_t at = 0;
    const char *key;
    void *value;

    x->groups = xcalloc(map_len(r->groups) + 1, sizeof *x->groups);
    while (map_next(r->groups, &at, &key, &value)) {
        take_group(x, key, value);
    }
    if (r->other.g.jobs > 0) {
        take_group(x, NULL, &r->other);
    }
    qsort(x->groups, x->groups_len, sizeof *x->groups,
          x->query.by == INSIGHT_BY_DAY ? day_order : group_order);
}

struct insight *insight_end(struct insight_run *r)
{
    struct insight *x = r->x;

    x->took = samples_take(&r->took);
    x->waited = samples_take(&r->waited);
    take_statuses(r);
    take_steps(r);
    take_groups(r);
    causes_end(&r->causes, x);
    map_free(r->statuses, free);
    map_free(r->steps, free);
    map_free(r->groups, free);
    free(r->context);
    free(r);
    return x;
}

static void free_cause(struct insight_cause *c)
{
    free(c->text);
    for (size_t i = 0; i < c->steps_len; i++) {
        free(c->steps[i]);
    }
    for (size_t i = 0; i < c->ids_len; i++) {
        free(c->ids[i]);
    }
}

void insight_free(struct insight *x)
{
    if (x == NULL) {
        return;
    }
    for (size_t i = 0; i < x->statuses_len; i++) {
        free(x->statuses[i].word);
    }
    for (size_t i = 0; i < x->steps_len; i++) {
        free(x->steps[i].step);
    }
    for (size_t i = 0; i < x->groups_len; i++) {
        free(x->groups[i].key);
    }
    for (size_t i = 0; i < x->causes_len; i++) {
        free_cause(&x->causes[i]);
    }
    free(x->statuses);
    free(x->steps);
    free(x->groups);
    free(x->causes);
    free(x->buckets);
    free(x);
}
