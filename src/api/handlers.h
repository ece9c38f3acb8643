/* handlers.h - private to api: what each route does; one file a subject. Any thread. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

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
#endif
