/* outlook.h - private to api: when running jobs should end. Any thread.
 *
 * What is known comes from the kept history (ops/history.h), and from the completed jobs that the
 * callers ask for; no request is made for it. Both are put together once a minute. */
#ifndef API_OUTLOOK_H
#define API_OUTLOOK_H

#include "jobs/forecast.h"
#include "ops/ops.h"

struct outlook; /* opaque: src/api/outlook.c */

struct outlook *outlook_new(const struct ops *o);
void outlook_free(struct outlook *x); /* NULL allowed */
/* Learns of a job that has completed; tells of one that runs when it should end. False: not
 * known. */
bool outlook_of(struct outlook *x, const struct job *j, const struct job_state *s, struct eta *out);
#endif
