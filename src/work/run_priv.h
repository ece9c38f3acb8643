/* run_priv.h - between run.c, run_bulk.c, run_dlq.c and run_doctor.c: one task under way on a
 * worker. */
#ifndef WORK_RUN_PRIV_H
#define WORK_RUN_PRIV_H

#include "core/map.h"
#include "run.h"

/* One task under way: where its pages go. */
struct run {
    const struct ops *o;
    const struct task *t;
    struct msgq *q;
    struct map *missing; /* ids asked for and not seen yet; NULL when not wanted */
    char **gone;
    size_t gone_len, gone_cap;
    bool closed;      /* the queue takes no more */
    int64_t asked_ms; /* monotonic: when the page under way was asked for, or before */
};

/* Takes `m`, stamps it and pushes it. */
void run_send(struct run *r, struct msg *m);
/* A message of this kind; with the error when there is one. */
struct msg *run_answer(struct run *r, enum msg_kind kind, enum err_code rc, const struct err *e);

/* The last message of a task that sends pages. */
void run_done(struct run *r, enum err_code rc, const struct err *e);
/* As much of `from` as fits, with the NUL. */
void run_copy_text(char *to, size_t size, const char *from);

/* run_doctor.c */
void run_doctor(struct run *r);
void run_e2e(struct run *r);

/* run_bulk.c: a file of deploys */
void run_files(struct run *r);
void run_bulk_read(struct run *r);
void run_bulk(struct run *r);

/* run_dlq.c: the dead letter queue */
void run_dlq_look(struct run *r);
void run_dlq_act(struct run *r);
#endif
