/* pool.h - pthread workers that run tasks and answer through a msgq.
 *
 * The pool takes and owns tasks. Actions (deploy, cancel, retry, outbox) go before reads, and reads
 * never occupy the last worker, so that an action starts at once however slow the network is; waits
 * (TASK_CANCEL_WAIT) share one worker. The UI thread submits, drops and stops; of these calls only
 * pool_stop waits for the network, and it makes the calls under way end.
 *
 * pool_finish is for the end of one pool of several, on a thread of its own: it lets the actions go
 * to their own end, and may wait for the network as long as they do.
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

/* Makes a pool that does other work: for tests of the pool itself. */
struct pool_options {
    /* Runs one task on a worker thread and pushes its replies; borrows `t`. */
    void (*run)(void *arg, const struct task *t, struct msgq *q);
    /* Makes `run` calls under way end soon (true), or allows them again; NULL: there is nothing to
     * do. */
    void (*stop)(void *arg, bool on);
    void *arg;
    int workers;
};
struct pool *pool_new_with(const struct pool_options *options, struct msgq *q, struct err *e);

/* Takes `t`. After pool_stop the task is freed and nothing answers. Never blocks. */
void pool_submit(struct pool *p, struct task *t);
/* Drops the queued tasks with this request number without an answer. A task under way is told (its
 * `stop`); it goes on unless its kind looks at that, and its replies are to be ignored. Actions are
 * never dropped. Returns how many queued tasks were dropped. */
int pool_drop(struct pool *p, uint32_t request);
/* Asks the task with this request number, queued or under way, to end early (its `stop`); this
 * works for an action too. The task answers all the same. */
void pool_halt(struct pool *p, uint32_t request);
int pool_busy(struct pool *p); /* how many tasks are queued or under way */
/* how many of these are deploys, cancels, retries and outbox tasks */
int pool_busy_actions(struct pool *p);
/* Refuses tasks, drops the queued reads and waits, closes the queue (nobody is told any more), and
 * returns when every action, queued ones too, has come to its own end. ops_stop makes that end come
 * soon. pool_stop is still to be called. Not on the UI thread. */
void pool_finish(struct pool *p);
void pool_stop(struct pool *p); /* refuses, cancels and joins; a second call does nothing */
void pool_free(struct pool *p); /* pool_stop and free; NULL allowed */
#endif
