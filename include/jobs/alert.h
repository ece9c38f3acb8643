/* alert.h - what is worth telling about a watched job, and its words. Pure.
 *
 * A job is told of once for each end (it may run again and end again) and once for each way of
 * being stuck. The state in which it was when the watching began is no news. */
#ifndef JOBS_ALERT_H
#define JOBS_ALERT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "jobs/state.h"

enum alert_kind {
    ALERT_NONE,
    ALERT_FINISHED,
    ALERT_CANCELLED,
    ALERT_STUCK,
    ALERT_FAILED, /* the worst comes last */
    ALERT_KINDS
};
const char *alert_word(enum alert_kind k); /* "finished"; "" for none; static */

/* What a watcher knows of a job. All zero: it knows nothing yet. */
struct alert_seen {
    bool known;
    uint8_t status;     /* enum job_status */
    uint8_t stuck_told; /* set of 1 << enum job_stuck */
};
/* Takes the job's present state and returns what there is to tell. The first look only notes the
 * state. */
enum alert_kind alert_step(struct alert_seen *seen, const struct job_state *now);

/* A line such as "My Startup FAILED: out of memory (job_1)": clean, one line. `b` may be NULL.
 * Returns out. */
#define ALERT_LINE_SIZE 240
const char *alert_line(enum alert_kind k, const struct job *j, const struct batch_job *b,
                       const struct job_state *s, char out[ALERT_LINE_SIZE]);

/* What a hook is told. On stdin: the job's JSON of SPEC 1.3 with "alert" in it. In its environment:
 * texts such as "MVPDASH_JOB_ID=job_1", clean, one line each. Both are owned. Nothing in them is
 * secret, because records hold no database URL. `context` is that of the job, or NULL: as
 * MVPDASH_CONTEXT it makes an mvpdash that the hook calls act where the job is. */
cJSON *alert_json(enum alert_kind k, const struct job *j, const struct batch_job *b,
                  const struct job_state *s, const char *context);
char **alert_facts(enum alert_kind k, const struct job *j, const struct batch_job *b,
                   const struct job_state *s, const char *context, size_t *len);
#endif
