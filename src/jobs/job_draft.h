/* job_draft.h - a job while it is read: private to job.c and job_lists.c. */
#ifndef JOBS_JOB_DRAFT_H
#define JOBS_JOB_DRAFT_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "jobs/job.h"
#include "record.h"

enum {
    TEXT_MAX = 2048, /* bytes kept of one text; the raw record has all of it. It is also DynamoDB's
                      * limit for a partition key, so that ids are never cut */
    MESSAGE_MAX = 4096,
    FEATURES_MAX = 100, /* kept of a list: the first ones */
    DRAFT_TEXTS = 15,   /* of struct job: as many as the table in job.c has */
    ERRORS_MAX = 32     /* kept of a list: the last ones */
};

struct slice {
    const char *s;
    size_t len;
};

/* What is gathered before the one allocation. */
struct draft {
    struct job job;           /* its strings are borrowed */
    size_t lens[DRAFT_TEXTS]; /* of the texts that are not shared */
    struct slice features[FEATURES_MAX];
    struct job_error errors[ERRORS_MAX];
    cJSON *last_error; /* owned: the parsed text of lastError */
};

/* Features from the first of the three places that has any; then the errors, with lastError. */
void draft_read_features(struct draft *d, const struct record_value v[RECORD_SLOTS]);
void draft_read_errors(struct draft *d, const struct record_value v[RECORD_SLOTS]);
#endif
