/* Input, InputPath and InputTransformer of a target. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "jobs/transform.h"

static const char event_text[] =
    "{\"version\":\"0\",\"id\":\"e1\",\"source\":\"app\",\"resources\":[\"r0\",\"r1\"],"
    "\"detail-type\":\"T\",\"detail\":{\"jobId\":\"job_1\",\"n\":7,\"q\":\"a\\\"b\\\\\\n\","
    "\"o\":{\"k\":\"v\"},\"l\":[1,{\"z\":true}],\"nul\":null,\"a b\":\"spaced\"}}";

static const struct transform_vars vars = {.rule_arn = "arn:aws:events:r:1:rule/b/n",
                                           .rule_name = "n",
                                           .ingestion_time = "2026-01-02T03:04:05Z"};

static const struct template_case {
    const char *template, *want; /* want NULL: refused */
} cases[] = {
    {"{\"id\":<job>}",                                                            "{\"id\":\"job_1\"}"               },
    {"{\"id\":\"<job>\"}",                                                        "{\"id\":\"job_1\"}"               },
    {"{\"id\":\"x-<job>-y\"}",                                                    "{\"id\":\"x-job_1-y\"}"           },
    {"{\"n\":<n>,\"s\":\"<n>\"}",                                                 "{\"n\":7,\"s\":\"7\"}"            },
    {"{\"o\":<obj>}",                                                             "{\"o\":{\"k\":\"v\"}}"            },
    {"{\"o\":\"<obj>\"}",                                                         "{\"o\":\"{\\\"k\\\":\\\"v\\\"}\"}"},
    {"{\"q\":<quote>}",                                                           "{\"q\":\"a\\\"b\\\\\\n\"}"        },
    {"{\"q\":\"[<quote>]\"}",                                                     "{\"q\":\"[a\\\"b\\\\\\n]\"}"      },
    {"{\"m\":<missing>}",                                                         "{\"m\":null}"                     },
    {"{\"m\":\"-<missing>-\"}",                                                   "{\"m\":\"--\"}"                   },
    {"{\"m\":<nul>}",                                                             "{\"m\":null}"                     },
    {"{\"e\":\"\\\"<job>\\\"\"}",                                                 "{\"e\":\"\\\"job_1\\\"\"}"        },
    {"{\"u\":\"<unknown> 1<2 a>b <>\"}",                                          "{\"u\":\"<unknown> 1<2 a>b <>\"}" },
    {"{\"u\":<unknown>}",                                                         NULL                               },
    {"{\"u\":",                                                                   NULL                               },
    {"\"Job <job> of <aws.events.rule-name>\"",                                   "\"Job job_1 of n\""               },
    {"\"line <job>\"\n\"two\"",                                                   "\"line job_1\"\n\"two\""          },
    {"{\"r\":<aws.events.rule-arn>,\"t\":\"<aws.events.event.ingestion-time>\"}",
     "{\"r\":\"arn:aws:events:r:1:rule/b/n\",\"t\":\"2026-01-02T03:04:05Z\"}"                                        },
    {"{\"res\":<res>}",                                                           "{\"res\":\"r1\"}"                 },
};

static cJSON *target_with(const char *template)
{
    cJSON *target = json_new_object(), *t = json_new_object(), *paths = json_new_object();

    json_set_str(paths, "job", "$.detail.jobId");
    json_set_str(paths, "n", "$.detail.n");
    json_set_str(paths, "obj", "$.detail.o");
    json_set_str(paths, "quote", "$.detail.q");
    json_set_str(paths, "missing", "$.detail.nothing.here");
    json_set_str(paths, "nul", "$.detail.nul");
    json_set_str(paths, "res", "$.resources[1]");
    json_set(t, "InputPathsMap", paths);
    json_set_str(t, "InputTemplate", template);
    json_set(target, "InputTransformer", t);
    return target;
}

Test(transform, fills_templates_as_eventbridge_does)
{
    cJSON *event = json_parse(event_text, strlen(event_text), "event", NULL);

    cr_assert_not_null(event);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *target = target_with(cases[i].template);
        char *out = NULL;
        struct err e = {.code = E_OK};
        enum err_code rc = transform_apply(target, event, &vars, &out, &e);
        if (cases[i].want == NULL) {
            cr_expect_eq(rc, E_INVALID, "%s gave %s", cases[i].template, out != NULL ? out : "-");
            cr_expect_null(out);
        } else {
            cr_assert_eq(rc, E_OK, "%s: %s", cases[i].template, e.msg);
            cr_expect_str_eq(out, cases[i].want);
        }
        free(out);
        cJSON_Delete(target);
    }
    cJSON_Delete(event);
}

Test(transform, embeds_the_event_with_and_without_its_detail)
{
    cJSON *event = json_parse(event_text, strlen(event_text), "event", NULL);
    cJSON *target = target_with("{\"a\":<aws.events.event>,\"b\":<aws.events.event.json>}");
    char *out = NULL;

    cr_assert_eq(transform_apply(target, event, &vars, &out, NULL), E_OK);
    cJSON *doc = json_parse(out, strlen(out), "out", NULL);
    cr_expect_null(json_get(json_get(doc, "a"), "detail"));
    cr_expect_str_eq(json_str(json_get(doc, "a"), "source"), "app");
    cr_expect(cJSON_Compare(json_get(doc, "b"), event, true));
    cJSON_Delete(doc);
    cJSON_Delete(target);
    cJSON_Delete(event);
    free(out);
}

static char *apply_text(const char *target_text)
{
    cJSON *event = json_parse(event_text, strlen(event_text), "event", NULL);
    cJSON *target = json_parse(target_text, strlen(target_text), "target", NULL);
    char *out = NULL;

    (void)!transform_apply(target, event, &vars, &out, NULL);
    cJSON_Delete(target);
    cJSON_Delete(event);
    return out;
}

Test(transform, input_and_input_path_give_that_part)
{
    static const struct {
        const char *target, *want;
    } plain[] = {
        {"{\"Input\":\"{\\\"x\\\":1}\"}",       "{\"x\":1}"    },
        {"{\"InputPath\":\"$.detail.o\"}",      "{\"k\":\"v\"}"},
        {"{\"InputPath\":\"$.detail.jobId\"}",  "\"job_1\""    },
        {"{\"InputPath\":\"$.detail.l[1].z\"}", "true"         },
        {"{\"InputPath\":\"$.detail['a b']\"}", "\"spaced\""   },
        {"{\"InputPath\":\"$.detail-type\"}",   "\"T\""        },
        {"{\"InputPath\":\"$.no\"}",            "null"         },
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        char *out = apply_text(plain[i].target);
        cr_assert_not_null(out, "%s", plain[i].target);
        cr_expect_str_eq(out, plain[i].want);
        free(out);
    }
    char *out = apply_text("{}");
    cr_expect_str_eq(out, event_text);
    free(out);
}

Test(transform, malformed_paths_are_refused)
{
    static const char *const bad[] = {"",    "detail", "$x",  "$.",    "$..a",  "$.a.", "$[",
                                      "$[]", "$['a]",  "$[1", "$[-1]", "$.a b", "$[*]", "$.a*"};
    cJSON *event = json_new_object();

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const cJSON *found = event;
        cr_expect_eq(transform_path(bad[i], event, &found, NULL), E_INVALID, "%s", bad[i]);
        cr_expect_null(found);
    }
    const cJSON *found = NULL;
    cr_expect_eq(transform_path("$", event, &found, NULL), E_OK);
    cr_expect_eq(found, event);
    cJSON_Delete(event);
}

Test(transform, a_target_is_checked_before_it_is_kept)
{
    static const struct {
        const char *target;
        bool good;
    } checks[] = {
        {"{}",                                                                                    true },
        {"{\"Input\":\"{}\"}",                                                                    true },
        {"{\"Input\":\"{\"}",                                                                     false},
        {"{\"InputPath\":\"$.a\"}",                                                               true },
        {"{\"InputPath\":\"a\"}",                                                                 false},
        {"{\"Input\":\"{}\",\"InputPath\":\"$.a\"}",                                              false},
        {"{\"InputTransformer\":{}}",                                                             false},
        {"{\"InputTransformer\":{\"InputTemplate\":\"{\\\"a\\\":<aws.events.rule-name>}\"}}",     true },
        {"{\"InputTransformer\":{\"InputTemplate\":\"{\\\"a\\\":<b>}\"}}",                        false},
        {"{\"InputTransformer\":{\"InputTemplate\":\"{\\\"a\\\":<b>}\","
         "\"InputPathsMap\":{\"b\":\"$.b\"}}}",                                          true },
        {"{\"InputTransformer\":{\"InputTemplate\":\"{\\\"a\\\":<b>}\","
         "\"InputPathsMap\":{\"b\":\"b\"}}}",                                            false},
        {"{\"InputTransformer\":{\"InputTemplate\":\"{}\",\"InputPathsMap\":{\"b.c\":\"$.b\"}}}",
         false                                                                                         },
        {"{\"InputTransformer\":{\"InputTemplate\":\"{}\",\"InputPathsMap\":{\"b\":7}}}",         false},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        cJSON *target = json_parse(checks[i].target, strlen(checks[i].target), "target", NULL);
        struct err e = {.code = E_OK};
        cr_assert_not_null(target);
        cr_expect_eq(transform_check(target, &e) == E_OK, checks[i].good, "%s: %s",
                     checks[i].target, e.msg);
        cJSON_Delete(target);
    }
}
