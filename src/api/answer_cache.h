/* answer_cache.h - private to api: answers about jobs that are over, so that Batch is not asked
 * about them again. An answer holds as long as the job's record stays the same. Any thread. */
#ifndef API_ANSWER_CACHE_H
#define API_ANSWER_CACHE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "aws/client.h"

struct answer_cache; /* opaque: src/api/answer_cache.c */

struct answer_cache *answer_cache_new(void);
void answer_cache_free(struct answer_cache *c); /* NULL allowed */

/* Is there an answer about this job? `*seen` gets what is known of the reply that brought the job's
 * record. */
bool answer_cache_knows(struct answer_cache *c, const char *job_id, struct aws_seen *seen);
/* The answer that was given with the record of the reply `seen`. When `record` is NULL, it must be
 * the same reply; else it must be the same record, and the reply is remembered from now on. Owned.
 * NULL: there is none. */
char *answer_cache_find(struct answer_cache *c, const char *job_id, const struct aws_seen *seen,
                        const cJSON *record);
/* Keeps a copy of the answer; the oldest answer makes room for it. */
void answer_cache_keep(struct answer_cache *c, const char *job_id, const cJSON *record,
                       const char *answer);
#endif
