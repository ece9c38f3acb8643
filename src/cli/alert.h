/* alert.h - `--alert`: bell, notification and hook when the job that a command waits for ends or
 * gets stuck, as [alerts] of config.ini says. Main thread. */
#ifndef CLI_ALERT_H
#define CLI_ALERT_H

#include "jobs/alert.h"
#include "ops/job_ops.h"
#include "src/cli/cli_priv.h"

#define CLI_ALERT                                                                                  \
    CLI_FLAG("alert", "bell, notification and hook when the job ends or gets stuck ([alerts])")

/* Tells that the job is in this state now. `seen` begins as zero, or as what is known of the job
 * before the first look. Does nothing without --alert. */
void cli_alert(struct cli *c, struct alert_seen *seen, const struct job_detail *d);
#endif
