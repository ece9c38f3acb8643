#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    return awsini_parse(text, strlen(text));
}

Test(awsini, keys_are_read_by_section)
{
    struct awsini *i = ini("\xef\xbb\xbf# top\r\nstray = 1\n[default]\r\nregion = us-east-1 \r\n"
                           "; c\nEmpty =\nsecret = a = b # not a comment\n\n"
                           "[profile  \"my  own\"] # why\nREGION=eu-west-1\n[default]\nmore=1\n");

    cr_expect_str_eq(awsini_get(i, "default", "region"), "us-east-1");
    cr_expect_str_eq(awsini_get(i, "default", "empty"), "");
    cr_expect_str_eq(awsini_get(i, "default", "secret"), "a = b # not a comment");
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
    awsini_free(awsini_parse("", 0));
    awsini_free(awsini_parse(zeros, sizeof zeros - 1));
    cr_expect_null(awsini_get(NULL, "a", "k"));
    awsini_free(NULL);
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
    {"us-east-1",      AWS_ECR,        true,  false, "https://ecr-fips.us-east-1.amazonaws.com"        },
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
    struct profiles p = {.name = (char *)"dev", .config = awsini_parse(config, sizeof config - 1)};
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
