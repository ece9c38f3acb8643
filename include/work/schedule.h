/* schedule.h - what to ask next, and when (SPEC 4, PEERS 5 "defaults to stop throttling"). Pure:
 * time comes in, tasks come out. UI thread only.
 *
 * The schedule first asks what the table has, then loads everything (a parallel Scan), then
 * follows: by the table's stream; else by the index of statuses (a Query for each status since the
 * last seen time, and rarely one with days of overlap, because the index compares times as text);
 * else by BatchGetItem of the jobs that are not final; which of them is for the store to say: those
 * that are silent for long are asked for ever more rarely. In each way the table is read again
 * slowly, a part at a time: all of it within an hour, a small table without a stream within a
 * minute; in that case the rows on the screen are asked for by id too. When the table was made
 * anew, or its stream was, everything begins from the start. Polls slow down when nothing happens
 * and on throttling (with jitter), and are immediate after an action: the replies to the UI's own
 * deploys and cancels count as one. A kind that failed is asked again with back-off, and at once
 * when another kind gets through. */
#ifndef WORK_SCHEDULE_H
#define WORK_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "work/msg.h"

/* Set in the request number of every task that the schedule makes: the numbers of the UI's own
 * tasks stay below it. */
#define SCHEDULE_REQUEST 0x80000000u

struct schedule; /* opaque: src/work/schedule_priv.h */

/* Where the log of a job is whose record is silent. */
struct silent_log {
    const char *job_id, *group, *stream; /* borrowed; group "": the configured one */
};

/* What the schedule needs to know of the job store; the lists are borrowed until the next call. */
struct schedule_view {
    const char *const *active_ids; /* the jobs to ask for: they are not final */
    size_t active_len;
    const char *const *batch_ids; /* the Batch jobs to describe */
    size_t batch_len;
    size_t lively;                /* jobs that are likely to change soon: they set the pace */
    size_t lively_alone;          /* those of them of which no Batch job is known */
    const char *const *shown_ids; /* the rows on the screen */
    size_t shown_len;
    const char *const *doubt_ids; /* the jobs of which two replies tell different things */
    size_t doubt_len;
    const struct silent_log *silent; /* the jobs that are to be looked up in their logs */
    size_t silent_len;
    /* the latest updatedAt that was seen; TIME_NONE when there is none */
    int64_t newest_updated_ms;
};

/* Makes a schedule. `refresh_s` is the pace of the records while a job is active (3 s when <= 0)
 * and scales the other intervals; `seed` is for the jitter. */
struct schedule *schedule_new(int refresh_s, uint32_t seed);
void schedule_free(struct schedule *s); /* NULL allowed */
/* The tasks that are due (an owned list through task->next, in the order to submit; NULL when
 * nothing is due). Their request numbers are the schedule's; a kind is not asked again until it was
 * answered. */
struct task *schedule_due(struct schedule *s, const struct schedule_view *v, int64_t now_mono_ms);
/* Milliseconds until something is due, at least 0; -1: nothing is planned. */
int schedule_wait_ms(const struct schedule *s, int64_t now_mono_ms);
/* Tells the schedule of each reply that came, its own or not (kind, error, payload): it moves
 * cursors, intervals and back-off. Call it before the payload is moved out of `m`. False: the reply
 * answers a question that was given up (too late, about another table), and what it brings is to be
 * dropped. */
bool schedule_saw(struct schedule *s, const struct msg *m, int64_t now_mono_ms);
/* Tells that something is in doubt now (schedule_view.doubt_ids): it is asked for soon. */
void schedule_doubts(struct schedule *s, int64_t now_mono_ms);

/* How true the list is. */
enum follow {
    FOLLOW_NOT,  /* the list is being loaded, is paused, or was not heard of for long */
    FOLLOW_LIVE, /* each change comes by the table's stream */
    FOLLOW_POLLS /* jobs that are not final are asked for again and again, the others rarely */
};
struct schedule_fresh {
    enum follow follow;
    int64_t heard_ms; /* mono: the last good answer in the way to follow; TIME_NONE */
    int64_t all_ms;   /* mono: every record was read after this time; TIME_NONE */
};
struct schedule_fresh schedule_fresh(const struct schedule *s, int64_t now_mono_ms);
/* What an hour of following costs as things are now: an estimate, for as long as AWS has not
 * counted it. */
struct schedule_cost {
    const char *way;     /* by what the table is followed; "" when that is not known yet */
    double read_units;   /* of the table and its indexes */
    double stream_reads; /* GetRecords, which AWS counts apart */
};
struct schedule_cost schedule_cost(const struct schedule *s, int64_t now_mono_ms);
/* Keeps one job's detail fresh (the one on the screen): asks TASK_DETAIL now and at the records'
 * pace while the job is active. NULL ends it. */
void schedule_watch_detail(struct schedule *s, const char *job_id);
/* Follows one job's log: TASK_LOG from `from` (copied; the cursor then moves with each MSG_LOG), 2
 * s apart, up to 10 s when nothing comes, until the final end. NULL ends it. */
void schedule_watch_log(struct schedule *s, const char *job_id, const struct log_cursor *from);
/* Does the same for the rule's event log (TASK_RULE_LOG), without an end. NULL ends it. */
void schedule_watch_rule_log(struct schedule *s, const struct rule_log_cursor *from);
/* after an action, or for the key `r`: everything is due now */
void schedule_hurry(struct schedule *s);
void schedule_pause(struct schedule *s, bool on); /* for the key `Z` */
/* Were all of Batch's jobs listed after the records were read? Only then does a job that was in no
 * list have no Batch job. */
bool schedule_listed_all(const struct schedule *s);
/* the first load is under way */
bool schedule_loading(const struct schedule *s, int *done, int *segments);
#endif
