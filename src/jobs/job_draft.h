/* job_draft.h - a job while it is read: private to job.c, job_lists.c, job_block.c, job_values.c.
 */
#ifndef JOBS_JOB_DRAFT_H
#define JOBS_JOB_DRAFT_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "job_code.h"
#include "jobs/job.h"
#include "record_fields.h"

enum {
    /* the bytes that are kept of one text; the raw record has all of it. DynamoDB limits a
     * partition key to the same length, so ids are never cut */
    TEXT_MAX = 2048,
    MESSAGE_MAX = 4096,
    STEPS_MAX = JOB_STEP_TIMES_MAX - 1
};

struct slice {
    const char *s;
    size_t len;
};

/* All that is gathered before the one allocation. */
struct draft {
    struct job_values job;
    size_t id_len;
    size_t sizes[JOB_PARTS];  /* the bytes that each text and address takes; 0: none */
    uint8_t words[JOB_PARTS]; /* the places of those that are words in the table of words, or 0 */
    bool wide;
    bool coded; /* `code` has the short forms of all addresses and features, in their order */
    char code[512];
    size_t code_len;
    char name[JOB_CODE_NAME]; /* of the repository: with it the other addresses are coded */
    struct slice features[JOB_FEATURES_MAX];
    struct job_error errors[JOB_ERRORS_MAX];
    struct job_step steps[STEPS_MAX];
    size_t steps_len;
    cJSON *last_error; /* owned: the parsed text of lastError */
};

/* Read the features from the first of the three places that has any, the errors together with
 * lastError, and the steps, which are sorted by time. */
void draft_read_features(struct draft *d, const struct record_value v[RECORD_SLOTS]);
void draft_read_errors(struct draft *d, const struct record_value v[RECORD_SLOTS]);
void draft_read_steps(struct draft *d, const struct record_value v[RECORD_SLOTS]);
/* Makes the one allocation; the draft is used up. Owned. */
struct job *draft_finish(struct draft *d);
#endif
