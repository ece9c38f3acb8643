/* The record that an event of another program gets, through the seeded system's own target. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "src/cloud/events/delivery.h"
#include "src/cloud/events/tracker.h"
#include "src/cloud/start.h"
#include "src/cloud/store/service.h"

/* A cloud with a log, its lock held: what is due is delivered by the test, not by a thread. */
static struct {
    char dir[64];
    char *log_path;
    struct log *log;
    struct cloud *l;
} c;

static void setup(void)
{
    struct err e;

    (void)snprintf(c.dir, sizeof c.dir, "/tmp/mvpdash-test-XXXXXX");
    cr_assert_not_null(mkdtemp(c.dir));
    c.log_path = path_join(c.dir, "log");
    c.log = log_new(c.log_path, LOG_LVL_WARN, &e);
    c.l = cloud_start(&(struct cloud_options){.data_dir = c.dir,
                                              .program = "/bin/true",
                                              .pipeline = "/bin/true",
                                              .seed = true,
                                              .log = c.log},
                      &e);
    cr_assert_not_null(c.l, "%s", e.msg);
    cloud_lock(c.l);
}

static void teardown(void)
{
    cloud_unlock(c.l);
    cloud_stop(c.l);
    log_free(c.log);
    free(c.log_path);
    cr_expect_eq(path_remove_tree(c.dir, NULL), E_OK);
}

TestSuite(missing_record, .init = setup, .fini = teardown, .timeout = 120);

/* Sends an event with this detail and delivers it to every target. */
static void send_event(const char *detail)
{
    cJSON *in = json_new_object(), *entries = json_new_array(), *entry = json_new_object();
    struct cloud_reply r;

    json_set_str(entry, "Source", "founderdash.web");
    json_set_str(entry, "DetailType", "MVP Development Request");
    json_set_str(entry, "EventBusName", "mvp-development");
    json_set_str(entry, "Detail", detail);
    json_push(entries, entry);
    json_set(in, "Entries", entries);
    cloud_dispatch(c.l, AWS_OP_EVENTS_PUT_EVENTS, in, &r);
    cr_assert_eq(json_int(r.out, "FailedEntryCount", 1), 0, "%s", r.message);
    cloud_reply_clear(&r);
    cJSON_Delete(in);
    while (cloud_events_delivery_next(c.l)) {
    }
}

/* Owned; NULL when there is none. */
static cJSON *record_of(const char *job_id)
{
    cJSON *in = json_new_object(), *key = json_new_object();
    struct cloud_reply r;

    json_set(key, "jobId", attr_new_str(job_id));
    json_set_str(in, "TableName", TRACKER_TABLE);
    json_set(in, "Key", key);
    cloud_dispatch(c.l, AWS_OP_DDB_GET_ITEM, in, &r);
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(r.out, "Item");
    cloud_reply_clear(&r);
    cJSON_Delete(in);
    return item;
}

static void expect_log(const char *part, bool there)
{
    char *text = NULL;

    cr_assert_eq(path_read(c.log_path, 1 << 20, &text, NULL, NULL), E_OK);
    cr_expect_eq(strstr(text, part) != NULL, there, "'%s' in: %s", part, text);
    free(text);
}

static int count_jobs(void)
{
    cJSON *in = json_new_object();
    struct cloud_reply r;

    json_set_str(in, "jobQueue", "mvp-pipeline-queue");
    json_set_str(in, "jobStatus", "SUBMITTED");
    cloud_dispatch(c.l, AWS_OP_BATCH_LIST_JOBS, in, &r);
    int n = cJSON_GetArraySize(json_array(r.out, "jobSummaryList"));
    cloud_reply_clear(&r);
    cJSON_Delete(in);
    return n;
}

/* Each starts a job; each must have a record, whatever else is in it. */
Test(missing_record, every_event_that_starts_a_job_has_a_record)
{
    static const char *const more[] = {
        "",
        ",\"userId\":\"u\",\"productId\":\"p\",\"priority\":\"urgent\"",
        ",\"userId\":42,\"productId\":7.5,\"priority\":1",
        ",\"userId\":null,\"productId\":null,\"priority\":null,\"metadata\":null",
        ",\"userId\":\"\",\"stage\":\"INIT\",\"status\":\"new\",\"createdAt\":5",
        ",\"userId\":{\"id\":\"u\"},\"metadata\":\"none\",\"timestamp\":\"yesterday\"",
        ",\"projectName\":\"Shop\",\"team\":{\"lead\":{\"name\":\"A\",\"tags\":[1,[2,{}]]}},\"x\":["
        "]",
        ",\"metadata\":{\"features\":\"auth,shop\",\"estimatedDuration\":\"14400\",\"userEmail\":"
        "1}",
        ",\"metadata\":{\"estimatedDuration\":\"2 days\",\"businessName\":{},\"retryOf\":[]}",
        ",\"founderdashDbUrl\":17,\"FounderDashDbUrl\":\"postgresql://u:geheim@h/d\"",
        ",\"big\":1e400,\"digits\":1234567890123456789012345678901234567890123,\"\":1",
        ",\"features\":[1,null,\"x\"],\"priority\":[\"high\"],\"timestamp\":1734567890",
    };
    struct strbuf detail = STRBUF_INIT;
    char id[32];

    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        (void)snprintf(id, sizeof id, "job_%zu", i);
        strbuf_reset(&detail);
        strbuf_addf(&detail, "{\"jobId\":\"%s\"%s}", id, more[i]);
        send_event(strbuf_str(&detail));
        cJSON *item = record_of(id);
        cr_assert_not_null(item, "%s", strbuf_str(&detail));
        cr_expect_str_eq(attr_str(item, "status"), "PENDING", "%s", more[i]);
        cr_expect_str_eq(attr_str(item, "currentStep"), "QUEUED");
        cr_expect_not_null(attr_str(item, "createdAt"));
        cr_expect_null(json_get(item, "stage"));
        cr_expect(attr_find(item, "userId") == NULL || attr_str(item, "userId") != NULL);
        char *text = json_text(item);
        cr_expect_null(strstr(text, "geheim"), "%s", text);
        free(text);
        cJSON_Delete(item);
    }
    cr_expect_eq(count_jobs(), (int)(sizeof more / sizeof *more));
    expect_log("priority: ", true);
    expect_log("geheim", false);
    strbuf_clear(&detail);
}

Test(missing_record, what_it_can_read_and_what_it_cannot_both_stand_in_the_record)
{
    send_event("{\"jobId\":\"job_1\",\"userId\":\"u\",\"productId\":\"p\",\"priority\":\"urgent\","
               "\"projectName\":\"Shop\",\"stage\":\"INIT\",\"timestamp\":\"2026-01-02T03:04:05Z\","
               "\"metadata\":{\"businessName\":\"B\",\"estimatedDuration\":\"3600\","
               "\"features\":\"auth\",\"apiPassword\":\"geheim\",\"deep\":{\"a\":[true,null]}}}");
    cJSON *item = record_of("job_1");
    const cJSON *metadata = attr_map(item, "metadata");

    cr_expect_str_eq(attr_str(item, "userId"), "u");
    cr_expect_str_eq(attr_str(item, "priority"), "urgent");
    cr_expect_str_eq(attr_str(item, "projectName"), "Shop");
    cr_expect_str_eq(attr_str(item, "createdAt"), "2026-01-02T03:04:05.000Z");
    cr_expect_str_eq(attr_str(item, "estimatedCompletion"), "2026-01-02T04:04:05.000Z");
    cr_expect_str_eq(attr_str(item, "businessName"), "B");
    cr_expect_str_eq(attr_num(metadata, "estimatedDuration"), "3600");
    cr_expect_str_eq(attr_str(metadata, "features"), "auth");
    cr_expect_str_eq(attr_str(metadata, "stage"), "INIT");
    cr_expect_str_eq(attr_str(metadata, "apiPassword"), "****");
    cr_expect_eq(cJSON_GetArraySize(attr_list(attr_map(metadata, "deep"), "a")), 2);
    cJSON_Delete(item);
    expect_log("not all is read of event ", true);
    expect_log("features is a text", true);
    expect_log("projectName", false); /* a further key is no fault */
}

Test(missing_record, a_record_that_would_be_too_large_is_written_without_the_further_keys)
{
    struct strbuf detail = STRBUF_INIT;

    strbuf_adds(&detail, "{\"jobId\":\"job_big\",\"userId\":\"u\",\"notes\":\"");
    for (int i = 0; i < 410 * 1024; i++) {
        strbuf_addc(&detail, 'x');
    }
    strbuf_adds(&detail, "\"}");
    send_event(strbuf_str(&detail));
    cJSON *item = record_of("job_big");
    cr_assert_not_null(item);
    cr_expect_str_eq(attr_str(item, "userId"), "u");
    cr_expect_null(json_get(item, "notes"));
    cJSON_Delete(item);
    expect_log("without the further keys", true);
    strbuf_clear(&detail);
}

Test(missing_record, any_text_that_a_key_can_be_is_a_job_id)
{
    send_event("{\"jobId\":\"team/a:b c\"}");
    cJSON *item = record_of("team/a:b c");
    cr_expect_not_null(item);
    cJSON_Delete(item);
    send_event("{\"userId\":\"u\"}");
    expect_log("has no jobId", true);
}

Test(missing_record, a_record_that_is_there_stays)
{
    send_event("{\"jobId\":\"job_1\",\"userId\":\"first\"}");
    send_event("{\"jobId\":\"job_1\",\"userId\":\"second\",\"priority\":\"urgent\"}");
    cJSON *item = record_of("job_1");
    cr_expect_str_eq(attr_str(item, "userId"), "first");
    cJSON_Delete(item);
}
