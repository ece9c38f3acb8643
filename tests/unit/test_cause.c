/* Why jobs failed: what is taken out of messages, and which failures have one cause. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

#include "core/text.h"
#include "jobs/cause.h"
#include "jobs_help.h"

static const struct text_case {
    const char *text, *want;
} texts[] = {
    {"npm ERR! code E404",                                         "npm ERR! code E404"                      },
    {"src/app/page.tsx(12,7): error TS2304: Cannot find name 'x'",
     "<path>(<n>): error TS2304: Cannot find name 'x'"                                                       },
    {"job job_1734567890123_abc123def is lost",                    "job <id> is lost"                        },
    {"Host EC2 (instance i-0abc123def4567890) terminated.",
     "Host EC2 (instance i-<id>) terminated."                                                                },
    {"request 550e8400-e29b-41d4-a716-446655440000 failed",        "request <id> failed"                     },
    {"at 2025-08-20T10:30:00.123Z: gave up",                       "at <time>: gave up"                      },
    {"at 2025-08-20 10:30:00, gave up",                            "at <time>, gave up"                      },
    {"took 12.5s, limit 10s",                                      "took <n>s, limit <n>s"                   },
    {"connect ECONNREFUSED 10.0.0.12:5432",                        "connect ECONNREFUSED <n>"                },
    {"cannot open /tmp/build-12/x.js.",                            "cannot open <path>."                     },
    {"cannot open C:\\work\\x.js now",                             "cannot open <path> now"                  },
    {"TCP/IP and/or I/O stay",                                     "TCP/IP and/or I/O stay"                  },
    {"git 4f8cdc2a and a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0",  "git <id> and <id>"                       },
    {"mail to user.12@example.com failed",                         "mail to <email> failed"                  },
    {"arn:aws:batch:us-east-1:123456789012:job/abc is gone",       "<arn> is gone"                           },
    {"GET https://api.example.com/v9/projects/12?x=1: 502",
     "GET https://api.example.com<path> <n>"                                                                 },
    {"user123 has 3 of 12 features",                               "user<n> has <n> of <n> features"         },
    {"  two \t blanks  \nsecond line 1",                           "two blanks"                              },
    {"\n\n first line after blanks",                               "first line after blanks"                 },
    {"\033[31mError:\033[0m boom 7",                               "Error: boom <n>"                         },
    {"Caf\xc3\xa9 12 \xe6\x97\xa5\xe6\x9c\xac",                    "Caf\xc3\xa9 <n> \xe6\x97\xa5\xe6\x9c\xac"},
    {"",                                                           ""                                        },
    {" \n ",                                                       ""                                        },
    {"Request failed with status code 404",                        "Request failed with status code 404"     },
    {"Request failed with status code 502",                        "Request failed with status code 502"     },
    {"HTTP 429: limit 12; exit code: 7, errno=13 (signal 9)",
     "HTTP 429: limit <n>; exit code: 7, errno=13 (signal 9)"                                                },
    {"barcode 123, code 1234, code 1.2, code12, http://x:80/ 5",
     "barcode <n>, code <n>, code <n>, code<n>, http://x:<n><path> <n>"                                      },
    {"7",                                                          "<n>"                                     },
};

ParameterizedTestParameters(cause, takes_out_what_differs)
{
    static size_t index[sizeof texts / sizeof *texts];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof texts / sizeof *texts);
}

ParameterizedTest(size_t *i, cause, takes_out_what_differs)
{
    const struct text_case *c = &texts[*i];
    char out[CAUSE_SIZE];
    char again[CAUSE_SIZE];

    size_t n = cause_normalise(c->text, strlen(c->text), out, sizeof out);
    cr_expect_str_eq(out, c->want, "%s gives %s", c->text, out);
    cr_expect_eq(n, strlen(out));
    (void)cause_normalise(out, n, again, sizeof again);
    cr_expect_str_eq(again, out, "a second run changes nothing");
}

Test(cause, of_a_word_that_alone_does_not_fit_the_beginning_is_the_cause)
{
    char long_word[400], other[400], a[CAUSE_SIZE], b[CAUSE_SIZE];

    for (size_t i = 0; i + 3 < sizeof long_word; i += 3) { /* no blanks, as in Japanese */
        memcpy(long_word + i, i == 0 ? "\xe5\x80\xa4" : "\xe6\x97\xa5", 3);
        memcpy(other + i, i == 0 ? "\xe5\x9e\x8b" : "\xe6\x97\xa5", 3);
    }
    size_t n = cause_normalise(long_word, 399, a, sizeof a);
    (void)cause_normalise(other, 399, b, sizeof b);
    cr_expect_gt(n, sizeof a / 2);
    cr_expect_lt(n, sizeof a);
    cr_expect(text_utf8_valid(a, n), "a character stays whole");
    cr_expect_eq(memcmp(a, "\xe5\x80\xa4\xe6\x97\xa5", 6), 0);
    cr_expect_str_eq(a + n - 3, "\xe2\x80\xa6");
    cr_expect_str_neq(a, b, "two messages are two causes");
}

Test(cause, a_text_that_does_not_fit_ends_in_an_ellipsis_between_two_parts)
{
    char out[24];
    static const char text[] = "one two three four five six";

    cr_expect_eq(cause_normalise(text, strlen(text), out, sizeof out), strlen(out));
    cr_expect_str_eq(out, "one two three four \xe2\x80\xa6");
    char *blanks = xmalloc(5000);
    memset(blanks, '@', 5000);
    char whole[CAUSE_SIZE];
    size_t n = cause_normalise(blanks, 5000, whole, sizeof whole);
    cr_expect_lt(n, sizeof whole);
    cr_expect_str_eq(whole + n - 3, "\xe2\x80\xa6");
    free(blanks);
}

/* The cause of a failed job with these attributes and this Batch job (NULL: none). Owned. */
static char *cause_told(const char *attributes, const char *batch)
{
    struct job *j = help_job(attributes);
    struct batch_job *b = batch == NULL ? NULL : help_batch(batch);
    struct job_state s;
    char out[CAUSE_SIZE];

    job_state_merge(j, b, true, INT64_C(1755700000000), NULL, &s);
    bool known = cause_of(j, b, &s, out);
    cr_expect_eq(known, strcmp(out, CAUSE_UNKNOWN) != 0);
    batch_job_free(b);
    job_free(j);
    return xstrdup(out);
}

static const struct cause_case {
    const char *record, *batch, *want;
} causes[] = {
  /* clang-format off */
    {"'status':{'S':'FAILED'}", NULL, "unknown"},
    {"'status':{'S':'failed'},'lastError':{'S':'boom 12'}", NULL, "boom <n>"},
    {"'status':{'S':'FAILED'},'statusReason':{'S':'refused by the bus'},'lastError':{'S':'x'}",
     NULL, "refused by the bus"},
    /* Batch's exit code and reason, without the sentence that it says of every container */
    {"'status':{'S':'FAILED'}",
     "{'jobId':'b','status':'FAILED','statusReason':'Essential container in task exited',"
     "'container':{'exitCode':137,'reason':'OutOfMemoryError: Container killed'}}",
     "exit 137; OutOfMemoryError: Container killed"},
    {"'status':{'S':'FAILED'},'errors':{'L':[{'M':{'message':{'S':'old'}}},"
     "{'M':{'message':{'S':'stage BUILDING failed after 12 s'}}}]}",
     "{'jobId':'b','status':'FAILED','statusReason':'Essential container in task exited',"
     "'container':{'exitCode':1}}",
     "exit 1; stage BUILDING failed after <n> s"},
    {"'status':{'S':'FAILED'},'statusReason':{'S':'Essential container in task exited'},"
     "'lastError':{'S':'npm failed'}",
     NULL, "npm failed"},
    {"'status':{'S':'IN_PROGRESS'}",
     "{'jobId':'b','status':'FAILED','statusReason':'Host EC2 (instance i-0a1b2c3d4) terminated.'}",
     "Host EC2 (instance i-<id>) terminated."},
    /* a container that was refused its claim did not fail the job */
    {"'status':{'S':'FAILED'},'lastError':{'S':'bad'}",
     "{'jobId':'b','status':'FAILED','statusReason':'x','container':{'exitCode':75}}", "bad"},
  /* clang-format on */
};

ParameterizedTestParameters(cause, names_what_is_known)
{
    static size_t index[sizeof causes / sizeof *causes];
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof causes / sizeof *causes);
}

ParameterizedTest(size_t *i, cause, names_what_is_known)
{
    const struct cause_case *c = &causes[*i];
    char *got = cause_told(c->record, c->batch);

    cr_expect_str_eq(got, c->want, "%s %s gives %s", c->record, help_or(c->batch), got);
    free(got);
}
