/* Counts of jobs by state, and of those that finished over time. */
#include "jobs/stats.h"

#include <string.h>

#include "core/clock.h"

static int64_t bucket_of(const struct stats *s, int64_t ms)
{
    int64_t b = ms / s->bucket_ms;
    return ms % s->bucket_ms < 0 ? b - 1 : b;
}

/* The place of bucket number `b`, or NULL when the ring does not hold it: the ring holds the
 * STATS_BUCKETS newest ones and, in its remaining places, those ahead of the newest. So a job that
 * ended a little ahead of our clock is counted as soon as the plot gets there. */
static struct stats_bucket *ring_at(struct stats *s, int64_t b)
{
    int64_t ahead = b - s->newest;

    if (ahead <= -STATS_BUCKETS || ahead >= STATS_RING - STATS_BUCKETS) {
        return NULL;
    }
    int64_t i = b % STATS_RING;
    return &s->ring[i < 0 ? i + STATS_RING : i];
}

void stats_init(struct stats *s, int bucket_s, int64_t now_ms)
{
    memset(s, 0, sizeof *s);
    s->bucket_ms = (int64_t)(bucket_s < 1 ? 1 : bucket_s) * 1000;
    s->newest = bucket_of(s, now_ms);
}

static uint32_t *counter(struct stats *s, const struct job_state *st)
{
    if (st->ended_ms == TIME_NONE) {
        return NULL;
    }
    struct stats_bucket *b = ring_at(s, bucket_of(s, st->ended_ms));
    if (b == NULL) {
        return NULL;
    }
    switch ((enum job_status)st->status) {
    case JOB_COMPLETED:
        return &b->completed;
    case JOB_FAILED:
        return &b->failed;
    case JOB_CANCELLED:
        return &b->cancelled;
    default:
        return NULL;
    }
}

void stats_add(struct stats *s, const struct job_state *st)
{
    uint32_t *n = counter(s, st);

    s->total++;
    if (st->status < JOB_STATUS_COUNT) {
        s->by_status[st->status]++;
    }
    s->stuck += st->stuck != STUCK_NO;
    s->drift += st->drift;
    if (n != NULL) {
        ++*n;
    }
}

static void less(size_t *n)
{
    if (*n > 0) {
        --*n;
    }
}

void stats_remove(struct stats *s, const struct job_state *st)
{
    uint32_t *n = counter(s, st);

    less(&s->total);
    if (st->status < JOB_STATUS_COUNT) {
        less(&s->by_status[st->status]);
    }
    if (st->stuck != STUCK_NO) {
        less(&s->stuck);
    }
    if (st->drift) {
        less(&s->drift);
    }
    if (n != NULL && *n > 0) {
        --*n;
    }
}

void stats_advance(struct stats *s, int64_t now_ms)
{
    int64_t to = bucket_of(s, now_ms);

    if (to <= s->newest) {
        return;
    }
    if (to - s->newest >= STATS_RING) {
        memset(s->ring, 0, sizeof s->ring);
        s->newest = to;
        return;
    }
    while (s->newest < to) {
        /* The oldest bucket leaves the plot, and its place becomes that of the bucket furthest
         * ahead. */
        struct stats_bucket *leaving = ring_at(s, s->newest - STATS_BUCKETS + 1);
        if (leaving != NULL) {
            *leaving = (struct stats_bucket){0};
        }
        s->newest++;
    }
}

const struct stats_bucket *stats_bucket_at(const struct stats *s, int back)
{
    static const struct stats_bucket none;
    int64_t i = (s->newest - back) % STATS_RING;

    if (back < 0 || back >= STATS_BUCKETS) {
        return &none;
    }
    return &s->ring[i < 0 ? i + STATS_RING : i];
}

size_t stats_active(const struct stats *s)
{
    size_t n = 0;

    for (int i = 0; i < JOB_STATUS_COUNT; i++) {
        if (!job_status_final((enum job_status)i)) {
            n += s->by_status[i];
        }
    }
    return n;
}
