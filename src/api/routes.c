/* The table of routes, and finding a route in it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "cursor.h"
#include "handlers.h"
#include "jobs/deploy.h"
#include "jobs/job.h"
#include "route.h"

#define JOB_ID "job_1755685800000_a1b2c3d4e"
#define NO_JOB "{\"error\":{\"code\":\"not_found\",\"message\":\"there is no such job\"}}"

/* clang-format off */
static const struct route_answer deploy_answers[] = {
    {202, "Recorded and on its way: no crash loses it. eventId is null when the bus has not confirmed it.",  "Accepted", "{\"jobId\":\"" JOB_ID "\",\"eventId\":\"7bf73129-1428-4cd3-a780-95db273d1602\",\"status\":\"queued\"}"},
    {409, "This Idempotency-Key came with another body before, or its first request is still under way.", "Error",    NULL},
    {0,   NULL,                                                                                     NULL,       NULL},
};
/* clang-format on */
static const struct route_answer status_answers[] = {
    {200, "The job, merged from its record and from what Batch says.", "Job",   NULL  },
    {404, "No such job.",                                              "Error", NO_JOB},
    {0,   NULL,                                                        NULL,    NULL  },
};
/* clang-format off */
static const struct route_answer jobs_answers[] = {
    {200, "A page, newest first. With a status it may hold fewer than asked for: continue with cursor.", "JobPage", NULL},
    {404, "No such route: the path names no user.",                                                   "Error",   NULL},
    {0,   NULL,                                                                                     NULL,      NULL},
};
static const struct route_answer cancel_answers[] = {
    {200, "The record is CANCELLED; GET /status says whether Batch has ended its job.", "Cancelled", "{\"jobId\":\"" JOB_ID "\",\"status\":\"cancelled\"}"},
    {404, "No such job.",                                                               "Error",     NO_JOB},
    {409, "The job has already ended.",                                                      "Error",     NULL},
    {0,   NULL,                                                                         NULL,        NULL},
};
/* clang-format on */
static const struct route_answer test_answers[] = {
    {200, "No check failed.",                                            "Checks",        NULL},
    {429, "Too many requests, or another connection test is under way.", "Error",         NULL},
    {503, "A check failed or could not be made.",                        "ChecksOrError", NULL},
    {0,   NULL,                                                          NULL,            NULL},
};
static const struct route_answer health_answers[] = {
    {200, "The process answers.", "Health", NULL},
    {0,   NULL,                   NULL,     NULL},
};
static const struct route_answer ready_answers[] = {
    {200, "Table and bus answer.",                 "Ready", NULL},
    {503, "The table or the bus does not answer.", "Ready", NULL},
    {0,   NULL,                                    NULL,    NULL},
};
static const struct route_answer metrics_answers[] = {
    {200, "Prometheus's text format.", NULL, NULL},
    {0,   NULL,                        NULL, NULL},
};
static const struct route_answer openapi_answers[] = {
    {200, "This document.", "OpenApi", NULL},
    {0,   NULL,             NULL,      NULL},
};

/* ---- parameters ---- */

static cJSON *schema(const char *fmt, ...) PRINTF_LIKE(1, 2);
static cJSON *schema(const char *fmt, ...)
{
    char text[200];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return json_parse(text, strlen(text), "schema", NULL);
}

cJSON *route_id_schema(void)
{
    return schema("{\"type\":\"string\",\"minLength\":1,\"maxLength\":%d,\"pattern\":\"%s\"}",
                  ID_MAX, TARGET_PATTERN);
}

/* The schema of a status: a word of the table of states, in any letter case. */
static cJSON *status_schema(void)
{
    struct strbuf words = STRBUF_INIT;
    cJSON *v = schema("{\"type\":\"string\"}");
    cJSON *examples = json_new_array();

    for (int i = JOB_PENDING; i < JOB_STATUS_COUNT; i++) {
        strbuf_addf(&words, "%s|", job_status_word((enum job_status)i));
        json_push_str(examples, job_status_word((enum job_status)i));
    }
    strbuf_adds(&words, "CANCELED"); /* the other spelling of CANCELLED */
    char *pattern = deploy_any_case(strbuf_str(&words));
    json_set_str(v, "pattern", pattern);
    json_set(v, "examples", examples);
    free(pattern);
    strbuf_clear(&words);
    return v;
}

static cJSON *limit_schema(void)
{
    return schema("{\"type\":\"integer\",\"minimum\":1,\"maximum\":%d,\"default\":%d}",
                  LIST_LIMIT_MAX, LIST_LIMIT);
}

static cJSON *cursor_schema(void)
{
    return schema("{\"type\":\"string\",\"maxLength\":%d,\"pattern\":\"^[A-Za-z0-9_-]+$\"}",
                  CURSOR_MAX);
}

static cJSON *reason_schema(void)
{
    return schema("{\"type\":\"string\",\"maxLength\":%d,\"pattern\":\"%s\"}", CANCEL_REASON_MAX,
                  TARGET_PATTERN);
}

/* clang-format off */
static const struct route_query jobs_query[] = {
    {"status", "Only jobs in this merged state.",                                                    status_schema, "\"FAILED\""},
    {"limit",  "The largest number of jobs to return.",                                                                   limit_schema,  "20"},
    {"cursor", "The cursor of the previous page, unchanged, with the same user and status.", cursor_schema, NULL},
    {NULL,     NULL,                                                                                 NULL,          NULL},
};
/* clang-format on */
static const struct route_query cancel_query[] = {
    {"reason", "Why, kept with the job.", reason_schema, "\"ordered twice\""},
    {NULL,     NULL,                      NULL,          NULL               },
};

/* ---- links ---- */

static const struct route_link deploy_links[] = {
    {"status", "getStatus", "Shows the state of the job.", "{\"jobId\":\"$response.body#/jobId\"}" },
    {"cancel", "cancelJob", "Ends the job.",               "{\"userId\":\"$response.body#/jobId\"}"},
    {"jobs",   "listJobs",  "The other jobs of the user.", "{\"userId\":\"$request.body#/userId\"}"},
    {NULL,     NULL,        NULL,                          NULL                                    },
};
static const struct route_link status_links[] = {
    {"cancel", "cancelJob", "Ends the job.",         "{\"userId\":\"$response.body#/jobId\"}" },
    {"jobs",   "listJobs",  "The jobs of its user.", "{\"userId\":\"$response.body#/userId\"}"},
    {NULL,     NULL,        NULL,                    NULL                                     },
};
static const struct route_link jobs_links[] = {
    {"next", "listJobs", "The next page, as long as cursor is not null.",
     "{\"userId\":\"$request.path.userId\",\"cursor\":\"$response.body#/cursor\"}"},
    {NULL,   NULL,       NULL,                                            NULL    },
};
static const struct route_link cancel_links[] = {
    {"status", "getStatus", "Shows whether Batch has ended the job.",
     "{\"jobId\":\"$response.body#/jobId\"}"                              },
    {NULL,     NULL,        NULL,                                     NULL},
};

#define CANCEL_ID "The job's id. One path has one name for this segment: the one that GET has."
#define DEPLOY_EXAMPLE                                                                             \
    "{\"userId\":\"user123\",\"productId\":\"prod456\",\"priority\":\"high\",\"metadata\":{"       \
    "\"businessName\":\"My Startup\",\"features\":[\"auth\",\"dashboard\"],"                       \
    "\"estimatedDuration\":14400,\"userEmail\":\"user@example.com\"}}"

/* clang-format off */
const struct route routes[] = {
    /* method  path                shown               operation         tag        summary                         id_help           body      example         query         answers          links         flags                                                      run */
    {"POST",   "/deploy",          "/deploy",          "deploy",         "jobs",    "Send a deploy",                NULL,             "Deploy", DEPLOY_EXAMPLE, NULL,         deploy_answers,  deploy_links, ROUTE_WRITES | ROUTE_BODY | ROUTE_KEY,                     do_deploy},
    {"GET",    "/status/{jobId}",  "/status/{jobId}",  "getStatus",      "jobs",    "One job, its merged state",    "The job's id.",  NULL,     NULL,           NULL,         status_answers,  status_links, ROUTE_TAG,                                                 do_status},
    {"GET",    "/jobs/{userId}",   "/jobs/{userId}",   "listJobs",       "jobs",    "A user's jobs, newest first",  "The user's id.", NULL,     NULL,           jobs_query,   jobs_answers,    jobs_links,   ROUTE_TAG,                                                 do_jobs},
    {"DELETE", "/jobs/{userId}",   "/jobs/{jobId}",    "cancelJob",      "jobs",    "Cancel a job",                 CANCEL_ID,        NULL,     NULL,           cancel_query, cancel_answers,  cancel_links, ROUTE_WRITES,                                              do_cancel},
    {"POST",   "/test-connection", "/test-connection", "testConnection", "service", "The doctor's checks",          NULL,             NULL,     NULL,           NULL,         test_answers,    NULL,         0,                                                         do_test_connection},
    {"GET",    "/healthz",         "/healthz",         "healthz",        "service", "Is the process alive",         NULL,             NULL,     NULL,           NULL,         health_answers,  NULL,         ROUTE_OPEN | ROUTE_NO_AWS | ROUTE_VITAL | ROUTE_ANY_QUERY, do_healthz},
    {"GET",    "/readyz",          "/readyz",          "readyz",         "service", "Can table and bus be reached", NULL,             NULL,     NULL,           NULL,         ready_answers,   NULL,         ROUTE_OPEN | ROUTE_VITAL | ROUTE_ANY_QUERY,                do_readyz},
    {"GET",    "/metrics",         "/metrics",         "metrics",        "service", "Numbers for Prometheus",       NULL,             NULL,     NULL,           NULL,         metrics_answers, NULL,         ROUTE_NO_AWS | ROUTE_VITAL | ROUTE_ANY_QUERY,              do_metrics},
    {"GET",    "/openapi.json",    "/openapi.json",    "openapi",        "service", "The schema of all this",       NULL,             NULL,     NULL,           NULL,         openapi_answers, NULL,         ROUTE_OPEN | ROUTE_NO_AWS | ROUTE_TAG,                     do_openapi},
};
/* clang-format on */
const size_t routes_len = sizeof routes / sizeof *routes;

/* Does the path fit? "/jobs/{userId}" fits two segments, the second of which is not empty. */
static bool path_fits(const char *path, const struct target *t)
{
    size_t at = 0;

    if (t->deeper) {
        return false;
    }
    for (size_t i = 0; i < t->segments_len; i++) {
        if (path[at] != '/') {
            return false;
        }
        size_t n = strcspn(path + at + 1, "/");
        const char *want = path + at + 1;
        bool any = want[0] == '{';
        if (any ? t->segments[i][0] == '\0'
                : strlen(t->segments[i]) != n || strncmp(want, t->segments[i], n) != 0) {
            return false;
        }
        at += n + 1;
    }
    return path[at] == '\0';
}

static void add_allowed(char *allow, size_t size, const char *method)
{
    size_t n = strlen(allow);

    (void)snprintf(allow + n, size - n, "%s%s%s", n == 0 ? "" : ", ", method,
                   strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

enum route_match route_find(const char *method, const struct target *t, bool read_only,
                            const struct route **out, char *allow, size_t allow_size)
{
    enum route_match found = ROUTE_NO_PATH;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;

    allow[0] = '\0';
    for (size_t i = 0; i < routes_len; i++) {
        if (!path_fits(routes[i].path, t)) {
            continue;
        }
        found = ROUTE_NO_METHOD;
        if (read_only && (routes[i].flags & ROUTE_WRITES) != 0) {
            continue;
        }
        if (strcmp(routes[i].method, wanted) == 0) {
            *out = &routes[i];
            return ROUTE_FOUND;
        }
        add_allowed(allow, allow_size, routes[i].method);
    }
    return found;
}

char *api_routes_text(void)
{
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < routes_len; i++) {
        strbuf_addf(&b, "%s %s\t%s\n", routes[i].method, routes[i].shown, routes[i].summary);
    }
    return strbuf_take(&b);
}
