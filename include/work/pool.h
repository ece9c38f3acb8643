/* pool.h - pthread workers that run tasks and answer through a msgq.
 *
 * Tasks are taken and owned by the pool. Actions (deploy, cancel, retry) go before reads. Stop
 * order: pool_stop refuses tasks, stops the client's calls, closes the queue and joins; then
 * msgq_free. */
#ifndef WORK_POOL_H
#define WORK_POOL_H

#include "core/err.h"
#include "ops/ops.h"
#include "work/msgq.h"

struct pool;

/* `o` and `q` are borrowed and must outlive the pool. `workers` 1-16. */
struct pool *pool_new(const struct ops *o, struct msgq *q, int workers, struct err *e);
/* Takes `t`. After pool_stop it answers E_CANCELLED by freeing it. */
void pool_submit(struct pool *p, struct task *t);
/* Drops queued tasks with this request number; one under way goes on and its reply is to be
 * ignored. */
void pool_drop(struct pool *p, uint32_t request);
int pool_busy(struct pool *p);         /* tasks queued or under way */
int pool_busy_actions(struct pool *p); /* of these: deploy, cancel, retry */
void pool_stop(struct pool *p);        /* refuses, cancels, joins */
void pool_free(struct pool *p);        /* pool_stop and free; NULL allowed */
#endif
