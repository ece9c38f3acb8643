/* Deploy requests: fields, rules, the event, the record, and back. */
#include <stdlib.h>

#include "aws/attr.h"
#include "core/clock.h"
#include "core/faults.h"
#include "core/strbuf.h"
#include "jobs/deploy.h"
#include "jobs_help.h"
#include "src/jobs/deploy_type.h"

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
    {"features",          "a\x01",                                NULL,                                   "features has the control"                            },
    {"estimatedDuration", "14400",                                "14400",                                NULL                                                  },
    {"estimatedDuration", "90m",                                  "5400",                                 NULL                                                  },
    {"estimatedDuration", "14d",                                  "1209600",                              NULL                                                  },
    {"estimatedDuration", "59",                                   NULL,                                   "59 seconds is not between 60 and 1209600"            },
    {"estimatedDuration", "15d",                                  NULL,                                   "not between"                                         },
    {"estimatedDuration", "soon",                                 NULL,                                   "\"soon\" is not a duration"                          },
    {"estimatedDuration", "4 x",                                  NULL,                                   "not a duration"                                      },
    {"estimatedDuration", "99999999999999999999",                 NULL,                                   "not a duration"                                      },
    {"estimatedDuration", "-5",                                   NULL,                                   "not a duration"                                      },
    {"founderdashDbUrl",  "postgresql://u:secret@h:5432/db",      "postgresql://u:****@h:5432/db",        NULL                                                  },
    {"founderdashDbUrl",  "secret",                               NULL,                                   "founderdashDbUrl is not a URL"                       },
    {"founderdashDbUrl",  "postgresql://u:secret@h /db",          NULL,                                   "space"                                               },
    {"metadata",          "{\"plan\":\"pro\"}",                   "{\"plan\":\"pro\"}",                   NULL                                                  },
    {"metadata",          "[1]",                                  NULL,                                   "metadata is not a JSON object"                       },
    {"metadata",          "{",                                    NULL,                                   "metadata: not JSON"                                  },
    {"metadata",          "{\"a\":1e300}",                        NULL,                                   "out of DynamoDB's range"                             },
    {"metadata",          "{\"\":1}",                             NULL,                                   "metadata[\"\"] is an empty key"                      },
    {"metadata",          "{\"a\":1,\"a\":2}",                    NULL,                                   "metadata.a is given more than once"                  },
    {"metadata",          "{\"x\":[{\"b\":1,\"b\":1}]}",          NULL,                                   "metadata.x[0].b is given more than"                  },
    {"metadata",          "{\"userEmail\":5}",                    NULL,                                   "userEmail is a number"                               },
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

Test(deploy, a_simulated_exit_code_is_one_that_a_process_has)
{
    static const char *const good[] = {"0", "3", "75", "255", "\"7\"", "null"};
    static const char *const bad[] = {"256",   "-1",    "2.5",  "1e9",  "1000",
                                      "99999", "\"x\"", "true", "\"\"", "[3]"};
    struct deploy_request r = request();
    struct err e = {0};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char *text = xasprintf("{\"simulate\":{\"exitCode\":%s}}", good[i]);
        cr_expect_eq(deploy_request_set(&r, "metadata", text, &e), E_OK, "%s: %s", text, e.msg);
        free(text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *text = xasprintf("{\"simulate\":{\"exitCode\":%s}}", bad[i]);
        cr_expect_eq(deploy_request_set(&r, "metadata", text, &e), E_INVALID, "%s", text);
        cr_expect_not_null(strstr(e.msg, "give 0 to 255"), "%s: %s", text, e.msg);
        free(text);
    }
    cr_expect_eq(deploy_request_set(&r, "metadata", "{\"simulate\":\"no\"}", &e), E_OK);
    deploy_request_clear(&r);
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

Test(deploy, each_field_has_a_place_of_its_own_in_the_event)
{
    size_t placed = 0;

    for (int place = DEPLOY_TOP; place <= DEPLOY_METADATA; place++) {
        for (int i = 1; deploy_field_on_wire((enum deploy_place)place, i) != NULL; i++) {
            placed++; /* two rows with the same number leave one of them out */
        }
    }
    cr_expect_eq(placed, deploy_rows_len);
    for (size_t i = 0; i < deploy_rows_len; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        cr_expect_eq(deploy_field_named(f->name), f, "%s", f->name);
        cr_expect_eq(f->label != NULL, i < deploy_fields_len, "%s: who gives it?", f->name);
        cr_expect(f->label == NULL || f->type->set != NULL, "%s", f->name);
        cr_expect(f->label == NULL || f->made || f->type->schema != NULL, "%s", f->name);
    }
}

/* Every kind of field goes the ways that all go: text, check, copy, event and back. */
Test(deploy, each_field_keeps_its_value_on_every_way)
{
    static const struct {
        const char *name, *value;
    } given[] = {
        {"userId",            "u1"               },
        {"productId",         "p1"               },
        {"businessName",      "A \xc3\xa4 name"  },
        {"userEmail",         "a@example.com"    },
        {"priority",          "low"              },
        {"features",          "a,b c"            },
        {"estimatedDuration", "7200"             },
        {"founderdashDbUrl",  "postgresql://h/db"},
        {"metadata",          "{\"k\":[1,2]}"    },
        {"jobId",             "job.1"            },
    };
    struct deploy_request r, copy, back;
    struct err e = {0};

    cr_assert_eq(sizeof given / sizeof *given, deploy_fields_len, "one value a field");
    deploy_request_init(&r);
    for (size_t i = 0; i < deploy_fields_len; i++) {
        cr_assert_eq(deploy_request_set(&r, given[i].name, given[i].value, &e), E_OK, "%s", e.msg);
    }
    cr_assert_eq(deploy_request_check(&r, NULL, &e), E_OK, "%s", e.msg);
    deploy_request_copy(&copy, &r);
    cJSON *detail = deploy_detail_json(&r, false);
    deploy_request_clear(&r);
    cr_assert_eq(deploy_request_from_json(&back, detail, &e), E_INVALID); /* no timestamp yet */
    cJSON_Delete(detail);
    deploy_request_seal(&copy, 1000);
    detail = deploy_detail_json(&copy, false);
    cr_assert_eq(deploy_request_from_json(&back, detail, &e), E_OK, "%s", e.msg);
    for (size_t i = 0; i < deploy_fields_len; i++) {
        char *a = deploy_request_get(&copy, given[i].name);
        char *b = deploy_request_get(&back, given[i].name);
        cr_expect_str_eq(a, given[i].value);
        cr_expect_str_eq(b, given[i].value);
        free(a);
        free(b);
        cr_expect_eq(deploy_request_set(&back, given[i].name, "", &e), E_OK, "%s", e.msg);
        a = deploy_request_get(&back, given[i].name);
        cr_expect_str_eq(a, "");
        free(a);
    }
    cJSON_Delete(detail);
    deploy_request_clear(&copy);
    deploy_request_clear(&back);
}

Test(deploy, a_choice_is_known_by_its_place)
{
    const struct deploy_field *f = deploy_field_named("priority");
    size_t len = 0;

    cr_expect_eq(deploy_choice_of(f, "HIGH"), 0);
    cr_expect_eq(deploy_choice_of(f, "low"), 2);
    cr_expect_eq(deploy_choice_of(f, NULL), 1, "left out it is the standard");
    cr_expect_eq(deploy_choice_of(f, ""), -1);
    cr_expect_eq(deploy_choice_of(f, "hig"), -1);
    cr_expect_eq(strncmp(deploy_choice_at("a|bc", 1, &len), "bc", 3), 0);
    cr_expect_eq(len, 2);
    cr_expect_null(deploy_choice_at("a|bc", 2, &len));
}

Test(deploy, what_is_missing_is_named)
{
    struct deploy_request r;
    const char *field = NULL;
    struct err e = {0};

    deploy_request_init(&r);
    cr_expect_eq(deploy_request_check(&r, &field, &e), E_INVALID);
    cr_expect_str_eq(field, "userId");
    cr_expect_eq(strncmp(e.msg, "userId is missing", 17), 0, "%s", e.msg);
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
    {"{'userId':5}",                                               "userId is a number"              },
    {"{'userId':''}",                                              "userId is empty"                 },
    {"{'userId':['u']}",                                           "userId is a list"                },
    {"{'priority':'urgent'}",                                      "not one of high, normal, low"    },
    {"{'metadata':'x'}",                                           "metadata is a text"              },
    {"{'metadata':null}",                                          "metadata is null"                },
    {"{'metadata':[]}",                                            "metadata is a list"              },
    {"{'metadata':{'features':'auth'}}",                           "features is a text"              },
    {"{'metadata':{'features':[1]}}",                              "features[0] is a number"         },
    {"{'metadata':{'features':['']}}",                             "features[0] is empty"            },
    {"{'metadata':{'estimatedDuration':'4h'}}",                    "estimatedDuration is a text"     },
    {"{'metadata':{'estimatedDuration':1.5}}",                     "whole number"                    },
    {"{'metadata':{'estimatedDuration':1e300}}",                   "estimatedDuration"               },
    {"{'metadata':{'estimatedDuration':10}}",                      "not between"                     },
    {"{'metadata':{'userEmail':'x'}}",                             "userEmail: \"x\" is not an email"},
    {"{'timestamp':'soon'}",                                       "timestamp is not a time"         },
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
    cr_expect_eq(attr_type_of(attr_find(attr_map(item, "timestamps"), "startedAt")), ATTR_NULL);
    cr_expect_eq(attr_type_of(attr_find(attr_map(item, "urls"), "staging")), ATTR_NULL);
    cr_expect_eq(attr_type_of(attr_find(attr_map(item, "resources"), "batchJobId")), ATTR_NULL);
    cr_expect_str_eq(attr_str(attr_map(item, "metadata"), "plan"), "pro");
    cr_expect_not_null(attr_list(item, "errors"));
    const cJSON *av;
    cJSON_ArrayForEach(av, item)
    {
        cr_expect_eq(attr_validate(av, &e), E_OK, "%s: %s", av->string, e.msg);
    }
    struct job *j = job_from_item(item);
    cr_expect_str_eq(job_text(j, JOB_BUSINESS_NAME), "My Startup");
    cr_expect_eq(j->features_len, 2);
    cr_expect_eq(j->status, JOB_PENDING);
    cr_expect_eq(job_ms(j, JOB_CREATED), NOW);
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
    cr_expect_eq(again.features.len, 2);
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
    cr_expect_eq(r.features.len, 2);
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

/* ---- what a repeated record holds beyond the fields ---- */

#define BAKERY                                                                                     \
    "{'jobId':{'S':'order-7'},'userId':{'S':'u'},'productId':{'S':'p'},'status':{'S':'FAILED'},"   \
    "'projectDescription':{'S':'A bakery'},'seats':{'N':'9007199254740993.25'},'tags':{'SS':"      \
    "['b','a']},'sizes':{'NS':['1','2']},'logo':{'B':'AAEC'},'live':{'BOOL':true},'gone':{'NULL':" \
    "true},'pages':{'L':[{'S':'home'},{'M':{'n':{'N':'1'}}}]},'userEmail':{'S':'a@b.co'},"         \
    "'progress':{'N':'40'},'currentStep':{'S':'BUILDING'},'stage':{'S':'INIT'},'errors':{'L':[]}," \
    "'lastError':{'S':'x'},'statusReason':{'S':'y'},'urls':{'M':{}},'githubRepo':{'S':'g'},"       \
    "'stagingUrl':{'S':'s'},'vercelUrl':{'S':'v'},'repoName':{'S':'r'},'resources':{'M':{}},"      \
    "'batchJobId':{'S':'b'},'executionLogs':{'S':'l'},'requestId':{'S':'q'},'reportId':{'S':'q'}," \
    "'batchLine':{'M':{}},'history':{'L':[]},'stepTimes':{'M':{}},'retryOf':{'S':'o'},"            \
    "'createdAt':{'S':'2026-01-01'},'updatedAt':{'S':'2026-01-01'},'startedAt':{'S':'2026-01-01'}" \
    ",'completedAt':{'S':'2026-01-01'},'estimatedCompletion':{'S':'2026-01-01'},'timestamps':"     \
    "{'M':{}},'founderdashDbUrl':{'S':'postgresql://u:pw@h/d'},'cancelledBy':{'S':'c'},"           \
    "'metadata':{'M':{'palette':{'SS':['red']},'plan':{'S':'pro'},'tone':{'S':'own'}}},'tone':"    \
    "{'S':'flat'}}"

static char *attribute(const cJSON *item, const char *name)
{
    const cJSON *av = json_get(item, name);

    return av == NULL ? xstrdup("-") : json_text(av);
}

static void expect_attribute(const cJSON *item, const char *name, const char *want)
{
    char *got = attribute(item, name);

    cr_expect_str_eq(got, want, "%s: %s", name, got);
    free(got);
}

Test(deploy, a_retry_carries_what_is_neither_state_nor_result)
{
    struct deploy_request r, copy;
    cJSON *old = help_json(BAKERY);

    deploy_request_from_job(&r, old);
    deploy_request_copy(&copy, &r);
    deploy_request_clear(&r);
    deploy_request_seal(&copy, NOW);
    cJSON *item = deploy_record_item(&copy), *detail = deploy_detail_json(&copy, false);
    expect_attribute(item, "projectDescription", "{\"S\":\"A bakery\"}");
    expect_attribute(item, "seats", "{\"N\":\"9007199254740993.25\"}");
    expect_attribute(item, "tags", "{\"SS\":[\"b\",\"a\"]}");
    expect_attribute(item, "sizes", "{\"NS\":[\"1\",\"2\"]}");
    expect_attribute(item, "logo", "{\"B\":\"AAEC\"}");
    expect_attribute(item, "live", "{\"BOOL\":true}");
    expect_attribute(item, "gone", "{\"NULL\":true}");
    expect_attribute(item, "pages", "{\"L\":[{\"S\":\"home\"},{\"M\":{\"n\":{\"N\":\"1\"}}}]}");
    expect_attribute(item, "userEmail", "{\"S\":\"a@b.co\"}");
    expect_attribute(item, "tone", "{\"S\":\"flat\"}");
    expect_attribute(attr_map(item, "metadata"), "palette", "{\"SS\":[\"red\"]}");
    expect_attribute(attr_map(item, "metadata"), "tone", "{\"S\":\"own\"}");
    static const char *const not [] = {
        "stage",         "lastError",          "statusReason", "githubRepo",
        "stagingUrl",    "vercelUrl",          "repoName",     "batchJobId",
        "executionLogs", "requestId",          "reportId",     "batchLine",
        "stepTimes",     "startedAt",          "completedAt",  "founderdashDbUrl",
        "cancelledBy",   "estimatedCompletion"};
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++) {
        expect_attribute(item, not [i], "-");
        cr_expect_null(json_get(json_object(detail, "metadata"), not [i]), "%s", not [i]);
    }
    expect_attribute(item, "retryOf", "-");
    expect_attribute(item, "status", "{\"S\":\"PENDING\"}");
    expect_attribute(item, "progress", "{\"N\":\"0\"}");
    char *m = json_text(json_object(detail, "metadata"));
    cr_expect_str_eq(
        m,
        "{\"userEmail\":\"a@b.co\",\"retryOf\":\"order-7\",\"palette\":[\"red\"],"
        "\"plan\":\"pro\",\"tone\":\"own\",\"projectDescription\":\"A bakery\","
        "\"seats\":9007199254740993.25,\"tags\":[\"b\",\"a\"],\"sizes\":[1,2],"
        "\"logo\":\"AAEC\",\"live\":true,\"gone\":null,\"pages\":[\"home\",{\"n\":1}]}",
        "%s", m);
    free(m);
    cJSON_Delete(detail);

    /* The repeat of the repeat has them too, and no more of them. */
    deploy_request_from_job(&r, item);
    deploy_request_seal(&r, NOW + 1);
    cJSON *third = deploy_record_item(&r);
    cr_expect_eq(cJSON_GetArraySize(third), cJSON_GetArraySize(item));
    expect_attribute(third, "tags", "{\"SS\":[\"b\",\"a\"]}");
    cJSON_Delete(third);
    cJSON_Delete(item);
    cJSON_Delete(old);
    deploy_request_clear(&r);
    deploy_request_clear(&copy);
}

/* What a person changes in the form counts; what he leaves keeps its type. */
Test(deploy, what_is_carried_gives_way_to_what_is_given)
{
    struct deploy_request r;
    struct err e = {0};
    cJSON *old = help_json(BAKERY);

    deploy_request_from_job(&r, old);
    cr_assert_eq(deploy_request_set(&r, "metadata",
                                    "{\"palette\":[\"red\"],\"plan\":\"free\","
                                    "\"projectDescription\":\"A cafe\",\"tone\":\"new\"}",
                                    &e),
                 E_OK, "%s", e.msg);
    cr_assert_eq(deploy_request_set(&r, "userEmail", "c@d.co", &e), E_OK, "%s", e.msg);
    deploy_request_seal(&r, NOW);
    cJSON *item = deploy_record_item(&r), *detail = deploy_detail_json(&r, false);
    expect_attribute(attr_map(item, "metadata"), "palette", "{\"SS\":[\"red\"]}");
    expect_attribute(attr_map(item, "metadata"), "plan", "{\"S\":\"free\"}");
    expect_attribute(item, "projectDescription", "{\"S\":\"A cafe\"}");
    expect_attribute(item, "tone", "{\"S\":\"flat\"}");
    expect_attribute(item, "userEmail", "-");
    cr_expect_str_eq(json_str(json_object(detail, "metadata"), "projectDescription"), "A cafe");
    cJSON_Delete(item);
    cJSON_Delete(detail);
    cJSON_Delete(old);
    deploy_request_clear(&r);
}

Test(deploy, what_does_not_fit_into_an_event_is_refused_with_its_size)
{
    struct deploy_request r;
    struct err e = {0};
    cJSON *old = help_json("{'jobId':{'S':'o'},'userId':{'S':'u'},'productId':{'S':'p'},'small':"
                           "{'S':'x'}}");
    char *big = xmalloc(300001);

    memset(big, 'r', 300000);
    big[300000] = '\0';
    json_set(old, "requirements", attr_new_str(big));
    deploy_request_from_job(&r, old);
    cr_expect_eq(deploy_request_check(&r, NULL, &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "\"requirements\" has 3000"), "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "at most 261120"), "%s", e.msg);
    free(big);
    cJSON_Delete(old);
    deploy_request_clear(&r);
}

/* ---- all that is wrong at once, and the schema that says what is right ---- */

static const struct read_case {
    const char *json;
    const char *fields; /* what is wrong, in order; "" nothing */
} reads[] = {
    {"{'userId':'u','productId':'p'}",                                                      ""                },
    {"{}",                                                                                  "userId productId"},
    {"{'userId':7,'priority':'now','metadata':{'userEmail':'x','features':['a','',3]}}",
     "userId priority metadata.userEmail metadata.features[1] metadata.features[2] productId"                 },
    {"{'userId':'u','productId':'p','metadata':{'estimatedDuration':1,'businessName':''}}",
     "metadata.estimatedDuration metadata.businessName"                                                       },
    {"{'userId':'u','userId':'v','productId':'p'}",                                         "userId"          },
    {"{'userId':' u','productId':'p\\n'}",                                                  "userId productId"},
    {"{'userId':'u','productId':'p','metadata':{'a':{'b':[1,{'':0}]},'c':{'d d':1e200}}}",
     "metadata.a.b[1][\"\"] metadata.c[\"d d\"]"                                                              },
    {"{'userId':'u','productId':'p','metadata':{'simulate':{'exitCode':-1}}}",
     "metadata.simulate.exitCode"                                                                             },
    {"{'userId':'u','productId':'p','metadata':{'features':null,'retryOf':' '}}",
     "metadata.retryOf"                                                                                       },
    {"{'userId':'u','productId':'p','metadata':7,'founderdashDbUrl':'geheim'}",
     "metadata founderdashDbUrl"                                                                              },
};

Test(deploy, all_that_is_wrong_is_told_with_its_place)
{
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        cJSON *v = help_json(reads[i].json);
        struct faults f = {.len = 0};
        struct strbuf fields = STRBUF_INIT;
        struct deploy_request r;

        deploy_request_read(&r, v, &f);
        for (size_t k = 0; k < f.len; k++) {
            strbuf_addf(&fields, "%s%s", k == 0 ? "" : " ", f.items[k].field);
            cr_expect_gt(strlen(f.items[k].reason), 0);
            cr_expect_null(strstr(f.items[k].reason, "geheim"), "%s", f.items[k].reason);
        }
        cr_expect_str_eq(strbuf_str(&fields), reads[i].fields, "%s: %s", reads[i].json,
                         strbuf_str(&fields));
        cr_expect_eq(r.user_id != NULL, f.len == 0, "a refused request is empty: %s",
                     reads[i].json);
        strbuf_clear(&fields);
        deploy_request_clear(&r);
        faults_clear(&f);
        cJSON_Delete(v);
    }
}

Test(deploy, a_text_of_json_is_taken_as_it_is)
{
    cJSON *v = help_json("{'userId':'u','productId':'p','metadata':{'businessName':' x '}}");
    struct faults f = {.len = 0};
    struct deploy_request r;

    deploy_request_read(&r, v, &f);
    cr_expect_str_eq(r.business_name, " x ");
    deploy_request_clear(&r);
    faults_clear(&f);
    cJSON_Delete(v);
}

Test(deploy, a_large_deploy_is_read_and_refused_as_a_whole)
{
    struct strbuf b = STRBUF_INIT;
    struct faults f = {.len = 0};
    struct deploy_request r;

    strbuf_adds(&b, "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"k\":\"");
    for (int i = 0; i < 260 * 1024; i++) {
        strbuf_addc(&b, 'x');
    }
    strbuf_adds(&b, "\"}}");
    cJSON *v = json_parse(strbuf_str(&b), b.len, "body", NULL);
    deploy_request_read(&r, v, &f);
    cr_assert_eq(f.len, 1);
    cr_expect_str_eq(f.items[0].field, "metadata");
    deploy_request_clear(&r);
    faults_clear(&f);
    cJSON_Delete(v);
    strbuf_clear(&b);
}

/* Programs that make clients cannot read a choice of types that holds lists of itself. */
Test(deploy, the_schema_of_any_value_is_no_choice_of_types)
{
    cJSON *v = deploy_value_schema("#/V");
    char *text = json_text(v);

    cr_expect_null(json_get(v, "anyOf"));
    cr_expect_null(json_get(v, "oneOf"));
    cr_expect_null(json_get(v, "type"));
    cr_expect_str_eq(json_str_or(json_object(v, "items"), "$ref", ""), "#/V");
    cr_expect_str_eq(json_str_or(json_object(v, "additionalProperties"), "$ref", ""), "#/V");
    cr_expect_not_null(strstr(text, "\"if\":{\"type\":\"number\"}"), "%s", text);
    free(text);
    cJSON_Delete(v);
}

Test(deploy, the_schema_has_the_limits_of_the_rules)
{
    cJSON *v = deploy_schema("#/V");
    const cJSON *m = json_object(v, "properties");
    const cJSON *meta = json_object(json_object(m, "metadata"), "properties");
    char *text = json_text(v);

    cr_expect_eq(json_int(json_object(m, "userId"), "maxLength", 0), 128);
    cr_expect_eq(json_int(json_object(m, "founderdashDbUrl"), "maxLength", 0), 2048);
    cr_expect_eq(json_int(json_object(meta, "estimatedDuration"), "maximum", 0), 1209600);
    cr_expect_eq(json_int(json_object(meta, "features"), "maxItems", 0), 50);
    cr_expect_eq(json_int(json_object(meta, "businessName"), "maxLength", 0), 200);
    cr_expect_eq(json_int(json_object(m, "metadata"), "maxProperties", 0), 1000);
    cr_expect_not_null(strstr(text, "\"$ref\":\"#/V\""));
    cr_expect(!json_bool(v, "additionalProperties", true));
    free(text);
    cJSON_Delete(v);
    text = deploy_any_case("No_1|b");
    cr_expect_str_eq(text, "^(?:[Nn][Oo]_1|[Bb])$");
    free(text);
}
