/* An event as a person types it, and the job that it becomes at a Batch target. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "jobs/event_form.h"
#include "jobs/target_job.h"

static const struct form_case {
    const char *name, *text;
    int form;         /* -1: refused */
    const char *want; /* the whole event, or what the error names */
} forms[] = {
    {"a detail of its own",               "{\"userId\":\"u\"}",                                                         EVENT_FORM_DETAIL,
     "{\"source\":\"s\",\"detail-type\":\"t\",\"detail\":{\"userId\":\"u\"}}"                                                                                                                                          },
    {"a detail that has a source",        "{\"source\":\"x\",\"userId\":\"u\"}",                                        EVENT_FORM_DETAIL,
     "{\"source\":\"s\",\"detail-type\":\"t\",\"detail\":{\"source\":\"x\",\"userId\":\"u\"}}"                                                                                                                         },
    {"an empty detail",                   " {} ",                                                                       EVENT_FORM_DETAIL,
     "{\"source\":\"s\",\"detail-type\":\"t\",\"detail\":{}}"                                                                                                                                                          },
    {"a whole event",                     "{\"source\":\"a\",\"detail-type\":\"b\",\"detail\":{\"n\":1},\"id\":\"7\"}",
     EVENT_FORM_WHOLE,                                                                                                                     "{\"source\":\"a\",\"detail-type\":\"b\",\"detail\":{\"n\":1},\"id\":\"7\"}"},
    {"a whole event without a source",    "{\"detail-type\":\"b\",\"detail\":{}}",                                      EVENT_FORM_WHOLE,
     "{\"source\":\"s\",\"detail-type\":\"b\",\"detail\":{}}"                                                                                                                                                          },
    {"a whole event without a type",      "{\"source\":\"a\",\"detail\":{\"k\":[]}}",                                   EVENT_FORM_WHOLE,
     "{\"source\":\"a\",\"detail-type\":\"t\",\"detail\":{\"k\":[]}}"                                                                                                                                                  },
    {"a whole event without a detail",    "{\"detail-type\":\"b\"}",                                                    EVENT_FORM_WHOLE,
     "{\"source\":\"s\",\"detail-type\":\"b\",\"detail\":{}}"                                                                                                                                                          },
    {"long numbers keep their digits",    "{\"n\":12345678901234567890}",                                               EVENT_FORM_DETAIL,
     "{\"source\":\"s\",\"detail-type\":\"t\",\"detail\":{\"n\":12345678901234567890}}"                                                                                                                                },
    {"an entry",                          "{\"Source\":\"a\",\"DetailType\":\"b\",\"Detail\":\"{\\\"k\\\":true}\"}",
     EVENT_FORM_ENTRY,                                                                                                                     "{\"source\":\"a\",\"detail-type\":\"b\",\"detail\":{\"k\":true}}"          },
    {"an entry with resources",
     "{\"DetailType\":\"b\",\"Detail\":{\"k\":2},\"Resources\":[\"r\"],\"EventBusName\":\"x\"}",                        EVENT_FORM_ENTRY,
     "{\"source\":\"s\",\"detail-type\":\"b\",\"detail\":{\"k\":2},\"resources\":[\"r\"]}"                                                                                                                             },
    {"no JSON",                           "{\"userId\":",                                                               -1,                "the event"                                                                 },
    {"a list",                            "[1]",                                                                        -1,                "object"                                                                    },
    {"a text",                            "\"x\"",                                                                      -1,                "object"                                                                    },
    {"nothing",                           "",                                                                           -1,                "the event"                                                                 },
    {"an entry whose detail is no JSON",  "{\"DetailType\":\"b\",\"Detail\":\"{\"}",                                    -1,                "Detail"                                                                    },
    {"an entry whose detail is a list",   "{\"DetailType\":\"b\",\"Detail\":\"[]\"}",                                   -1,                "Detail"                                                                    },
    {"an entry without a detail",         "{\"DetailType\":\"b\"}",                                                     -1,                "Detail"                                                                    },
    {"an entry whose source is a number", "{\"Source\":1,\"Detail\":\"{}\"}",                                           -1,                "Source"                                                                    },
    {"a detail that is a text",           "{\"detail-type\":\"b\",\"detail\":\"{}\"}",                                  -1,                "detail"                                                                    },
    {"a type that is a list",             "{\"detail-type\":[\"b\"],\"detail\":{}}",                                    -1,                "detail-type"                                                               },
    {"resources that are a text",         "{\"detail-type\":\"b\",\"resources\":\"r\"}",                                -1,                "resources"                                                                 },
};

Test(event_form, reads_what_was_meant)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct form_case *k = &forms[i];
        enum event_form form = EVENT_FORM_DETAIL;
        struct err e = {0};
        cJSON *event = NULL;
        enum err_code rc = event_form_read(k->text, strlen(k->text), "s", "t", &event, &form, &e);

        if (k->form < 0) {
            cr_expect_eq(rc, E_INVALID, "%s", k->name);
            cr_expect_null(event, "%s", k->name);
            cr_expect_not_null(strstr(e.msg, k->want), "%s: %s", k->name, e.msg);
            continue;
        }
        cr_assert_eq(rc, E_OK, "%s: %s", k->name, e.msg);
        char *text = json_text(event);
        cr_expect_str_eq(text, k->want, "%s", k->name);
        cr_expect_eq((int)form, k->form, "%s", k->name);
        free(text);
        cJSON_Delete(event);
    }
}

#define QUEUE "\"Arn\":\"arn:aws:batch:r:1:job-queue/q\","
#define PARAMETERS "\"BatchParameters\":{\"JobName\":\"n\",\"JobDefinition\":\"d\"}"
#define SUBMIT                                                                                     \
    "{\"jobName\":\"n\",\"jobDefinition\":\"d\",\"jobQueue\":\"arn:aws:batch:r:1:job-queue/q\""

static const struct job_case {
    const char *name, *target, *input, *want; /* want NULL: refused */
} jobs[] = {
    {"nothing of the event",                "{" QUEUE PARAMETERS "}", NULL,                               SUBMIT "}"                                                                     },
    {"attempts and size",
     "{" QUEUE "\"BatchParameters\":{\"JobName\":\"n\",\"JobDefinition\":\"d\",\"RetryStrategy\":{"
     "\"Attempts\":3},\"ArrayProperties\":{\"Size\":20}}}",           NULL,                               SUBMIT ",\"retryStrategy\":{\"attempts\":3},\"arrayProperties\":{\"size\":20}}"},
    {"parameters",                          "{" QUEUE PARAMETERS "}", "{\"Parameters\":{\"run\":\"7\"}}",
     SUBMIT ",\"parameters\":{\"run\":\"7\"}}"                                                                                                                                           },
    {"overrides",                           "{" QUEUE PARAMETERS "}",
     "{\"ContainerOverrides\":{\"Command\":[\"a\"],\"Environment\":[{\"Name\":\"E\",\"Value\":"
     "\"v\"}],\"ResourceRequirements\":[{\"Type\":\"VCPU\",\"Value\":\"2\"}]}}",                          SUBMIT ",\"parameters\":{},\"containerOverrides\":{\"command\":[\"a\"],\"environment\":[{"
            "\"name\":\"E\",\"value\":\"v\"}],\"resourceRequirements\":[{\"type\":\"VCPU\","
            "\"value\":\"2\"}]}}"                                                                        },
    {"SubmitJob's own spelling is ignored", "{" QUEUE PARAMETERS "}",
     "{\"containerOverrides\":{\"environment\":[]}}",                                                     SUBMIT ",\"parameters\":{}}"                                                   },
    {"a parameter that is a number",        "{" QUEUE PARAMETERS "}", "{\"Parameters\":{\"run\":7}}",
     NULL                                                                                                                                                                                },
    {"an input that is a text",             "{" QUEUE PARAMETERS "}", "\"x\"",                            NULL                                                                           },
    {"an input that is no JSON",            "{" QUEUE PARAMETERS "}", "x",                                NULL                                                                           },
    {"a pair without a value",              "{" QUEUE PARAMETERS "}",
     "{\"ContainerOverrides\":{\"Environment\":[{\"Name\":\"E\"}]}}",                                     NULL                                                                           },
};

Test(target_job, is_what_submit_job_takes)
{
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        const struct job_case *k = &jobs[i];
        cJSON *target = json_parse(k->target, strlen(k->target), "target", NULL);
        struct err e = {0};
        cJSON *submit = NULL;

        cr_assert_not_null(target, "%s", k->name);
        cr_expect(target_is_job(target), "%s", k->name);
        enum err_code rc = target_job_submit(target, k->input, &submit, &e);
        cr_expect_eq(rc, k->want == NULL ? E_INVALID : E_OK, "%s: %s", k->name, e.msg);
        if (k->want != NULL && submit != NULL) {
            char *text = json_text(submit);
            cr_expect_str_eq(text, k->want, "%s", k->name);
            free(text);
        } else {
            cr_expect_null(submit, "%s", k->name);
        }
        cJSON_Delete(submit);
        cJSON_Delete(target);
    }
}

Test(target_job, the_event_itself_is_not_given_to_a_job)
{
    cJSON *path = json_parse("{\"InputPath\":\"$.detail\"}", 24, "target", NULL);
    cJSON *input = json_parse("{\"Input\":\"{}\"}", 14, "target", NULL);

    cr_expect_not(target_job_has_input(path));
    cr_expect(target_job_has_input(input));
    cr_expect_not(target_is_job(input));
    cJSON_Delete(path);
    cJSON_Delete(input);
}

Test(event_form, a_member_given_twice_is_refused)
{
    static const char *const texts[] = {
        "{\"source\":\"a\",\"detail-type\":\"t\",\"detail\":{\"k\":1},\"detail\":\"a\"}",
        "{\"source\":\"a\",\"detail\":{},\"id\":\"1\",\"id\":\"2\"}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        enum event_form form;
        cJSON *event = NULL;
        struct err e = {0};
        cr_expect_eq(event_form_read(texts[i], strlen(texts[i]), "s", "t", &event, &form, &e),
                     E_INVALID);
        cr_expect_not_null(strstr(e.msg, "must be given once"), "%s", e.msg);
        cJSON_Delete(event);
    }
}
