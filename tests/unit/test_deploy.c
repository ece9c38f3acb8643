/* Deploy requests: fields, rules, the event, the record, and back. */
#include <stdlib.h>

#include "aws/attr.h"
#include "core/clock.h"
#include "core/strbuf.h"
#include "jobs/deploy.h"
#include "jobs_help.h"

#define NOW INT64_C(1755685800000)

static struct deploy_request request(void)
{
    struct deploy_request r;

    deploy_request_init(&r);
    cr_assert_eq(deploy_request_set(&r, "userId", "user123", NULL), E_OK);
    cr_assert_eq(deploy_request_set(&r, "productId", "prod456", NULL), E_OK);
    return r;
}

static void full(struct deploy_request *r)
{
    *r = request();
    cr_assert_eq(deploy_request_set(r, "business-name", "My Startup", NULL), E_OK);
    cr_assert_eq(deploy_request_set(r, "email", "user@example.com", NULL), E_OK);
    cr_assert_eq(deploy_request_set(r, "features", "auth, dashboard", NULL), E_OK);
    cr_assert_eq(deploy_request_set(r, "estimated-duration", "4h", NULL), E_OK);
    cr_assert_eq(deploy_request_set(r, "founderdashDbUrl", "postgresql://u:pw@h/db", NULL), E_OK);
    cr_assert_eq(
        deploy_request_set(r, "metadata", "{\"plan\":\"pro\",\"n\":{\"x\":[1,null]}}", NULL), E_OK);
    cr_assert_eq(deploy_request_set(r, "job-id", "job_1734567890123_abc123def", NULL), E_OK);
}

static const struct set_case {
    const char *field, *text;
    const char *want; /* what get tells, or NULL: refused */
    const char *says; /* part of the refusal */
} sets[] = {
    {"userId",            "user123",                              "user123",                              NULL                                                  },
    {"user-id",           " auth0|5f \n",                         "auth0|5f",                             NULL                                                  },
    {"USER_ID",           "a@b.c",                                "a@b.c",                                NULL                                                  },
    {"userId",            "",                                     "",                                     NULL                                                  },
    {"userId",            "a b",                                  NULL,                                   "userId: \"a b\""                                     },
    {"userId",            "a/b",                                  NULL,                                   "not allowed"                                         },
    {"userId",            "\x1b[31m",                             NULL,                                   "\"^[[31m\""                                          },
    {"productId",         "p.1_2-3",                              "p.1_2-3",                              NULL                                                  },
    {"businessName",      "My Startup",                           "My Startup",                           NULL                                                  },
    {"businessName",      "Caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac", "Caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac",
     NULL                                                                                                                                                       },
    {"businessName",      "a\tb",                                 NULL,                                   "control character U+0009 at character 2"             },
    {"businessName",
     "a\xe2\x80\xae"
     "b",                                                         NULL,                                   "U+202E"                                              },
    {"businessName",      "a\xff",                                NULL,                                   "not UTF-8"                                           },
    {"userEmail",         "user@example.com",                     "user@example.com",                     NULL                                                  },
    {"email",             "first.last+x@sub.example.co.uk",       "first.last+x@sub.example.co.uk",       NULL                                                  },
    {"email",             "user",                                 NULL,                                   "user@example.com"                                    },
    {"email",             "user@",                                NULL,                                   "not an email"                                        },
    {"email",             "@example.com",                         NULL,                                   "not an email"                                        },
    {"email",             "a@b@example.com",                      NULL,                                   "not an email"                                        },
    {"email",             "a@localhost",                          NULL,                                   "not an email"                                        },
    {"email",             "a@-x.com",                             NULL,                                   "not an email"                                        },
    {"email",             "a@x..com",                             NULL,                                   "not an email"                                        },
    {"email",             "a@x.com.",                             NULL,                                   "not an email"                                        },
    {"email",             "a b@x.com",                            NULL,                                   "not an email"                                        },
    {"email",             ".a@x.com",                             NULL,                                   "not an email"                                        },
    {"priority",          "high",                                 "high",                                 NULL                                                  },
    {"priority",          "LOW",                                  "low",                                  NULL                                                  },
    {"priority",          "urgent",                               NULL,                                   "priority: \"urgent\" is not one of high, normal, low"},
    {"priority",          "hig",                                  NULL,                                   "not one of"                                          },
    {"features",          "auth,dashboard",                       "auth,dashboard",                       NULL                                                  },
    {"features",          " auth ,, dash board ,",                "auth,dash board",                      NULL                                                  },
    {"features",          "a\x01",                                NULL,                                   "features: has the control"                           },
    {"estimatedDuration", "14400",                                "14400",                                NULL                                                  },
    {"estimatedDuration", "90m",                                  "5400",                                 NULL                                                  },
    {"estimatedDuration", "14d",                                  "1209600",                              NULL                                                  },
    {"estimatedDuration", "59",                                   NULL,                                   "59 seconds is not between 60 and 1209600"            },
    {"estimatedDuration", "15d",                                  NULL,                                   "not between"                                         },
    {"estimatedDuration", "soon",                                 NULL,                                   "\"soon\" is not a duration"                          },
    {"estimatedDuration", "4 h",                                  NULL,                                   "not a duration"                                      },
    {"estimatedDuration", "99999999999999999999",                 NULL,                                   "not a duration"                                      },
    {"estimatedDuration", "-5",                                   NULL,                                   "not a duration"                                      },
    {"founderdashDbUrl",  "postgresql://u:secret@h:5432/db",      "postgresql://u:****@h:5432/db",        NULL                                                  },
    {"founderdashDbUrl",  "secret",                               NULL,                                   "founderdashDbUrl: is not a URL"                      },
    {"founderdashDbUrl",  "postgresql://u:secret@h /db",          NULL,                                   "space"                                               },
    {"metadata",          "{\"plan\":\"pro\"}",                   "{\"plan\":\"pro\"}",                   NULL                                                  },
    {"metadata",          "[1]",                                  NULL,                                   "metadata: is not a JSON object"                      },
    {"metadata",          "{",                                    NULL,                                   "metadata: not JSON"                                  },
    {"metadata",          "{\"a\":1e300}",                        NULL,                                   "out of DynamoDB's range"                             },
    {"metadata",          "{\"\":1}",                             NULL,                                   "empty key"                                           },
    {"metadata",          "{\"a\":1,\"a\":2}",                    NULL,                                   "the key \"a\" twice"                                 },
    {"metadata",          "{\"x\":[{\"b\":1,\"b\":1}]}",          NULL,                                   "the key \"b\" twice"                                 },
    {"metadata",          "{\"userEmail\":5}",                    NULL,                                   "userEmail: is a number"                              },
    {"jobId",             "job_1734567890123_abc123def",          "job_1734567890123_abc123def",          NULL                                                  },
    {"jobId",             "_x",                                   NULL,                                   "beginning with a letter"                             },
    {"jobId",             "a:b",                                  NULL,                                   "not a job id"                                        },
    {"colour",            "red",                                  NULL,                                   "\"colour\" is not a field: give one of userId"       },
    {"retryOf",           "x",                                    NULL,                                   "not a field"                                         },
};

Test(deploy, fields_take_what_is_right_and_say_what_is_wrong)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const struct set_case *c = &sets[i];
        struct deploy_request r = request();
        char *before = deploy_request_get(&r, c->field);
        struct err e = {0};
        enum err_code rc = deploy_request_set(&r, c->field, c->text, &e);
        char *after = deploy_request_get(&r, c->field);

        cr_expect_eq(rc, c->want == NULL ? E_INVALID : E_OK, "%s=%s: %s", c->field, c->text, e.msg);
        cr_expect_str_eq(after, c->want == NULL ? before : c->want, "%s=%s: %s", c->field, c->text,
                         after);
        if (c->says != NULL) {
            cr_expect_not_null(strstr(e.msg, c->says), "%s=%s: %s", c->field, c->text, e.msg);
        }
        cr_expect_null(strstr(e.msg, "secret"), "a secret in %s", e.msg);
        free(before);
        free(after);
        deploy_request_clear(&r);
    }
}

Test(deploy, lengths_are_counted_in_characters)
{
    struct deploy_request r = request();
    struct strbuf b = STRBUF_INIT;

    for (int i = 0; i < 200; i++) {
        strbuf_adds(&b, "\xe6\x97\xa5");
    }
    cr_expect_eq(deploy_request_set(&r, "businessName", strbuf_str(&b), NULL), E_OK);
    strbuf_adds(&b, "x");
    cr_expect_eq(deploy_request_set(&r, "businessName", strbuf_str(&b), NULL), E_INVALID);
    strbuf_reset(&b);
    for (int i = 0; i < 128; i++) {
        strbuf_addc(&b, 'a');
    }
    cr_expect_eq(deploy_request_set(&r, "userId", strbuf_str(&b), NULL), E_OK);
    cr_expect_eq(deploy_request_set(&r, "jobId", strbuf_str(&b), NULL), E_OK);
    cr_expect_str_eq(r.job_id, strbuf_str(&b));
    strbuf_adds(&b, "a");
    cr_expect_eq(deploy_request_set(&r, "userId", strbuf_str(&b), NULL), E_INVALID);
    cr_expect_eq(deploy_request_set(&r, "jobId", strbuf_str(&b), NULL), E_INVALID);
    strbuf_reset(&b);
    for (int i = 0; i < 51; i++) {
        strbuf_addf(&b, "%sf%d", i == 0 ? "" : ",", i);
    }
    struct err e = {0};
    cr_expect_eq(deploy_request_set(&r, "features", strbuf_str(&b), &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "at most 50"), "%s", e.msg);
    strbuf_clear(&b);
    deploy_request_clear(&r);
}

Test(deploy, the_table_of_fields_is_whole)
{
    for (size_t i = 0; i < deploy_fields_len; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        cr_expect_not_null(f->name);
        cr_expect_gt(strlen(f->label), 0, "%s", f->name);
        cr_expect_gt(strlen(f->help), 0, "%s", f->name);
        cr_expect_eq(deploy_field_find(f->name), f, "%s", f->name);
        cr_expect(f->flag == NULL || deploy_field_find(f->flag) == f, "%s", f->name);
        cr_expect(!f->secret || f->flag == NULL, "a secret is no flag: others see it in ps");
    }
    cr_expect_null(deploy_field_find("nothing"));
    cr_expect_null(deploy_field_find(NULL));
}

Test(deploy, what_is_missing_is_named)
{
    struct deploy_request r;
    const char *field = NULL;
    struct err e = {0};

    deploy_request_init(&r);
    cr_expect_eq(deploy_request_check(&r, &field, &e), E_INVALID);
    cr_expect_str_eq(field, "userId");
    cr_expect_eq(strncmp(e.msg, "userId: is missing", 18), 0, "%s", e.msg);
    cr_assert_eq(deploy_request_set(&r, "userId", "u", NULL), E_OK);
    cr_expect_eq(deploy_request_check(&r, &field, NULL), E_INVALID);
    cr_expect_str_eq(field, "productId");
    cr_assert_eq(deploy_request_set(&r, "productId", "p", NULL), E_OK);
    cr_expect_eq(deploy_request_check(&r, NULL, &e), E_OK, "%s", e.msg);
    deploy_request_clear(&r);
}

Test(deploy, an_event_over_the_size_limit_is_refused)
{
    struct deploy_request r = request();
    struct strbuf b = STRBUF_INIT;
    const char *field = NULL;
    struct err e = {0};

    strbuf_adds(&b, "{\"k\":\"");
    for (int i = 0; i < 255 * 1024; i++) {
        strbuf_addc(&b, 'x');
    }
    strbuf_adds(&b, "\"}");
    cr_assert_eq(deploy_request_set(&r, "metadata", strbuf_str(&b), &e), E_OK, "%s", e.msg);
    cr_expect_eq(deploy_request_check(&r, &field, &e), E_INVALID);
    cr_expect_str_eq(field, "metadata");
    cr_expect_not_null(strstr(e.msg, "at most"), "%s", e.msg);
    strbuf_clear(&b);
    deploy_request_clear(&r);
}

Test(deploy, deep_metadata_is_refused)
{
    struct deploy_request r = request();
    struct strbuf b = STRBUF_INIT;
    struct err e = {0};

    for (int i = 0; i < 40; i++) {
        strbuf_adds(&b, "{\"a\":");
    }
    strbuf_adds(&b, "1");
    for (int i = 0; i < 40; i++) {
        strbuf_adds(&b, "}");
    }
    cr_expect_eq(deploy_request_set(&r, "metadata", strbuf_str(&b), &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "nested"), "%s", e.msg);
    strbuf_clear(&b);
    deploy_request_clear(&r);
}

Test(deploy, sealing_gives_an_id_and_a_time_once)
{
    struct deploy_request r = request();
    char first[JOB_ID_SIZE];

    deploy_request_seal(&r, NOW);
    cr_expect_eq(strncmp(r.job_id, "job_1755685800000_", 18), 0, "%s", r.job_id);
    cr_expect_eq(strlen(r.job_id), 27);
    cr_expect_eq(strspn(r.job_id + 18, "0123456789abcdefghijklmnopqrstuvwxyz"), 9);
    cr_expect(job_id_valid(r.job_id));
    cr_expect_eq(r.timestamp_ms, NOW);
    memcpy(first, r.job_id, sizeof first);
    deploy_request_seal(&r, NOW + 5);
    cr_expect_str_eq(r.job_id, first, "a resumed deploy stays the same job");
    cr_expect_eq(r.timestamp_ms, NOW);
    deploy_request_clear(&r);
}

Test(deploy, the_event_is_that_of_the_contract)
{
    struct deploy_request r;
    full(&r);
    cr_assert_eq(time_parse_iso("2025-08-20T10:30:00.000Z", &r.timestamp_ms), true);
    cJSON *d = deploy_detail_json(&r, false);
    char *text = json_text(d);

    cr_expect_str_eq(text,
                     "{\"jobId\":\"job_1734567890123_abc123def\",\"userId\":\"user123\","
                     "\"productId\":\"prod456\",\"founderdashDbUrl\":\"postgresql://u:pw@h/db\","
                     "\"priority\":\"normal\",\"timestamp\":\"2025-08-20T10:30:00.000Z\","
                     "\"metadata\":{\"businessName\":\"My Startup\",\"estimatedDuration\":14400,"
                     "\"features\":[\"auth\",\"dashboard\"],\"userEmail\":\"user@example.com\","
                     "\"plan\":\"pro\",\"n\":{\"x\":[1,null]}}}");
    free(text);
    cJSON_Delete(d);
    d = deploy_detail_json(&r, true);
    cr_expect_str_eq(json_str(d, "founderdashDbUrl"), "postgresql://u:****@h/db");
    cJSON_Delete(d);
    deploy_request_clear(&r);
}

Test(deploy, an_event_reads_back_as_the_same_request)
{
    struct deploy_request r;
    struct deploy_request back;
    struct err e = {0};

    full(&r);
    r.retry_of = xstrdup("job_0_old");
    r.timestamp_ms = NOW;
    cJSON *d = deploy_detail_json(&r, false);
    cr_assert_eq(deploy_request_from_json(&back, d, &e), E_OK, "%s", e.msg);
    cJSON *again = deploy_detail_json(&back, false);
    cr_expect(cJSON_Compare(d, again, 1));
    cr_expect_str_eq(back.retry_of, "job_0_old");
    cr_expect_eq(back.timestamp_ms, NOW);
    cJSON_Delete(d);
    cJSON_Delete(again);
    deploy_request_clear(&r);
    deploy_request_clear(&back);
}

static const struct json_case {
    const char *json;
    const char *says; /* NULL: accepted */
} jsons[] = {
    {"{'userId':'u','productId':'p'}",                             NULL                              },
    {"{'userId':'u','productId':'p','metadata':{}}",               NULL                              },
    {"{'userId':'u','productId':'p','priority':null}",             NULL                              },
    {"{'userId':'u','businessName':'flat line','features':['a']}", NULL                              },
    {"{'userId':'u','metadata':{'businessName':null}}",            NULL                              },
    {"{'userId':5}",                                               "userId: is a number"             },
    {"{'userId':''}",                                              "userId: is empty"                },
    {"{'userId':['u']}",                                           "userId: is a list"               },
    {"{'priority':'urgent'}",                                      "not one of high, normal, low"    },
    {"{'metadata':'x'}",                                           "metadata: is a text"             },
    {"{'metadata':null}",                                          "metadata: is null"               },
    {"{'metadata':[]}",                                            "metadata: is a list"             },
    {"{'metadata':{'features':'auth'}}",                           "features: is a text"             },
    {"{'metadata':{'features':[1]}}",                              "features: has a number in it"    },
    {"{'metadata':{'features':['']}}",                             "features: is empty"              },
    {"{'metadata':{'estimatedDuration':'4h'}}",                    "estimatedDuration: is a text"    },
    {"{'metadata':{'estimatedDuration':1.5}}",                     "whole number"                    },
    {"{'metadata':{'estimatedDuration':1e300}}",                   "estimatedDuration"               },
    {"{'metadata':{'estimatedDuration':10}}",                      "not between"                     },
    {"{'metadata':{'userEmail':'x'}}",                             "userEmail: \"x\" is not an email"},
    {"{'timestamp':'soon'}",                                       "timestamp: is not a time"        },
    {"{'timestamp':5}",                                            "timestamp"                       },
    {"{'colour':'red'}",                                           "\"colour\" is not a field"       },
    {"{'jobId':'a b'}",                                            "jobId: \"a b\" is not a job id"  },
    {"{'founderdashDbUrl':'nope'}",                                "is not a URL"                    },
    {"[]",                                                         "a deploy is a JSON object"       },
    {"null",                                                       "a deploy is a JSON object"       },
};

Test(deploy, numbers_of_further_keys_keep_their_digits)
{
    static const char text[] = "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{"
                               "\"a\\\"1\":1,\"id\":12345678901234567890,\"list\":[1.5,"
                               "-0.1234567890123456789,{\"x\":2e3}]}}";
    struct deploy_request r;
    struct err e = {0};
    cJSON *v = json_parse(text, sizeof text - 1, "body", &e);

    cr_assert_not_null(v, "%s", e.msg);
    cr_assert_eq(deploy_request_from_json(&r, v, &e), E_OK, "%s", e.msg);
    cr_assert_eq(deploy_request_check(&r, NULL, &e), E_OK, "%s", e.msg);
    cJSON *d = deploy_detail_json(&r, false);
    char *out = json_text(d);
    cr_expect_not_null(strstr(out, "\"id\":12345678901234567890,\"list\":[1.5,"
                                   "-0.1234567890123456789,{\"x\":2000}]"),
                       "%s", out);
    cJSON *item = deploy_record_item(&r);
    cr_expect_str_eq(attr_num(attr_map(item, "metadata"), "id"), "12345678901234567890");
    free(out);
    cJSON_Delete(item);
    cJSON_Delete(d);
    deploy_request_clear(&r);
    cJSON_Delete(v);
    cr_assert_eq(
        deploy_request_set(&r, "metadata", "{\"x\":1234567890123456789012345678901234567891}", &e),
        E_INVALID);
    cr_expect_not_null(strstr(e.msg, "38 digits"), "%s", e.msg);
    cr_assert_eq(deploy_request_set(&r, "metadata", "{\"x\":12345678901234567890.5}", &e), E_OK);
    char *shown = deploy_request_get(&r, "metadata");
    cr_expect_str_eq(shown, "{\"x\":12345678901234567890.5}");
    free(shown);
    deploy_request_clear(&r);
}

Test(deploy, json_bodies_are_taken_or_refused_with_the_field)
{
    for (size_t i = 0; i < sizeof jsons / sizeof *jsons; i++) {
        cJSON *v = help_json(jsons[i].json);
        struct deploy_request r;
        struct err e = {0};
        enum err_code rc = deploy_request_from_json(&r, v, &e);

        cr_expect_eq(rc, jsons[i].says == NULL ? E_OK : E_INVALID, "%s: %s", jsons[i].json, e.msg);
        if (jsons[i].says != NULL) {
            cr_expect_not_null(strstr(e.msg, jsons[i].says), "%s: %s", jsons[i].json, e.msg);
            cr_expect_null(r.user_id, "a refused request is empty");
        }
        deploy_request_clear(&r);
        cJSON_Delete(v);
    }
}

Test(deploy, a_copy_is_deep)
{
    struct deploy_request r;
    struct deploy_request c;

    full(&r);
    deploy_request_copy(&c, &r);
    cJSON *a = deploy_detail_json(&r, false);
    deploy_request_clear(&r);
    cJSON *b = deploy_detail_json(&c, false);
    cr_expect(cJSON_Compare(a, b, 1));
    cJSON_Delete(a);
    cJSON_Delete(b);
    deploy_request_clear(&c);
}

Test(deploy, the_record_carries_both_forms_and_no_database)
{
    struct deploy_request r;
    struct err e = {0};

    full(&r);
    r.timestamp_ms = NOW;
    cJSON *item = deploy_record_item(&r);
    char *text = json_text(item);
    cr_expect_null(strstr(text, "postgresql"));
    cr_expect_null(strstr(text, "DbUrl"));
    cr_expect_str_eq(attr_str(item, "jobId"), r.job_id);
    cr_expect_str_eq(attr_str(item, "userId"), "user123");
    cr_expect_str_eq(attr_str(item, "status"), "PENDING");
    cr_expect_str_eq(attr_str(item, "createdAt"), "2025-08-20T10:30:00.000Z");
    cr_expect_str_eq(attr_str(item, "updatedAt"), "2025-08-20T10:30:00.000Z");
    cr_expect_str_eq(attr_str(item, "currentStep"), "QUEUED");
    cr_expect_str_eq(attr_num(item, "progress"), "0");
    cr_expect_str_eq(attr_str(attr_map(item, "timestamps"), "createdAt"),
                     "2025-08-20T10:30:00.000Z");
    cr_expect_str_eq(attr_str(attr_map(item, "timestamps"), "estimatedCompletion"),
                     "2025-08-20T14:30:00.000Z");
    cr_expect_eq(attr_type_of(attr_get(attr_map(item, "timestamps"), "startedAt")), ATTR_NULL);
    cr_expect_eq(attr_type_of(attr_get(attr_map(item, "urls"), "staging")), ATTR_NULL);
    cr_expect_eq(attr_type_of(attr_get(attr_map(item, "resources"), "batchJobId")), ATTR_NULL);
    cr_expect_str_eq(attr_str(attr_map(item, "metadata"), "plan"), "pro");
    cr_expect_not_null(attr_list(item, "errors"));
    const cJSON *av;
    cJSON_ArrayForEach(av, item)
    {
        cr_expect_eq(attr_validate(av, &e), E_OK, "%s: %s", av->string, e.msg);
    }
    struct job *j = job_from_item(item);
    cr_expect_str_eq(j->business_name, "My Startup");
    cr_expect_eq(j->features_len, 2);
    cr_expect_eq(j->status, JOB_PENDING);
    cr_expect_eq(j->created_ms, NOW);
    cr_expect_eq(j->estimated_duration_s, 14400);
    job_free(j);
    free(text);
    cJSON_Delete(item);
    deploy_request_clear(&r);
}

Test(deploy, a_retry_repeats_the_recorded_job)
{
    struct deploy_request r;
    struct deploy_request again;
    struct err e = {0};

    full(&r);
    r.timestamp_ms = NOW;
    cJSON *item = deploy_record_item(&r);
    deploy_request_from_job(&again, item);
    cr_expect_str_eq(again.job_id, "");
    cr_expect_str_eq(again.retry_of, r.job_id);
    cr_expect_str_eq(again.user_id, "user123");
    cr_expect_str_eq(again.email, "user@example.com");
    cr_expect_eq(again.estimated_duration_s, 14400);
    cr_expect_eq(again.features_len, 2);
    char *extra = deploy_request_get(&again, "metadata");
    cr_expect_str_eq(extra, "{\"plan\":\"pro\",\"n\":{\"x\":[1,null]}}");
    cr_expect_eq(deploy_request_check(&again, NULL, &e), E_OK, "%s", e.msg);
    free(extra);
    cJSON_Delete(item);
    deploy_request_clear(&r);
    deploy_request_clear(&again);
}

Test(deploy, a_retry_of_a_flat_record_by_another_program_works)
{
    struct deploy_request r;
    struct err e = {0};
    cJSON *item = help_json("{'jobId':{'S':'old 1'},'userId':{'S':'u'},'productId':{'S':'p'},"
                            "'businessName':{'S':'B'},'priority':{'S':'HIGH'},"
                            "'metadata':{'M':{'requestedFeatures':{'SS':['a','b']},"
                            "'estimatedDuration':{'N':'5'},'big':{'N':'12345678901234567890'}}}}");

    deploy_request_from_job(&r, item);
    cr_expect_str_eq(r.retry_of, "old 1");
    cr_expect_str_eq(r.priority, "high");
    cr_expect_eq(r.features_len, 2);
    cr_expect_eq(r.estimated_duration_s, -1, "out of range: left out");
    cJSON *d = deploy_detail_json(&r, false);
    char *text = json_text(d);
    cr_expect_not_null(strstr(text, "12345678901234567890"), "to the digit: %s", text);
    cr_expect_null(strstr(text, "requestedFeatures"));
    cr_expect_eq(deploy_request_check(&r, NULL, &e), E_OK, "%s", e.msg);
    free(text);
    cJSON_Delete(d);
    deploy_request_clear(&r);
    cJSON *empty = json_new_object();
    deploy_request_from_job(&r, empty);
    cr_expect_null(r.user_id);
    deploy_request_clear(&r);
    cJSON_Delete(empty);
    cJSON_Delete(item);
}
