/* record_change.h - a change of a record: what `mvpdash report` writes, and a deploy that fails.
 * Pure. */
#ifndef JOBS_RECORD_CHANGE_H
#define JOBS_RECORD_CHANGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct record_change {
    /* NULL: unchanged; a word of job.h in any letter case, except STOPPING */
    const char *status;
    const char *step;        /* NULL: unchanged */
    int progress;            /* 0-100; -1: unchanged */
    const char *url_kind[8]; /* repository, staging, production */
    const char *url[8];
    int urls_len;
    const char *error;        /* a message to append; NULL: none */
    const char *reason;       /* statusReason; NULL: unchanged */
    const char *batch_job_id; /* the Batch job that reports; NULL: unchanged */
    /* a token that tells this report from every other one; NULL: it cannot be told */
    const char *token;
};
#define RECORD_CHANGE_INIT ((struct record_change){.progress = -1})

/* E_INVALID names the field, the reason and what would be accepted. */
MUST_CHECK enum err_code record_change_check(const struct record_change *u, struct err *e);

/* The UpdateItem parts, for the record as it is now (`item`, NULL when not known: then only flat
 * attributes are written): expression, condition, names, values; all owned by the caller.
 *
 * The condition refuses: a missing record; status, step or progress on a final job; a status that
 * goes backwards (QUEUED after IN_PROGRESS); and anything from a Batch job other than the one under
 * which the job is IN_PROGRESS (a duplicate event starts nothing twice). URLs, errors and reasons
 * may still be added to a final job. Times, progress 100 and step COMPLETED follow the status. */
struct record_change_expr {
    char *update;
    char *condition;
    cJSON *names;
    cJSON *values;
};
void record_change_build(const struct record_change *u, const cJSON *item, int64_t now_ms,
                         struct record_change_expr *out);
void record_change_expr_clear(struct record_change_expr *x);

/* With a token a report is taken only once, however often it is sent: the token becomes the
 * record's reportId and stands in the entries that the report appends, and the condition refuses
 * the report once another report has come than the one that was read. This function tells whether
 * the record has taken the report with this token. */
bool record_change_taken(const cJSON *item, const char *token);

/* Explains a ConditionalCheckFailedException from the record as it is then (`item`, NULL: there is
 * none). E_OK when the record already says what `u` wanted (an earlier try, whose reply was lost),
 * E_NOT_FOUND, or E_CONFLICT with the sentence; E_CONFLICT too when the condition would hold now
 * (read again and retry). */
MUST_CHECK enum err_code record_change_explain(const struct record_change *u, const cJSON *item,
                                               struct err *e);
#endif
