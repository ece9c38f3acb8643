/* read_jobs.h - the jobs that a command is about: of the context in force, or with --all-contexts
 * of all. */
#ifndef CLI_READ_JOBS_H
#define CLI_READ_JOBS_H

#include "src/cli/cli_priv.h"

/* Reads the jobs, with progress. With --all-contexts it fails only when no context could be read,
 * and each failure is told by then. */
MUST_CHECK enum err_code read_jobs(struct cli *c, struct list_query *q, bool logs,
                                   struct contexts_list *out, struct err *e);
/* To be called when the jobs are printed: tells what failed, context by context. Returns the first
 * failure. */
MUST_CHECK enum err_code read_jobs_end(struct cli *c, const struct contexts_list *l, struct err *e);
bool read_jobs_partial(const struct contexts_list *l); /* could a context not be read? */

/* The words "context NAME: " before a warning; "" without --all-contexts. Returns buf. */
enum { READ_JOBS_WHO = 80 };
const char *read_jobs_who(const struct cli *c, const struct context_part *p,
                          char buf[READ_JOBS_WHO]);
#endif
