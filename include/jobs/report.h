/* report.h - a change of a record: what `mvpdash report` and the deploy's own failure path write.
 * Pure. */
#ifndef JOBS_REPORT_H
#define JOBS_REPORT_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "core/err.h"

struct report_update {
    const char *status;      /* NULL: unchanged; any case of the words of job.h but STOPPING */
    const char *step;        /* NULL: unchanged */
    int progress;            /* 0-100; -1: unchanged */
    const char *url_kind[8]; /* repository, staging, production */
    const char *url[8];
    int urls_len;
    const char *error;        /* message to append; NULL: none */
    const char *reason;       /* statusReason; NULL: unchanged */
    const char *batch_job_id; /* NULL: unchanged */
};

/* E_INVALID names the field, the reason and what would be accepted. */
MUST_CHECK enum err_code report_check(const struct report_update *u, struct err *e);

/* The UpdateItem parts, for the record as it is now (`item`, NULL when not known): expression,
 * condition, names, values; all owned by the caller. Never out of a final state. */
struct report_expr {
    char *update;
    char *condition;
    cJSON *names;
    cJSON *values;
};
void report_build(const struct report_update *u, const cJSON *item, int64_t now_ms,
                  struct report_expr *out);
void report_expr_clear(struct report_expr *x);
#endif
