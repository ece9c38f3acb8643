/* The filter that people type. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/strbuf.h"
#include "jobs/filter.h"
#include "jobs_help.h"

#define NOW INT64_C(1755693000000) /* 2025-08-20T12:30:00Z */

static const char attributes[] =
    "'userId':{'S':'user123'},'productId':{'S':'prod456'},'status':{'S':'FAILED'},"
    "'businessName':{'S':'My Caf\xc3\x89 Startup'},'currentStep':{'S':'BUILDING'},"
    "'batchJobId':{'S':'05a20f97-ab92'},'priority':{'S':'high'},'progress':{'N':'60'},"
    "'createdAt':{'S':'2025-08-20T10:30:00Z'},'updatedAt':{'S':'2025-08-20T12:29:00Z'},"
    "'startedAt':{'S':'2025-08-20T11:30:00Z'},'completedAt':{'S':'2025-08-20T12:00:00Z'},"
    "'features':{'L':[{'S':'auth'},{'S':'payments'}]},'lastError':{'S':'npm ERR! code 1'},"
    "'metadata':{'M':{'userEmail':{'S':'ann@example.com'},'retryOf':{'S':'job_0'},"
    "'estimatedDuration':{'N':'600'}}}";

enum outcome { NO, YES, BAD };

static const struct filter_case {
    const char *text;
    enum outcome want;
} cases[] = {
    {"",                           YES},
    {"   ",                        YES},
 /* words */
    {"startup",                    YES},
    {"STARTUP",                    YES},
    {"caf\xc3\xa9",                YES},
    {"user123",                    YES},
    {"job_1_a",                    YES},
    {"build",                      YES},
    {"failed",                     YES},
    {"mcs",                        YES},
    {"startp",                     YES},
    {"tup",                        YES},
    {"rtup st",                    YES},
    {"startup user999",            NO },
    {"zebra",                      NO },
    {"j1c",                        NO },
    {"!zebra",                     YES},
    {"!startup",                   NO },
    {"\"my caf\"",                 YES},
    {"\"my startup\"",             NO },
    {"!\"my startup\"",            YES},
    {"!",                          YES},
    {"\"status:x\"",               NO },
 /* fields */
    {"status:failed",              YES},
    {"status:FAI",                 YES},
    {"status:completed,failed",    YES},
    {"status:in-progress",         NO },
    {"!status:completed",          YES},
    {"status:",                    YES},
    {"status:ailed",               NO },
    {"user:123",                   YES},
    {"user:999,user1",             YES},
    {"user:999",                   NO },
    {"product:prod456",            YES},
    {"name:caf\xc3\xa9",           YES},
    {"name:\"caf\xc3\xa9 start\"", YES},
    {"step:build",                 YES},
    {"priority:high",              YES},
    {"priority:normal",            NO },
    {"id:_abc",                    YES},
    {"batch:05a2",                 YES},
    {"batch:runnable",             NO },
    {"feature:pay",                YES},
    {"feature:blog",               NO },
    {"error:npm",                  YES},
    {"error:yarn",                 NO },
    {"email:example.com",          YES},
    {"is:failed",                  YES},
    {"is:active",                  NO },
    {"is:final",                   YES},
    {"is:stuck",                   NO },
    {"is:drift",                   NO },
    {"is:retry",                   YES},
    {"is:gone",                    NO },
    {"is:over",                    YES},
    {"!is:stuck is:failed user:1", YES},
    {"is:fai",                     YES},
    {"is:nice",                    BAD},
    {"age<3h",                     YES},
    {"age<1h",                     NO },
    {"age>1h",                     YES},
    {"age>=2h",                    YES},
    {"age<=2h",                    YES},
    {"age<",                       YES},
    {"age<=",                      YES},
    {"age<soon",                   BAD},
    {"age:2h",                     BAD},
    {"updated<2m",                 YES},
    {"duration>20m",               YES},
    {"duration>40m",               NO },
    {"progress>50",                YES},
    {"progress>60",                NO },
    {"progress>=60",               YES},
    {"progress:60",                YES},
    {"progress=60%",               YES},
    {"progress<x",                 BAD},
    {"progress>-1",                BAD},
    {"user>5",                     BAD},
    {"colour:red",                 BAD},
    {"http://x",                   BAD},
    {"\"http://x\"",               NO },
    {"a=b",                        NO },
    {":",                          NO },
 /* regular expressions */
    {"/start.p/",                  YES},
    {"/^my/",                      YES},
    {"/^startup/",                 NO },
    {"!/zebra/",                   YES},
    {"/user[0-9]+$/",              YES},
    {"/start",                     YES},
    {"/",                          YES},
    {"//",                         YES},
    {"/a\\/b/",                    NO },
    {"/my caf/ is:failed",         YES},
    {"/(/",                        BAD},
    {"/[/",                        BAD},
    {"/a{51}/",                    BAD},
    {"/(.)\\1/",                   BAD},
    {"/a{1}b{1}c{1}/",             BAD},
};

Test(filter, every_kind_of_term)
{
    struct job *j = help_job(attributes);
    struct job_state s;

    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"), "letters outside ASCII fold by the locale");
    job_state_merge(j, NULL, false, NOW, NULL, &s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        struct filter *f = filter_new(cases[i].text, &e);
        cr_expect_eq(f == NULL, cases[i].want == BAD, "[%s]: %s", cases[i].text, e.msg);
        if (f == NULL) {
            cr_expect_eq(e.code, E_INVALID);
            cr_expect_gt(strlen(e.msg), 10, "[%s]: %s", cases[i].text, e.msg);
        } else if (cases[i].want != BAD) {
            cr_expect_eq(filter_match(f, j, NULL, &s, NOW), cases[i].want == YES, "[%s]",
                         cases[i].text);
        }
        filter_free(f);
    }
    job_free(j);
}

Test(filter, only_a_filter_of_times_moves_with_the_clock)
{
    static const struct {
        const char *text;
        bool moves;
    } cases_moves[] = {
        {"age<2h",           true },
        {"!updated>10m",     true },
        {"stage duration>4", true },
        {"is:over",          true },
        {"stage manager",    false},
        {"name:age",         false},
        {"\"age<2h\"",       false},
        {"/age<2h/",         false},
        {"is:stuck",         false},
        {"progress>=50",     false},
        {"",                 false},
    };

    for (size_t i = 0; i < sizeof cases_moves / sizeof *cases_moves; i++) {
        struct filter *f = filter_new(cases_moves[i].text, NULL);
        cr_assert_not_null(f, "%s", cases_moves[i].text);
        cr_expect_eq(filter_moves(f), cases_moves[i].moves, "%s", cases_moves[i].text);
        filter_free(f);
    }
    cr_expect_not(filter_moves(NULL));
}

Test(filter, env_is_of_the_context_and_leaves_the_job_alone)
{
    static const struct {
        const char *text, *context;
        bool wants, matches;
    } table[] = {
        {"env:prod",           "prod",              true,  true },
        {"env:prod",           "PROD-eu",           true,  true },
        {"env:prod",           "preprod",           false, true },
        {"env:prod",           NULL,                false, true },
        {"env:dev,pr",         "prod",              true,  true },
        {"env:,",              "prod",              false, true },
        {"!env:prod",          "prod",              false, true },
        {"!env:prod",          "dev",               true,  true },
        {"!env:prod",          NULL,                true,  true },
        {"env:prod !env:prod", "prod",              false, true },
        {"env:",               "dev",               true,  true },
        {"env:\xc3\xa9t",      "\xc3\x89t\xc3\xa9", true,  true },
        {"\"env:prod\"",       "dev",               true,  false},
        {"env:prod nobody",    "prod",              true,  false},
        {"",                   "dev",               true,  true },
    };
    struct job *j = help_job("");
    struct job_state s;

    (void)setlocale(LC_ALL, "C.UTF-8");
    job_state_merge(j, NULL, false, NOW, NULL, &s);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct err e = {0};
        struct filter *f = filter_new(table[i].text, &e);
        cr_assert_not_null(f, "%s: %s", table[i].text, e.msg);
        cr_expect_eq(filter_wants(f, table[i].context), table[i].wants, "%s", table[i].text);
        cr_expect_eq(filter_match(f, j, NULL, &s, NOW), table[i].matches, "%s", table[i].text);
        cr_expect_not(filter_moves(f));
        filter_free(f);
    }
    cr_expect(filter_wants(NULL, "prod"));
    cr_expect_null(filter_new("env<3", NULL));
    job_free(j);
}

Test(filter, an_empty_job_meets_every_filter_without_harm)
{
    struct job *j = help_job("");
    struct job_state s;

    job_state_merge(j, NULL, false, NOW, NULL, &s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter *f = filter_new(cases[i].text, NULL);
        (void)filter_match(f, j, NULL, &s, NOW);
        filter_free(f);
    }
    struct filter *f = filter_new("age>1s", NULL);
    cr_expect_not(filter_match(f, j, NULL, &s, NOW), "an unknown age is neither old nor young");
    filter_free(f);
    f = filter_new("priority:normal", NULL);
    cr_expect(filter_match(f, j, NULL, &s, NOW), "none given means normal");
    filter_free(f);
    cr_expect(filter_match(NULL, j, NULL, &s, NOW));
    job_free(j);
}

Test(filter, errors_name_what_would_be_accepted)
{
    struct err e = {0};

    cr_assert_null(filter_new("colour:red", &e));
    cr_expect_not_null(strstr(e.msg, "\"colour\" is not a field: give one of status, user"), "%s",
                       e.msg);
    cr_assert_null(filter_new("is:nice", &e));
    cr_expect_not_null(strstr(e.msg, "is: \"nice\" is not one of stuck, drift"), "%s", e.msg);
    cr_assert_null(filter_new("age<soon", &e));
    cr_expect_not_null(strstr(e.msg, "age: \"soon\" is not a duration"), "%s", e.msg);
    cr_assert_null(filter_new("\xff", &e));
    cr_expect_not_null(strstr(e.msg, "UTF-8"), "%s", e.msg);
}

Test(filter, too_much_is_refused)
{
    struct strbuf b = STRBUF_INIT;

    for (int i = 0; i < 33; i++) {
        strbuf_adds(&b, "a ");
    }
    cr_expect_null(filter_new(strbuf_str(&b), NULL), "33 terms");
    strbuf_truncate(&b, 64);
    struct filter *f = filter_new(strbuf_str(&b), NULL);
    cr_expect_not_null(f, "32 terms");
    filter_free(f);
    strbuf_reset(&b);
    for (int i = 0; i < 600; i++) {
        strbuf_addc(&b, 'x');
    }
    cr_expect_null(filter_new(strbuf_str(&b), NULL), "600 bytes");
    strbuf_clear(&b);
}

/* Patterns that hang engines which try every way, on the longest subject there is. */
Test(filter, no_pattern_hangs, .timeout = 120)
{
    static const char *const patterns[] = {"/(a*)*b/",
                                           "/(a|aa)+$/",
                                           "/(.*)*(.*)*(.*)*x/",
                                           "/((a{1,20}){1,20})*b/",
                                           "/(a?){50}a{50}/",
                                           "/((((((((((a+)+)+)+)+)+)+)+)+)+)+b/",
                                           "/.*.*.*.*.*.*.*.*.*.*x/"};
    struct strbuf b = STRBUF_INIT;
    struct job_state s;

    strbuf_adds(&b, "'businessName':{'S':'");
    for (int i = 0; i < 5000; i++) {
        strbuf_addc(&b, 'a');
    }
    strbuf_adds(&b, "'}");
    struct job *j = help_job(strbuf_str(&b));
    job_state_merge(j, NULL, false, NOW, NULL, &s);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct timespec from;
        struct timespec to;
        struct filter *f = filter_new(patterns[i], NULL);
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        (void)filter_match(f, j, NULL, &s, NOW);
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        double took = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
        cr_expect_lt(took, 1.0, "%s took %.2f s", patterns[i], took);
        filter_free(f);
    }
    job_free(j);
    strbuf_clear(&b);
}

static struct filter *filter_good(const char *text)
{
    struct err e = {0};
    struct filter *f = filter_new(text, &e);

    cr_assert_not_null(f, "[%s]: %s", text, e.msg);
    return f;
}

/* A job that was killed for its memory, after a run of 25 minutes; the record knows nothing. */
static const char killed[] =
    "{'jobId':'b-7','status':'FAILED','createdAt':1755689400000,'startedAt':1755690000000,"
    "'stoppedAt':1755691500000,'container':{'exitCode':139,"
    "'reason':'CannotStartContainerError: disk 17 of i-0abcd1234abcd1234 is full'}}";

Test(filter, failures_are_found_by_reason_exit_code_and_time)
{
    static const struct filter_case failure_cases[] = {
        {"reason:disk",                 YES},
        {"reason:\"disk <n>\"",         YES},
        {"reason:17",                   NO },
        {"reason:0abcd1234abcd1234",    NO },
        {"reason:exit",                 YES},
        {"reason:\"exit 139\"",         YES},
        {"reason:network,CANNOTSTART",  YES},
        {"reason:network",              NO },
        {"!reason:network",             YES},
        {"!reason:disk",                NO },
        {"reason:",                     YES},
        {"reason<disk",                 BAD},
        {"exit:139",                    YES},
        {"exit=139",                    YES},
        {"exit:13",                     NO },
        {"exit:1,139",                  YES},
        {"exit:1,",                     NO },
        {"exit:1,2,255",                NO },
        {"exit>128",                    YES},
        {"exit>=139",                   YES},
        {"exit<139",                    NO },
        {"exit<=139",                   YES},
        {"!exit:139",                   NO },
        {"!exit:0",                     YES},
        {"exit:",                       YES},
        {"exit:256",                    BAD},
        {"exit:-1",                     BAD},
        {"exit:1x",                     BAD},
        {"exit:,1",                     BAD},
        {"exit:1,,2",                   BAD},
        {"exit>1,2",                    BAD},
        {"exit:oom",                    BAD},
        {"exit:99999999999999999999",   BAD},
        {"took>20m",                    YES},
        {"took>25m",                    NO },
        {"took>=25m",                   YES},
        {"took>=1500s",                 YES},
        {"took<=1500",                  YES},
        {"took<1d",                     YES},
        {"took<90s",                    NO },
        {"!took<90s",                   YES},
        {"took:25m",                    BAD},
        {"took>long",                   BAD},
        {"took>",                       YES},
        {"reason:disk exit>1 took>10m", YES},
        {"reason:disk exit>1 took>2h",  NO },
    };
    struct job *j = help_job("'status':{'S':'IN_PROGRESS'}");
    struct batch_job *b = help_batch(killed);
    struct job_state s;

    job_state_merge(j, b, true, NOW, NULL, &s);
    for (size_t i = 0; i < sizeof failure_cases / sizeof *failure_cases; i++) {
        const struct filter_case *c = &failure_cases[i];
        struct err e = {0};
        struct filter *f = filter_new(c->text, &e);
        cr_expect_eq(f == NULL, c->want == BAD, "[%s]: %s", c->text, e.msg);
        cr_expect(f == NULL || c->want == BAD || filter_match(f, j, b, &s, NOW) == (c->want == YES),
                  "[%s]", c->text);
        filter_free(f);
    }
    job_free(j);
    batch_job_free(b);
}

Test(filter, what_is_not_known_is_found_neither_way)
{
    static const char *const neither[] = {"exit:0", "exit>=0", "took>1s", "took<3650d"};
    struct job *j = help_job("'status':{'S':'PENDING'},'createdAt':{'S':'2025-08-20T12:29:00Z'}");
    struct job_state s;

    job_state_merge(j, NULL, false, NOW, NULL, &s);
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
        struct err e = {0};
        char opposite[32];
        (void)snprintf(opposite, sizeof opposite, "!%s", neither[i]);
        struct filter *f = filter_new(neither[i], &e);
        struct filter *not_f = filter_new(opposite, &e);
        cr_assert(f != NULL && not_f != NULL, "%s", e.msg);
        cr_expect_not(filter_match(f, j, NULL, &s, NOW), "%s", neither[i]);
        cr_expect_not(filter_match(not_f, j, NULL, &s, NOW), "%s", opposite);
        filter_free(f);
        filter_free(not_f);
    }
    struct filter *f = filter_good("!reason:memory");
    cr_expect(filter_match(f, j, NULL, &s, NOW), "a job that did not fail has no reason");
    filter_free(f);
    job_free(j);
}

Test(filter, a_failure_of_no_known_cause_is_unknown)
{
    struct job *j = help_job("'status':{'S':'FAILED'}");
    struct job_state s;

    job_state_merge(j, NULL, false, NOW, NULL, &s);
    struct filter *f = filter_good("reason:unknown");
    cr_expect(filter_match(f, j, NULL, &s, NOW));
    filter_free(f);
    job_free(j);
}

Test(filter, mistakes_in_the_new_fields_are_told_with_an_example)
{
    static const struct {
        const char *text, *part;
    } wrong[] = {
        {"exit:oom",    "exit: \"oom\" is not an exit code: give 0 to 255, such as exit:137"      },
        {"took>long",   "took: \"long\" is not a duration: give one like 90s, 30m, 2h or 7d"      },
        {"took:25m",    "took: times are hardly ever equal: give took<2h or took>2h"              },
        {"reason>oom",  "reason: its values have no order, so > does not apply: give reason:value"},
        {"reasons:oom", "\"reasons\" is not a field: give one of status, user"                    },
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        cr_expect_null(filter_new(wrong[i].text, &e));
        cr_expect_not_null(strstr(e.msg, wrong[i].part), "%s: %s", wrong[i].text, e.msg);
    }
}

Test(filter, names_and_words_are_completed)
{
    static const struct {
        const char *typed, *want;
    } words[] = {
        {"rea",              "reason:"                },
        {"to",               "took>"                  },
        {"ex",               "exit:"                  },
        {"!EX",              "!exit:"                 },
        {"startup ag",       "startup age<"           },
        {"p",                "pr"                     },
        {"pr",               NULL                     },
        {"pro",              NULL                     },
        {"prod",             "product:"               },
        {"u",                NULL                     },
        {"us",               "user:"                  },
        {"is:f",             NULL                     },
        {"is:fa",            "is:failed"              },
        {"!is:st",           "!is:stuck"              },
        {"status:in",        "status:IN_PROGRESS"     },
        {"status:failed,c",  NULL                     },
        {"status:failed,co", "status:failed,COMPLETED"},
        {"colour:r",         NULL                     },
        {"is:failed",        NULL                     },
        {"",                 NULL                     },
        {"to ",              NULL                     },
        {"/to",              NULL                     },
        {"\"to",             NULL                     },
        {"zebra",            NULL                     },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *got = filter_complete(words[i].typed, NULL, NULL, NULL);
        const char *want = words[i].want;
        cr_expect(want == NULL ? got == NULL : got != NULL && strcmp(got, want) == 0,
                  "[%s]: %s, not %s", words[i].typed, got == NULL ? "(none)" : got,
                  want == NULL ? "(none)" : want);
        free(got);
    }
}

/* Jobs of these users and businesses. */
static const struct known {
    const char *user, *business, *step;
} known[] = {
    {"ann",  "Corner Shop",          "BUILDING" },
    {"anna", "Corner Café",         "BUILDING" },
    {"bob",  "Bread, Butter",        "INIT"     },
    {"bob",  "The \\\"Best\\\" One", "INIT"     },
    {"bob",  "Zebra Crossing",       "DEPLOYING"},
};

static void each_known(const void *arg, void (*take)(void *to, const struct job *j), void *to)
{
    (void)arg;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char *text = xasprintf("'userId':{'S':'%s'},'stage':{'S':'%s'},"
                               "'metadata':{'M':{'businessName':{'S':'%s'}}}",
                               known[i].user, known[i].step, known[i].business);
        struct job *j = help_job(text);
        free(text);
        take(to, j);
        job_free(j);
    }
}

/* A job that runs and has not told of itself for long. */
Test(filter, the_words_by_which_people_count_jobs_find_them)
{
    static const struct {
        const char *text;
        bool matches;
    } table[] = {
        {"is:stuck ",       true },
        {"running",         true },
        {"RUNNING",         true },
        {"!running",        false},
        {"status:running",  true },
        {"status:run",      true },
        {"status:in_prog",  true },
        {"status:queued",   false},
        {"queued",          false},
        {"stuck",           true },
        {"status:stuck",    true },
        {"!stuck",          false},
        {"STATUS:stuck",    true },
        {"is:STUCK",        true },
        {"Business:bakery", true },
        {"Prio:normal",     true },
        {"Job:1_abc",       true },
        {"Upd>1m",          true },
        {"Features:auth",   true },
        {"retry-of:job_0",  true },
        {"retry-of:job_9",  false},
    };
    struct job *j =
        help_job("'status':{'S':'in_progress'},'businessName':{'S':'Bakery'},"
                 "'updatedAt':{'S':'2025-08-18T12:29:00Z'},'features':{'L':[{'S':'auth'}]},"
                 "'metadata':{'M':{'retryOf':{'S':'job_0'}}}");
    struct job_state s;

    job_state_merge(j, NULL, false, NOW, NULL, &s);
    cr_assert_neq(s.stuck, STUCK_NO);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct err e = {0};
        struct filter *f = filter_new(table[i].text, &e);
        cr_assert_not_null(f, "%s: %s", table[i].text, e.msg);
        cr_expect_eq(filter_match(f, j, NULL, &s, NOW), table[i].matches, "%s", table[i].text);
        filter_free(f);
    }
    job_free(j);
}

Test(filter, values_that_the_jobs_have_are_completed)
{
    static const struct {
        const char *typed, *want, *choices;
    } words[] = {
        {"user:a",                      "user:ann",                           "ann  anna"                },
        {"user:ann",                    NULL,                                 "ann  anna"                },
        {"user:B",                      "user:bob",                           ""                         },
        {"USER:b",                      "USER:bob",                           ""                         },
        {"!user:bo",                    "!user:bob",                          ""                         },
        {"user:ann,bo",                 "user:ann,bob",                       ""                         },
        {"business:co",                 "business:\"Corner ",                 "Corner Shop  Corner Café"},
        {"Business:\"corner s",         "Business:\"Corner Shop\"",           ""                         },
        {"name:\"Corner Shop\"",        NULL,                                 ""                         },
        {"name:\"Corner Shop\" step:b", "name:\"Corner Shop\" step:BUILDING", ""                         },
        {"name:z",                      "name:\"Zebra Crossing\"",            ""                         },
        {"name:bre",                    NULL,                                 ""                         },
        {"name:the",                    NULL,                                 ""                         },
        {"step:",                       NULL,                                 "BUILDING  INIT  DEPLOYING"},
        {"status:ru",                   "status:running",                     ""                         },
        {"status:st",                   NULL,                                 "STOPPING  stuck"          },
        {"priority:",                   "priority:normal",                    ""                         },
        {"user:x",                      NULL,                                 ""                         },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct strbuf choices = STRBUF_INIT;
        char *got = filter_complete(words[i].typed, each_known, NULL, &choices);
        const char *want = words[i].want;
        cr_expect(want == NULL ? got == NULL : got != NULL && strcmp(got, want) == 0,
                  "[%s]: %s, not %s", words[i].typed, got == NULL ? "(none)" : got,
                  want == NULL ? "(none)" : want);
        cr_expect_str_eq(strbuf_str(&choices), words[i].choices, "[%s]", words[i].typed);
        if (got != NULL) {
            struct err e = {0};
            struct filter *f = filter_new(got, &e);
            cr_expect_not_null(f, "%s: %s", got, e.msg);
            filter_free(f);
        }
        strbuf_clear(&choices);
        free(got);
    }
}

Test(filter, a_pattern_that_is_no_regular_expression_is_told_by_what_it_lacks)
{
    static const char *const lacks[][2] = {
        {"/[/",     "unclosed ["       },
        {"/a[b/",   "unclosed ["       },
        {"/(a/",    "unclosed ("       },
        {"/a{2/",   "unclosed {"       },
        {"/*a/",    "nothing before it"},
        {"/[z-a]/", "such as z-a"      },
    };
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++) {
        struct err e = {0};
        struct filter *f = filter_new(lacks[i][0], &e);
        cr_expect_null(f, "%s", lacks[i][0]);
        cr_expect_not_null(strstr(e.msg, lacks[i][1]), "%s: %s", lacks[i][0], e.msg);
        filter_free(f);
    }
}
