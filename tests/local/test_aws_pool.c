/* The pool of connections: how many there are at once, who waits for one, and when they are closed.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/deadline.h"
#include "src/aws/http_impl.h"
#include "tests/local/fake_http.h"

TestSuite(http_pool, .timeout = 120);

static int descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    cr_assert_not_null(d);
    while (readdir(d) != NULL) {
        n++;
    }
    (void)closedir(d);
    return n;
}

struct asker {
    struct http *h;
    const char *url;
    int timeout_ms;
    enum err_code code;
    char said[300];
};

static void *ask(void *arg)
{
    struct asker *x = arg;
    struct http_request q = {.method = "GET", .url = x->url, .total_timeout_ms = 20000};
    struct http_response r = {0};
    struct err e = {0};
    int64_t before = deadline_within(x->timeout_ms);

    x->code = http_send(x->h, &q, &r, &e);
    (void)deadline_set(before);
    (void)snprintf(x->said, sizeof x->said, "%s", e.msg);
    http_response_clear(&r);
    return NULL;
}

/* So many askers at once, each by the same rules. */
static void ask_all(struct asker *all, size_t n)
{
    pthread_t threads[32];

    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, ask, &all[i]), 0);
    }
    for (size_t i = 0; i < n; i++) {
        (void)pthread_join(threads[i], NULL);
    }
}

Test(http_pool, more_than_the_limit_wait_for_each_other_and_all_are_served)
{
    enum { ASKERS = 24, AT_ONCE = 3 };
    static const struct fake_reply script[] = {{.body = "x"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct asker all[ASKERS];

    http_limit(h, AT_ONCE);
    for (size_t i = 0; i < ASKERS; i++) {
        all[i] = (struct asker){.h = h, .url = fake_http_url(f), .timeout_ms = 20000};
    }
    ask_all(all, ASKERS);
    for (size_t i = 0; i < ASKERS; i++) {
        cr_expect_eq(all[i].code, E_OK, "%zu: %s", i, all[i].said);
    }
    cr_expect_eq(fake_http_requests(f), ASKERS);
    cr_expect_leq(fake_http_connections(f), AT_ONCE);
    http_free(h);
    fake_http_stop(f);
}

Test(http_pool, who_finds_none_free_in_its_time_is_told_so)
{
    static const struct fake_reply script[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct asker all[2];

    http_limit(h, 1);
    for (size_t i = 0; i < 2; i++) {
        all[i] = (struct asker){.h = h, .url = fake_http_url(f), .timeout_ms = 700};
    }
    int64_t began = clock_mono_ms(NULL);
    ask_all(all, 2);
    cr_expect_lt(clock_mono_ms(NULL) - began, 15000, "the request itself may take longer");
    cr_expect_eq(all[0].code, E_TIMEOUT, "%s", all[0].said);
    cr_expect_eq(all[1].code, E_TIMEOUT, "%s", all[1].said);
    http_free(h);
    fake_http_stop(f);
}

Test(http_pool, idle_connections_are_closed)
{
    enum { ASKERS = 16 };
    static const struct fake_reply script[] = {{.body = "x"}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct asker all[ASKERS];

    for (size_t i = 0; i < ASKERS; i++) {
        all[i] = (struct asker){.h = h, .url = fake_http_url(f), .timeout_ms = 20000};
    }
    ask_all(all, ASKERS);
    int used = descriptors();
    http_tidy(h, 60000);
    size_t connections = fake_http_connections(f);
    ask_all(all, 1);
    cr_expect_eq(fake_http_connections(f), connections, "those of just now were closed");
    http_tidy(h, 0);
    int after = descriptors();
    cr_expect_lt(after, used - 2, "%d, before %d", after, used);
    ask_all(all, 1); /* and the call goes on, on a new connection */
    cr_expect_eq(all[0].code, E_OK, "%s", all[0].said);
    cr_expect_eq(fake_http_connections(f), connections + 1);
    http_free(h);
    fake_http_stop(f);
}

static int spares(const struct http *h)
{
    int n = 0;

    for (size_t i = 0; i < HTTP_SPARES; i++) {
        n += h->spares[i].data != NULL;
    }
    return n;
}

Test(http_pool, the_buffer_of_a_big_body_is_kept_for_the_next_page_and_not_for_ever)
{
    static char page[100 * 1024];
    static const struct fake_reply script[] = {
        {.body = page,             .body_len = sizeof page},
        {.body = page,                        .body_len = sizeof page},
        {.body = page,.body_len = sizeof page},
        {.body = "x"            },
    };
    struct fake_http *f = fake_http_start(script, sizeof script / sizeof *script);
    struct http *h = http_new(NULL, NULL);
    struct asker one = {.h = h, .url = fake_http_url(f), .timeout_ms = 20000};

    memset(page, 'a', sizeof page);
    for (int i = 0; i < 2; i++) {
        ask_all(&one, 1);
        cr_assert_eq(one.code, E_OK, "%s", one.said);
        cr_expect_eq(spares(h), 1, "the second page is read into the buffer of the first");
    }
    http_tidy(h, 60000);
    cr_expect_eq(spares(h), 0);
    ask_all(&one, 1);
    cr_expect_eq(spares(h), 1);
    h->spared_ms -= 10000; /* as if the last page had come long ago */
    h->looked_ms -= 10000;
    ask_all(&one, 1);
    cr_assert_eq(one.code, E_OK, "%s", one.said);
    cr_expect_eq(spares(h), 0);
    http_free(h);
    fake_http_stop(f);
}
