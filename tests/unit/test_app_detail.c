/* The overview of a job: what its record tells besides, harmless on any screen. */
#include <stdlib.h>

#include "core/strbuf.h"
#include "jobs_help.h"
#include "src/app/detail_text.h"

/* The lines of the overview. Owned. */
static char *overview(const char *attributes)
{
    char *s = xasprintf("{'jobId':{'S':'job_1782907200000_k3j5h7g9f'}%s%s}",
                        *attributes == '\0' ? "" : ",", attributes);
    cJSON *item = help_json(s);
    struct job_detail data = {.item = item, .job = job_from_item(item)};
    struct job_state state;
    struct textview v;

    cr_assert_not_null(data.job, "%s", s);
    job_state_merge(data.job, NULL, true, INT64_C(1782907260000), NULL, &state);
    struct detail_source x = {
        .job = data.job, .state = &state, .data = &data, .now_ms = INT64_C(1782907260000)};
    textview_init(&v);
    detail_text_overview(&v, &x);
    char *text = textview_all(&v, NULL, NULL);
    textview_done(&v);
    job_free(data.job);
    cJSON_Delete(item);
    free(s);
    return text;
}

static void has(const char *text, const char *line)
{
    cr_expect_not_null(strstr(text, line), "no \"%s\" in:\n%s", line, text);
}

Test(overview, unknown_attributes_stand_under_other)
{
    char *text = overview("'tone':{'S':'warm'},'resources':{'M':{'vercel':{'M':{'projectId':{'S':"
                          "'prj_8'}}}}},'executionLogs':{'L':[{'S':'cloned'},{'S':'built'}]},"
                          "'aVeryLongAttributeName':{'N':'1'},'clientSecret':{'S':'s3'}");
    has(text, "Requested      ");
    has(text, "(by the time in its id: the record has no createdAt)");
    has(text, "\nvercel         project prj_8\n");
    has(text, "\nexecutionLogs  cloned\n               built\n");
    has(text, "\nOther\n  tone         warm\n");
    has(text, "\n  aVeryLongAttributeName  1\n");
    has(text, "\n  clientSecret ****\n");
    free(text);
    text = overview("'createdAt':{'S':'2026-07-01T12:00:00Z'}");
    cr_expect_null(strstr(text, "Other"), "%s", text);
    cr_expect_null(strstr(text, "has no createdAt"), "%s", text);
    free(text);
}

/* 17 rows of a screen of 80x24 show the overview. */
Test(overview, why_a_job_failed_stands_above_what_its_request_has_besides)
{
    char *text =
        overview("'status':{'S':'FAILED'},'currentStep':{'S':'BUILDING'},'userId':{'S':'ann'},"
                 "'productId':{'S':'shop'},'businessName':{'S':'Bread'},'priority':{'S':'low'},"
                 "'userEmail':{'S':'ann@example.com'},'lastError':{'S':'npm ERR! code E404'},"
                 "'metadata':{'M':{'retryOf':{'S':'job_1782900000000_k3j5h7g9f'},'features':{'L':["
                 "{'S':'auth'},{'S':'dashboard'},{'S':'payments'}]}}}");
    const char *why = strstr(text, "\nWhy ");
    int row = 1;

    cr_assert_not_null(why, "%s", text);
    for (const char *c = text; c < why; c++) {
        row += *c == '\n';
    }
    cr_expect_leq(row, 13, "row %d of\n%s", row, text);
    has(why, "npm ERR! code E404");
    has(why, "\nEmail ");
    has(why, "\nFeatures ");
    has(text, "\nRetry of "); /* above it: whose retry failed is part of why */
    free(text);
}

Test(overview, nothing_of_a_record_drives_the_terminal)
{
    char *text = overview("'a\\u001b[2J\\u202eb':{'S':'x\\u0007\\u009b31m\\r\\ny'},"
                          "'executionLogs':{'S':'\\u001b]0;title\\u0007'},"
                          "'resources':{'M':{'githubRepo':{'M':{'branch':{'S':'\\u001bc'}}}}}");

    for (const char *c = text; *c != '\0'; c++) {
        cr_expect((unsigned char)*c >= 0x20 || *c == '\n', "byte %d in:\n%s", *c, text);
    }
    cr_expect_null(strstr(text, "\xc2\x9b"));
    cr_expect_null(strstr(text, "\xe2\x80\xae"));
    has(text, "^[c");
    free(text);
}
