/* Whose Batch job is whose, and of which times all are known: the ranges, the bound, the file. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/deadline.h"
#include "src/ops/batch_names.h"
#include "src/ops/parallel.h"

static struct batch_names *n;

static void setup(void)
{
    n = batch_names_new();
}

static void teardown(void)
{
    batch_names_free(n);
}

TestSuite(batch_names, .init = setup, .fini = teardown, .timeout = 120);

Test(batch_names, ranges_join_and_what_lies_between_is_not_covered)
{
    cr_expect_eq(batch_names_below(n, INT64_MAX), TIME_NONE);
    batch_names_cover(n, 100, 200);
    batch_names_cover(n, 300, 400);
    cr_expect_eq(batch_names_reach(n, 401), 300);
    cr_expect_eq(batch_names_reach(n, 350), 300);
    cr_expect_eq(batch_names_reach(n, 402), 402, "401 is not known");
    cr_expect_eq(batch_names_reach(n, 300), 300);
    cr_expect_eq(batch_names_below(n, 300), 200);
    cr_expect_eq(batch_names_below(n, 100), TIME_NONE);
    batch_names_cover(n, 201, 299); /* it touches both */
    cr_expect_eq(batch_names_reach(n, 401), 100);
    batch_names_cover(n, 10, 5); /* nothing */
    cr_expect_eq(batch_names_reach(n, 101), 100);
    batch_names_cover(n, 50, 1000);
    cr_expect_eq(batch_names_below(n, INT64_MAX), 1000);
    cr_expect_eq(batch_names_reach(n, 1001), 50);
}

Test(batch_names, of_too_many_ranges_the_oldest_is_not_covered_any_more)
{
    for (int i = 0; i < 40; i++) {
        batch_names_cover(n, i * 100, i * 100 + 10);
    }
    cr_expect_eq(batch_names_reach(n, 3911), 3900);
    cr_expect_eq(batch_names_reach(n, 11), 11, "the oldest were dropped");
}

Test(batch_names, an_owner_is_kept_as_it_was_first_told)
{
    batch_names_put(n, "b1", "job", 5);
    batch_names_put(n, "b2", "job", 9);
    batch_names_put(n, "b3", NULL, 7);
    batch_names_put(n, "b1", "another", 5);
    struct batch_name *list = NULL;
    cr_assert_eq(batch_names_of(n, "job", &list), 2);
    cr_expect_str_eq(list[0].batch_id, "b2");
    cr_expect_str_eq(list[1].batch_id, "b1");
    batch_names_list_free(list, 2);
    char *owner = batch_names_owner(n, "b3");
    cr_expect_str_eq(owner, "");
    free(owner);
    cr_expect_null(batch_names_owner(n, "b4"));
    cr_expect(batch_names_know(n, "b3") && !batch_names_know(n, "b4"));
}

Test(batch_names, of_a_chain_the_end_is_the_owner_and_of_a_circle_none)
{
    static const struct {
        const char *id, *root;
    } cases[] = {
        {"b1",  "job"},
        {"b2",  "job"},
        {"b3",  "job"},
        {"c1",  ""   },
        {"c2",  ""   },
        {"c3",  ""   },
        {"in",  ""   },
        {"own", ""   }
    };

    batch_names_put(n, "b3", "b2", 5);
    batch_names_put(n, "b2", "b1", 4);
    batch_names_put(n, "b1", "job", 3);
    batch_names_put(n, "c1", "c2", 5);
    batch_names_put(n, "c2", "c3", 5);
    batch_names_put(n, "c3", "c1", 5);
    batch_names_put(n, "in", "c1", 5);
    batch_names_put(n, "own", "own", 5);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *root = batch_names_root(n, cases[i].id);
        cr_assert_not_null(root);
        cr_expect_str_eq(root, cases[i].root, "%s", cases[i].id);
        free(root);
    }
    cr_expect_null(batch_names_root(n, "unknown"));
}

Test(batch_names, it_is_bounded_and_what_was_dropped_is_not_covered)
{
    char id[24];

    for (int i = 0; i < BATCH_NAMES_MAX + 10; i++) {
        (void)snprintf(id, sizeof id, "b%d", i);
        batch_names_put(n, id, i % 2 == 0 ? "even" : "", i + 1);
        if (i == BATCH_NAMES_MAX - 1) {
            batch_names_cover(n, 1, BATCH_NAMES_MAX);
        }
    }
    cr_expect(!batch_names_know(n, "b0"));
    cr_expect(batch_names_know(n, "b49999"));
    int64_t from = batch_names_reach(n, BATCH_NAMES_MAX + 1);
    cr_expect_gt(from, 5000);
    batch_names_cover(n, 1, 100);
    cr_expect_eq(batch_names_reach(n, 101), 101, "those are not known any more");
    struct batch_name *list = NULL;
    size_t len = batch_names_of(n, "even", &list);
    for (size_t i = 0; i < len; i++) {
        cr_assert_geq(list[i].created_ms, from);
    }
    batch_names_list_free(list, len);
}

Test(batch_names, the_file_keeps_any_text_and_every_damage_is_seen)
{
    size_t len = 0;

    batch_names_put(n, "b 1\n%", "job with blanks\tand \x01 and \xc3\xa4%41", 5);
    batch_names_put(n, "b2", "", 9);
    batch_names_cover(n, 1, 9);
    char *text = batch_names_text(n, "a | place", &len);
    struct batch_names *again = batch_names_new();
    cr_assert_eq(batch_names_parse(again, text, len, "a | place", NULL), E_OK);
    char *owner = batch_names_owner(again, "b 1\n%");
    cr_assert_not_null(owner);
    cr_expect_str_eq(owner, "job with blanks\tand \x01 and \xc3\xa4%41");
    free(owner);
    cr_expect_eq(batch_names_reach(again, 10), 1);
    batch_names_free(again);
    for (size_t i = 0; i < len; i++) {
        again = batch_names_new();
        text[i] ^= 1;
        cr_expect_neq(batch_names_parse(again, text, len, "a | place", NULL), E_OK, "byte %zu", i);
        text[i] ^= 1;
        cr_expect_neq(batch_names_parse(again, text, i, "a | place", NULL), E_OK, "%zu bytes", i);
        cr_expect_eq(batch_names_below(again, INT64_MAX), TIME_NONE, "nothing of it is believed");
        batch_names_free(again);
    }
    /* The text needs no NUL: nothing is read behind its last byte. The address sanitizer sees it.
     */
    for (size_t i = 1; i <= len; i++) {
        char *bare = xmalloc(i);
        memcpy(bare, text + len - i, i);
        again = batch_names_new();
        cr_expect_eq(batch_names_parse(again, bare, i, "a | place", NULL) == E_OK, i == len,
                     "the last %zu bytes", i);
        batch_names_free(again);
        free(bare);
    }
    again = batch_names_new();
    cr_expect_eq(batch_names_parse(again, text, len, "another", NULL), E_NOT_FOUND);
    batch_names_free(again);
    free(text);
}

Test(batch_names, the_file_keeps_an_id_as_long_as_a_key_may_be)
{
    char id[2049];
    struct batch_names *again = batch_names_new();
    size_t len = 0;

    memset(id, 'k', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    batch_names_put(n, "b1", id, 5);
    char *text = batch_names_text(n, "here", &len);
    cr_expect_eq(batch_names_parse(again, text, len, "here", NULL), E_OK);
    char *owner = batch_names_owner(again, "b1");
    cr_expect_str_eq(owner == NULL ? "" : owner, id);
    free(owner);
    free(text);
    batch_names_free(again);
}

TestSuite(deadline, .timeout = 120);

static void look(void *arg, size_t i)
{
    int64_t *seen = arg;

    seen[i] = deadline_get();
}

Test(deadline, a_part_never_has_more_time_than_the_whole)
{
    int64_t seen[40];

    cr_expect_eq(deadline_get(), DEADLINE_NONE);
    cr_expect_eq(deadline_left_ms(700), 700);
    int64_t none = deadline_within(60000);
    int64_t whole = deadline_get();
    int64_t before = deadline_within(600000);
    cr_expect_eq(deadline_get(), whole);
    cr_expect_eq(before, whole);
    (void)deadline_within(0);
    cr_expect_eq(deadline_get(), whole, "0 changes nothing");
    cr_expect_eq(deadline_left_ms(700), 700);
    cr_expect_leq(deadline_left_ms(90000), 60000);
    (void)deadline_share(50);
    cr_expect_leq(deadline_left_ms(90000), 30000);
    cr_expect_gt(deadline_left_ms(90000), 20000);
    ops_parallel(40, look, seen);
    for (int i = 0; i < 40; i++) {
        cr_expect_eq(seen[i], deadline_get(), "piece %d", i);
    }
    (void)deadline_set(clock_mono_ms(NULL) - 5);
    cr_expect_eq(deadline_left_ms(700), 0);
    (void)deadline_set(none);
    cr_expect_eq(deadline_get(), DEADLINE_NONE);
}
