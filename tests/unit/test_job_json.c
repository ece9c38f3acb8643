/* The one shape of a job as JSON. */
#include <stdlib.h>

#include "jobs/job_json.h"
#include "jobs_help.h"

static const char *const members[] = {"jobId",
                                      "userId",
                                      "productId",
                                      "businessName",
                                      "status",
                                      "statusReason",
                                      "drift",
                                      "stuck",
                                      "step",
                                      "progress",
                                      "priority",
                                      "features",
                                      "createdAt",
                                      "updatedAt",
                                      "startedAt",
                                      "completedAt",
                                      "estimatedCompletion",
                                      "batchJobId",
                                      "batchStatus",
                                      "exitCode",
                                      "logStream",
                                      "urls",
                                      "errors",
                                      "mark",
                                      "batchJobName",
                                      "reason",
                                      "eta",
                                      "cost",
                                      "context"};

enum { MEMBERS = sizeof members / sizeof *members };

Test(job_json, every_member_is_there_in_order_and_absent_is_null)
{
    struct job *j = help_job("");
    struct job_state s;

    job_state_merge(j, NULL, false, 0, NULL, &s);
    cJSON *o = job_json(j, NULL, &s, NULL, NULL);
    const cJSON *at = o->child;
    for (size_t i = 0; i < MEMBERS; i++, at = at->next) {
        cr_assert_not_null(at, "%s is missing", members[i]);
        cr_expect_str_eq(at->string, members[i]);
    }
    cr_expect_null(at, "nothing else");
    char *text = json_text(o);
    cr_expect_str_eq(
        text,
        "{\"jobId\":\"job_1_abc\",\"userId\":null,\"productId\":null,\"businessName\":null,"
        "\"status\":null,\"statusReason\":null,\"drift\":false,\"stuck\":null,\"step\":null,"
        "\"progress\":null,\"priority\":null,\"features\":[],\"createdAt\":null,\"updatedAt\":null,"
        "\"startedAt\":null,\"completedAt\":null,\"estimatedCompletion\":null,\"batchJobId\":null,"
        "\"batchStatus\":null,\"exitCode\":null,\"logStream\":null,\"urls\":{\"repository\":null,"
        "\"staging\":null,\"production\":null},\"errors\":[],\"mark\":null,\"batchJobName\":null,"
        "\"reason\":null,\"eta\":null,\"cost\":null,\"context\":null}");
    free(text);
    cJSON_Delete(o);
    job_free(j);
}

Test(job_json, the_merged_state_is_told)
{
    struct job *j =
        help_job("'status':{'S':'in_progress'},'progress':{'N':'0'},'userId':{'S':'u'},"
                 "'updatedAt':{'S':'2025-08-20T12:30:00+02:00'},'features':{'SS':['a']},"
                 "'githubRepo':{'S':'https://a/r'},'lastError':{'S':'{\\'timestamp\\':"
                 "\\'2025-08-20T10:30:00Z\\',\\'message\\':\\'boom\\',\\'step\\':\\'INIT\\'}'}");
    struct batch_job *b = help_batch(
        "{'jobId':'b-1','status':'FAILED','stoppedAt':1755685900000,'container':{'exitCode':137,"
        "'reason':'OutOfMemoryError','logStreamName':'jd/default/x'}}");
    struct job_state s;

    job_state_merge(j, b, true, INT64_C(1755685901000), NULL, &s);
    const struct eta eta = {INT64_C(1755685902000), INT64_C(1755689502123)};
    cJSON *o = job_json(j, b, &s, &eta, NULL);
    cr_expect_str_eq(json_str(json_object(o, "eta"), "low"), "2025-08-20T10:31:42.000Z");
    cr_expect_str_eq(json_str(json_object(o, "eta"), "high"), "2025-08-20T11:31:42.123Z");
    cr_expect_str_eq(json_str(o, "status"), "FAILED");
    cr_expect(json_bool(o, "drift", false));
    cr_expect_not_null(strstr(json_str_or(o, "statusReason", ""), "out of memory"));
    cr_expect_eq(json_int(o, "exitCode", 0), 137);
    cr_expect_eq(json_int(o, "progress", -1), 0, "zero is not absent");
    cr_expect_str_eq(json_str(o, "batchJobId"), "b-1");
    cr_expect_str_eq(json_str(o, "batchStatus"), "FAILED");
    cr_expect_str_eq(json_str(o, "logStream"), "jd/default/x");
    cr_expect_str_eq(json_str(o, "updatedAt"), "2025-08-20T10:30:00.000Z");
    cr_expect_str_eq(json_str(o, "completedAt"), "2025-08-20T10:31:40.000Z");
    cr_expect_str_eq(json_str(json_object(o, "urls"), "repository"), "https://a/r");
    const cJSON *e = cJSON_GetArrayItem(json_array(o, "errors"), 0);
    cr_expect_str_eq(json_str(e, "timestamp"), "2025-08-20T10:30:00.000Z");
    cr_expect_str_eq(json_str(e, "message"), "boom");
    cr_expect_str_eq(json_str(e, "step"), "INIT");
    cJSON_Delete(o);
    job_free(j);
    batch_job_free(b);
}

Test(job_json, other_programs_words_come_in_upper_case)
{
    struct job *j = help_job("'status':{'S':'reviewing'}");
    struct job_state s;

    job_state_merge(j, NULL, false, 0, NULL, &s);
    cJSON *o = job_json(j, NULL, &s, NULL, NULL);
    cr_expect_str_eq(json_str(o, "status"), "REVIEWING");
    cJSON_Delete(o);
    job_free(j);
}

/* The text that is written at once, beside the one that json_safe makes of the tree. */
static void expect_same_text(const struct job *j, const struct batch_job *b,
                             const struct job_state *s, const struct eta *eta)
{
    struct strbuf b2 = STRBUF_INIT;
    cJSON *o = job_json(j, b, s, eta, b == NULL ? NULL : "prod");
    char *want = json_safe(o);

    strbuf_adds(&b2, "[");
    job_json_text(&b2, j, b, s, eta, b == NULL ? NULL : "prod");
    cr_expect_str_eq(strbuf_str(&b2) + 1, want);
    strbuf_clear(&b2);
    free(want);
    cJSON_Delete(o);
}

Test(job_json, the_text_written_at_once_is_that_of_the_tree)
{
    static const char *const records[] = {
        "",
        "'status':{'S':'reviewing'},'progress':{'N':'0'},'userId':{'S':''}",
        "'status':{'S':'FAILED'},'progress':{'N':'65'},'features':{'L':[{'S':'a'},{'S':'b\\\\'}]},"
        "'errors':{'L':[{'M':{'message':{'S':'one'}}},{'M':{'message':{'S':'two'},'step':"
        "{'S':'INIT'},'timestamp':{'S':'2025-08-20T10:30:00Z'}}}]},"
        "'urls':{'M':{'staging':{'S':'https://a/s'}}},'createdAt':{'S':'2025-08-20T10:00:00Z'}",
        /* control characters, an escape sequence, marks of direction, wide and combining ones */
        "'businessName':{'S':'\\u0001\\u001b[2J\\b\\f\\n\\r\\t\\u007f\\u009b \\u202e "
        "\xe5\x8c\x97 e\xcc\x81 \xf0\x9f\x9a\x80 \\u0022 \\u005c /'},"
        "'features':{'SS':['\\u2028','\\udb40\\udc01']},'statusReason':{'S':'\\u200f'}",
    };
    struct batch_job *b = help_batch(
        "{'jobId':'b-1','jobName':'n','status':'FAILED','stoppedAt':1755685900000,'container':{"
        "'exitCode':-137,'reason':'OutOfMemoryError','logStreamName':'jd/default/x'}}");

    static const struct eta eta = {INT64_C(1755685902000), INT64_C(1755689502123)};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct job *j = help_job(records[i]);
        struct job_state s;
        job_state_merge(j, NULL, false, 0, NULL, &s);
        expect_same_text(j, NULL, &s, NULL);
        job_state_merge(j, b, true, INT64_C(1755685901000), NULL, &s);
        expect_same_text(j, b, &s, &eta);
        job_free(j);
    }
    batch_job_free(b);
}

Test(job_json, bytes_that_are_no_text_are_written_as_escapes)
{
    /* no record brings these, but a file that keeps jobs may */
    const struct job_values values = {.id = "a\xff\xc3",
                                      .text = {[JOB_BUSINESS_NAME] = "\xe5\x8c"},
                                      .estimated_duration_s = -1,
                                      .progress = -1};
    struct job *odd = job_make(&values);
    struct job_state s;

    job_state_merge(odd, NULL, false, 0, NULL, &s);
    expect_same_text(odd, NULL, &s, NULL);
    job_free(odd);
}

static cJSON *detail(const char *record)
{
    cJSON *item = help_json(record);
    struct job *j = job_from_item(item);
    struct job_state s;
    struct timeline t;

    job_state_merge(j, NULL, false, 0, NULL, &s);
    timeline_build(&t, j, item, NULL, NULL);
    cJSON *o = job_detail_json(j, NULL, &s, NULL, &t, item, NULL, NULL);
    timeline_clear(&t);
    job_free(j);
    cJSON_Delete(item);
    return o;
}

Test(job_json, the_raw_record_is_plain_json_to_the_digit)
{
    cJSON *o = detail("{'jobId':{'S':'j'},'big':{'N':'12345678901234567890.5'},'set':{'SS':['a',"
                      "'b']},'nul':{'NULL':true},'map':{'M':{'x':{'L':[{'BOOL':true}]}}}}");
    char *text = json_text(json_object(o, "record"));

    cr_expect_str_eq(text, "{\"jobId\":\"j\",\"big\":12345678901234567890.5,\"set\":[\"a\",\"b\"],"
                           "\"nul\":null,\"map\":{\"x\":[true]}}");
    cr_expect_not_null(json_array(o, "timeline"));
    free(text);
    cJSON_Delete(o);
}

Test(job_json, a_recorded_database_url_is_masked_at_any_depth)
{
    cJSON *o =
        detail("{'jobId':{'S':'j'},'founderdashDbUrl':{'S':'postgresql://u:hunter2@h/db'},"
               "'metadata':{'M':{'databaseUrl':{'S':'hunter2 is no url'},'list':{'L':[{'S':"
               "'mysql://a:hunter2@h'},{'M':{'DATABASE_URL':{'S':'postgres://x:hunter2@y'}}}]},"
               "'other':{'SS':['redis://:hunter2@r/0','plain']}}},'docs':{'S':'https://example.com/"
               "a@b'}}");
    char *text = json_text(o);

    cr_expect_null(strstr(text, "hunter2"), "%s", text);
    cr_expect_not_null(strstr(text, "postgresql://u:****@h/db"), "%s", text);
    cr_expect_not_null(strstr(text, "\"plain\""), "what is no secret stays");
    cr_expect_not_null(strstr(text, "https://example.com/a@b"), "%s", text);
    free(text);
    cJSON_Delete(o);
}

Test(job_json, an_error_that_quotes_a_database_url_shows_no_password)
{
    cJSON *o =
        detail("{'jobId':{'S':'j'},'status':{'S':'FAILED'},'statusReason':{'S':'no answer from "
               "postgresql://u:hunter2@h/db'},'errors':{'L':[{'M':{'message':{'S':'refused by "
               "mysql://a:hunter2@h'}}}]},'lastError':{'S':'redis://:hunter2@r'}}");
    char *text = json_text(o);

    cr_expect_null(strstr(text, "hunter2"), "%s", text);
    cr_expect_not_null(strstr(text, "mysql://a:****@h"), "%s", text);
    free(text);
    cJSON_Delete(o);
}

Test(job_json, without_a_record_the_detail_still_has_its_members)
{
    struct job *j = help_job("");
    struct job_state s;

    job_state_merge(j, NULL, false, 0, NULL, &s);
    cJSON *o = job_detail_json(j, NULL, &s, NULL, NULL, NULL, NULL, NULL);
    cr_expect(cJSON_IsArray(json_get(o, "timeline")));
    cr_expect(cJSON_IsNull(json_get(o, "record")));
    cJSON_Delete(o);
    job_free(j);
}
