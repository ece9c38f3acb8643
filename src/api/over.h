/* over.h - private to api: answers about jobs that are over, so that Batch is not asked about them
 * again. An answer holds as long as the job's record stays the same. Any thread. */
#ifndef API_OVER_H
#define API_OVER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "aws/client.h"

struct over; /* opaque: src/api/over.c */

struct over *over_new(void);
void over_free(struct over *o); /* NULL allowed */

/* Is there an answer about this job? `*seen` gets what is known of the reply that brought the job's
 * record. */
bool over_knows(struct over *o, const char *job_id, struct aws_seen *seen);
/* The answer that was given with the record of the reply `seen`. When `record` is NULL, it must be
 * the same reply; else it must be the same record, and the reply is remembered from now on. Owned.
 * NULL: there is none. */
char *over_find(struct over *o, const char *job_id, const struct aws_seen *seen,
                const cJSON *record);
/* Keeps a copy of the answer; the oldest answer makes room for it. */
void over_keep(struct over *o, const char *job_id, const cJSON *record, const char *answer);
#endif
