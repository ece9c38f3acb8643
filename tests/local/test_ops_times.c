/* Records without createdAt are jobs like any other: in lists, for Batch, for their logs. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "ops/follow.h"
#include "ops/list.h"
#include "ops/logs.h"
#include "ops_cloud.h"

#define MINUTE INT64_C(60000)

static struct ops_cloud c;

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(ops_times, .fini = teardown, .timeout = 120);

/* A record of user u, with an attribute at a time relative to now ("": none). */
static void put(const char *id, const char *status, const char *name, int64_t ahead_ms)
{
    char iso[TIME_ISO_SIZE];
    char *at = *name == '\0' ? xstrdup("")
                             : xasprintf(",\"%s\":{\"S\":\"%s\"}", name,
                                         time_iso(clock_wall_ms(NULL) + ahead_ms, iso));
    char *item = xasprintf("{\"jobId\":{\"S\":\"%s\"},\"userId\":{\"S\":\"u\"},"
                           "\"status\":{\"S\":\"%s\"}%s}",
                           id, status, at);

    ops_cloud_put(&c, item);
    free(item);
    free(at);
}

/* As who forgets ContainerOverrides does: JOB_ID in the parameters alone. */
static void submit(const char *job_id)
{
    struct err e = {0};
    char *text = xasprintf("{\"jobName\":\"run\",\"jobQueue\":\"mvp-pipeline-queue\","
                           "\"jobDefinition\":\"mvp-pipeline-job\",\"parameters\":{\"JOB_ID\":"
                           "\"%s\"}}",
                           job_id);
    cJSON *in = json_parse(text, strlen(text), "test", &e);

    cr_assert_eq(aws_call(c.ops->aws, AWS_OP_BATCH_SUBMIT_JOB, in, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(in);
    free(text);
}

static void check(struct list_query q, const char *want)
{
    struct list_result r = {0};
    struct strbuf ids = STRBUF_INIT;
    struct err e = {0};

    cr_assert_eq(ops_list(c.ops, &q, &r, &e), E_OK, "%s", e.msg);
    for (size_t i = 0; i < r.len; i++) {
        strbuf_addf(&ids, "%s%s", i == 0 ? "" : " ", r.rows[i].job->id);
    }
    cr_expect_str_eq(strbuf_str(&ids), want);
    cr_expect_eq(r.unknown, 0);
    strbuf_clear(&ids);
    list_result_clear(&r);
}

static void mixed(const struct ops_cloud_options *o)
{
    char young[JOB_ID_SIZE];
    char want[300];

    ops_cloud_start(&c, o);
    int64_t now = clock_wall_ms(NULL);
    (void)snprintf(young, sizeof young, "job_%lld_zzz000zzz", (long long)(now - 10 * MINUTE));
    put("flat-20m", "COMPLETED", "createdAt", -20 * MINUTE);
    put(young, "FAILED", "updatedAt", -1);
    put("started-5m", "COMPLETED", "startedAt", -5 * MINUTE);
    put("changed-15m", "COMPLETED", "updatedAt", -15 * MINUTE);
    put("timeless", "COMPLETED", "", 0);

    (void)snprintf(want, sizeof want, "started-5m %s changed-15m flat-20m timeless", young);
    check((struct list_query){.since_ms = TIME_NONE}, want);
    check((struct list_query){.user_id = "u", .since_ms = TIME_NONE}, want);
    (void)snprintf(want, sizeof want, "started-5m %s", young);
    check((struct list_query){.since_ms = TIME_NONE, .limit = 2}, want);
    check((struct list_query){.user_id = "u", .since_ms = TIME_NONE, .limit = 2}, want);
    check((struct list_query){.since_ms = now - 12 * MINUTE}, want);
    check((struct list_query){.status = "failed", .since_ms = now - 12 * MINUTE}, young);
    check((struct list_query){.user_id = "nobody", .since_ms = TIME_NONE}, "");
}

Test(ops_times, each_record_stands_at_its_time_with_the_index)
{
    mixed(&(struct ops_cloud_options){0});
}

Test(ops_times, each_record_stands_at_its_time_with_an_index_of_keys)
{
    mixed(&(struct ops_cloud_options){.user_index_keys = true});
}

Test(ops_times, each_record_stands_at_its_time_without_an_index)
{
    mixed(&(struct ops_cloud_options){.no_user_index = true, .no_status_index = true});
}

/* The index was made when the table had records already: it does not hold a createdAt that is no
 * text. */
Test(ops_times, an_older_record_that_no_index_can_hold_is_found)
{
    static const char made[] =
        "{\"TableName\":\"mvp-development-jobs\",\"AttributeDefinitions\":[{\"AttributeName\":"
        "\"userId\",\"AttributeType\":\"S\"},{\"AttributeName\":\"createdAt\",\"AttributeType\":"
        "\"S\"}]"
        ",\"GlobalSecondaryIndexUpdates\":[{\"Create\":{\"IndexName\":\"user-jobs-index\","
        "\"KeySchema\":[{\"AttributeName\":\"userId\",\"KeyType\":\"HASH\"},{\"AttributeName\":"
        "\"createdAt\",\"KeyType\":\"RANGE\"}],\"Projection\":{\"ProjectionType\":\"ALL\"}}}]}";
    struct table_info info = {0};
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_user_index = true});
    put("text", "COMPLETED", "createdAt", -20 * MINUTE);
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"number\"},\"userId\":{\"S\":\"u\"},\"createdAt\":{\"N\":"
                      "\"1755685800\"}}");
    ops_cloud_put(&c,
                  "{\"jobId\":{\"S\":\"nothing\"},\"userId\":{\"S\":\"u\"},\"createdAt\":{\"NULL\":"
                  "true},\"updatedAt\":{\"S\":\"20240101T000000Z\"}}");
    cJSON *in = json_parse(made, strlen(made), "test", &e);
    cr_assert_eq(aws_call(c.ops->aws, AWS_OP_DDB_UPDATE_TABLE, in, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(in);
    for (int i = 0; i < 1000 && !info.user_index; i++) {
        cr_assert_eq(ops_table_info(c.ops, &info, &e), E_OK, "%s", e.msg);
        (void)ops_sleep(c.ops, info.user_index ? 0 : 50);
    }
    cr_assert(info.user_index);
    check((struct list_query){.user_id = "u", .since_ms = TIME_NONE}, "text number nothing");
}

/* Only Batch knows when the job was made: Batch is asked before the list is cut, for a job that is
 * over too. */
Test(ops_times, batch_tells_the_time_of_a_record_that_has_none)
{
    static const char *const words[] = {"in_progress", "COMPLETED"};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exit 0"});
    put("order-9001", "QUEUED", "", 0);
    submit("order-9001");
    ops_cloud_wait_batch(&c, "order-9001", BATCH_SUCCEEDED);
    put("made-later", "COMPLETED", "createdAt", 20 * MINUTE);
    int64_t ahead = clock_wall_ms(NULL) + 10 * MINUTE;
    for (int i = 0; i < 2; i++) {
        put("order-9001", words[i], "updatedAt", 30 * MINUTE);
        check((struct list_query){.since_ms = TIME_NONE}, "made-later order-9001");
        check((struct list_query){.since_ms = TIME_NONE, .limit = 1}, "made-later");
        check((struct list_query){.since_ms = ahead}, "made-later");
        check((struct list_query){.since_ms = ahead, .record_only = true},
              /* Batch was not asked: the last change is the only time that is known */
              "order-9001 made-later");
    }
}

/* What the container of an event without a record writes: no createdAt, no batchJobId. */
Test(ops_times, the_log_of_a_record_without_createdat_is_found)
{
    static const char *const shapes[] = {"updatedAt", "completedAt", ""};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "echo built the shop"});
    put("order-9002", "QUEUED", "", 0);
    submit("order-9002");
    ops_cloud_wait_batch(&c, "order-9002", BATCH_SUCCEEDED);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct log_cursor at;
        struct log_page page = {0};
        struct err e = {0};
        put("order-9002", "COMPLETED", shapes[i], 0);
        cr_assert_eq(ops_log_open(c.ops, "order-9002", 0, TIME_NONE, &at, &e), E_OK, "%s", e.msg);
        cr_expect_str_eq(at.note, "", "%s: %s", shapes[i], at.note);
        cr_assert_eq(ops_log_read(c.ops, &at, &page, &e), E_OK, "%s", e.msg);
        cr_assert_eq(page.len, 1, "%s", shapes[i]);
        cr_expect_str_eq(page.items[0].text, "built the shop");
        log_page_clear(&page);
    }
}
