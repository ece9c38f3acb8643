#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "core/strbuf.h"
#include "handlers.h"
#include "route.h"

static const struct route_answer deploy_answers[] = {
    {202, "Recorded and on its way: lost by no crash. eventId is null when the bus was not sure.",
     "Accepted"                                                                                         },
    {409, "This Idempotency-Key came with another body before, or its first request is under way.",
     "Error"                                                                                            },
    {0,   NULL,                                                                                     NULL},
};
static const struct route_answer status_answers[] = {
    {200, "The job, merged of its record and of what Batch says.", "Job"  },
    {404, "No such job.",                                          "Error"},
    {0,   NULL,                                                    NULL   },
};
static const struct route_answer jobs_answers[] = {
    {200, "A page, newest first. With a status it may hold fewer than asked for: go on by cursor.",
     "JobPage"                                                                                          },
    {0,   NULL,                                                                                     NULL},
};
static const struct route_answer cancel_answers[] = {
    {200, "The record is CANCELLED; batch says whether Batch has ended its job.", "Cancelled"},
    {404, "No such job.",                                                         "Error"    },
    {409, "It has ended already.",                                                "Error"    },
    {0,   NULL,                                                                   NULL       },
};
static const struct route_answer test_answers[] = {
    {200, "No check failed.",                     "Checks"       },
    {503, "A check failed or could not be made.", "ChecksOrError"},
    {0,   NULL,                                   NULL           },
};
static const struct route_answer health_answers[] = {
    {200, "The process answers.", "Health"},
    {0,   NULL,                   NULL    },
};
static const struct route_answer ready_answers[] = {
    {200, "Table and bus answer.", "Ready"},
    {503, "They do not.",          "Ready"},
    {0,   NULL,                    NULL   },
};
static const struct route_answer metrics_answers[] = {
    {200, "Prometheus's text format.", NULL},
    {0,   NULL,                        NULL},
};
static const struct route_answer openapi_answers[] = {
    {200, "This document.", "OpenApi"},
    {0,   NULL,             NULL     },
};

static const struct route_query jobs_query[] = {
    {"status", "Only jobs in this merged state.",
     "{\"type\":\"string\",\"enum\":[\"PENDING\",\"QUEUED\",\"IN_PROGRESS\",\"STOPPING\","
     "\"COMPLETED\",\"FAILED\",\"CANCELLED\"]}"                           },
    {"limit",  "At most so many, 50 when left out.",
     "{\"type\":\"integer\",\"minimum\":1,\"maximum\":100,\"default\":50}"},
    {"cursor", "Where the page before ended: its cursor as it came.",
     "{\"type\":\"string\",\"minLength\":1,\"maxLength\":2048}"           },
    {NULL,     NULL,                                                  NULL},
};
static const struct route_query cancel_query[] = {
    {"reason", "Why, kept with the job.", "{\"type\":\"string\",\"maxLength\":500}"},
    {NULL,     NULL,                      NULL                                     },
};

const struct route routes[] = {
    {.method = "POST",
     .path = "/deploy",
     .shown = "/deploy",
     .operation = "deploy",
     .summary = "Send a deploy",
     .body = "Deploy",
     .answers = deploy_answers,
     .flags = ROUTE_WRITES | ROUTE_BODY | ROUTE_KEY,
     .run = do_deploy},
    {.method = "GET",
     .path = "/status/{id}",
     .shown = "/status/{jobId}",
     .operation = "getStatus",
     .summary = "One job, its merged state",
     .id_help = "The job's id.",
     .answers = status_answers,
     .run = do_status                     },
    {.method = "GET",
     .path = "/jobs/{id}",
     .shown = "/jobs/{userId}",
     .operation = "listJobs",
     .summary = "A user's jobs, newest first",
     .id_help = "The user's id.",
     .query = jobs_query,
     .answers = jobs_answers,
     .run = do_jobs},
    {.method = "DELETE",
     .path = "/jobs/{id}",
     .shown = "/jobs/{jobId}",
     .operation = "cancelJob",
     .summary = "Cancel a job",
     .id_help = "The job's id.",
     .query = cancel_query,
     .answers = cancel_answers,
     .flags = ROUTE_WRITES,
     .run = do_cancel},
    {.method = "POST",
     .path = "/test-connection",
     .shown = "/test-connection",
     .operation = "testConnection",
     .summary = "The doctor's checks (up to 30 s)",
     .answers = test_answers,
     .run = do_test_connection},
    {.method = "GET",
     .path = "/healthz",
     .shown = "/healthz",
     .operation = "healthz",
     .summary = "Is the process alive",
     .answers = health_answers,
     .flags = ROUTE_OPEN | ROUTE_NO_AWS,
     .run = do_healthz                 },
    {.method = "GET",
     .path = "/readyz",
     .shown = "/readyz",
     .operation = "readyz",
     .summary = "Can table and bus be reached",
     .answers = ready_answers,
     .flags = ROUTE_OPEN,
     .run = do_readyz             },
    {.method = "GET",
     .path = "/metrics",
     .shown = "/metrics",
     .operation = "metrics",
     .summary = "Numbers for Prometheus",
     .answers = metrics_answers,
     .flags = ROUTE_NO_AWS,
     .run = do_metrics     },
    {.method = "GET",
     .path = "/openapi.json",
     .shown = "/openapi.json",
     .operation = "openapi",
     .summary = "The schema of all this",
     .answers = openapi_answers,
     .flags = ROUTE_OPEN | ROUTE_NO_AWS,
     .run = do_openapi           },
};
const size_t routes_len = sizeof routes / sizeof *routes;

/* "/jobs/{id}" fits two segments, the second of which is not empty. */
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
