/* over.h - private to api: answers about jobs that are over, so that Batch is not asked of them
 * again. An answer holds as long as the record is the same. Any thread. */
#ifndef API_OVER_H
#define API_OVER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "aws/client.h"

struct over; /* opaque: src/api/over.c */

struct over *over_new(void);
void over_free(struct over *o); /* NULL allowed */

/* Is there an answer? `*seen` gets what is known of the reply that brought its record. */
bool over_knows(struct over *o, const char *job_id, struct aws_seen *seen);
/* The answer that was given with the record of the reply `seen`: with the same reply when `record`
 * is NULL, else with the same record, and the reply is known from now on. Owned. NULL: there is
 * none. */
char *over_find(struct over *o, const char *job_id, const struct aws_seen *seen,
                const cJSON *record);
/* Keeps a copy of it; the oldest one goes for it. */
void over_keep(struct over *o, const char *job_id, const cJSON *record, const char *answer);
#endif
