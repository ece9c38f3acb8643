/* run_priv.h - between run.c, run_bulk.c, run_dlq.c, run_doctor.c and run_grep.c: one task under
 * way on a worker. */
#ifndef WORK_RUN_PRIV_H
#define WORK_RUN_PRIV_H

#include "core/map.h"
#include "run.h"

/* One task under way, and where its pages go. */
struct run {
    const struct ops *o;
    const struct task *t;
    struct msgq *q;
    /* the ids that were asked for and have not come yet; NULL when this is not wanted */
    struct map *missing;
    char **gone;
    size_t gone_len, gone_cap;
    bool closed;      /* the queue takes no more messages */
    int64_t asked_ms; /* monotonic: when the page under way was asked for, or earlier */
};

/* Sets the times of `m` and pushes it. Takes `m`. */
void run_send(struct run *r, struct msg *m);
/* A message of this kind; it has the error when there is one. */
struct msg *run_answer(struct run *r, enum msg_kind kind, enum err_code rc, const struct err *e);

/* Sends the last message of a task that sends pages. */
void run_done(struct run *r, enum err_code rc, const struct err *e);
/* Does nobody wait any more for what this task brings? */
bool run_dropped(const struct run *r);
/* Copies as much of `from` as fits, with the NUL. */
void run_copy_text(char *to, size_t size, const char *from);

/* The tasks in run_doctor.c. */
void run_doctor(struct run *r);
void run_e2e(struct run *r);

/* The task in run_grep.c. */
void run_grep(struct run *r);

/* The tasks in run_bulk.c, about a file of deploys. */
void run_files(struct run *r);
void run_bulk_read(struct run *r);
void run_bulk(struct run *r);

/* The tasks in run_dlq.c, about the dead letter queue. */
void run_dlq_look(struct run *r);
void run_dlq_depth(struct run *r);
void run_dlq_act(struct run *r);
#endif
