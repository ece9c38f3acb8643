/* deploying.h - private to api: what the two ways of keeping Idempotency-Keys share: files
 * (do_deploy.c) and the state table (do_deploy_shared.c). Any thread. */
#ifndef API_DEPLOYING_H
#define API_DEPLOYING_H

#include <stdbool.h>

#include "jobs/deploy.h"
#include "ops/job_ops.h"
#include "route.h"

/* Sets the answer to what became of a deploy; `e` is borrowed. True: it is final; false: nothing
 * was done, or that is not known. */
bool deploy_answer(const struct call *c, const struct deploy_result *out, enum err_code rc,
                   const struct err *e, struct reply *r);
/* 202; `event_id` "": not known, or not yet on the bus. */
void deploy_accepted(struct reply *r, const char *job_id, const char *event_id);
/* The answer that was kept. Takes `body`. */
void deploy_replay(const struct call *c, int status, char *body, const char *job_id,
                   struct reply *r);
void deploy_other_body(struct reply *r); /* 409: the key came with another request */
void deploy_busy(struct reply *r);       /* 409: the first request is still under way */

/* A deploy with an Idempotency-Key, which is kept in the state table. */
void deploy_with_shared_key(const struct call *c, struct deploy_request *req, const char *digest,
                            struct reply *r);
#endif
