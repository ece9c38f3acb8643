/* The queue of messages from the workers to the UI. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "work/msgq.h"

static struct msgq *q;

static void setup(void)
{
    q = msgq_new(4, NULL);
}

static void teardown(void)
{
    msgq_free(q);
}

TestSuite(msgq, .init = setup, .fini = teardown, .timeout = 120);

static struct msg *numbered(uint32_t n)
{
    struct task t = {.kind = TASK_LOAD, .request = n};

    return msg_new(MSG_DONE, &t);
}

static bool readable(int timeout_ms)
{
    struct pollfd p = {.fd = msgq_fd(q), .events = POLLIN};

    return poll(&p, 1, timeout_ms) == 1;
}

static size_t free_all(struct msg *m)
{
    size_t n = 0;

    while (m != NULL) {
        struct msg *next = m->next;
        msg_free(m);
        m = next;
        n++;
    }
    return n;
}

Test(msgq, descriptor_is_readable_only_while_messages_wait)
{
    cr_assert_not(readable(0));
    cr_assert_eq(msgq_push(q, numbered(1)), E_OK);
    cr_assert_eq(msgq_push(q, numbered(2)), E_OK);
    cr_assert(readable(0));
    cr_assert_eq(free_all(msgq_drain(q)), 2);
    cr_assert_not(readable(0), "two pushes leave one wake-up, and the drain takes it");
    cr_assert_null(msgq_drain(q));
    cr_assert_eq(msgq_push(q, numbered(3)), E_OK);
    cr_assert(readable(0), "it wakes again after a drain");
}

Test(msgq, keeps_the_order)
{
    for (uint32_t i = 0; i < 4; i++) {
        cr_assert_eq(msgq_push(q, numbered(i)), E_OK);
    }
    struct msg *all = msgq_drain(q);
    uint32_t want = 0;
    for (const struct msg *m = all; m != NULL; m = m->next) {
        cr_assert_eq(m->request, want++);
    }
    cr_assert_eq(want, 4);
    free_all(all);
}

static void *push_ten(void *arg)
{
    for (uint32_t i = 0; i < 10; i++) {
        if (msgq_push(q, numbered(i)) != E_OK) {
            return NULL;
        }
    }
    return arg;
}

Test(msgq, a_full_queue_holds_the_pusher_until_it_is_drained)
{
    pthread_t t;
    void *done = NULL;
    size_t got = 0;

    cr_assert_eq(pthread_create(&t, NULL, push_ten, q), 0);
    while (got < 10) {
        cr_assert(readable(50000));
        size_t n = free_all(msgq_drain(q));
        cr_assert_leq(n, 4, "never more than the capacity");
        got += n;
    }
    (void)pthread_join(t, &done);
    cr_assert_not_null(done);
}

Test(msgq, closing_frees_a_blocked_pusher_and_refuses_the_next)
{
    pthread_t t;
    void *done = q;

    cr_assert_eq(pthread_create(&t, NULL, push_ten, q), 0);
    cr_assert(readable(50000));
    msgq_close(q);
    (void)pthread_join(t, &done);
    cr_assert_null(done, "its push failed");
    cr_assert_eq(msgq_push(q, numbered(1)), E_CANCELLED);
    cr_assert_leq(free_all(msgq_drain(q)), 4, "what was taken in is still delivered");
}

Test(msgq, frees_what_was_never_delivered)
{
    struct task t = {.kind = TASK_GET_JOBS, .request = 7};
    struct msg *m = msg_new(MSG_GONE, &t);

    m->u.gone.ids = xcalloc(1, sizeof(char *));
    m->u.gone.ids[0] = xstrdup("job_1");
    m->u.gone.len = 1;
    cr_assert_eq(msgq_push(q, m), E_OK); /* a leak here fails the sanitizer run */
}
