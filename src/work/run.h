/* run.h - runs one task: calls the operation it stands for and turns what comes back into messages.
 * On a worker thread. */
#ifndef WORK_RUN_H
#define WORK_RUN_H

#include "ops/ops.h"
#include "work/msg.h"
#include "work/msgq.h"

/* Every task answers, as the table in work/msg.h says; a failure answers with `err` set. Borrows
 * all. Replies are lost only when the queue is closed. */
void work_run(const struct ops *o, const struct task *t, struct msgq *q);

/* How the pool treats a kind: one table for both (src/work/run.c). */
enum task_class { CLASS_READ, CLASS_ACTION, CLASS_WAIT };
enum task_class task_class(enum task_kind kind);
const char *task_kind_name(enum task_kind kind); /* "deploy": for the log; static */
#endif
