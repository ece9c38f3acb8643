/* eta.h - what the jobs that completed tell of one that runs. Main thread only. */
#ifndef CLI_ETA_H
#define CLI_ETA_H

#include "jobs/forecast.h"
#include "src/cli/cli_priv.h"

/* The history that is kept for this place (ops/history.h), read when it is first asked for. */
struct forecast *cli_history(struct cli *c);
/* When the job should end: `room`, or NULL when it does not run or too little is known. The history
 * is read only for a job that runs. */
const struct eta *cli_eta(struct cli *c, const struct job *j, const struct job_state *s,
                          struct eta *room);
/* The same for a row of a list, by what its own context knows. */
const struct eta *cli_eta_of(struct cli *c, const struct list_row *r, struct eta *room);
/* Does it take longer for its step than 95 % of the jobs did? */
bool cli_slow(struct cli *c, const struct job *j, const struct job_state *s);
bool cli_slow_of(struct cli *c, const struct list_row *r); /* the same for a row of a list */
/* "in 6 to 11 min (10:32-10:37)": from now, and the times of the day in UTC. Returns buf. */
enum { CLI_ETA_SIZE = 96 };
const char *cli_eta_text(const struct eta *x, char buf[CLI_ETA_SIZE]);
#endif
