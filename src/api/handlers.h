/* handlers.h - private to api: what each route does; one file a subject. Any thread. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "jobs/deploy.h"
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

/* do_deploy.c: the body of a deploy. `digest` tells requests apart: it is of what was understood,
 * not of how it was written. E_INVALID names the field; `r` is the caller's only when E_OK. */
MUST_CHECK enum err_code api_deploy_read(const char *body, size_t len, struct deploy_request *r,
                                         char digest[65], struct err *e);
#endif
