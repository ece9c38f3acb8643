/* schedule.h - what to ask next, and when (SPEC 4, PEERS 5 "defaults to stop throttling"). Pure:
 * time comes in, tasks come out. UI thread only.
 *
 * By what the table has: its stream; else the status index (a Query per status since the last seen
 * time); else BatchGetItem of the jobs not yet final plus a slow background Scan. Polls slow down
 * when nothing happens and on throttling (jitter), and are immediate after an action. */
#ifndef WORK_SCHEDULE_H
#define WORK_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "work/msg.h"

struct schedule;

/* The job store's view that the schedule needs; both lists are borrowed until the next call. */
struct schedule_view {
    const char *const *active_ids; /* jobs not final by merged state */
    size_t active_len;
    const char *const *batch_ids; /* Batch jobs of these, to describe */
    size_t batch_len;
    int64_t newest_updated_ms; /* latest updatedAt seen; TIME_NONE when none */
};

struct schedule *schedule_new(int refresh_s, uint32_t seed);
void schedule_free(struct schedule *s);
/* Adds due tasks (owned list through task->next, oldest first; NULL when nothing is due). */
struct task *schedule_due(struct schedule *s, const struct schedule_view *v, int64_t now_mono_ms);
/* Milliseconds until something is due, at least 0; -1: nothing is planned. */
int schedule_wait_ms(const struct schedule *s, int64_t now_mono_ms);
/* Tells it each reply that came (kind, error, payload size): moves cursors, intervals, back-off. */
void schedule_saw(struct schedule *s, const struct msg *m, int64_t now_mono_ms);
void schedule_hurry(struct schedule *s); /* after an action, or `r`: everything is due now */
void schedule_pause(struct schedule *s, bool on); /* `Z` */
bool schedule_paused(const struct schedule *s);
bool schedule_loading(const struct schedule *s, int *done, int *segments); /* the first load */
#endif
