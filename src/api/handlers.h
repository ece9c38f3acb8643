/* handlers.h - private to api: what each route does; one file a subject. Any thread. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "core/faults.h"
#include "jobs/deploy.h"
#include "jobs/state.h"
#include "route.h"

void do_deploy(const struct call *c, struct reply *r);          /* do_deploy.c */
void do_status(const struct call *c, struct reply *r);          /* do_job.c */
void do_cancel(const struct call *c, struct reply *r);          /* do_job.c */
void do_jobs(const struct call *c, struct reply *r);            /* do_jobs.c */
void do_test_connection(const struct call *c, struct reply *r); /* do_health.c */
void do_healthz(const struct call *c, struct reply *r);         /* do_health.c */
void do_readyz(const struct call *c, struct reply *r);          /* do_health.c */
void do_metrics(const struct call *c, struct reply *r);         /* do_metrics.c */
void do_openapi(const struct call *c, struct reply *r);         /* openapi.c */

/* What the OpenAPI document (openapi.c) depends on: a server serves what it was started for. */
struct openapi_about {
    bool read_only; /* the server refuses what writes */
    /* callers need a token; else they come from this machine and from no web page */
    bool tokens;
    bool rated; /* the number of requests a second is limited */
};
char *openapi_text(const struct openapi_about *a); /* the document; owned */

/* What an operation answers, as the document has it (openapi_answers.c); owned. The second and
 * third make the components that these answers refer to. */
cJSON *openapi_responses(const struct openapi_about *a, const struct route *r);
cJSON *openapi_headers(void);
cJSON *openapi_errors(const struct openapi_about *a);

/* A job as JSON for callers (do_job.c): its reasons do not say who acted on which machine, and
 * `context` is the server's. Owned. */
cJSON *api_job_json(const struct api *a, const struct job *j, const struct batch_job *b,
                    const struct job_state *s);

/* Reads the body of a deploy (do_deploy.c). `digest` tells requests apart: it is made from what was
 * understood, not from how it was written. E_INVALID when the body is no JSON object (`f` is empty
 * then), or when `f`, which may have faults already, has any at the end; the caller owns `r` only
 * when the result is E_OK. */
MUST_CHECK enum err_code api_deploy_read(const char *body, size_t len, struct deploy_request *r,
                                         char digest[65], struct faults *f, struct err *e);
#endif
