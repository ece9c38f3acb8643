/* record_change_parts.h - an UpdateItem while it is put together: private to record_change.c and
 * record_change_condition.c. */
#ifndef JOBS_RECORD_CHANGE_PARTS_H
#define JOBS_RECORD_CHANGE_PARTS_H

#include "core/clock.h"
#include "core/strbuf.h"
#include "jobs/job.h"
#include "jobs/record_change.h"

#define REPORT_ID "reportId" /* the record's attribute that holds the token of the last report */

struct build {
    const struct record_change *u;
    const cJSON *item;
    struct record_change_expr *x;
    struct strbuf set; /* the assignments: "a = b, c = d" */
    struct strbuf where;
    enum job_status status;
    char now[TIME_ISO_SIZE];
};

/* Name an attribute ("#name") and a value (":label"; the value is taken): each is defined by the
 * first call that asks for it. Both return buf. */
const char *record_change_name(struct build *b, const char *attr, char buf[64]);
const char *record_change_value(struct build *b, const char *label, cJSON *av, char buf[64]);

/* Writes the condition into b->where. */
void record_change_condition(struct build *b);
#endif
