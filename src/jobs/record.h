/* record.h - which attribute of a record is which field: private to src/jobs.
 *
 * One pass over the item finds every attribute that we read, in whatever map it lies. */
#ifndef JOBS_RECORD_H
#define JOBS_RECORD_H

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

/* An attribute's value taken out of its AttributeValue while the pass has it in the cache. */
struct record_value {
    char type;        /* 'S', 'N', 'L' (also of an SS) or 'M'; 0: absent, NULL or of another type */
    const char *text; /* of S and N */
    const cJSON *inside; /* of L, SS and M: the array or object */
};

/* What `av` holds. Borrowed, as below. Malformed and empty S read as absent. */
struct record_value record_value_of(const cJSON *av);
/* Fills `v` with the value of each slot. */
void record_collect(const cJSON *item, struct record_value v[RECORD_SLOTS]);

const char *record_text(const struct record_value *v); /* S, else NULL */
/* The S of this name in a map, else NULL. */
const char *record_member(const struct record_value *v, const char *name);

/* Epoch milliseconds from ISO 8601 text or epoch digits (seconds, ms, us or ns by their size), as S
 * or N. TIME_NONE when it is neither. */
int64_t record_time(const struct record_value *v);
int64_t record_time_text(const char *s);
#endif
