/* The pool of workers: which task starts when, and what dropping and stopping do. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "src/work/run.h"
#include "work/pool.h"

/* A run function whose tasks wait until the test lets them go. */
static struct fake {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int running[CLASS_COUNT];
    int most[CLASS_COUNT];
    int allowed; /* tasks that may end */
    bool stopped;
    uint32_t order[64];
    int started;
    bool dropped[64]; /* by request, as the task ended */
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static struct msgq *q;
static struct pool *pool;

static void run(void *arg, const struct task *t, struct msgq *queue)
{
    struct fake *f = arg;
    enum task_class c = task_class(t->kind);

    pthread_mutex_lock(&f->lock);
    f->order[f->started++ % 64] = t->request;
    f->running[c]++;
    f->most[c] = f->running[c] > f->most[c] ? f->running[c] : f->most[c];
    pthread_cond_broadcast(&f->changed);
    while (f->allowed == 0 && !f->stopped) {
        pthread_cond_wait(&f->changed, &f->lock);
    }
    f->allowed -= f->allowed > 0;
    f->dropped[t->request % 64] = atomic_load(&t->stop);
    f->running[c]--;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    (void)!msgq_push(queue, msg_new(MSG_DONE, t));
}

static void stop(void *arg, bool on)
{
    struct fake *f = arg;

    pthread_mutex_lock(&f->lock);
    f->stopped = on;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void start(int workers)
{
    q = msgq_new(64, NULL);
    pool = pool_new_with(
        &(struct pool_options){.run = run, .stop = stop, .arg = &fake, .workers = workers}, q,
        NULL);
    cr_assert_not_null(pool);
}

static void teardown(void)
{
    pool_free(pool);
    msgq_free(q);
}

TestSuite(pool, .fini = teardown, .timeout = 120);

static void run_until_halted(void *arg, const struct task *t, struct msgq *queue)
{
    struct fake *f = arg;

    pthread_mutex_lock(&f->lock);
    f->started++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    while (!atomic_load(&t->stop) && t->request == 7) {
        sched_yield();
    }
    (void)!msgq_push(queue, msg_new(MSG_DONE, t));
}

static void submit(enum task_kind kind, uint32_t request)
{
    pool_submit(pool, task_new(kind, request));
}

/* Waits until `n` tasks were started in all. */
static void wait_started(int n)
{
    pthread_mutex_lock(&fake.lock);
    while (fake.started < n) {
        pthread_cond_wait(&fake.changed, &fake.lock);
    }
    pthread_mutex_unlock(&fake.lock);
}

static void let_go(int n)
{
    pthread_mutex_lock(&fake.lock);
    fake.allowed += n;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.lock);
}

Test(pool, an_action_starts_while_slow_reads_hold_the_others)
{
    start(3);
    for (uint32_t i = 0; i < 10; i++) {
        submit(TASK_DETAIL, i);
    }
    wait_started(2);
    submit(TASK_DEPLOY, 100);
    wait_started(3);
    cr_assert_eq(fake.order[2], 100);
    cr_assert_eq(fake.most[CLASS_READ], 2, "reads leave one worker free");
    cr_assert_eq(pool_busy(pool), 11);
    cr_assert_eq(pool_busy_actions(pool), 1);
}

Test(pool, waits_share_one_worker)
{
    start(4);
    submit(TASK_CANCEL_WAIT, 1);
    submit(TASK_CANCEL_WAIT, 2);
    submit(TASK_DETAIL, 3);
    submit(TASK_DETAIL, 4);
    wait_started(3);
    cr_assert_eq(fake.most[CLASS_WAIT], 1);
    cr_assert_eq(fake.most[CLASS_READ], 2, "a read overtakes the second wait");
}

Test(pool, a_single_worker_does_all_of_it)
{
    start(1);
    submit(TASK_DETAIL, 1);
    submit(TASK_CANCEL_WAIT, 2);
    submit(TASK_CANCEL, 3);
    let_go(3);
    wait_started(3);
    cr_assert_eq(fake.most[CLASS_READ] + fake.most[CLASS_WAIT] + fake.most[CLASS_ACTION], 3);
}

Test(pool, dropping_takes_queued_reads_but_no_actions)
{
    start(2);
    submit(TASK_DETAIL, 1);
    wait_started(1);
    submit(TASK_DETAIL, 5);
    submit(TASK_DETAIL, 5);
    submit(TASK_DETAIL, 6);
    submit(TASK_CANCEL, 5);
    cr_assert_eq(pool_drop(pool, 5), 2);
    cr_assert_eq(pool_drop(pool, 1), 0, "what is under way goes on");
    let_go(3);
    wait_started(3);
    cr_assert_eq(pool_drop(pool, 6), 0);
}

Test(pool, dropping_tells_a_read_that_is_under_way_but_no_action)
{
    start(3);
    submit(TASK_DOCTOR, 7);
    submit(TASK_CANCEL, 9);
    submit(TASK_DETAIL, 8);
    wait_started(3);
    cr_assert_eq(pool_drop(pool, 7), 0);
    cr_assert_eq(pool_drop(pool, 9), 0);
    let_go(3);
    pthread_mutex_lock(&fake.lock);
    while (fake.allowed > 0 || fake.running[CLASS_READ] > 0 || fake.running[CLASS_ACTION] > 0) {
        pthread_cond_wait(&fake.changed, &fake.lock);
    }
    cr_expect_not(fake.dropped[8]);
    cr_expect_not(fake.dropped[9]);
    cr_expect(fake.dropped[7]);
    pthread_mutex_unlock(&fake.lock);
    cr_assert_eq(pool_drop(pool, 7), 0, "it is over: nothing to tell");
}

Test(pool, stopping_ends_what_runs_and_refuses_the_rest)
{
    start(3);
    for (uint32_t i = 0; i < 20; i++) {
        submit(i % 2 == 0 ? TASK_DETAIL : TASK_CANCEL, i);
    }
    wait_started(2);
    pool_stop(pool);
    cr_assert_eq(pool_busy(pool), 0);
    submit(TASK_DETAIL, 99); /* freed; a leak fails the sanitizer run */
    cr_assert_eq(pool_busy(pool), 0);
    pool_stop(pool);
    struct msg *m = msgq_drain(q);
    while (m != NULL) {
        struct msg *next = m->next;
        cr_assert_lt(m->request, 20);
        msg_free(m);
        m = next;
    }
}

Test(pool, every_kind_has_a_row)
{
    start(1);
    for (int k = 0; k < TASK_KIND_COUNT; k++) {
        cr_expect_neq(task_class((enum task_kind)k), CLASS_NONE, "kind %d", k);
    }
}

Test(pool, a_task_under_way_is_halted_by_its_number)
{
    q = msgq_new(64, NULL);
    pool = pool_new_with(
        &(struct pool_options){.run = run_until_halted, .stop = stop, .arg = &fake, .workers = 2},
        q, NULL);
    cr_assert_not_null(pool);
    submit(TASK_BULK, 7);
    wait_started(1);
    pool_halt(pool, 8);
    cr_expect_eq(pool_busy(pool), 1, "another number is not meant");
    pool_halt(pool, 7);
    struct msg *m = NULL;
    while ((m = msgq_drain(q)) == NULL) {
        sched_yield(); /* the suite's time limit is the deadline */
    }
    cr_expect_eq(m->request, 7);
    msg_free(m);
    submit(TASK_BULK, 9);
    pool_halt(pool, 9); /* the task is queued, under way or over: the pool answers in each case */
    while ((m = msgq_drain(q)) == NULL) {
        sched_yield();
    }
    cr_expect_eq(m->request, 9);
    msg_free(m);
}

static atomic_bool finished;

static void *finish(void *arg)
{
    (void)arg;
    pool_finish(pool);
    atomic_store(&finished, true);
    return NULL;
}

Test(pool, finishing_lets_the_actions_end_by_themselves_and_drops_the_reads)
{
    pthread_t thread;

    start(3);
    submit(TASK_CANCEL, 1);
    submit(TASK_DEPLOY, 2);
    submit(TASK_RETRY, 3);
    wait_started(3);
    submit(TASK_CANCEL, 4); /* queued, as the next one is */
    submit(TASK_DETAIL, 5);
    cr_assert_eq(pthread_create(&thread, NULL, finish, NULL), 0);
    while (pool_busy(pool) > 4) {
        sched_yield(); /* until the read is dropped */
    }
    submit(TASK_CANCEL, 6);
    cr_expect_eq(pool_busy_actions(pool), 4, "nothing new begins");
    let_go(3);
    wait_started(4);
    cr_expect_not(atomic_load(&finished), "the action that was queued is under way");
    let_go(1);
    (void)pthread_join(thread, NULL);
    cr_expect_eq(pool_busy(pool), 0);
    cr_expect_eq(fake.started, 4);
    cr_expect_not(fake.stopped, "no call was cut");
    cr_expect_null(msgq_drain(q), "nobody is told any more");
}
