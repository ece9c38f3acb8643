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

/* openapi.c: what a server serves depends on how it was started. */
struct openapi_about {
    bool read_only; /* what writes is not there */
    bool tokens;    /* callers need one; else they come from this machine and from no web page */
    bool rated;     /* so many requests a second are too many */
};
char *openapi_text(const struct openapi_about *a); /* the document; owned */

/* openapi_answers.c: what an operation answers, as the document has it; owned. The components that
 * these refer to. */
cJSON *openapi_responses(const struct openapi_about *a, const struct route *r);
cJSON *openapi_headers(void);
cJSON *openapi_errors(const struct openapi_about *a);

/* do_job.c: a job for callers: its statusReason does not say who is at which machine. Owned. */
cJSON *api_job_json(const struct job *j, const struct batch_job *b, const struct job_state *s);

/* do_deploy.c: the body of a deploy. `digest` tells requests apart: it is of what was understood,
 * not of how it was written. E_INVALID when it is no JSON object (`f` is empty then), or when
 * `f`, which may have faults already, has any at the end; `r` is the caller's only when E_OK. */
MUST_CHECK enum err_code api_deploy_read(const char *body, size_t len, struct deploy_request *r,
                                         char digest[65], struct faults *f, struct err *e);
#endif
