/* record_fields.h - which attribute of a record is which field: private to src/jobs.
 *
 * One pass over the item finds every attribute that we read, whatever map it lies in. */
#ifndef JOBS_RECORD_FIELDS_H
#define JOBS_RECORD_FIELDS_H

#include <cjson/cJSON.h>
#include <stdint.h>

/* NESTED_x is the member of a map, FLAT_x an attribute of the item itself. */
enum record_slot {
    FLAT_JOB_ID,
    FLAT_USER_ID,
    FLAT_PRODUCT_ID,
    FLAT_BUSINESS_NAME,
    FLAT_EMAIL,
    FLAT_PRIORITY,
    FLAT_STATUS,
    FLAT_STATUS_REASON,
    FLAT_PROGRESS,
    FLAT_CURRENT_STEP,
    FLAT_STAGE,
    FLAT_CREATED,
    FLAT_UPDATED,
    FLAT_STARTED,
    FLAT_COMPLETED,
    FLAT_ESTIMATED,
    FLAT_ESTIMATED_DURATION,
    FLAT_BATCH_JOB_ID,
    FLAT_GITHUB_REPO,
    FLAT_REPO_NAME,
    FLAT_STAGING_URL,
    FLAT_VERCEL_URL,
    FLAT_ERRORS,
    FLAT_LAST_ERROR,
    FLAT_FEATURES,
    FLAT_RETRY_OF,
    FLAT_STEP_TIMES,
    NESTED_CREATED,
    NESTED_UPDATED,
    NESTED_STARTED,
    NESTED_COMPLETED,
    NESTED_ESTIMATED,
    NESTED_REPOSITORY,
    NESTED_STAGING,
    NESTED_PRODUCTION,
    NESTED_BATCH_JOB_ID,
    NESTED_GITHUB_REPO,
    NESTED_VERCEL,
    META_BUSINESS_NAME,
    META_EMAIL,
    META_PRIORITY,
    META_ESTIMATED_DURATION,
    META_FEATURES,
    META_REQUESTED_FEATURES,
    META_RETRY_OF,
    RECORD_SLOTS
};

/* The value of an attribute, taken out of its AttributeValue while that is in the processor's
 * cache. */
struct record_value {
    /* 'S', 'N', 'L' (also for an SS) or 'M'; 0: the value is absent, NULL or of another type */
    char type;
    const char *text;    /* the text of an S or N */
    const cJSON *inside; /* for L, SS and M: the array or object */
};

/* What `av` holds; its parts are borrowed, as those of the functions below. A malformed or empty S
 * reads as absent. */
struct record_value record_value_of(const cJSON *av);
/* Fills `v` with the value of each slot. */
void record_collect(const cJSON *item, struct record_value v[RECORD_SLOTS]);

const char *record_text(const struct record_value *v); /* the text of an S, else NULL */
/* The S that a map has under this name, else NULL. */
const char *record_member(const struct record_value *v, const char *name);

/* Epoch milliseconds from ISO 8601 text or from epoch digits (seconds, ms, us or ns, told apart by
 * their size), given as S or N. TIME_NONE when the value is neither. */
int64_t record_time(const struct record_value *v);
int64_t record_time_text(const char *s);
#endif
