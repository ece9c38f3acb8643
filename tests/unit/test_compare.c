/* Two jobs beside each other: their facts, and the difference of their logs. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "jobs/compare.h"
#include "jobs_help.h"

#define NOW INT64_C(1755693000000) /* 2025-08-20T12:30:00Z */

/* ---- facts ---- */

struct pair {
    struct job *job[2];
    struct batch_job *batch[2];
    cJSON *item[2];
    struct job_state state[2];
    struct compare_side side[2];
};

static struct pair pair_of(const char *const record[2], const char *const batch[2])
{
    struct pair p = {
        .job = {NULL, NULL}
    };

    for (int i = 0; i < 2; i++) {
        char *text = xasprintf("{'jobId':{'S':'job_1_abc'},%s}", record[i]);
        p.item[i] = help_json(text);
        free(text);
        p.job[i] = job_from_item(p.item[i]);
        p.batch[i] = batch[i] == NULL ? NULL : help_batch(batch[i]);
        job_state_merge(p.job[i], p.batch[i], true, NOW, NULL, &p.state[i]);
    }
    return p;
}

static const struct compare_side *sides(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        p->side[i] = (struct compare_side){p->job[i], &p->state[i], p->batch[i], p->item[i]};
    }
    return p->side;
}

static void pair_free(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        job_free(p->job[i]);
        batch_job_free(p->batch[i]);
        cJSON_Delete(p->item[i]);
    }
}

static const struct compare_row *row(const struct compare_rows *r, const char *name)
{
    for (size_t i = 0; i < r->len; i++) {
        if (strcmp(r->items[i].name, name) == 0) {
            return &r->items[i];
        }
    }
    return NULL;
}

#define EXPECT_ROW(r, name, a, b)                                                                  \
    do {                                                                                           \
        const struct compare_row *row_ = row(r, name);                                             \
        cr_assert_not_null(row_, "%s", name);                                                      \
        cr_expect_str_eq(row_->text[0] == NULL ? "-" : row_->text[0], a, "%s", name);              \
        cr_expect_str_eq(row_->text[1] == NULL ? "-" : row_->text[1], b, "%s", name);              \
        cr_expect_eq(row_->differs, strcmp(a, b) != 0, "%s", name);                                \
    } while (0)

Test(compare, facts_of_both_are_told_and_those_that_differ_are_marked)
{
    struct pair p = pair_of(
        (const char *const[2]){
            "'userId':{'S':'ann'},'productId':{'S':'p'},'status':{'S':'FAILED'},"
            "'features':{'L':[{'S':'auth'}]},'priority':{'S':'low'},"
            "'createdAt':{'S':'2025-08-20T10:00:00Z'},"
            "'metadata':{'M':{'businessName':{'S':'Bakery'},'tier':{'S':'gold'},"
            "'seats':{'N':'12'},'db':{'S':'postgres://u:secret@h/db'}}}",
            "'userId':{'S':'bob'},'productId':{'S':'p'},'status':{'S':'COMPLETED'},"
            "'features':{'L':[{'S':'auth'},{'S':'blog'}]},"
            "'createdAt':{'S':'2025-08-20T11:00:00Z'},"
            "'metadata':{'M':{'businessName':{'S':'Bakery'},'tier':{'S':'gold'},"
            "'seats':{'N':'15'},'colour':{'M':{'r':{'N':'1'}}}}}"},
        (const char *const[2]){
            "{'jobId':'b-1','status':'FAILED','jobDefinition':'arn:aws:batch:x:1:job-definition/"
            "d:3',"
            "'createdAt':1755684000000,'startedAt':1755684060000,'stoppedAt':1755684180000,"
            "'container':{'image':'repo/mvp:1','exitCode':9,'reason':'Boom 17'},"
            "'attempts':[{'startedAt':1755684060000,'stopped':1,'container':{'exitCode':1}},"
            "{'startedAt':1755684100000,'stoppedAt':1755684180000,'statusReason':'x',"
            "'container':{'exitCode':9,'reason':'Boom 17'}}]}",
            NULL});
    struct compare_rows r;

    compare_jobs(sides(&p), NOW, &r);
    EXPECT_ROW(&r, "Status", "FAILED", "COMPLETED");
    EXPECT_ROW(&r, "User", "ann", "bob");
    EXPECT_ROW(&r, "Product", "p", "p");
    EXPECT_ROW(&r, "Reason", "exit 9; Boom <n>", "-");
    EXPECT_ROW(&r, "Exit code", "9", "not known");
    EXPECT_ROW(&r, "Features", "auth", "auth, blog");
    EXPECT_ROW(&r, "Priority", "low", "-");
    EXPECT_ROW(&r, "Image", "repo/mvp:1", "not known");
    EXPECT_ROW(&r, "Definition", "d:3", "not known");
    EXPECT_ROW(&r, "metadata.tier", "gold", "gold");
    EXPECT_ROW(&r, "metadata.seats", "12", "15");
    EXPECT_ROW(&r, "metadata.colour", "-", "{\"r\":1}");
    cr_assert_not_null(row(&r, "metadata.db"));
    cr_expect_null(strstr(row(&r, "metadata.db")->text[0], "secret"));
    cr_expect_null(row(&r, "metadata.businessName"), "Business tells it");
    cr_expect_null(row(&r, "Email"), "neither has one");
    EXPECT_ROW(&r, "Waited", "1m 00s", "-");
    EXPECT_ROW(&r, "Attempt 1", "exit 1", "-");
    EXPECT_ROW(&r, "Attempt 2", "exit 9, 1m 20s, Boom 17", "-");
    cr_expect_eq(row(&r, "Requested")->at_ms[0], INT64_C(1755684000000));
    cr_expect_eq(row(&r, "Requested")->at_ms[1], INT64_C(1755687600000));
    compare_rows_clear(&r);
    pair_free(&p);
}

Test(compare, steps_have_their_begin_and_duration_in_both)
{
    struct pair p = pair_of(
        (const char *const[2]){"'status':{'S':'FAILED'},'completedAt':{'S':'2025-08-20T10:20:00Z'},"
                               "'stepTimes':{'M':{'INIT':{'S':'2025-08-20T10:00:00Z'},"
                               "'BUILDING':{'S':'2025-08-20T10:05:30Z'}}}",
                               "'status':{'S':'IN_PROGRESS'},"
                               "'stepTimes':{'M':{'INIT':{'S':'2025-08-20T11:00:00Z'},"
                               "'DEPLOYING':{'S':'2025-08-20T11:04:00Z'}}}"},
        (const char *const[2]){NULL, NULL});
    struct compare_rows r;

    compare_jobs(sides(&p), NOW, &r);
    EXPECT_ROW(&r, "INIT", "5m 30s", "4m 00s");
    EXPECT_ROW(&r, "BUILDING", "14m 30s", "-");
    const struct compare_row *last = row(&r, "DEPLOYING");
    cr_assert_not_null(last);
    cr_expect_null(last->text[1], "it is still there");
    cr_expect_eq(last->at_ms[0], TIME_NONE);
    cr_expect_eq(last->at_ms[1], INT64_C(1755687840000));
    compare_rows_clear(&r);
    pair_free(&p);
}

Test(compare, a_record_that_was_not_read_has_no_metadata_to_differ)
{
    struct pair p = pair_of(
        (const char *const[2]){"'metadata':{'M':{'tier':{'S':'gold'}}}", "'userId':{'S':'u'}"},
        (const char *const[2]){NULL, NULL});
    struct compare_rows r;

    (void)sides(&p);
    p.side[1].item = NULL;
    compare_jobs(p.side, NOW, &r);
    cr_expect_null(row(&r, "metadata.tier"));
    compare_rows_clear(&r);
    pair_free(&p);
}

/* ---- logs ---- */

Test(compare, lines_that_differ_in_times_ids_and_numbers_are_the_same)
{
    static const struct {
        const char *a, *b;
        bool same;
    } lines[] = {
        {"2025-08-20T10:00:00Z step 3 of job_1734567890123_abc123def",
         "2026-01-02T03:04:05Z step 4 of job_1834567890123_zzz999yyy",                               true },
        {"built in 3.2s at /tmp/x/1",                                  "built in 14.9s at /var/y/2", true },
        {"exit code 1",                                                "exit code 2",                false},
        {"npm ERR! missing a",                                         "npm ERR! missing b",         false},
        {"",                                                           "",                           true },
        {"a",                                                          "",                           false},
        {"a  b",                                                       "a b",                        true },
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        bool same = compare_line_key(lines[i].a, strlen(lines[i].a)) ==
                    compare_line_key(lines[i].b, strlen(lines[i].b));
        cr_expect_eq(same, lines[i].same, "[%s] [%s]", lines[i].a, lines[i].b);
    }
}

/* The parts as a text: "=2 -1 +3" */
static char *parts_of(const char *first, const char *second)
{
    struct strbuf b = STRBUF_INIT;
    uint64_t key[2][64];
    const char *text[2] = {first, second};
    struct compare_diff d;

    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < strlen(text[s]); i++) {
            key[s][i] = (uint64_t)text[s][i];
        }
    }
    compare_logs(key[0], strlen(first), key[1], strlen(second), &d);
    for (size_t i = 0; i < d.len; i++) {
        strbuf_addf(&b, "%s%c%zu", i == 0 ? "" : " ", "=-+"[d.items[i].op], d.items[i].len);
    }
    compare_diff_clear(&d);
    return strbuf_take(&b);
}

Test(compare, the_difference_is_as_short_as_can_be)
{
    static const struct {
        const char *a, *b, *want;
    } logs[] = {
        {"",            "",         ""              },
        {"abc",         "abc",      "=3"            },
        {"",            "ab",       "+2"            },
        {"ab",          "",         "-2"            },
        {"abc",         "abd",      "=2 -1 +1"      },
        {"abcdef",      "abxdef",   "=2 -1 +1 =3"   },
        {"abcdef",      "abdef",    "=2 -1 =3"      },
        {"abdef",       "abcdef",   "=2 +1 =3"      },
        {"xabcy",       "zabcw",    "-1 +1 =3 -1 +1"},
        {"aaaa",        "aa",       "=2 -2"         },
        {"abc",         "xyz",      "-3 +3"         },
        {"startMIDend", "startend", "=5 -3 =3"      },
    };

    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        char *got = parts_of(logs[i].a, logs[i].b);
        cr_expect_str_eq(got, logs[i].want, "%s, %s", logs[i].a, logs[i].b);
        free(got);
    }
}

/* The length of the longest text that is in both, letter by letter: an independent computation. */
static size_t longest(const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
    size_t row_now[65] = {0};

    for (size_t i = 0; i < n; i++) {
        size_t diagonal = 0;
        for (size_t j = 0; j < m; j++) {
            size_t above = row_now[j + 1];
            size_t left = row_now[j];
            row_now[j + 1] = a[i] == b[j] ? diagonal + 1 : above > left ? above : left;
            diagonal = above;
        }
    }
    return row_now[m];
}

Test(compare, any_two_logs_are_told_whole_and_with_the_fewest_changes)
{
    uint32_t seed = 20251130;

    for (int round = 0; round < 3000; round++) {
        uint64_t key[2][64];
        size_t len[2];
        for (int s = 0; s < 2; s++) {
            seed = seed * 1664525 + 1013904223;
            len[s] = seed >> 26;
            for (size_t i = 0; i < len[s]; i++) {
                seed = seed * 1664525 + 1013904223;
                key[s][i] = seed >> (29 + round % 2);
            }
        }
        struct compare_diff d;
        compare_logs(key[0], len[0], key[1], len[1], &d);
        size_t at[2] = {0, 0};
        size_t same = 0;
        for (size_t i = 0; i < d.len; i++) {
            const struct compare_part *p = &d.items[i];
            cr_assert(p->len > 0 && p->at[0] == at[0] && p->at[1] == at[1]);
            for (size_t n = 0; p->op == COMPARE_SAME && n < p->len; n++) {
                cr_assert_eq(key[0][at[0] + n], key[1][at[1] + n]);
            }
            at[0] += p->op == COMPARE_SECOND ? 0 : p->len;
            at[1] += p->op == COMPARE_FIRST ? 0 : p->len;
            same += p->op == COMPARE_SAME ? p->len : 0;
        }
        cr_assert(at[0] == len[0] && at[1] == len[1]);
        cr_assert_not(d.coarse);
        cr_assert_eq(same, longest(key[0], len[0], key[1], len[1]), "round %d", round);
        compare_diff_clear(&d);
    }
}

Test(compare, logs_that_have_nothing_in_common_are_told_coarsely)
{
    enum { MANY = 5000 };
    uint64_t *a = xcalloc(MANY + 2, sizeof *a);
    uint64_t *b = xcalloc(MANY + 2, sizeof *b);
    struct compare_diff d;

    for (size_t i = 1; i <= MANY; i++) {
        a[i] = i;
        b[i] = MANY + i;
    }
    compare_logs(a, MANY + 2, b, MANY + 2, &d);
    cr_expect(d.coarse);
    cr_assert_eq(d.len, 4);
    cr_expect(d.items[0].op == COMPARE_SAME && d.items[0].len == 1);
    cr_expect(d.items[1].op == COMPARE_FIRST && d.items[1].len == MANY);
    cr_expect(d.items[2].op == COMPARE_SECOND && d.items[2].len == MANY);
    cr_expect(d.items[3].op == COMPARE_SAME && d.items[3].len == 1);
    compare_diff_clear(&d);
    free(a);
    free(b);
}
