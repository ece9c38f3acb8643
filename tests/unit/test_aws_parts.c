/* The small parts of the AWS client: INI files, endpoints, profiles, replies, retries, XML. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/crc32.h"
#include "core/json.h"
#include "src/aws/awsini.h"
#include "src/aws/endpoint.h"
#include "src/aws/reply.h"
#include "src/aws/retry.h"
#include "src/aws/xml.h"

/* --- awsini -------------------------------------------------------------------------------------
 */

static struct awsini *ini(const char *text)
{
    return awsini_parse(text, strlen(text), AWSINI_CONFIG);
}

Test(awsini, keys_are_read_by_section)
{
    struct awsini *i = ini("\xef\xbb\xbf# top\r\nstray = 1\n[default]\r\nregion = us-east-1 \r\n"
                           "; c\nEmpty =\nsecret = a = b#c # why\n\n"
                           "[profile  \"my  own\"] # why\nREGION=eu-west-1\n[default]\nmore=1\n");

    cr_expect_str_eq(awsini_get(i, "default", "region"), "us-east-1");
    cr_expect_str_eq(awsini_get(i, "default", "empty"), "");
    cr_expect_str_eq(awsini_get(i, "default", "secret"), "a = b#c",
                     "a comment wants a blank before it");
    cr_expect_str_eq(awsini_get(i, "default", "more"), "1");
    cr_expect_str_eq(awsini_get(i, "profile my  own", "region"), "eu-west-1");
    cr_expect_null(awsini_get(i, "default", "stray"));
    cr_expect_null(awsini_get(i, "Default", "region"));
    cr_expect(awsini_has(i, "default"));
    cr_expect_not(awsini_has(i, "other"));
    cr_expect_str_eq(awsini_section(i, 0), "default");
    cr_expect_null(awsini_section(i, 2));
    awsini_free(i);
}

Test(awsini, nested_keys_belong_to_the_key_above)
{
    struct awsini *i = ini("[services local]\ndynamodb =\n  endpoint_url = http://a\n"
                           "\tother = 1\ncloudwatch_logs =\n  endpoint_url = http://b\n"
                           "[default]\n  region = indented\n  x = y\n");

    cr_expect_str_eq(awsini_get(i, "services local", "dynamodb.endpoint_url"), "http://a");
    cr_expect_str_eq(awsini_get(i, "services local", "dynamodb.other"), "1");
    cr_expect_str_eq(awsini_get(i, "services local", "CLOUDWATCH_LOGS.endpoint_url"), "http://b");
    cr_expect_null(awsini_get(i, "services local", "endpoint_url"));
    cr_expect_str_eq(awsini_get(i, "default", "region"), "indented");
    cr_expect_str_eq(awsini_get(i, "default", "x"), "y");
    awsini_free(i);
}

Test(awsini, a_later_value_wins_and_garbage_is_skipped)
{
    static const char zeros[] = "[a]\nk=1\0k=2\n[b";
    struct awsini *i = ini("[a]\nk=1\nk=2\n=x\nno equal\n[\n[]\n]\n[unclosed\nz=1\n");

    cr_expect_str_eq(awsini_get(i, "a", "k"), "2");
    awsini_free(i);
    awsini_free(awsini_parse("", 0, AWSINI_CONFIG));
    awsini_free(awsini_parse(zeros, sizeof zeros - 1, AWSINI_CONFIG));
    cr_expect_null(awsini_get(NULL, "a", "k"));
    awsini_free(NULL);
}

static const struct ini_case {
    const char *text;
    enum awsini_kind kind;
    const char *section, *key, *want; /* NULL: absent */
} ini_cases[] = {
  /* names as a shell quotes them; the credentials file's are not quoted */
    {"[profile 'o p s']\nregion=a",                  AWSINI_CONFIG,      "profile o p s",   "region",     "a"                 },
    {"[profile o\\ p]\nregion=a",                    AWSINI_CONFIG,      "profile o p",     "region",     "a"                 },
    {"[ profile\t\"it's\" ]\nregion=a",              AWSINI_CONFIG,      "profile it's",    "region",     "a"                 },
    {"[sso-session 'c d']\nsso_region: a",           AWSINI_CONFIG,      "sso-session c d", "sso_region", "a"                 },
    {"[profile o p]\nregion=a",                      AWSINI_CONFIG,      "profile o p",     "region",     NULL                },
    {"[x]\nk=1\n[profile 'o]\nregion=a",             AWSINI_CONFIG,      "x",               "region",     NULL                },
    {"[o p]\nregion=a",                              AWSINI_CREDENTIALS, "o p",             "region",     "a"                 },
    {"['o']\nregion=a",                              AWSINI_CREDENTIALS, "'o'",             "region",     "a"                 },
    {"[default]; [no]\nregion=a",                    AWSINI_CONFIG,      "default",         "region",     "a"                 },
    {"[a]b]\nregion=a",                              AWSINI_CREDENTIALS, "a]b",             "region",     "a"                 },
 /* indentation */
    {"[d]\nk = 1\n [x]\n  region = a",               AWSINI_CONFIG,      "d",               "k",          "1\n[x]\nregion = a"},
    {"  [x]\n  region = a\n  k = b",                 AWSINI_CONFIG,      "x",               "k",          "b"                 },
    {"[x]\n  k = 1\n region = a",                    AWSINI_CONFIG,      "x",               "region",     "a"                 },
    {"[x]\n s3 =\n k = 1",                           AWSINI_CONFIG,      "x",               "k",          "1"                 },
    {"[x]\n s3 =\n k = 1",                           AWSINI_CONFIG,      "x",               "s3.k",       NULL                },
    {"[x]\ns3 = # why\n\n # no\n\tk : x = 1\n  j=2", AWSINI_CONFIG,      "x",               "s3.j",       "2"                 },
    {"[x]\nk = a\n\n  b\n  # c\n  d\n\nj = 1",       AWSINI_CONFIG,      "x",               "k",          "a\n\nb\nd"         },
 /* separators, comments, blanks, ends of lines */
    {"[x]\nrole_arn: arn:aws:x=y",                   AWSINI_CONFIG,      "x",               "role_arn",   "arn:aws:x=y"       },
    {"[x]\nrole_arn = arn:aws:x",                    AWSINI_CONFIG,      "x",               "role_arn",   "arn:aws:x"         },
    {"[x]\nregion = a ; home",                       AWSINI_CONFIG,      "x",               "region",     "a"                 },
    {"[x]\nregion =\t# home",                        AWSINI_CONFIG,      "x",               "region",     ""                  },
    {"[x]\nurl=#top",                                AWSINI_CONFIG,      "x",               "url",        "#top"              },
    {"\xef\xbb\xbf[x]\r\nregion = a\r\n",            AWSINI_CONFIG,      "x",               "region",     "a"                 },
    {"[x]\rregion = a\rk = b",                       AWSINI_CONFIG,      "x",               "k",          "b"                 },
    {"[x]\nregion\xc2\xa0=\xe2\x80\xaf"
     "a\xc2\xa0",                               AWSINI_CONFIG,      "x",               "region",     "a"                 },
    {"[x]\nregion = \xc3\xa0",                       AWSINI_CONFIG,      "x",               "region",     "\xc3\xa0"          },
 /* what Python's parser hands to every section */
    {"[DEFAULT]\nregion=a\n[profile x]\nk=1",        AWSINI_CONFIG,      "profile x",       "region",     "a"                 },
    {"[x]\nregion=b\n[DEFAULT]\nregion=a",           AWSINI_CREDENTIALS, "x",               "region",     "b"                 },
    {"[DEFAULT]\nregion=a",                          AWSINI_CONFIG,      "DEFAULT",         "region",     NULL                },
    {"[DEFAULT]\nregion=a",                          AWSINI_CONFIG,      "default",         "region",     NULL                },
};

Test(awsini, files_are_read_as_the_aws_cli_reads_them)
{
    for (size_t n = 0; n < sizeof ini_cases / sizeof *ini_cases; n++) {
        const struct ini_case *c = &ini_cases[n];
        struct awsini *i = awsini_parse(c->text, strlen(c->text), c->kind);
        const char *got = awsini_get(i, c->section, c->key);
        if (c->want == NULL) {
            cr_expect_null(got, "%s", c->text);
        } else {
            cr_expect(got != NULL && strcmp(got, c->want) == 0, "%s: got %s", c->text,
                      got == NULL ? "nothing" : got);
        }
        awsini_free(i);
    }
}

Test(awsini, lines_that_are_not_understood_are_noted_by_number_without_their_text)
{
    static const struct {
        const char *text;
        size_t line; /* 0: none */
    } cases[] = {
        {"[x]\nk = 1\n# c\n\n[plugins]\ncli = y\n", 0},
        {"region = a\n[x]\n",                       1},
        {"[x]\n\n# c\nAKIASECRET\n",                4},
        {"[x]\r\n= AKIASECRET\r\n",                 2},
        {"[x]\nk = 1\n[y\nAKIASECRET = 2\n",        3},
        {"[profile AKIASECRET b]\nk = 1\n",         1},
        {"[profile]\nk = 1\n",                      1},
        {"[x]\ns3 =\n  AKIASECRET\n",               3},
        {"[x]\nk = 1\n  region = AKIASECRET\n",     3},
        {"[x]\nk = 1\n  --more\n",                  0},
        {"\xff\xfe[",                               1},
    };

    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        struct awsini *i = ini(cases[n].text);
        const struct awsini_note *note = awsini_note(i, 0);
        if (cases[n].line == 0) {
            cr_expect_null(note, "%s", cases[n].text);
        } else {
            cr_expect(note != NULL && note->line == cases[n].line, "%s", cases[n].text);
            cr_expect(note == NULL || strstr(note->why, "SECRET") == NULL);
        }
        cr_expect_null(awsini_note(i, 1), "%s", cases[n].text);
        awsini_free(i);
    }
    struct awsini *many = ini("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    cr_expect_not_null(awsini_note(many, AWSINI_NOTES - 1));
    cr_expect_null(awsini_note(many, AWSINI_NOTES));
    cr_expect_not_null(strstr(awsini_note(many, AWSINI_NOTES - 1)->why, "after it"),
                       "there are more");
    awsini_free(many);
}

/* A hole that a crash left, a file that is no text: no value ends at the NUL without a word, and no
 * key moves into the section before. */
Test(awsini, a_nul_byte_spoils_its_line_and_is_noted)
{
    static const struct {
        const char text[64];
        size_t len, line;
        const char *section, *key, *want;
    } cases[] = {
#define TEXT(t) t, sizeof t - 1
        {TEXT("[x]\nk=1\nregion=eu\0-west-1\nj=2\n"), 3, "x", "region", NULL},
        {TEXT("[x]\nk=1\nregion=eu\0-west-1\nj=2\n"), 3, "x", "j",      "2" },
        {TEXT("[x]\nk=1\n[pro\0file y]\nk=2\n"),      3, "x", "k",      "1" },
        {TEXT("[x]\nk=1\n\0\0\0\0\nk=2\n"),           3, "x", "k",      "1" },
        {TEXT("[x]\nk=1\n  more\0\nj=2\n"),           3, "x", "k",      "1" },
#undef TEXT
    };

    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        struct awsini *i = awsini_parse(cases[n].text, cases[n].len, AWSINI_CONFIG);
        const char *got = awsini_get(i, cases[n].section, cases[n].key);
        const struct awsini_note *said = awsini_note(i, 0);
        cr_expect(said != NULL && said->line == cases[n].line && strstr(said->why, "NUL") != NULL,
                  "case %zu", n);
        cr_expect(cases[n].want == NULL ? got == NULL
                                        : got != NULL && strcmp(got, cases[n].want) == 0,
                  "case %zu: %s", n, got == NULL ? "nothing" : got);
        awsini_free(i);
    }
}

/* Paths that no shell has seen. */
Test(profiles, paths_of_files_may_hold_variables)
{
    static const struct {
        const char *typed, *want;
    } cases[] = {
        {"$PLACE_HOME/config",           "/tmp/a home/config"      },
        {"${PLACE_HOME}/a${PLACE_HOME}", "/tmp/a home/a/tmp/a home"},
        {"/x/$PLACE_UNSET/c",            "/x/$PLACE_UNSET/c"       },
        {"/x/${PLACE_HOME/$",            "/x/${PLACE_HOME/$"       },
    };

    (void)setenv("PLACE_HOME", "/tmp/a home", 1);
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        struct profiles p;
        (void)setenv("AWS_CONFIG_FILE", cases[n].typed, 1);
        cr_assert_eq(profiles_load(&p, NULL, NULL, NULL), E_OK);
        cr_expect_str_eq(p.config_path, cases[n].want);
        char *said = profiles_note(&p, 0);
        cr_expect(said != NULL && strstr(said, cases[n].want) != NULL &&
                      strncmp(said, "AWS_CONFIG_FILE names ", 22) == 0,
                  "a file that is not there is named: %s", said == NULL ? "nothing" : said);
        free(said);
        profiles_clear(&p);
    }
}

/* --- crc32 --------------------------------------------------------------------------------------
 */

Test(crc32, known_values_come_out)
{
    static const char text[] = "The quick brown fox jumps over the lazy dog";

    cr_expect_eq(crc32_of("", 0), 0);
    cr_expect_eq(crc32_of("123456789", 9), 0xcbf43926);
    cr_expect_eq(crc32_of(text, strlen(text)), 0x414fa339);
}

/* --- xml ----------------------------------------------------------------------------------------
 */

static char *xml(const char *text)
{
    struct err e = {0};
    cJSON *v = xml_parse(text, strlen(text), &e);
    char *out = v == NULL ? NULL : json_text(v);

    cr_expect(v != NULL || e.code == E_PARSE, "%s", text);
    cJSON_Delete(v);
    return out;
}

Test(xml, documents_become_objects)
{
    static const struct {
        const char *in, *want; /* NULL: refused */
    } cases[] = {
        {"<a>x</a>",                                                 "{\"a\":\"x\"}"                         },
        {"<?xml version=\"1.0\"?>\n<!-- c --><a/>\n",                "{\"a\":\"\"}"                          },
        {"<n:a xmlns:n='>'><n:b> 1 </n:b><c></c></n:a>",             "{\"a\":{\"b\":\" 1 \",\"c\":\"\"}}"    },
        {"<a>&lt;&amp;&#65;&#x42;&#xe9;&bogus;&</a>",                "{\"a\":\"<&AB\xc3\xa9&bogus;&\"}"      },
        {"<a><![CDATA[<b>&]]]]></a >",                               "{\"a\":\"<b>&]]\"}"                    },
        {"<a><b>1</b><b>2</b></a>",                                  "{\"a\":{\"b\":\"1\"}}"                 },
        {"<a><member>1</member>\n<member><b>2</b></member><c/></a>",
         "{\"a\":[\"1\",{\"b\":\"2\"}]}"                                                                     },
        {"<a><c>1</c><member>2</member><member/></a>",               "{\"a\":{\"c\":\"1\",\"member\":\"2\"}}"},
        {"<a>&#0;&#xD800;</a>",                                      "{\"a\":\"\xef\xbf\xbd\xef\xbf\xbd\"}"  },
        {"",                                                         NULL                                    },
        {"text",                                                     NULL                                    },
        {"<a>",                                                      NULL                                    },
        {"<a></b>",                                                  NULL                                    },
        {"<a/><b/>",                                                 NULL                                    },
        {"<a><!-- </a>",                                             NULL                                    },
        {"<a><![CDATA[ </a>",                                        NULL                                    },
        {"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",               NULL                                    },
        {"<a>\xff</a>",                                              NULL                                    },
        {"< a/>",                                                    NULL                                    },
        {"<a b=\"></a>",                                             NULL                                    },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = xml(cases[i].in);
        if (cases[i].want == NULL) {
            cr_expect_null(got, "%s gave %s", cases[i].in, got);
        } else {
            cr_expect(got != NULL && strcmp(got, cases[i].want) == 0, "%s gave %s", cases[i].in,
                      got == NULL ? "nothing" : got);
        }
        free(got);
    }
}

Test(xml, nesting_is_limited)
{
    char text[1000] = "";
    size_t n = 0;

    for (; n < 300; n += 3) {
        memcpy(text + n, "<a>", 3);
    }
    cr_expect_null(xml(text));
}

/* --- reply --------------------------------------------------------------------------------------
 */

Test(reply, codes_are_normalised)
{
    static const struct {
        const char *raw, *want;
    } cases[] = {
        {"com.amazonaws.dynamodb.v20120810#ThrottlingException",   "ThrottlingException"     },
        {"TooManyRequestsException:http://internal.amazon.com/#x", "TooManyRequestsException"},
        {"a#b#C:d",                                                "C"                       },
        {" Plain ",                                                "Plain"                   },
        {"",                                                       ""                        },
        {"#",                                                      ""                        },
        {"a\x1b[b",                                                "a?[b"                    },
    };
    char out[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reply_normalise_code(cases[i].raw, out, sizeof out);
        cr_expect_str_eq(out, cases[i].want);
    }
    reply_normalise_code("0123456789abcdef", out, 8);
    cr_expect_str_eq(out, "0123456");
}

/* --- retry --------------------------------------------------------------------------------------
 */

Test(retry, failures_are_classified)
{
    cr_expect_eq(retry_classify(200, ""), RETRY_NO);
    cr_expect_eq(retry_classify(400, "ThrottlingException"), RETRY_THROTTLE);
    cr_expect_eq(retry_classify(400, "ProvisionedThroughputExceededException"), RETRY_THROTTLE);
    cr_expect_eq(retry_classify(503, "SlowDown"), RETRY_THROTTLE);
    cr_expect_eq(retry_classify(403, "RequestThrottled"), RETRY_THROTTLE);
    cr_expect_eq(retry_classify(429, "429"), RETRY_THROTTLE);
    cr_expect_eq(retry_classify(500, "InternalServerError"), RETRY_TRANSIENT);
    cr_expect_eq(retry_classify(504, "504"), RETRY_TRANSIENT);
    cr_expect_eq(retry_classify(400, "IDPCommunicationError"), RETRY_TRANSIENT);
    cr_expect_eq(retry_classify(400, "ValidationException"), RETRY_NO);
    cr_expect_eq(retry_classify(400, "ConditionalCheckFailedException"), RETRY_NO);
    cr_expect_eq(retry_classify(501, "501"), RETRY_NO);
    cr_expect_eq(retry_classify(403, "ExpiredToken"), RETRY_NO);
}

Test(retry, delays_follow_the_2026_rules)
{
    cr_expect_eq(retry_delay_ms(RETRY_THROTTLE, false, 1, 1.0, -1), 1000);
    cr_expect_eq(retry_delay_ms(RETRY_THROTTLE, true, 3, 1.0, -1), 4000);
    cr_expect_eq(retry_delay_ms(RETRY_TRANSIENT, false, 1, 1.0, -1), 50);
    cr_expect_eq(retry_delay_ms(RETRY_TRANSIENT, false, 2, 0.5, -1), 50);
    cr_expect_eq(retry_delay_ms(RETRY_TRANSIENT, true, 1, 1.0, -1), 25);
    cr_expect_eq(retry_delay_ms(RETRY_THROTTLE, false, 60, 1.0, -1), 20000);
    cr_expect_eq(retry_delay_ms(RETRY_THROTTLE, false, 1, 0.0, -1), 0);
    /* max(t, min(hint, t + 5 s)) */
    cr_expect_eq(retry_delay_ms(RETRY_TRANSIENT, false, 1, 1.0, 300), 300);
    cr_expect_eq(retry_delay_ms(RETRY_TRANSIENT, false, 1, 1.0, 10), 50);
    cr_expect_eq(retry_delay_ms(RETRY_TRANSIENT, false, 1, 1.0, 3600000), 5050);
}

Test(retry, the_quota_is_spent_and_given_back)
{
    struct retry_quota q;
    int taken = 0;

    retry_quota_init(&q);
    while (retry_quota_take(&q, RETRY_THROTTLE) != 0) {
        taken++;
    }
    cr_expect_eq(taken, 100);
    cr_expect_eq(retry_quota_take(&q, RETRY_TRANSIENT), 0);
    retry_quota_give(&q, 14);
    cr_expect_eq(retry_quota_take(&q, RETRY_TRANSIENT), 14);
    for (int i = 0; i < 5; i++) {
        retry_quota_give(&q, 0);
    }
    cr_expect_eq(retry_quota_take(&q, RETRY_THROTTLE), 5);
    for (int i = 0; i < 100; i++) {
        retry_quota_give(&q, 14);
    }
    cr_expect_eq(q.tokens, 500);
    retry_quota_clear(&q);
}

/* --- endpoint -----------------------------------------------------------------------------------
 */

static const struct host_case {
    const char *region;
    enum aws_service_id service;
    bool fips, dual;
    const char *want;
} hosts[] = {
    {"us-east-1",      AWS_DYNAMODB,   false, false, "https://dynamodb.us-east-1.amazonaws.com"        },
    {"eu-west-1",      AWS_STREAMS,    false, false, "https://streams.dynamodb.eu-west-1.amazonaws.com"},
    {"cn-north-1",     AWS_STS,        false, false, "https://sts.cn-north-1.amazonaws.com.cn"         },
    {"eusc-de-east-1", AWS_LOGS,       false, false, "https://logs.eusc-de-east-1.amazonaws.eu"        },
    {"us-isob-east-1", AWS_SQS,        false, false, "https://sqs.us-isob-east-1.sc2s.sgov.gov"        },
    {"us-iso-east-1",  AWS_SQS,        false, false, "https://sqs.us-iso-east-1.c2s.ic.gov"            },
    {"us-gov-west-1",  AWS_BATCH,      true,  false, "https://batch.us-gov-west-1.amazonaws.com"       },
    {"us-east-1",      AWS_BATCH,      true,  false, "https://fips.batch.us-east-1.amazonaws.com"      },
    {"us-east-1",      AWS_STREAMS,    true,  false,
     "https://streams.dynamodb-fips.us-east-1.amazonaws.com"                                           },
    {"us-east-1",      AWS_STREAMS,    false, true,  "https://streams-dynamodb.us-east-1.api.aws"      },
    {"us-east-1",      AWS_EVENTS,     true,  true,  "https://events-fips.us-east-1.api.aws"           },
    {"eu-west-1",      AWS_ECR,        false, false, "https://api.ecr.eu-west-1.amazonaws.com"         },
    {"us-east-1",      AWS_ECR,        true,  false, "https://api.ecr-fips.us-east-1.amazonaws.com"    },
    {"eu-west-1",      AWS_CLOUDWATCH, false, false, "https://monitoring.eu-west-1.amazonaws.com"      },
    {"mars-north-9",   AWS_DYNAMODB,   false, false, "https://dynamodb.mars-north-9.amazonaws.com"     },
    {"local",          AWS_DYNAMODB,   false, false, "http://localhost:8000"                           },
};

Test(endpoint, hosts_follow_partition_fips_and_dual_stack)
{
    struct profiles p = {.name = (char *)"default"};

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        const struct host_case *k = &hosts[i];
        struct endpoint_options o = {.profiles = &p, .region = k->region};
        struct endpoint got;
        (void)unsetenv("AWS_ENDPOINT_URL");
        (void)setenv("AWS_USE_FIPS_ENDPOINT", k->fips ? "true" : "false", 1);
        (void)setenv("AWS_USE_DUALSTACK_ENDPOINT", k->dual ? "true" : "false", 1);
        cr_expect_eq(endpoint_resolve(&o, k->service, &got, NULL), E_OK);
        cr_expect_str_eq(got.url, k->want);
        cr_expect_str_eq(got.host, strstr(k->want, "://") + 3);
        cr_expect_str_eq(got.signing_region,
                         strcmp(k->region, "local") == 0 ? "us-east-1" : k->region);
        endpoint_clear(&got);
    }
}

/* A word that is no answer may not send the call to another host; nor may a section that is not
 * there. */
Test(endpoint, a_setting_that_is_not_understood_is_an_error_that_names_it)
{
    static const struct {
        const char *variable, *value, *config, *named;
    } cases[] = {
        {"AWS_USE_FIPS_ENDPOINT",               "yes",   "",                                "AWS_USE_FIPS_ENDPOINT"              },
        {"AWS_USE_FIPS_ENDPOINT",               " true", "",                                "AWS_USE_FIPS_ENDPOINT"              },
        {"AWS_USE_DUALSTACK_ENDPOINT",          "on",    "",                                "AWS_USE_DUALSTACK_ENDPOINT"         },
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1",     "",                                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"},
        {"AWS_STS_REGIONAL_ENDPOINTS",          "eu",    "",                                "AWS_STS_REGIONAL_ENDPOINTS"         },
        {NULL,                                  NULL,    "use_fips_endpoint = enabled",     "use_fips_endpoint of profile dev"   },
        {NULL,                                  NULL,    "services = gone",                 "services gone"                      },
        {NULL,                                  NULL,    "sts_regional_endpoints = global", "sts_regional_endpoints"             },
    };

    (void)unsetenv("AWS_ENDPOINT_URL");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *config = xasprintf("[profile dev]\n%s\n", cases[i].config);
        struct profiles p = {.name = (char *)"dev",
                             .config = awsini_parse(config, strlen(config), AWSINI_CONFIG)};
        struct endpoint_options o = {.profiles = &p, .region = "us-east-1"};
        struct endpoint got;
        struct err e = {0};
        if (cases[i].variable != NULL) {
            (void)setenv(cases[i].variable, cases[i].value, 1);
        }
        cr_expect_eq(endpoint_resolve(&o, AWS_STS, &got, &e), E_CONFIG, "case %zu", i);
        cr_expect_not_null(strstr(e.msg, cases[i].named), "case %zu: %s", i, e.msg);
        endpoint_clear(&got);
        if (cases[i].variable != NULL) {
            (void)unsetenv(cases[i].variable);
        }
        awsini_free(p.config);
        free(config);
    }
}

/* As botocore reads them: regions of the old form, and STS's one host of old. */
Test(endpoint, old_names_of_regions_and_hosts_are_understood)
{
    static const struct {
        const char *region, *sts, *dual, *url, *signed_for;
    } cases[] = {
        {"fips-us-east-2",     "regional", "false", "https://sts-fips.us-east-2.amazonaws.com",
         "us-east-2"                                                                                        },
        {"us-gov-west-1-fips", "regional", "false", "https://sts.us-gov-west-1.amazonaws.com",
         "us-gov-west-1"                                                                                    },
        {"eu-west-3",          "legacy",   "false", "https://sts.amazonaws.com",                "us-east-1" },
        {"eu-west-3",          "legacy",   "true",  "https://sts.eu-west-3.api.aws",            "eu-west-3" },
        {"eu-south-1",         "LEGACY",   "false", "https://sts.eu-south-1.amazonaws.com",     "eu-south-1"},
        {"cn-north-1",         "legacy",   "false", "https://sts.cn-north-1.amazonaws.com.cn",  "cn-north-1"},
        {"fips-us-west-2",     "legacy",   "false", "https://sts-fips.us-west-2.amazonaws.com",
         "us-west-2"                                                                                        },
    };
    struct profiles p = {.name = (char *)"default"};

    (void)unsetenv("AWS_ENDPOINT_URL");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct endpoint_options o = {.profiles = &p, .region = cases[i].region};
        struct endpoint got;
        struct err e = {0};
        (void)setenv("AWS_STS_REGIONAL_ENDPOINTS", cases[i].sts, 1);
        (void)setenv("AWS_USE_DUALSTACK_ENDPOINT", cases[i].dual, 1);
        cr_expect_eq(endpoint_resolve(&o, AWS_STS, &got, &e), E_OK, "%s", e.msg);
        cr_expect_str_eq(got.url, cases[i].url);
        cr_expect_str_eq(got.signing_region, cases[i].signed_for);
        endpoint_clear(&got);
    }
}

static void expect_url(const struct endpoint_options *o, enum aws_service_id s, const char *want)
{
    struct endpoint got;
    struct err e = {0};

    cr_expect_eq(endpoint_resolve(o, s, &got, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(got.url, want);
    endpoint_clear(&got);
}

Test(endpoint, a_global_service_has_one_host_a_partition)
{
    static const struct {
        const char *region, *host, *signed_for;
        bool fips;
    } cases[] = {
        {"eu-west-1",      "iam.amazonaws.com",               "us-east-1",      false},
        {"eu-west-1",      "iam-fips.amazonaws.com",          "us-east-1",      true },
        {"cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1",     false},
        {"us-gov-east-1",  "iam.us-gov.amazonaws.com",        "us-gov-west-1",  true },
        {"us-iso-west-1",  "iam.us-iso-east-1.c2s.ic.gov",    "us-iso-east-1",  false},
        {"eusc-de-east-1", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", false},
    };
    struct profiles p = {.name = (char *)"default"};
    struct endpoint got;

    (void)unsetenv("AWS_ENDPOINT_URL");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct endpoint_options o = {.profiles = &p, .region = cases[i].region};
        (void)setenv("AWS_USE_FIPS_ENDPOINT", cases[i].fips ? "true" : "false", 1);
        cr_expect_eq(endpoint_resolve(&o, AWS_IAM, &got, NULL), E_OK);
        cr_expect_str_eq(got.host, cases[i].host);
        cr_expect_str_eq(got.signing_region, cases[i].signed_for);
        cr_expect_str_eq(got.url + 8, cases[i].host);
        endpoint_clear(&got);
    }
    struct endpoint_options o = {
        .profiles = &p, .region = "eu-west-1", .endpoint_url = "http://127.0.0.1:9"};
    cr_expect_eq(endpoint_resolve(&o, AWS_IAM, &got, NULL), E_OK);
    cr_expect_str_eq(got.url, "http://127.0.0.1:9");
    cr_expect_str_eq(got.signing_region, "eu-west-1",
                     "as the SDKs sign for an endpoint of one's own");
    endpoint_clear(&got);
}

Test(endpoint, overrides_have_an_order)
{
    static const char config[] =
        "[profile dev]\nservices = local\nendpoint_url = http://127.0.0.1:4\n"
        "[services local]\ncloudwatch_logs =\n  endpoint_url = http://127.0.0.1:3\n";
    struct profiles p = {.name = (char *)"dev",
                         .config = awsini_parse(config, sizeof config - 1, AWSINI_CONFIG)};
    struct endpoint_options o = {.profiles = &p, .region = "us-east-1"};

    (void)unsetenv("AWS_ENDPOINT_URL");
    (void)unsetenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS");
    expect_url(&o, AWS_SQS, "http://127.0.0.1:4");
    expect_url(&o, AWS_LOGS, "http://127.0.0.1:3");
    (void)setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2/", 1);
    expect_url(&o, AWS_LOGS, "http://127.0.0.1:2");
    (void)setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://127.0.0.1:1/base/", 1);
    expect_url(&o, AWS_LOGS, "http://127.0.0.1:1/base");
    expect_url(&o, AWS_SQS, "http://127.0.0.1:2");
    o.endpoint_url = "https://h.example";
    expect_url(&o, AWS_LOGS, "https://h.example");
    o.endpoint_url = NULL;
    (void)setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    expect_url(&o, AWS_LOGS, "https://logs.us-east-1.amazonaws.com");
    awsini_free(p.config);
}
