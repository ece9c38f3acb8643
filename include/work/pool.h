/* pool.h - pthread workers that run tasks and answer through a msgq.
 *
 * Tasks are taken and owned by the pool. Actions (deploy, cancel, retry, outbox) go before reads,
 * and reads never occupy the last worker, so that an action starts at once however slow the
 * network is; waits (TASK_CANCEL_WAIT) share one worker. The UI thread submits, drops and stops;
 * none of these calls waits for the network but pool_stop, which makes the calls under way end.
 *
 * Stop order: pool_stop refuses tasks, ends what is under way, closes the queue and joins; then
 * msgq_free. */
#ifndef WORK_POOL_H
#define WORK_POOL_H

#include "core/err.h"
#include "ops/ops.h"
#include "work/msgq.h"

struct pool; /* opaque: the layout lives in src/work/pool.c */

/* Runs tasks with work_run (work/run.h) on `o`. `o` and `q` are borrowed and must outlive the pool.
 * `workers` 1-16. NULL with `e` (E_IO) when a thread cannot be started. */
struct pool *pool_new(const struct ops *o, struct msgq *q, int workers, struct err *e);

/* The same with other work: for tests of the pool itself. */
struct pool_options {
    /* Runs one task on a worker thread and pushes its replies; borrows `t`. */
    void (*run)(void *arg, const struct task *t, struct msgq *q);
    /* Makes `run` calls under way end soon (true), or allows them again; NULL: nothing to do. */
    void (*stop)(void *arg, bool on);
    void *arg;
    int workers;
};
struct pool *pool_new_with(const struct pool_options *options, struct msgq *q, struct err *e);

/* Takes `t`. After pool_stop it is freed and nothing answers. Never blocks. */
void pool_submit(struct pool *p, struct task *t);
/* Drops the queued tasks with this request number without an answer; one under way is told (its
 * `stop`), goes on unless its kind looks at that, and its replies are to be ignored. Actions are
 * never dropped. Returns how many queued ones went. */
int pool_drop(struct pool *p, uint32_t request);
/* Asks the task with this request number, queued or under way, to end early (its `stop`): an action
 * too. It answers all the same. */
void pool_halt(struct pool *p, uint32_t request);
int pool_busy(struct pool *p);         /* tasks queued or under way */
int pool_busy_actions(struct pool *p); /* of these: deploy, cancel, retry, outbox */
void pool_stop(struct pool *p);        /* refuses, cancels, joins; a second call does nothing */
void pool_free(struct pool *p);        /* pool_stop and free; NULL allowed */
#endif
