/* Reports, applied to records of every shape with the local cloud's own expression engine. */
#include <stdio.h>
#include <stdlib.h>

#include "aws/attr.h"
#include "core/clock.h"
#include "jobs/deploy.h"
#include "jobs/record_change.h"
#include "jobs_help.h"
#include "src/cloud/dynamodb/expr.h"

#define NOW INT64_C(1755685800000)
#define ISO "2025-08-20T10:30:00.000Z"

/* What UpdateItem does: E_OK, E_CONFLICT (the condition), or a failed test for anything that AWS
 * would refuse as malformed. `known` is the record as the caller read it (NULL: not read). */
static enum err_code apply(const struct record_change *u, cJSON *item, const cJSON *known)
{
    struct record_change_expr x;
    struct ddb_expr_update update;
    struct err e = {0};

    cr_assert_eq(record_change_check(u, &e), E_OK, "%s", e.msg);
    record_change_build(u, known, NOW, &x);
    struct ddb_expr_env *env = ddb_expr_env_new(x.names, x.values, true, &e);
    cr_assert_not_null(env, "%s", e.msg);
    const struct ddb_expr_node *where =
        ddb_expr_parse_condition(env, x.condition, "ConditionExpression", &e);
    cr_assert_not_null(where, "%s: %s", e.msg, x.condition);
    cr_assert_eq(ddb_expr_parse_update(env, x.update, &update, &e), E_OK, "%s: %s", e.msg,
                 x.update);
    cr_assert_eq(ddb_expr_env_check_used(env, &e), E_OK, "%s: %s / %s", e.msg, x.update,
                 x.condition);
    cr_assert_lt(strlen(x.update), 4096);
    cr_assert_lt(strlen(x.condition), 4096);
    enum err_code rc = E_CONFLICT;
    if (ddb_expr_eval(where, item)) {
        rc = ddb_expr_apply(&update, item, &e);
        cr_assert_eq(rc, E_OK, "%s: %s", e.msg, x.update);
    }
    ddb_expr_env_free(env);
    record_change_expr_clear(&x);
    return rc;
}

static cJSON *record(const char *attributes)
{
    char *s = xasprintf("{'jobId':{'S':'j'}%s%s}", *attributes == '\0' ? "" : ",", attributes);
    cJSON *item = help_json(s);

    free(s);
    return item;
}

static cJSON *deployed(void)
{
    struct deploy_request r;

    deploy_request_init(&r);
    cr_assert_eq(deploy_request_set(&r, "userId", "u", NULL), E_OK);
    cr_assert_eq(deploy_request_set(&r, "productId", "p", NULL), E_OK);
    cr_assert_eq(deploy_request_set(&r, "jobId", "j", NULL), E_OK);
    deploy_request_seal(&r, NOW - 60000);
    cJSON *item = deploy_record_item(&r);
    deploy_request_clear(&r);
    return item;
}

Test(record_change, a_job_goes_through_its_life)
{
    cJSON *item = deployed();
    struct record_change u = RECORD_CHANGE_INIT;

    u.status = "in_progress";
    u.step = "INIT";
    u.progress = 5;
    u.batch_job_id = "b-1";
    cr_assert_eq(apply(&u, item, item), E_OK);
    struct job *j = job_from_item(item);
    cr_expect_eq(j->status, JOB_IN_PROGRESS);
    cr_expect_str_eq(job_text(j, JOB_STEP), "INIT");
    cr_expect_eq(j->progress, 5);
    cr_expect_str_eq(job_text(j, JOB_BATCH_ID), "b-1");
    cr_expect_eq(job_ms(j, JOB_STARTED), NOW);
    cr_expect_eq(job_ms(j, JOB_UPDATED), NOW);
    job_free(j);
    cr_expect_str_eq(attr_str(attr_map(item, "timestamps"), "startedAt"), ISO);
    cr_expect_str_eq(attr_str(attr_map(item, "resources"), "batchJobId"), "b-1");
    cr_expect_str_eq(attr_str(item, "stage"), "INIT");

    u = RECORD_CHANGE_INIT;
    u.url_kind[0] = "repository";
    u.url[0] = "https://example.com/r";
    u.url_kind[1] = "production";
    u.url[1] = "file:///tmp/site/index.html";
    u.urls_len = 2;
    u.error = "a \"warning\"\nof two lines";
    u.reason = "stopped at INIT (attempt 1)";
    cr_assert_eq(apply(&u, item, item), E_OK);
    cr_expect_str_eq(attr_str(item, "statusReason"), "stopped at INIT (attempt 1)");
    cr_expect_str_eq(attr_str(item, "githubRepo"), "https://example.com/r");
    cr_expect_str_eq(attr_str(attr_map(item, "urls"), "codeRepository"), "https://example.com/r");
    cr_expect_str_eq(attr_str(attr_map(item, "urls"), "production"), "file:///tmp/site/index.html");

    u = RECORD_CHANGE_INIT;
    u.status = "COMPLETED";
    cr_assert_eq(apply(&u, item, item), E_OK);
    j = job_from_item(item);
    cr_expect_eq(j->status, JOB_COMPLETED);
    cr_expect_eq(attr_find(item, "statusReason"), NULL, "an earlier attempt's reason is gone");
    cr_expect_eq(j->progress, 100);
    cr_expect_str_eq(job_text(j, JOB_STEP), "COMPLETED");
    cr_expect_eq(job_ms(j, JOB_ENDED), NOW);
    cr_expect_eq(j->errors_len, 1, "errors and lastError tell the same one");
    cr_expect_str_eq(job_errors(j)[0].step, "INIT");
    cr_expect_str_eq(job_errors(j)[0].message, "a \"warning\"\nof two lines");
    cr_expect_str_eq(job_url(j, JOB_URL_PRODUCTION, (char[JOB_ROOM]){0}),
                     "file:///tmp/site/index.html");
    job_free(j);
    cr_expect_eq(cJSON_GetArraySize(attr_list(item, "history")), 3);
    cJSON_Delete(item);
}

static const char *const shapes[] = {
    "",
    "'status':{'S':'PENDING'},'createdAt':{'S':'" ISO "'}",
    "'status':{'S':'pending'},'timestamps':{'M':{}},'urls':{'M':{}},'resources':{'M':{}}",
    "'timestamps':{'NULL':true},'urls':{'NULL':true},'resources':{'NULL':true},"
    "'errors':{'NULL':true},'history':{'NULL':true}",
    "'timestamps':{'S':'x'},'urls':{'L':[]},'resources':{'N':'1'},'errors':{'S':'x'},"
    "'history':{'M':{}},'progress':{'S':'x'}",
    "'timestamps':{'M':{'startedAt':{'S':'" ISO "'}}},'urls':{'M':{'staging':{'NULL':true}}}",
    "'startedAt':{'NULL':true},'errors':{'L':[{'S':'old'}]}",
};

Test(record_change, every_shape_of_record_takes_a_report)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (int known = 0; known < 2; known++) {
            if (known == 0 && (i == 3 || i == 4 || i == 6)) {
                continue; /* values of another type can only be seen by reading the record */
            }
            cJSON *item = record(shapes[i]);
            struct record_change u = RECORD_CHANGE_INIT;
            u.status = "IN_PROGRESS";
            u.step = "BUILDING";
            u.progress = 40;
            u.error = "one";
            u.reason = "because";
            u.batch_job_id = "b";
            u.url_kind[0] = "staging";
            u.url[0] = "http://127.0.0.1/s";
            u.urls_len = 1;
            cr_assert_eq(apply(&u, item, known ? item : NULL), E_OK, "%s", shapes[i]);
            struct job *j = job_from_item(item);
            cr_expect_eq(j->status, JOB_IN_PROGRESS, "%s", shapes[i]);
            cr_expect_str_eq(help_or(job_text(j, JOB_STEP)), "BUILDING", "%s", shapes[i]);
            cr_expect_eq(j->progress, 40, "%s", shapes[i]);
            cr_expect_str_eq(help_or(job_url(j, JOB_URL_STAGING, (char[JOB_ROOM]){0})),
                             "http://127.0.0.1/s", "%s", shapes[i]);
            cr_expect_str_eq(help_or(job_text(j, JOB_BATCH_ID)), "b", "%s", shapes[i]);
            cr_expect_str_eq(help_or(job_text(j, JOB_STATUS_REASON)), "because");
            cr_expect_eq(job_ms(j, JOB_UPDATED), NOW);
            cr_expect_neq(job_ms(j, JOB_STARTED), TIME_NONE, "%s, known %d", shapes[i], known);
            cr_assert_gt(j->errors_len, 0);
            cr_expect_str_eq(job_errors(j)[j->errors_len - 1].message, "one", "%s", shapes[i]);
            job_free(j);
            cJSON_Delete(item);
        }
    }
}

Test(record_change, what_is_no_map_is_not_overwritten)
{
    cJSON *item = record(shapes[4]);
    struct record_change u = RECORD_CHANGE_INIT;

    u.status = "COMPLETED";
    u.url_kind[0] = "staging";
    u.url[0] = "http://127.0.0.1/s";
    u.urls_len = 1;
    cr_assert_eq(apply(&u, item, item), E_OK);
    cr_expect_str_eq(attr_str(item, "timestamps"), "x");
    cr_expect_not_null(attr_list(item, "urls"));
    cr_expect_str_eq(attr_str(item, "stagingUrl"), "http://127.0.0.1/s");
    cJSON_Delete(item);
}

static const struct condition_case {
    const char *name;
    const char *attributes;
    const char *status;
    const char *step;
    const char *batch;
    const char *error;
    bool goes;
} conditions[] = {
    {"from pending",                     "'status':{'S':'PENDING'}",                                               "QUEUED",      NULL,   NULL, NULL,   true },
    {"from nothing",                     "",                                                                       "QUEUED",      NULL,   NULL, NULL,   true },
    {"from an unknown word",             "'status':{'S':'REVIEW'}",                                                "IN_PROGRESS", NULL,   NULL, NULL,   true },
    {"not from completed",               "'status':{'S':'COMPLETED'}",                                             "FAILED",      NULL,   NULL, NULL,   false},
    {"not from failed",                  "'status':{'S':'FAILED'}",                                                "IN_PROGRESS", NULL,   NULL, NULL,   false},
    {"not from cancelled",               "'status':{'S':'CANCELLED'}",                                             "COMPLETED",   NULL,   NULL, NULL,   false},
    {"nor in lower case",                "'status':{'S':'cancelled'}",                                             "COMPLETED",   NULL,   NULL, NULL,   false},
    {"nor as a title",                   "'status':{'S':'Cancelled'}",                                             "COMPLETED",   NULL,   NULL, NULL,   false},
    {"nor in any other case",            "'status':{'S':'cAnCeLlEd'}",                                             "COMPLETED",   NULL,   NULL, NULL,   false},
    {"nor in the other spelling",        "'status':{'S':'CANCELED'}",                                              "COMPLETED",   NULL,   NULL, NULL,
     false                                                                                                                                                   },
    {"no step after the end",            "'status':{'S':'CANCELLED'}",                                             NULL,          "INIT", NULL, NULL,   false},
    {"an error after the end is kept",   "'status':{'S':'FAILED'}",                                                NULL,          NULL,   NULL, "late", true },
    {"not back to queued",               "'status':{'S':'IN_PROGRESS'}",                                           "QUEUED",      NULL,   NULL, NULL,   false},
    {"not back to pending",              "'status':{'S':'queued'}",                                                "PENDING",     NULL,   NULL, NULL,   false},
    {"queued again is fine",             "'status':{'S':'QUEUED'}",                                                "QUEUED",      NULL,   NULL, NULL,   true },
    {"cancel from in progress",          "'status':{'S':'IN_PROGRESS'},'batchJobId':{'S':'a'}",                    "CANCELLED",
     NULL,                                                                                                                                NULL, NULL,   true },
    {"first claim",                      "'status':{'S':'QUEUED'},'resources':{'M':{'batchJobId':{'NULL':true}}}",
     "IN_PROGRESS",                                                                                                               NULL,   "b",  NULL,   true },
    {"claim of a queued job of another", "'status':{'S':'QUEUED'},'batchJobId':{'S':'a'}",
     "IN_PROGRESS",                                                                                                               NULL,   "b",  NULL,   true },
    {"claim again by the same",
     "'status':{'S':'IN_PROGRESS'},'batchJobId':{'S':'b'},'resources':{'M':{'batchJobId':{'S':'b'}}"
     "}",                                                                                                          "IN_PROGRESS", NULL,   "b",  NULL,   true },
    {"claim refused, flat",              "'status':{'S':'IN_PROGRESS'},'batchJobId':{'S':'a'}",                    "IN_PROGRESS",
     NULL,                                                                                                                                "b",  NULL,   false},
    {"claim refused, nested",
     "'status':{'S':'IN_PROGRESS'},'resources':{'M':{'batchJobId':{'S':'a'}}}",                                    "IN_PROGRESS", NULL,
     "b",                                                                                                                                       NULL,   false},
    {"claim refused, lower case",        "'status':{'S':'in_progress'},'batchJobId':{'S':'a'}",
     "IN_PROGRESS",                                                                                                               NULL,   "b",  NULL,   false},
    {"claim of a job nobody claimed",    "'status':{'S':'IN_PROGRESS'},'batchJobId':{'S':''}",
     "IN_PROGRESS",                                                                                                               NULL,   "b",  NULL,   true },
    {"a refused one may not fail it",    "'status':{'S':'IN_PROGRESS'},'batchJobId':{'S':'a'}",
     "FAILED",                                                                                                                    NULL,   "b",  NULL,   false},
    {"nor add its errors",               "'status':{'S':'IN_PROGRESS'},'batchJobId':{'S':'a'}",                    NULL,          NULL,   "b",
     "x",                                                                                                                                               false},
    {"nor move its step",                "'status':{'S':'IN_PROGRESS'},'batchJobId':{'S':'a'}",                    NULL,          "INIT", "b",
     NULL,                                                                                                                                              false},
};

Test(record_change, the_condition_protects_the_record)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        const struct condition_case *c = &conditions[i];
        for (int known = 0; known < 2; known++) {
            cJSON *item = record(c->attributes);
            cJSON *before = json_copy(item);
            struct record_change u = RECORD_CHANGE_INIT;
            struct err e = {0};
            u.status = c->status;
            u.step = c->step;
            u.batch_job_id = c->batch;
            u.error = c->error;
            bool odd = strstr(c->name, "other") != NULL;
            enum err_code rc = apply(&u, item, known ? item : NULL);
            if (known || !odd) { /* the condition can only forbid odd words that were seen */
                cr_expect_eq(rc == E_OK, c->goes, "%s, known %d", c->name, known);
            }
            if (rc == E_CONFLICT) {
                cr_expect(cJSON_Compare(item, before, 1));
                cr_expect_eq(record_change_explain(&u, item, &e), E_CONFLICT, "%s", c->name);
                cr_expect_gt(strlen(e.msg), 10);
                cr_expect_null(strstr(e.msg, "meanwhile"), "%s: %s", c->name, e.msg);
            }
            cJSON_Delete(item);
            cJSON_Delete(before);
        }
    }
}

Test(record_change, a_record_that_is_not_there_is_not_made)
{
    cJSON *item = json_new_object();
    struct record_change u = RECORD_CHANGE_INIT;
    struct err e = {0};

    u.status = "FAILED";
    cr_expect_eq(apply(&u, item, NULL), E_CONFLICT);
    cr_expect_null(item->child);
    cr_expect_eq(record_change_explain(&u, NULL, &e), E_NOT_FOUND);
    cr_expect_eq(record_change_explain(&u, item, &e), E_NOT_FOUND);
    cJSON_Delete(item);
}

Test(record_change, a_repeated_report_counts_as_done)
{
    cJSON *item = record("'status':{'S':'completed'},'batchJobId':{'S':'b'}");
    struct record_change u = RECORD_CHANGE_INIT;

    u.status = "COMPLETED";
    cr_expect_eq(record_change_explain(&u, item, NULL), E_OK);
    u.batch_job_id = "b";
    cr_expect_eq(record_change_explain(&u, item, NULL), E_OK);
    u.batch_job_id = "c";
    cr_expect_eq(record_change_explain(&u, item, NULL), E_CONFLICT, "another job completed it");
    u.batch_job_id = NULL;
    u.status = "FAILED";
    cr_expect_eq(record_change_explain(&u, item, NULL), E_CONFLICT);
    cJSON_Delete(item);
}

Test(record_change, the_first_start_is_kept)
{
    cJSON *item = record("'status':{'S':'IN_PROGRESS'},'batchJobId':{'S':'b'},'startedAt':{'S':"
                         "'2025-08-20T09:00:00Z'},'timestamps':{'M':{}}");
    struct record_change u = RECORD_CHANGE_INIT;

    u.status = "IN_PROGRESS";
    u.batch_job_id = "b";
    cr_assert_eq(apply(&u, item, item), E_OK);
    cr_expect_str_eq(attr_str(item, "startedAt"), "2025-08-20T09:00:00Z");
    cr_expect_str_eq(attr_str(attr_map(item, "timestamps"), "startedAt"), "2025-08-20T09:00:00Z");
    cJSON_Delete(item);
}

Test(record_change, lists_do_not_grow_without_end)
{
    cJSON *item = record("'status':{'S':'IN_PROGRESS'}");
    struct record_change u = RECORD_CHANGE_INIT;

    for (int i = 0; i < 1200; i++) {
        char step[16];
        (void)snprintf(step, sizeof step, "STEP%d", i);
        u.step = step;
        u.error = "again";
        cr_assert_eq(apply(&u, item, item), E_OK);
    }
    cr_expect_eq(cJSON_GetArraySize(attr_list(item, "errors")), 200);
    cr_expect_eq(cJSON_GetArraySize(attr_list(item, "history")), 1000);
    cr_expect_str_eq(attr_str(item, "currentStep"), "STEP1199", "what counts still goes on");
    cJSON_Delete(item);
}

static const struct check_case {
    struct record_change u;
    const char *says; /* NULL: fine */
} checks[] = {
    {{.progress = -1},                                                                         "nothing to report"                                 },
    {{.progress = 0},                                                                          NULL                                                },
    {{.progress = 101},                                                                        "progress: 101 is not between 0 and 100"            },
    {{.progress = -2},                                                                         "progress: -2"                                      },
    {{.progress = -1, .status = "Completed"},                                                  NULL                                                },
    {{.progress = -1, .status = "STOPPING"},                                                   "status: \"STOPPING\" is not one of PENDING, QUEUED"},
    {{.progress = -1, .status = ""},                                                           "status: \"\" is not one of"                        },
    {{.progress = -1, .status = "done"},                                                       "not one of"                                        },
    {{.progress = -1, .step = ""},                                                             "step is empty"                                     },
    {{.progress = -1, .step = "a\nb"},                                                         "step has the control"                              },
    {{.progress = -1, .error = ""},                                                            "error has 0 bytes"                                 },
    {{.progress = -1, .error = "\xff"},                                                        "error is not UTF-8"                                },
    {{.progress = -1, .reason = "\xc3\xa9\n"},                                                 NULL                                                },
    {{.progress = -1, .batch_job_id = "a b"},                                                  "batchJobId: \"a b\""                               },
    {{.progress = -1, .batch_job_id = "05a20f97-ab92:3#1"},                                    NULL                                                },
    {{.progress = -1, .urls_len = 1, .url_kind = {"staging"}, .url = {"https://x"}},           NULL                                                },
    {{.progress = -1, .urls_len = 1, .url_kind = {"home"}, .url = {"https://x"}},
     "url: \"home\" is not a kind"                                                                                                                 },
    {{.progress = -1, .urls_len = 1, .url_kind = {"staging"}, .url = {"javascript:alert(1)"}},
     "is not a URL for staging"                                                                                                                    },
    {{.progress = -1, .urls_len = 1, .url_kind = {"staging"}, .url = {"https://"}},            "is not a URL"                                      },
    {{.progress = -1, .urls_len = 1, .url_kind = {"staging"}, .url = {"https://a b"}},
     "is not a URL"                                                                                                                                },
    {{.progress = -1, .urls_len = 1, .url_kind = {"staging"}},                                 "is not a URL"                                      },
    {{.progress = -1,
      .urls_len = 2,
      .url_kind = {"repository", "codeRepository"},
      .url = {"https://x", "https://y"}},
     "is given twice: give each kind once"                                                                                                         },
    {{.progress = -1, .urls_len = 9},                                                          "given 9 times"                                     },
};

Test(record_change, values_are_checked_by_field)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct err e = {0};
        enum err_code rc = record_change_check(&checks[i].u, &e);
        cr_expect_eq(rc, checks[i].says == NULL ? E_OK : E_INVALID, "%zu: %s", i, e.msg);
        if (checks[i].says != NULL) {
            cr_expect_not_null(strstr(e.msg, checks[i].says), "%zu: %s", i, e.msg);
        }
    }
}

/* ---- when the steps began ---- */

/* The time under which the step stands, or "(null)". */
static const char *step_time(const cJSON *item, const char *step)
{
    return help_or(attr_str(attr_map(item, "stepTimes"), step));
}

Test(record_change, the_first_report_of_a_step_tells_when_it_began)
{
    static const char *const before[] = {
        "'status':{'S':'IN_PROGRESS'}",
        "'status':{'S':'IN_PROGRESS'},'stepTimes':{'NULL':true}",
        "'status':{'S':'IN_PROGRESS'},'stepTimes':{'M':{}}",
        "'status':{'S':'IN_PROGRESS'},'stepTimes':{'M':{'INIT':{'S':'2025-08-20T10:00:00.000Z'}}}",
    };

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        cJSON *item = record(before[i]);
        struct record_change u = RECORD_CHANGE_INIT;
        u.step = "BUILDING";
        cr_expect_eq(apply(&u, item, item), E_OK);
        cr_expect_str_eq(step_time(item, "BUILDING"), ISO, "%s", before[i]);
        u.step = "my step, 7%";
        cr_expect_eq(apply(&u, item, item), E_OK);
        cr_expect_str_eq(step_time(item, "my step, 7%"), ISO, "any text is a step");
        cr_expect_str_eq(step_time(item, "BUILDING"), ISO, "and the others stay");
        cJSON_Delete(item);
    }
    cJSON *item = record(before[3]);
    struct record_change u = RECORD_CHANGE_INIT;
    u.step = "INIT";
    cr_expect_eq(apply(&u, item, item), E_OK);
    cr_expect_str_eq(step_time(item, "INIT"), "2025-08-20T10:00:00.000Z", "the first write wins");
    cJSON_Delete(item);
}

/* Two reports were made of the same reading of the record: the one that comes second changes
 * nothing that the first one wrote. */
Test(record_change, the_first_of_two_reports_at_the_same_time_wins)
{
    static const char other[] = "2025-08-20T10:29:59.000Z";

    for (int map = 0; map < 2; map++) {
        cJSON *known = record(map ? "'status':{'S':'IN_PROGRESS'},'stepTimes':{'M':{}}"
                                  : "'status':{'S':'IN_PROGRESS'}");
        cJSON *item = record("'status':{'S':'IN_PROGRESS'},'stepTimes':{'M':{'BUILDING':{'S':"
                             "'2025-08-20T10:29:59.000Z'}}}");
        struct record_change u = RECORD_CHANGE_INIT;
        u.step = "BUILDING";
        cr_expect_eq(apply(&u, item, known), E_OK);
        cr_expect_str_eq(step_time(item, "BUILDING"), other);
        cJSON_Delete(item);
        cJSON_Delete(known);
    }
}

Test(record_change, step_times_stay_away_from_what_is_no_map_and_have_an_end)
{
    cJSON *item = record("'status':{'S':'IN_PROGRESS'},'stepTimes':{'S':'mine'}");
    struct record_change u = RECORD_CHANGE_INIT;

    u.step = "BUILDING";
    cr_expect_eq(apply(&u, item, item), E_OK);
    cr_expect_str_eq(help_or(attr_str(item, "stepTimes")), "mine");
    cr_expect_eq(apply(&u, item, NULL), E_OK, "without a reading only flat attributes are written");
    cJSON_Delete(item);
    item = record("'status':{'S':'IN_PROGRESS'}");
    for (int i = 0; i < 150; i++) {
        char step[16];
        (void)snprintf(step, sizeof step, "STEP%d", i);
        u.step = step;
        cr_assert_eq(apply(&u, item, item), E_OK);
    }
    cr_expect_eq(cJSON_GetArraySize(attr_map(item, "stepTimes")), 100);
    cr_expect_str_eq(step_time(item, "STEP99"), ISO);
    cr_expect_str_eq(help_or(attr_str(item, "currentStep")), "STEP149");
    cJSON_Delete(item);
}
