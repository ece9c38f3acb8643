/* run.h - runs one task: calls the operation that it stands for and turns what comes back into
 * messages. On a worker thread. */
#ifndef WORK_RUN_H
#define WORK_RUN_H

#include "ops/ops.h"
#include "work/msg.h"
#include "work/msgq.h"

/* Runs a task. Every task answers, as TASK_MAP in work/task.h says; a failure answers with `err`
 * set. Everything is borrowed. Replies are lost only when the queue is closed. */
void work_run(const struct ops *o, const struct task *t, struct msgq *q);

/* How the pool treats a kind of task: run.c has one table for this and for running. CLASS_NONE: a
 * kind that the table does not have. */
enum task_class { CLASS_NONE, CLASS_READ, CLASS_ACTION, CLASS_WAIT, CLASS_COUNT };
enum task_class task_class(enum task_kind kind);
#endif
