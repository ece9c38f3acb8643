/* wait.h - following one job from the command line until it is final. Main thread. */
#ifndef CLI_WAIT_H
#define CLI_WAIT_H

#include "ops/job_ops.h"
#include "src/cli/cli_priv.h"

/* Told whenever state, step, progress or timeline have changed, and once at the start. Returning
 * false ends the following (nobody reads any more). */
typedef bool (*wait_change_fn)(void *arg, const struct job_detail *d);

/* Asks again and again, quickly while things happen, until the job is final and Batch agrees that
 * it is. A lost link, throttling or a slow service is told once and does not end the following for
 * WAIT_PATIENCE_MS. `*last` (may be NULL) gets the owned last detail, also on failure. */
#define WAIT_PATIENCE_MS INT64_C(300000)
MUST_CHECK enum err_code wait_job(struct cli *c, const char *job_id, wait_change_fn change,
                                  void *arg, struct job_detail **last, struct err *e);

/* Shows the job's progress line on stderr: a wait_change_fn whose arg is the struct cli. */
bool wait_show_progress(void *arg, const struct job_detail *d);

/* E_OK when the job completed, E_JOB_FAILED with its state and reason otherwise. */
MUST_CHECK enum err_code wait_verdict(const struct job_detail *d, struct err *e);
#endif
