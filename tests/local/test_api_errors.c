/* What the REST API says of wrong requests, of what has not changed, and of what a client may still
 * ask, over real HTTP. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api_cloud.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"

static struct api_cloud a;

static void setup(void)
{
    api_cloud_start(&a, NULL, NULL);
}

static void teardown(void)
{
    api_cloud_stop(&a);
}

TestSuite(api_errors, .init = setup, .fini = teardown, .timeout = 120);

/* The fields that error.fields names, blanks between. */
static void expect_fields(struct answer x, const char *want)
{
    const cJSON *list = json_array(json_object(x.doc, "error"), "fields");
    struct strbuf b = STRBUF_INIT;
    const cJSON *f;

    cJSON_ArrayForEach(f, list)
    {
        strbuf_addf(&b, "%s%s", b.len == 0 ? "" : " ", json_str_or(f, "field", "?"));
        cr_expect_eq(cJSON_GetArraySize(f), 2);
        cr_expect_gt(strlen(json_str_or(f, "reason", "")), 3, "%s", x.body);
    }
    cr_expect_str_eq(strbuf_str(&b), want, "%s", x.body);
    strbuf_clear(&b);
    answer_clear(&x);
}

static struct answer refused(const char *method, const char *target, const char *headers,
                             const char *body)
{
    return api_expect(&a, method, target, headers, body, 400, "bad_request");
}

Test(api_errors, all_that_is_wrong_with_a_deploy_is_told_at_once)
{
    expect_fields(refused("POST", "/deploy", NULL,
                          "{\"userId\":\"a b\",\"colour\":1,\"jobId\":\"j\",\"priority\":5,"
                          "\"metadata\":{\"features\":[\"x\",7],\"estimatedDuration\":\"4h\","
                          "\"deep\":[{\"k\":1,\"k\":2}]}}"),
                  "colour jobId userId priority metadata.deep[0].k metadata.features[1] "
                  "metadata.estimatedDuration productId");
    expect_fields(
        refused("POST", "/deploy", "Idempotency-Key: \xc3\xa4\r\n", "{\"productId\":\"p\"}"),
        "Idempotency-Key userId");
    /* What is no JSON object has no fields. */
    expect_fields(refused("POST", "/deploy", NULL, "[]"), "");
    expect_fields(refused("POST", "/deploy", NULL, "{\"userId\":\"\\u0000\"}"), "");
    char *id = api_deploy(&a, "user-1");
    free(id);
}

Test(api_errors, all_that_is_wrong_with_a_query_is_told_at_once)
{
    expect_fields(refused("GET", "/jobs/u?status=done&limit=101&cursor=!", NULL, NULL),
                  "status limit cursor");
    expect_fields(refused("GET", "/jobs/u?a=1&limit=5&b=2", NULL, NULL), "a b");
    expect_fields(refused("GET", "/jobs/u?page=2&limit=0&status=x&status=FAILED", NULL, NULL),
                  "page status status limit");
    expect_fields(refused("GET", "/jobs/u?=1", NULL, NULL), "");
    expect_fields(refused("DELETE", "/jobs/j?force=1", NULL, NULL), "force");
    expect_fields(refused("DELETE", "/jobs/j?reason=a&reason=b&x", NULL, NULL), "reason x");
    expect_fields(refused("GET", "/status/j?x=1&y", NULL, NULL), "x y");
    expect_fields(refused("POST", "/deploy",
                          "Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Type: text/x\r\n"
                          "Content-Type: text/y\r\n",
                          "{}"),
                  "Content-Type Idempotency-Key");
}

/* The mistakes that people make first, and what the answer must say so that they can put it
 * right. */
static const struct advice {
    const char *method;
    const char *target;
    const char *headers;
    const char *body;
    int status;
    const char *says;
} advices[] = {
    {"POST",   "/deploy",                      NULL,                           "",                                              400,
     "the body is empty: give a JSON object like {\\\"userId\\\""                                                                                                                 },
    {"POST",   "/deploy",                      NULL,                           " \n",                                           400, "the body is empty: give"                    },
    {"POST",   "/deploy",                      NULL,                           "{\"user_id\":\"u\",\"productId\":\"p\"}",       400,
     "user_id is not a field of a deploy: did you mean userId?"                                                                                                                   },
    {"POST",   "/deploy",                      NULL,                           "{\"userId\":\"u\",\"ProductID\":\"p\"}",        400,
     "ProductID is not a field of a deploy: did you mean productId?"                                                                                                              },
    {"POST",   "/deploy",                      NULL,                           "{\"userId\":\"u\",\"productId\":\"p\",\"\":1}", 400,
     "\\\"\\\" is not a field"                                                                                                                                                    },
    {"POST",   "/deploy",                      NULL,                           "{\"userId\":\"\",\"productId\":\"p\"}",         400,
     "userId is empty: give 1 to 128"                                                                                                                                             },
    {"POST",   "/deploy",                      NULL,                           "{\"userId\":\"u\",\"productId\":null}",         400,
     "productId is null: give 1 to 128"                                                                                                                                           },
    {"POST",   "/deploy",                      NULL,                           "{\"userId\":\"\\ud800\"}",                      400,
     "the body: it has an escaped NUL or half a surrogate pair at byte 11"                                                                                                        },
    {"POST",   "/deploy",                      "Content-Type: text/plain\r\n", "{}",                                            415,
     "Content-Type is not JSON in UTF-8: give application/json"                                                                                                                   },
    {"PATCH",  "/deploy",                      NULL,                           NULL,                                            405, "PATCH is not allowed on this path: use POST"},
    {"GET",    "/jobs/u?page=2",               NULL,                           NULL,                                            400,
     "page is not a parameter of this route: give status, limit or cursor"                                                                                                        },
    {"DELETE", "/jobs/j?why=x",                NULL,                           NULL,                                            400,
     "why is not a parameter of this route: give reason"                                                                                                                          },
    {"GET",    "/status/j?user=x",             NULL,                           NULL,                                            400,
     "user is not a parameter of this route: it has none"                                                                                                                         },
    {"GET",    "/jobs/u?limit=1&limit=2",      NULL,                           NULL,                                            400,
     "limit is given more than once: give it once"                                                                                                                                },
    {"GET",    "/jobs/u?status=done",          NULL,                           NULL,                                            400,
     "status: \\\"done\\\" is not a status: give PENDING"                                                                                                                         },
    {"DELETE", "/jobs/j",                      NULL,                           "{\"reason\":\"x\"}",                            400, "accepts no body: leave it out"              },
    {"GET",    "http://build.example/healthz", NULL,                           NULL,                                            403, "start the server with a token"              },
};

Test(api_errors, each_says_what_to_do_instead)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        const struct advice *w = &advices[i];
        struct answer x = api_ask(&a, w->method, w->target, w->headers, w->body);
        cr_expect_eq(x.status, w->status, "%s %s: %d", w->method, w->target, x.status);
        cr_expect_not_null(strstr(x.body, w->says), "%s, not %s", x.body, w->says);
        answer_clear(&x);
    }
}

Test(api_errors, the_name_of_a_long_key_leaves_room_for_what_is_wrong_with_it)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "{\"userId\":\"u\",\"productId\":\"p\",\"");
    for (int i = 0; i < 2000; i++) {
        strbuf_adds(&b, "\xc3\xa4");
    }
    strbuf_adds(&b, "\":1}");
    struct answer x = refused("POST", "/deploy", NULL, strbuf_str(&b));
    cr_expect_not_null(strstr(x.body, "\xc3\xa4... is not a field of a deploy: give userId"), "%s",
                       x.body);
    cr_expect_lt(strlen(x.body), 1000);
    answer_clear(&x);
    strbuf_clear(&b);
}

Test(api_errors, a_list_that_was_cut_says_so)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "{\"userId\":\"u\",\"productId\":\"p\"");
    for (int i = 0; i < 300; i++) {
        strbuf_addf(&b, ",\"key%d\":1", i);
    }
    strbuf_adds(&b, "}");
    struct answer x = refused("POST", "/deploy", NULL, strbuf_str(&b));
    cr_expect_not_null(strstr(x.body, "(and 299 more: error.fields has 50)"), "%s", x.body);
    cr_expect_eq(cJSON_GetArraySize(json_array(json_object(x.doc, "error"), "fields")), 50);
    answer_clear(&x);
    strbuf_clear(&b);
}

Test(api_errors, a_reason_has_so_many_characters_not_bytes)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "/jobs/none?reason=");
    for (int i = 0; i < 500; i++) {
        strbuf_adds(&b, "%C3%A9");
    }
    struct answer x = api_expect(&a, "DELETE", strbuf_str(&b), NULL, NULL, 404, "not_found");
    answer_clear(&x);
    strbuf_adds(&b, "x");
    expect_fields(refused("DELETE", strbuf_str(&b), NULL, NULL), "reason");
    strbuf_reset(&b);
    strbuf_adds(&b, "/status/");
    for (int i = 0; i < 256; i++) {
        strbuf_adds(&b, "%E6%97%A5");
    }
    x = api_expect(&a, "GET", strbuf_str(&b), NULL, NULL, 404, "not_found");
    answer_clear(&x);
    strbuf_adds(&b, "x");
    expect_fields(refused("GET", strbuf_str(&b), NULL, NULL), "jobId");
    strbuf_clear(&b);
}

/* Asks for the job with the tag of the answer before; returns the status. */
static int again(const char *target, const char *tag, const char *method)
{
    char *field = xasprintf("If-None-Match: \"other\"\r\nIf-None-Match: %s\r\n", tag);
    struct answer x = api_ask(&a, method, target, field, NULL);
    char now[80];
    int status = x.status;

    if (status == 304) {
        cr_expect_str_eq(x.body, "");
        cr_expect_str_eq(answer_header(&x, "ETag", now, sizeof now), tag);
        cr_expect_str_eq(answer_header(&x, "Content-Type", now, sizeof now), "");
    }
    free(field);
    answer_clear(&x);
    return status;
}

static void take_tag(const char *target, char tag[80])
{
    struct answer x = api_expect(&a, "GET", target, NULL, NULL, 200, "");

    (void)answer_header(&x, "ETag", tag, 80);
    cr_expect_gt(strlen(tag), 30, "%s", x.headers);
    answer_clear(&x);
}

/* The job moves by itself: once it rests, two answers in a row are the same. */
static void rest(const char *target, char tag[80])
{
    for (int i = 0; i < 300; i++) {
        take_tag(target, tag);
        if (again(target, tag, "GET") == 304) {
            return;
        }
        (void)usleep(100000);
    }
    cr_assert_fail("%s is another one each time", target);
}

Test(api_errors, what_has_not_changed_is_304)
{
    char *id = api_deploy(&a, "walter");
    char *of_job = xasprintf("/status/%s", id);
    char *cancel = xasprintf("/jobs/%s", id);
    const char *const targets[] = {"/jobs/walter", "/openapi.json", of_job};
    char tag[80];

    take_tag(of_job, tag);
    struct answer x = api_expect(&a, "DELETE", cancel, NULL, NULL, 200, "");
    answer_clear(&x);
    cr_expect_eq(again(of_job, tag, "GET"), 200, "it is in another state");
    for (size_t i = 0; i < 3; i++) {
        rest(targets[i], tag);
        cr_expect_eq(strncmp(tag, "W/", 2) == 0, i == 0, "%s: %s", targets[i], tag);
        cr_expect_eq(again(targets[i], "\"x\"", "GET"), 200, "%s", targets[i]);
    }
    cr_expect_eq(again("/openapi.json", "*", "HEAD"), 200, "a list has no asterisk in it");
    take_tag("/openapi.json", tag);
    cr_expect_eq(again("/openapi.json", tag, "HEAD"), 304);
    x = api_expect(&a, "GET", "/healthz", "If-None-Match: *\r\n", NULL, 200, "");
    answer_clear(&x);
    x = api_expect(&a, "GET", "/status/none", "If-None-Match: *\r\n", NULL, 404, "not_found");
    answer_clear(&x);
    free(cancel);
    free(of_job);
    free(id);
}

Test(api_errors, a_connection_test_that_fails_says_when_to_ask_again)
{
    struct answer x = api_ask(&a, "POST", "/test-connection", NULL, NULL);
    char text[80];

    (void)answer_header(&x, "Retry-After", text, sizeof text);
    cr_expect_eq(x.status == 503, text[0] != '\0', "%d %s", x.status, text);
    answer_clear(&x);
}

TestSuite(api_errors_rate, .timeout = 120);

Test(api_errors_rate, a_client_is_told_what_it_may_still_ask)
{
    char text[80];

    api_cloud_start(&a, NULL, &(struct api_options){.rate = 3});
    for (int i = 0; i < 8; i++) {
        struct answer x = api_ask(&a, "GET", "/openapi.json", NULL, NULL);
        cr_expect(x.status == 200 || x.status == 429, "%d", x.status);
        cr_expect_str_eq(answer_header(&x, "RateLimit-Policy", text, sizeof text),
                         "\"client\";q=6;w=2");
        (void)answer_header(&x, "RateLimit", text, sizeof text);
        cr_expect_eq(strncmp(text, "\"client\";r=", 11), 0, "%s", text);
        cr_expect(x.status == 200 || strncmp(text, "\"client\";r=0;t=2", 16) == 0, "%s", text);
        answer_clear(&x);
    }
    struct answer x = api_expect(&a, "GET", "/healthz", NULL, NULL, 200, "");
    cr_expect_str_eq(answer_header(&x, "RateLimit", text, sizeof text), "", "it is not counted");
    answer_clear(&x);
    api_cloud_stop(&a);
}
