/* job.h - a job as its DynamoDB record tells it, whatever shape the record has (SPEC 1.2).
 *
 * A struct job and all its strings are one allocation: it is made once, never changed, and freed
 * with job_free. It may cross threads. Absent strings are NULL, absent times TIME_NONE. Strings are
 * as the record holds them: clean them (core/text.h) before they reach a screen. */
#ifndef JOBS_JOB_H
#define JOBS_JOB_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"

/* One row for each status: enum, AWS-side word, is it final. The order is that of a job's life. */
#define JOB_STATUS_MAP(X)                                                                          \
    X(JOB_NO_STATUS, "", false)      /* the record has no status */                                \
    X(JOB_OTHER_STATUS, "", false)   /* a word we do not know: shown as it stands */               \
    X(JOB_PENDING, "PENDING", false) /* recorded, not yet picked up */                             \
    X(JOB_QUEUED, "QUEUED", false)   /* Batch has it */                                            \
    X(JOB_IN_PROGRESS, "IN_PROGRESS", false)                                                       \
    X(JOB_STOPPING, "STOPPING",                                                                    \
      false) /* cancelled, and Batch has not ended the job yet; never recorded */                  \
    X(JOB_COMPLETED, "COMPLETED", true)                                                            \
    X(JOB_FAILED, "FAILED", true)                                                                  \
    X(JOB_CANCELLED, "CANCELLED", true)

#define JOB_STATUS_ENUM(id, word, final) id,
enum job_status { JOB_STATUS_MAP(JOB_STATUS_ENUM) JOB_STATUS_COUNT };
#undef JOB_STATUS_ENUM

/* in any letter case; NULL or "": JOB_NO_STATUS */
enum job_status job_status_parse(const char *word);
const char *job_status_word(enum job_status s); /* "" for the two statuses without a word */
bool job_status_final(enum job_status s);

struct job_error {
    int64_t at_ms;
    const char *message;
    const char *step;
};

/* Which record or records tell of a job (join.h). */
enum job_mark {
    JOB_RECORDED,  /* one record under the job's own id: what job_from_item makes */
    JOB_NO_RECORD, /* no record: only Batch tells of the job */
    /* one record under the job's own id, and its container's under the Batch job's id */
    JOB_TWO_RECORDS,
    JOB_OTHER_KEY /* only its container's record, under the Batch job's id */
};

struct job {
    const char *id; /* never NULL */
    const char *user_id;
    const char *product_id;
    const char *business_name;
    const char *email;
    const char *priority;      /* as the record has it; NULL when it is absent */
    const char *status_word;   /* the status as the record has it */
    const char *status_reason; /* `statusReason` of the record */
    const char *step;
    const char *batch_job_id;
    const char *url_repository;
    const char *url_staging;
    const char *url_production;
    const char *retry_of; /* metadata.retryOf */
    /* for a container's record under the Batch job's id: the job that it belongs to */
    const char *part_of;
    const char *const *features;
    const struct job_error *errors;
    int64_t created_ms;
    int64_t updated_ms;
    int64_t started_ms;
    int64_t completed_ms;
    int64_t estimated_ms;         /* estimatedCompletion */
    int32_t estimated_duration_s; /* metadata.estimatedDuration; -1 when absent */
    int32_t bytes;                /* the size of this allocation, for the memory budget */
    uint16_t features_len;
    uint16_t errors_len;
    int16_t progress; /* 0-100, -1 when absent */
    uint8_t status;   /* enum job_status of status_word */
    uint8_t mark;     /* enum job_mark */
};

/* Reads an item (name -> AttributeValue). Never fails on the shape of anything; returns NULL only
 * when there is no usable `jobId` (S, not empty). Caller owns the result. */
struct job *job_from_item(const cJSON *item);
void job_free(struct job *j); /* NULL allowed */
/* A job with these values in one allocation of its own, to rebuild a job from another form than a
 * record. `j` may lie on the stack and point to anything; `bytes` is set anew. */
struct job *job_copy(const struct job *j);

/* The attributes that job_from_item reads, as a ProjectionExpression with #placeholders and the
 * ExpressionAttributeNames for it, so that only what a list shows is asked for. The text is static;
 * the caller owns the names object. */
const char *job_projection(void);
cJSON *job_projection_names(void);

/* The same attributes without paths into maps: more bytes, for a server that fails on a path into
 * an attribute which is no map (moto answers 500; DynamoDB leaves the attribute out). The second
 * function makes the names object for this from the one that goes with job_projection; owned by the
 * caller. */
const char *job_projection_whole(void);
cJSON *job_projection_whole_names(const cJSON *names);
#endif
