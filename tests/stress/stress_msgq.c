/* stress_msgq.c - the queue and the pool under load, for the thread sanitizer. Own main:
 * Criterion's runner does not work under it. Exits 0 when every task was answered once and in all.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "work/pool.h"

enum { PUSHERS = 4, EACH = 5000, TASKS = 4000, ROUNDS = 20 };

static void fail(const char *what)
{
    (void)fprintf(stderr, "stress_msgq: %s\n", what);
    exit(1);
}

static void *pusher(void *arg)
{
    struct msgq *q = arg;

    for (uint32_t i = 0; i < EACH; i++) {
        struct task t = {.kind = TASK_LOAD, .request = i};
        if (msgq_push(q, msg_new(MSG_DONE, &t)) != E_OK) {
            fail("a push was refused");
        }
    }
    return NULL;
}

static size_t drain(struct msgq *q)
{
    size_t n = 0;

    for (struct msg *m = msgq_drain(q); m != NULL; n++) {
        struct msg *next = m->next;
        msg_free(m);
        m = next;
    }
    return n;
}

static void wait_readable(struct msgq *q)
{
    struct pollfd p = {.fd = msgq_fd(q), .events = POLLIN};

    if (poll(&p, 1, 20000) != 1) {
        fail("no wake-up came while messages were owed");
    }
}

static void many_pushers(void)
{
    pthread_t threads[PUSHERS];
    struct msgq *q = msgq_new(16, NULL);
    size_t got = 0;

    for (int i = 0; i < PUSHERS; i++) {
        if (pthread_create(&threads[i], NULL, pusher, q) != 0) {
            fail("no thread");
        }
    }
    while (got < (size_t)PUSHERS * EACH) {
        wait_readable(q);
        got += drain(q);
    }
    for (int i = 0; i < PUSHERS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    if (drain(q) != 0) {
        fail("more messages than were pushed");
    }
    msgq_free(q);
}

static void answer(void *arg, const struct task *t, struct msgq *q)
{
    (void)arg;
    (void)!msgq_push(q, msg_new(MSG_DONE, t));
}

static struct task *some_task(uint32_t i)
{
    static const enum task_kind kinds[] = {TASK_DETAIL, TASK_DEPLOY, TASK_CANCEL_WAIT, TASK_LOAD,
                                           TASK_CANCEL};
    struct task *t = task_new(kinds[i % 5], i);

    t->job_id = xasprintf("job_%u", (unsigned)i);
    return t;
}

static void pool_answers_all(void)
{
    struct msgq *q = msgq_new(8, NULL);
    struct pool *p = pool_new_with(&(struct pool_options){.run = answer, .workers = 4}, q, NULL);
    size_t got = 0;
    size_t dropped = 0;

    for (uint32_t i = 0; i < TASKS; i++) {
        pool_submit(p, some_task(i));
        if (i % 100 == 99) {
            dropped += (size_t)pool_drop(p, i - 49);
            (void)pool_busy(p);
        }
        got += i % 8 == 0 ? drain(q) : 0;
    }
    while (got + dropped < TASKS) {
        wait_readable(q);
        got += drain(q);
    }
    pool_free(p);
    if (got + drain(q) + dropped != TASKS) {
        fail("a task was answered twice");
    }
    msgq_free(q);
}

/* Stopping at any moment, with a full queue that nobody drains. */
static void pool_stops_at_any_time(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct msgq *q = msgq_new(2, NULL);
        struct pool *p =
            pool_new_with(&(struct pool_options){.run = answer, .workers = 3}, q, NULL);
        for (uint32_t i = 0; i < round * 5; i++) {
            pool_submit(p, some_task(i));
        }
        pool_free(p);
        (void)drain(q);
        msgq_free(q);
    }
}

int main(void)
{
    many_pushers();
    pool_answers_all();
    pool_stops_at_any_time();
    return puts("stress_msgq: ok") < 0;
}
