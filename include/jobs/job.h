/* job.h - a job as its DynamoDB record tells it, whatever shape the record has (SPEC 1.2).
 *
 * A struct job and all its strings are one allocation: it is made once, never changed, and freed
 * with job_free; it is not copied by assignment. It may cross threads. 100,000 of them have to fit,
 * so its strings and times are packed: read them with the functions below. Absent strings are NULL,
 * absent times TIME_NONE. Strings are as the record holds them: clean them (core/text.h) before
 * they reach a screen. */
#ifndef JOBS_JOB_H
#define JOBS_JOB_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"

/* One row for each status: enum, AWS-side word, is it final. The order is that of a job's life. */
#define JOB_STATUS_MAP(X)                                                                          \
    X(JOB_NO_STATUS, "", "", false)             /* the record has no status */                     \
    X(JOB_OTHER_STATUS, "", "", false)          /* a word we do not know: shown as it stands */    \
    X(JOB_PENDING, "PENDING", "pending", false) /* recorded, not yet picked up */                  \
    X(JOB_QUEUED, "QUEUED", "queued", false)    /* Batch has it */                                 \
    X(JOB_IN_PROGRESS, "IN_PROGRESS", "running", false)                                            \
    X(JOB_STOPPING, "STOPPING", "stopping",                                                        \
      false) /* cancelled, and Batch has not ended the job yet; never recorded */                  \
    X(JOB_COMPLETED, "COMPLETED", "completed", true)                                               \
    X(JOB_FAILED, "FAILED", "failed", true)                                                        \
    X(JOB_CANCELLED, "CANCELLED", "cancelled", true)

#define JOB_STATUS_ENUM(id, word, people, final) id,
enum job_status { JOB_STATUS_MAP(JOB_STATUS_ENUM) JOB_STATUS_COUNT };
#undef JOB_STATUS_ENUM

/* in any letter case; NULL or "": JOB_NO_STATUS */
enum job_status job_status_parse(const char *word);
const char *job_status_word(enum job_status s); /* "" for the two statuses without a word */
/* The word by which people count such jobs: "running" for IN_PROGRESS. */
const char *job_status_people(enum job_status s);
/* What a person means by a word: a status, or how people call it. As job_status_parse. */
enum job_status job_status_meant(const char *word);
bool job_status_final(enum job_status s);

struct job_error {
    int64_t at_ms;
    const char *message;
    const char *step;
};

/* A report adds no time of a step to a record that has so many: some may be missing in it. */
enum { JOB_STEP_TIMES_MAX = 100 };
/* When the job came to a step for the first time (`stepTimes` of the record). */
struct job_step {
    const char *step; /* NULL ends a list */
    int64_t at_ms;
};

/* Which record or records tell of a job (join.h). */
enum job_mark {
    JOB_RECORDED,  /* one record under the job's own id: what job_from_item makes */
    JOB_NO_RECORD, /* no record: only Batch tells of the job */
    /* one record under the job's own id, and its container's under the Batch job's id */
    JOB_TWO_RECORDS,
    JOB_OTHER_KEY /* only its container's record, under the Batch job's id */
};

/* The texts of a job beside its id, which may be absent. */
enum job_text_id {
    JOB_STATUS_TEXT, /* the status as the record has it */
    JOB_STEP,
    JOB_PRIORITY, /* as the record has it */
    JOB_BUSINESS_NAME,
    JOB_BATCH_ID, /* the Batch job's id */
    JOB_USER_ID,
    JOB_PRODUCT_ID,
    JOB_EMAIL,
    JOB_STATUS_REASON, /* `statusReason` of the record */
    JOB_RETRY_OF,      /* metadata.retryOf */
    JOB_PART_OF, /* for a container's record under the Batch job's id: the job it belongs to */
    JOB_TEXTS
};

enum job_url_id { JOB_URL_REPOSITORY, JOB_URL_STAGING, JOB_URL_PRODUCTION, JOB_URLS };

enum job_time_id {
    JOB_CREATED,
    JOB_UPDATED,
    JOB_STARTED,
    JOB_ENDED,     /* completedAt */
    JOB_ESTIMATED, /* estimatedCompletion */
    JOB_TIMES
};

enum { JOB_PARTS = (int)JOB_TEXTS + (int)JOB_URLS };
struct job {
    /* Only job_block.c knows what these two and `lists_at` to `wide` mean. */
    int64_t first_ms;
    int32_t since_ms[JOB_TIMES - 1];
    int32_t estimated_duration_s; /* metadata.estimatedDuration; -1 when absent */
    int32_t bytes;                /* the size of this allocation, for the memory budget */
    uint16_t lists_at;
    uint8_t part[JOB_PARTS];
    bool wide;
    uint8_t features_len;
    uint8_t errors_len;
    uint8_t steps_len;
    int8_t progress; /* 0-100, -1 when absent */
    uint8_t status;  /* enum job_status of JOB_STATUS_TEXT */
    uint8_t mark;    /* enum job_mark */
    char id[];       /* never empty */
};

/* NULL: absent. Borrowed from the job, or a word of the program itself. */
const char *job_text(const struct job *j, enum job_text_id id);
int64_t job_ms(const struct job *j, enum job_time_id id); /* TIME_NONE: absent */
/* The errors_len errors, oldest first. */
const struct job_error *job_errors(const struct job *j);
/* The steps by time; the end has a NULL step. NULL: no time is known, or some are missing, without
 * which the step before them would seem to last longer. */
const struct job_step *job_steps(const struct job *j);

/* What only the detail of a job shows is kept in a short form, and is written into `room`; the
 * result is borrowed from `room`. */
enum { JOB_ROOM = 2056 };
const char *job_url(const struct job *j, enum job_url_id id, char room[JOB_ROOM]); /* may be NULL */
const char *job_feature(const struct job *j, size_t i, char room[JOB_ROOM]); /* i < features_len */

/* Do two jobs tell the same? Which records tell of them does not count. */
bool job_same(const struct job *a, const struct job *b);

/* The values of a job, each for itself: to make a job of something else than a record. All that it
 * points to is borrowed. */
struct job_values {
    const char *id;
    const char *text[JOB_TEXTS];
    const char *url[JOB_URLS];
    int64_t ms[JOB_TIMES];
    const char *const *features;
    const struct job_error *errors;
    const struct job_step *steps; /* as from job_steps */
    int32_t estimated_duration_s;
    uint16_t features_len;
    uint16_t errors_len;
    int16_t progress;
    uint8_t status;
    uint8_t mark;
};
enum {
    JOB_FEATURES_MAX = 100, /* a job keeps so many: the first ones */
    JOB_ERRORS_MAX = 32     /* and so many errors: the last ones */
};
struct job *job_make(const struct job_values *v); /* owned */
/* The values of `j`, which must outlive them; owned: free() frees all. */
struct job_values *job_values_new(const struct job *j);

/* Reads an item (name -> AttributeValue). Never fails on the shape of anything; returns NULL only
 * when there is no usable `jobId` (S, not empty). Caller owns the result. */
struct job *job_from_item(const cJSON *item);
void job_free(struct job *j); /* NULL allowed */
struct job *job_copy(const struct job *j);
/* The job without the times of its steps, which take a third of its room and which only statistics
 * need of a job that is over, once forecast.h has learned them. Takes `j`. */
struct job *job_without_steps(struct job *j);

/* Where a step stands in a job's life: 0 for the first one; -1 for a step that is not known. */
int job_step_rank(const char *step);

/* The attributes that job_from_item reads, as a ProjectionExpression with #placeholders and the
 * ExpressionAttributeNames for it, so that only what is needed is asked for. The text is static;
 * the caller owns the names object. */
const char *job_projection(void);
cJSON *job_projection_names(void);

/* The same attributes as in the projection `of` (the one above) without paths into maps: more
 * bytes, for a server that fails on a path into an attribute which is no map (moto answers 500;
 * DynamoDB leaves the attribute out). NULL when `of` is another one. The second function makes the
 * names object for this from the one that goes with `of`; owned by the caller. */
const char *job_projection_whole(const char *of);
cJSON *job_projection_whole_names(const cJSON *names);
#endif
