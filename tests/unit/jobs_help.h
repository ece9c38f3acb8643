/* jobs_help.h - JSON and records written readably in the tests of the domain. */
#ifndef TESTS_JOBS_HELP_H
#define TESTS_JOBS_HELP_H

#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "jobs/batch.h"
#include "jobs/job.h"

/* JSON with ' in place of ". Owned. */
static inline cJSON *help_json(const char *text)
{
    char *s = xstrdup(text);
    struct err e = {0};

    for (char *c = s; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    cJSON *v = json_parse(s, strlen(s), "test", &e);
    cr_assert_not_null(v, "%s: %s", e.msg, s);
    free(s);
    return v;
}

/* The job of a record whose attributes follow the id, as in "'status':{'S':'PENDING'}". Owned. */
static inline struct job *help_job(const char *attributes)
{
    char *s =
        xasprintf("{'jobId':{'S':'job_1_abc'}%s%s}", *attributes == '\0' ? "" : ",", attributes);
    cJSON *item = help_json(s);
    struct job *j = job_from_item(item);

    cr_assert_not_null(j, "%s", s);
    cJSON_Delete(item);
    free(s);
    return j;
}

static inline struct batch_job *help_batch(const char *text)
{
    cJSON *v = help_json(text);
    struct batch_job *b = batch_job_from_json(v);

    cr_assert_not_null(b, "%s", text);
    cJSON_Delete(v);
    return b;
}

static inline const char *help_or(const char *s)
{
    return s == NULL ? "(null)" : s;
}
#endif
