/* Requests that ask the same at the same time: who looks, and who gets whose answer. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "core/deadline.h"
#include "src/api/rounds.h"

TestSuite(api_rounds, .timeout = 120);

enum { OTHERS = 5, LONG_MS = 100 * 1000 };

static struct rounds *r;
static atomic_int looks; /* how many threads had a round of their own */
static const char *told; /* the answer of those rounds; NULL: they bring none */

struct asker {
    pthread_t thread;
    char *answer; /* of another one's round; owned */
    bool mine;
};

static void *ask(void *arg)
{
    struct asker *a = arg;
    struct round *mine = NULL;

    (void)deadline_within(LONG_MS);
    a->answer = rounds_ask(r, "job", &mine);
    a->mine = mine != NULL;
    if (a->mine) {
        (void)atomic_fetch_add(&looks, 1);
        rounds_end(r, mine, told);
    }
    return NULL;
}

static void ask_all(struct asker a[OTHERS])
{
    const struct timespec soon = {.tv_nsec = 1000 * 1000};

    for (int i = 0; i < OTHERS; i++) {
        a[i] = (struct asker){.mine = false};
        cr_assert_eq(pthread_create(&a[i].thread, NULL, ask, &a[i]), 0);
    }
    while (rounds_waiting(r) < OTHERS) { /* the suite's timeout ends it */
        (void)nanosleep(&soon, NULL);
    }
}

static void join_all(struct asker a[OTHERS])
{
    for (int i = 0; i < OTHERS; i++) {
        (void)pthread_join(a[i].thread, NULL);
    }
}

Test(api_rounds, who_asks_alone_looks_at_once)
{
    struct round *mine = NULL;

    r = rounds_new(LONG_MS, LONG_MS);
    for (int i = 0; i < 3; i++) {
        cr_expect_null(rounds_ask(r, "job", &mine));
        cr_assert_not_null(mine);
        rounds_end(r, mine, "the answer");
    }
    rounds_free(r);
}

Test(api_rounds, those_who_ask_during_a_look_share_the_next_one)
{
    struct asker a[OTHERS];
    struct round *mine = NULL;

    r = rounds_new(LONG_MS, LONG_MS);
    told = "after";
    cr_assert_null(rounds_ask(r, "job", &mine));
    ask_all(a);
    rounds_end(r, mine, "before");
    join_all(a);
    cr_expect_eq(atomic_load(&looks), 1, "one look for all: %d", atomic_load(&looks));
    for (int i = 0; i < OTHERS; i++) {
        cr_expect(a[i].mine || (a[i].answer != NULL && strcmp(a[i].answer, "after") == 0),
                  "%d got %s: older than the question", i, a[i].answer);
        free(a[i].answer);
    }
    rounds_free(r);
}

Test(api_rounds, other_questions_do_not_wait)
{
    struct round *mine = NULL;
    struct round *other = NULL;

    r = rounds_new(LONG_MS, LONG_MS);
    cr_assert_null(rounds_ask(r, "job", &mine));
    cr_expect_null(rounds_ask(r, "another job", &other));
    cr_assert_not_null(other);
    rounds_end(r, other, NULL);
    rounds_end(r, mine, NULL);
    rounds_free(r);
}

Test(api_rounds, a_look_that_hangs_holds_nobody_up)
{
    struct round *mine = NULL;
    struct round *second = NULL;

    r = rounds_new(1, LONG_MS);
    cr_assert_null(rounds_ask(r, "job", &mine));
    cr_expect_null(rounds_ask(r, "job", &second));
    cr_assert_not_null(second);
    rounds_end(r, second, "x");
    rounds_end(r, mine, "y");
    rounds_free(r);
}

Test(api_rounds, who_joined_a_look_that_hangs_looks_without_it)
{
    const struct timespec soon = {.tv_nsec = 1000 * 1000};
    struct asker other = {.mine = false};
    struct round *mine = NULL;
    struct round *none = NULL;

    r = rounds_new(LONG_MS, 50);
    told = "late";
    cr_assert_null(rounds_ask(r, "job", &mine));
    cr_assert_eq(pthread_create(&other.thread, NULL, ask, &other), 0);
    while (rounds_waiting(r) < 1) {
        (void)nanosleep(&soon, NULL);
    }
    (void)deadline_within(LONG_MS);
    cr_expect_null(rounds_ask(r, "job", &none));
    cr_expect_null(none);
    cr_expect_geq(deadline_left_ms(LONG_MS), LONG_MS - 20000, "it has time left to look");
    rounds_end(r, mine, NULL);
    (void)pthread_join(other.thread, NULL);
    cr_expect(other.mine, "the round goes on without it");
    rounds_free(r);
}

Test(api_rounds, who_joined_in_vain_looks_without_a_round)
{
    struct asker a[OTHERS];
    struct round *mine = NULL;
    int alone = 0;

    r = rounds_new(LONG_MS, LONG_MS);
    told = NULL; /* what failed for one says nothing about the others */
    cr_assert_null(rounds_ask(r, "job", &mine));
    ask_all(a);
    rounds_end(r, mine, NULL);
    join_all(a);
    for (int i = 0; i < OTHERS; i++) {
        cr_expect_null(a[i].answer);
        alone += !a[i].mine;
    }
    cr_expect_eq(alone, OTHERS - 1);
    rounds_free(r);
}

Test(api_rounds, nobody_waits_beyond_the_deadline)
{
    struct round *mine = NULL;
    struct round *other = NULL;

    r = rounds_new(LONG_MS, LONG_MS);
    cr_assert_null(rounds_ask(r, "job", &mine));
    (void)deadline_within(1);
    cr_expect_null(rounds_ask(r, "job", &other));
    rounds_end(r, other, NULL);
    rounds_end(r, mine, NULL);
    rounds_free(r);
}
