/* insight.c - counting jobs in one pass.
 *
 * DESIGN: insight_add looks at each job once and keeps of it a handful of numbers: durations go to
 * lists of 8 bytes a value, which are sorted at the end for their percentiles. Days, hours and
 * buckets are those of UTC, which are all of the same length: a division tells them. */
#include "jobs/insight.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "insight_parts.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
enum { BUCKETS_MAX = 4096 };

static const char *const by_words[] = {
    [INSIGHT_BY_DAY] = "day",         [INSIGHT_BY_USER] = "user",
    [INSIGHT_BY_PRODUCT] = "product", [INSIGHT_BY_PRIORITY] = "priority",
    [INSIGHT_BY_STEP] = "step",       [INSIGHT_BY_CONTEXT] = "context",
};

const char *insight_by_word(enum insight_by by)
{
    return (unsigned)by < INSIGHT_BY_COUNT ? by_words[by] : "";
}

enum insight_by insight_by_parse(const char *word)
{
    int i = 0;

    while (i < INSIGHT_BY_COUNT && strcmp(by_words[i], word) != 0) {
        i++;
    }
    return (enum insight_by)i;
}

static void samples_add(struct samples *s, int64_t ms)
{
    s->v = xgrow(s->v, s->len, &s->cap, sizeof *s->v);
    s->v[s->len++] = ms;
}

double insight_rate(size_t completed, size_t failed)
{
    return completed + failed == 0 ? -1 : (double)completed / (double)(completed + failed);
}

/* ---- time ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* b - a; -1 when one of the two is not known, or when they are in the wrong order. */
static int64_t between(int64_t a, int64_t b)
{
    int64_t d = 0;

    return a == TIME_NONE || b == TIME_NONE || __builtin_sub_overflow(b, a, &d) || d < 0 ? -1 : d;
}

int64_t insight_last(const struct insight_query *q)
{
    return q->now_ms > q->since_ms && q->now_ms < q->until_ms ? q->now_ms : q->until_ms;
}

static size_t bucket_count(const struct insight_query *q)
{
    int64_t first = floor_div(q->since_ms, q->bucket_ms);
    int64_t last = floor_div(q->until_ms - 1, q->bucket_ms);

    return q->until_ms <= q->since_ms ? 0 : (size_t)(last - first + 1);
}

int64_t insight_bucket(int64_t since_ms, int64_t until_ms, size_t most)
{
    static const int64_t usual[] = {
        MINUTE,    5 * MINUTE, 10 * MINUTE,      15 * MINUTE,     20 * MINUTE, 30 * MINUTE,
        HOUR,      2 * HOUR,   3 * HOUR,         4 * HOUR,        6 * HOUR,    8 * HOUR,
        12 * HOUR, DAY,        INT64_C(2) * DAY, INT64_C(7) * DAY};
    size_t n = sizeof usual / sizeof *usual;
    struct insight_query q = {.since_ms = since_ms, .until_ms = until_ms};

    for (size_t i = 0; i < n; i++) {
        q.bucket_ms = usual[i];
        if (bucket_count(&q) <= most) {
            return q.bucket_ms;
        }
    }
    while (bucket_count(&q) > most && bucket_count(&q) > 2) {
        q.bucket_ms *= 2;
    }
    return q.bucket_ms;
}

static struct insight_bucket *bucket_of(struct insight *x, int64_t ms)
{
    if (ms == TIME_NONE || ms < x->query.since_ms || ms >= x->query.until_ms) {
        return NULL;
    }
    return &x->buckets[floor_div(ms, x->query.bucket_ms) -
                       floor_div(x->query.since_ms, x->query.bucket_ms)];
}

/* ---- the run ---- */

struct insight_run *insight_begin(const struct insight_query *q)
{
    struct insight_run *r = xcalloc(1, sizeof *r);
    struct insight *x = xcalloc(1, sizeof *x);

    x->query = *q;
    if (x->query.bucket_ms < MINUTE) {
        x->query.bucket_ms = MINUTE;
    }
    while (bucket_count(&x->query) > BUCKETS_MAX) {
        x->query.bucket_ms *= 2;
    }
    x->buckets_len = bucket_count(&x->query);
    x->buckets = xcalloc(x->buckets_len + 1, sizeof *x->buckets);
    x->buckets_from_ms = floor_div(q->since_ms, x->query.bucket_ms) * x->query.bucket_ms;
    *r = (struct insight_run){
        .x = x, .statuses = map_new(), .steps = map_new(), .groups = map_new(), .last_day = -1};
    causes_begin(&r->causes);
    return r;
}

/* The value of a key, made empty when it is used first. */
static void *entry(struct map *m, const char *key, size_t size)
{
    void *v = map_find(m, key);

    if (v == NULL) {
        v = xcalloc(1, size);
        (void)map_put(m, key, v);
    }
    return v;
}

void insight_context(struct insight_run *r, const char *name)
{
    free(r->context);
    r->context = xstrdup(name);
    if (name != NULL && r->x->query.by == INSIGHT_BY_CONTEXT) {
        (void)entry(r->groups, name, sizeof(struct group_run)); /* also without a job */
    }
}

static void add_status(struct insight_run *r, const struct job *j, const struct job_state *s)
{
    char *upper = xstrdup(job_state_word(j, s));

    for (char *c = upper; *c != '\0'; c++) {
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
    ((struct tally *)entry(r->statuses, upper[0] == '\0' ? "UNKNOWN" : upper, sizeof(struct tally)))
        ->jobs++;
    free(upper);
}

static const char *day_text(int64_t at_ms, char iso[TIME_ISO_SIZE])
{
    (void)time_iso(at_ms, iso);
    iso[strcspn(iso, "T")] = '\0';
    return iso;
}

static struct group_run *day_group(struct insight_run *r, int64_t at_ms)
{
    int64_t day = floor_div(at_ms, DAY);
    char iso[TIME_ISO_SIZE];

    if (r->last == NULL || r->last_day != day) {
        r->last = entry(r->groups, day_text(at_ms, iso), sizeof(struct group_run));
        r->last_day = day;
    }
    return r->last;
}

/* The key of a job in groups that are no days; NULL: it does not tell it. */
static const char *group_text(enum insight_by by, const struct job *j)
{
    static const enum job_text_id texts[INSIGHT_BY_COUNT] = {
        [INSIGHT_BY_USER] = JOB_USER_ID,
        [INSIGHT_BY_PRODUCT] = JOB_PRODUCT_ID,
        [INSIGHT_BY_PRIORITY] = JOB_PRIORITY,
        [INSIGHT_BY_STEP] = JOB_STEP,
    };

    return by == INSIGHT_BY_CONTEXT ? NULL : job_text(j, texts[by]);
}

static struct group_run *group_of(struct insight_run *r, const struct job *j, int64_t at_ms)
{
    if (r->x->query.by == INSIGHT_BY_DAY) {
        return day_group(r, at_ms);
    }
    const char *key =
        r->x->query.by == INSIGHT_BY_CONTEXT ? r->context : group_text(r->x->query.by, j);
    return key == NULL ? &r->other : entry(r->groups, key, sizeof(struct group_run));
}

/* When the job was over, as far as record or Batch say so: its last change does not count. */
static int64_t ended(const struct job *j, const struct batch_job *b, const struct job_state *s)
{
    int64_t at = job_ms(j, JOB_ENDED);

    if (!job_status_final((enum job_status)s->status)) {
        return TIME_NONE;
    }
    return at == TIME_NONE && b != NULL ? b->stopped_ms : at;
}

/* When Batch first started the job. */
static int64_t batch_started(const struct batch_job *b)
{
    return b->attempts_len > 0 && b->attempts[0].started_ms != TIME_NONE ? b->attempts[0].started_ms
                                                                         : b->started_ms;
}

static void add_steps(struct insight_run *r, const struct job *j, int64_t end_ms)
{
    const struct job_step *at = job_steps(j);

    r->x->step_jobs += at != NULL;
    for (; at != NULL && at->step != NULL; at++) {
        int64_t took = between(at->at_ms, at[1].step != NULL ? at[1].at_ms : end_ms);
        if (took >= 0 && strcmp(at->step, "COMPLETED") != 0) { /* that one is the end, no step */
            samples_add(
                &((struct step_run *)entry(r->steps, at->step, sizeof(struct step_run)))->took,
                took);
        }
    }
}

static void add_cost(struct insight_cost *c, const struct job_state *s)
{
    if (s->cost_usd >= 0) {
        c->jobs++;
        c->usd += (double)s->cost_usd;
    }
}

static void add_to_plot(struct insight *x, const struct job_state *s, int64_t at_ms)
{
    struct insight_bucket *end = bucket_of(x, s->ended_ms);

    bucket_of(x, at_ms)->jobs++;
    x->hours[floor_div(at_ms, HOUR) - floor_div(at_ms, DAY) * 24]++;
    if (end != NULL) {
        end->completed += s->status == JOB_COMPLETED;
        end->failed += s->status == JOB_FAILED;
        end->cancelled += s->status == JOB_CANCELLED;
    }
}

/* Is the time of a job in the window? */
static bool counts(const struct insight *x, int64_t at_ms)
{
    return at_ms != TIME_NONE && at_ms >= x->query.since_ms && at_ms < x->query.until_ms;
}

bool insight_group_has(const struct insight *x, const struct insight_group *g, const struct job *j,
                       const struct job_state *s)
{
    int64_t at = job_time(j, s, NULL);
    char iso[TIME_ISO_SIZE];

    return counts(x, at) &&
           text_same(g->key, x->query.by == INSIGHT_BY_DAY ? day_text(at, iso)
                                                           : group_text(x->query.by, j));
}

bool insight_cause_has(const struct insight *x, const struct insight_cause *c, const struct job *j,
                       const struct batch_job *b, const struct job_state *s)
{
    return s->status == JOB_FAILED && counts(x, job_time(j, s, NULL)) &&
           causes_has(x, c, j, batch_job_refused(b) ? NULL : b, s);
}

void insight_add(struct insight_run *r, const struct job *j, const struct batch_job *b,
                 const struct job_state *s)
{
    struct insight *x = r->x;
    int64_t at = job_time(j, s, NULL);

    if (!counts(x, at)) {
        return;
    }
    if (batch_job_refused(b)) {
        b = NULL; /* its container did nothing */
    }
    int64_t end = ended(j, b, s);
    int64_t start = job_ms(j, JOB_STARTED);
    if (start == TIME_NONE && b != NULL) {
        start = batch_started(b);
    }
    int64_t took = between(start, end);
    int64_t waited = b == NULL ? -1 : between(b->created_ms, batch_started(b));
    struct group_run *g = group_of(r, j, at);

    x->jobs++;
    x->completed += s->status == JOB_COMPLETED;
    x->failed += s->status == JOB_FAILED;
    g->g.jobs++;
    g->g.completed += s->status == JOB_COMPLETED;
    g->g.failed += s->status == JOB_FAILED;
    add_cost(&x->cost, s);
    add_cost(&g->g.cost, s);
    if (took >= 0) {
        samples_add(&r->took, took);
        samples_add(&g->took, took);
    }
    if (waited >= 0) {
        samples_add(&r->waited, waited);
    }
    add_status(r, j, s);
    add_steps(r, j, end);
    add_to_plot(x, s, at);
    if (s->status == JOB_FAILED) {
        causes_add(&r->causes, j, b, s);
    }
}
