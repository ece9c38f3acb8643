/* insight_causes.c - failed jobs grouped by why they failed. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "insight_parts.h"
#include "jobs/cause.h"

/* What further causes are counted under, once there are INSIGHT_CAUSES_MAX of them. */
#define CAUSE_OTHERS "other causes"

struct cause_draft {
    struct insight_cause c; /* without its texts */
    struct map *users;      /* the values have no meaning */
    struct {
        char *step; /* owned */
        size_t jobs;
    } steps[INSIGHT_STEPS_MAX];
    struct {
        char *id; /* owned */
        int64_t at_ms;
    } newest[INSIGHT_IDS_MAX];
};

void causes_begin(struct cause_run *c)
{
    c->by_text = map_new();
}

static struct cause_draft *draft_of(struct cause_run *c, const char *text)
{
    struct cause_draft *d = map_find(c->by_text, text);

    if (d == NULL && map_len(c->by_text) >= INSIGHT_CAUSES_MAX) {
        text = CAUSE_OTHERS;
        d = map_find(c->by_text, text);
    }
    if (d == NULL) {
        d = xcalloc(1, sizeof *d);
        d->users = map_new();
        d->c.first_ms = d->c.last_ms = TIME_NONE;
        (void)map_put(c->by_text, text, d);
    }
    return d;
}

/* The step at which the job failed: that of its last error, else the record's. */
static const char *failed_step(const struct job *j)
{
    const struct job_error *last = j->errors_len == 0 ? NULL : &job_errors(j)[j->errors_len - 1];

    return last != NULL && last->step != NULL ? last->step : job_text(j, JOB_STEP);
}

static void add_step(struct cause_draft *d, const char *step)
{
    size_t i = 0;

    while (i < d->c.steps_len && strcmp(d->steps[i].step, step) != 0) {
        i++;
    }
    if (i == INSIGHT_STEPS_MAX) {
        return;
    }
    if (i == d->c.steps_len) {
        d->steps[i].step = xstrdup(step);
        d->steps[i].jobs = 0;
        d->c.steps_len++;
    }
    d->steps[i].jobs++;
}

/* Puts the job among the newest ones: by its end, then by its id. */
static void add_id(struct cause_draft *d, const char *id, int64_t at_ms)
{
    size_t i = d->c.ids_len;

    while (i > 0 && (d->newest[i - 1].at_ms < at_ms ||
                     (d->newest[i - 1].at_ms == at_ms && strcmp(d->newest[i - 1].id, id) > 0))) {
        i--;
    }
    if (i == INSIGHT_IDS_MAX) {
        return;
    }
    if (d->c.ids_len == INSIGHT_IDS_MAX) {
        free(d->newest[--d->c.ids_len].id);
    }
    memmove(d->newest + i + 1, d->newest + i, (d->c.ids_len - i) * sizeof *d->newest);
    d->newest[i].id = xstrdup(id);
    d->newest[i].at_ms = at_ms;
    d->c.ids_len++;
}

void causes_add(struct cause_run *c, const struct job *j, const struct batch_job *b,
                const struct job_state *s)
{
    char text[CAUSE_SIZE];
    /* the time at which it was last heard of, when nobody says when it ended */
    int64_t at = s->ended_ms != TIME_NONE ? s->ended_ms : job_time(j, s, NULL);

    (void)cause_of(j, b, s, text);
    struct cause_draft *d = draft_of(c, text);
    d->c.count++;
    d->c.first_ms = d->c.first_ms == TIME_NONE || at < d->c.first_ms ? at : d->c.first_ms;
    d->c.last_ms = at > d->c.last_ms ? at : d->c.last_ms;
    const char *user = job_text(j, JOB_USER_ID);
    if (user != NULL) {
        (void)map_put(d->users, user, c);
    }
    if (failed_step(j) != NULL) {
        add_step(d, failed_step(j));
    }
    add_id(d, j->id, at);
}

bool causes_has(const struct insight *x, const struct insight_cause *c, const struct job *j,
                const struct batch_job *b, const struct job_state *s)
{
    char text[CAUSE_SIZE];
    bool others = strcmp(c->text, CAUSE_OTHERS) == 0;

    (void)cause_of(j, b, s, text);
    for (size_t i = 0; others && i < x->causes_len; i++) {
        if (&x->causes[i] != c && strcmp(x->causes[i].text, text) == 0) {
            return false; /* it has a line of its own */
        }
    }
    return others || strcmp(c->text, text) == 0;
}

static int cause_order(const void *a, const void *b)
{
    const struct insight_cause *x = a;
    const struct insight_cause *y = b;

    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    return x->last_ms != y->last_ms ? (x->last_ms > y->last_ms ? -1 : 1) : strcmp(x->text, y->text);
}

/* The steps, the most frequent one first, then by name. */
static void take_steps(struct cause_draft *d, struct insight_cause *to)
{
    for (size_t n = 0; n < d->c.steps_len; n++) {
        size_t best = n;
        for (size_t i = n + 1; i < d->c.steps_len; i++) {
            bool more = d->steps[i].jobs > d->steps[best].jobs ||
                        (d->steps[i].jobs == d->steps[best].jobs &&
                         strcmp(d->steps[i].step, d->steps[best].step) < 0);
            best = more ? i : best;
        }
        to->steps[n] = d->steps[best].step;
        d->steps[best] = d->steps[n];
    }
}

void causes_end(struct cause_run *c, struct insight *x)
{
    int64_t day_ms = INT64_C(24) * 3600 * 1000;
    int64_t last_ms = insight_last(&x->query);
    bool longer = last_ms - x->query.since_ms > day_ms;
    size_t at = 0;
    const char *text;
    void *value;

    x->causes = xcalloc(map_len(c->by_text) + 1, sizeof *x->causes);
    while (map_next(c->by_text, &at, &text, &value)) {
        struct cause_draft *d = value;
        struct insight_cause *to = &x->causes[x->causes_len++];
        *to = d->c;
        to->text = xstrdup(text);
        to->users = map_len(d->users);
        to->fresh = longer && to->first_ms >= last_ms - day_ms;
        take_steps(d, to);
        for (size_t i = 0; i < to->ids_len; i++) {
            to->ids[i] = d->newest[i].id;
        }
        map_free(d->users, NULL);
    }
    qsort(x->causes, x->causes_len, sizeof *x->causes, cause_order);
    map_free(c->by_text, free);
}
