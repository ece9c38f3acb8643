/* stats.h - counts by state, and jobs finished over time for a small plot. Pure; O(1) per change.
 *
 * Whoever holds the jobs calls stats_add when a job appears and stats_remove with the same values
 * when it changes or goes. One thread at a time. */
#ifndef JOBS_STATS_H
#define JOBS_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "jobs/job.h"
#include "jobs/state.h"

enum { STATS_BUCKETS = 64 }; /* the buckets that a plot can show */
/* the buckets that are kept: there is room for ends a little ahead of our clock too */
enum { STATS_RING = 128 };

struct stats_bucket {
    uint32_t completed;
    uint32_t failed;
    uint32_t cancelled;
};

struct stats {
    size_t total;
    size_t by_status[JOB_STATUS_COUNT]; /* merged states */
    size_t stuck;
    size_t drift;
    int64_t bucket_ms;
    int64_t newest; /* the number of the bucket that holds "now" (time / bucket_ms) */
    struct stats_bucket ring[STATS_RING];
};

/* Makes empty counts, with buckets of `bucket_s` seconds (at least 1), the newest one holding
 * `now_ms`. */
void stats_init(struct stats *s, int bucket_s, int64_t now_ms);
void stats_add(struct stats *s, const struct job_state *st);
void stats_remove(struct stats *s, const struct job_state *st);
/* Moves the plot on; call it on every tick before drawing. A clock that was set back is ignored. */
void stats_advance(struct stats *s, int64_t now_ms);
/* The bucket `back` before the newest (0 is the newest, up to STATS_BUCKETS - 1). */
const struct stats_bucket *stats_bucket_at(const struct stats *s, int back);
size_t stats_active(const struct stats *s); /* how many jobs are not final */
#endif
