/* DynamoDB Streams of the local cloud: records, views, iterators and trimming. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "cloud.h"
#include "core/alloc.h"
#include "core/json.h"
#include "src/cloud/dynamodb/streams.h"

static struct test_cloud c;

#define TABLE(view)                                                                                \
    "{'TableName':'jobs','BillingMode':'PAY_PER_REQUEST',"                                         \
    "'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'}],"                         \
    "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}],"                                       \
    "'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'" view "'}}"

static void setup(void)
{
    cloud_open(&c);
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(streams, .init = setup, .fini = teardown, .timeout = 120);

static char *stream_arn(void)
{
    cJSON *out = cloud_call(&c, AWS_OP_DDB_DESCRIBE_TABLE, "{'TableName':'jobs'}");
    char *arn = xstrdup(json_str(json_object(out, "Table"), "LatestStreamArn"));

    cr_assert_not_null(arn);
    cJSON_Delete(out);
    return arn;
}

static char *shard_of(const char *arn)
{
    char *json = xasprintf("{'StreamArn':'%s'}", arn);
    cJSON *out = cloud_call(&c, AWS_OP_STREAMS_DESCRIBE_STREAM, json);
    const cJSON *shards = json_array(json_object(out, "StreamDescription"), "Shards");
    char *id = xstrdup(json_str(shards->child, "ShardId"));

    free(json);
    cJSON_Delete(out);
    return id;
}

/* An iterator of a type ("TRIM_HORIZON", or "AT_SEQUENCE_NUMBER','SequenceNumber':'...") or NULL.
 */
static char *iterator(const char *arn, const char *type)
{
    char *shard = shard_of(arn);
    char *json =
        xasprintf("{'StreamArn':'%s','ShardId':'%s','ShardIteratorType':'%s'}", arn, shard, type);
    cJSON *out = cloud_call(&c, AWS_OP_STREAMS_GET_SHARD_ITERATOR, json);
    char *text = xstrdup(json_str(out, "ShardIterator"));

    free(json);
    free(shard);
    cJSON_Delete(out);
    return text;
}

static cJSON *records(const char *it, int limit)
{
    char *json = xasprintf("{'ShardIterator':'%s','Limit':%d}", it, limit);
    cJSON *out = cloud_call(&c, AWS_OP_STREAMS_GET_RECORDS, json);

    free(json);
    return out;
}

static void write_three(void)
{
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, "{'TableName':'jobs','Item':{'id':{'S':'a'},'v':{'N':'1'}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, "{'TableName':'jobs','Item':{'id':{'S':'a'},'v':{'N':'2'}}}");
    /* The same again, another way to write it: nothing changes, so nothing is recorded. */
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'jobs','Item':{'v':{'N':'2.0'},'id':{'S':'a'}}}");
    cloud_do(&c, AWS_OP_DDB_DELETE_ITEM, "{'TableName':'jobs','Key':{'id':{'S':'none'}}}");
    cloud_do(&c, AWS_OP_DDB_DELETE_ITEM, "{'TableName':'jobs','Key':{'id':{'S':'a'}}}");
}

Test(streams, every_change_is_one_record_in_order)
{
    static const struct {
        const char *event, *old, *now;
    } want[] = {
        {"INSERT", NULL, "1" },
        {"MODIFY", "1",  "2" },
        {"REMOVE", "2",  NULL}
    };
    const char *last = "";

    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, TABLE("NEW_AND_OLD_IMAGES"));
    write_three();
    char *arn = stream_arn();
    char *it = iterator(arn, "TRIM_HORIZON");
    cJSON *out = records(it, 100);
    const cJSON *list = json_array(out, "Records");
    cr_assert_eq(cJSON_GetArraySize(list), 3);
    for (int i = 0; i < 3; i++) {
        const cJSON *r = cJSON_GetArrayItem(list, i);
        const cJSON *d = json_object(r, "dynamodb");
        const char *old = attr_num(json_object(d, "OldImage"), "v");
        const char *now = attr_num(json_object(d, "NewImage"), "v");
        cr_expect_str_eq(json_str(r, "eventName"), want[i].event);
        cr_expect_str_eq(attr_str(json_object(d, "Keys"), "id"), "a");
        cr_expect_str_eq(old == NULL ? "" : old, want[i].old == NULL ? "" : want[i].old);
        cr_expect_str_eq(now == NULL ? "" : now, want[i].now == NULL ? "" : want[i].now);
        cr_expect_geq(strlen(json_str(d, "SequenceNumber")), 21);
        cr_expect_gt(strcmp(json_str(d, "SequenceNumber"), last), 0);
        last = json_str(d, "SequenceNumber");
    }
    char *next = xstrdup(json_str(out, "NextShardIterator"));
    cJSON *more = records(next, 100);
    cr_expect_eq(cJSON_GetArraySize(json_array(more, "Records")), 0);
    cr_expect_not_null(json_str(more, "NextShardIterator"), "an open shard goes on");
    cJSON_Delete(more);
    cJSON_Delete(out);
    free(next);
    free(it);
    free(arn);
}

static const struct view_case {
    const char *view, *table;
    bool old, now;
} views[] = {
    {"KEYS_ONLY", TABLE("KEYS_ONLY"), false, false},
    {"NEW_IMAGE", TABLE("NEW_IMAGE"), false, true },
    {"OLD_IMAGE", TABLE("OLD_IMAGE"), true,  false},
};

Test(streams, the_view_type_says_which_images_are_kept)
{
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, views[i].table);
        write_three();
        char *arn = stream_arn();
        char *it = iterator(arn, "TRIM_HORIZON");
        cJSON *out = records(it, 100);
        const cJSON *modify = cJSON_GetArrayItem(json_array(out, "Records"), 1);
        const cJSON *d = json_object(modify, "dynamodb");
        cr_expect_eq(json_get(d, "OldImage") != NULL, views[i].old, "%s", views[i].view);
        cr_expect_eq(json_get(d, "NewImage") != NULL, views[i].now, "%s", views[i].view);
        cr_expect_str_eq(json_str(d, "StreamViewType"), views[i].view);
        cJSON_Delete(out);
        free(it);
        free(arn);
        cloud_do(&c, AWS_OP_DDB_DELETE_TABLE, "{'TableName':'jobs'}");
    }
}

Test(streams, iterators_begin_where_their_type_says)
{
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, TABLE("NEW_IMAGE"));
    write_three();
    char *arn = stream_arn();
    char *it = iterator(arn, "TRIM_HORIZON");
    cJSON *all = records(it, 2);
    const cJSON *second = cJSON_GetArrayItem(json_array(all, "Records"), 1);
    const char *sequence = json_str(json_object(second, "dynamodb"), "SequenceNumber");
    static const struct {
        const char *type;
        int left;
    } cases[] = {
        {"AT_SEQUENCE_NUMBER",    2},
        {"AFTER_SEQUENCE_NUMBER", 1}
    };
    for (size_t i = 0; i < 2; i++) {
        char *type = xasprintf("%s','SequenceNumber':'%s", cases[i].type, sequence);
        char *from = iterator(arn, type);
        cJSON *out = records(from, 100);
        cr_expect_eq(cJSON_GetArraySize(json_array(out, "Records")), cases[i].left, "%s",
                     cases[i].type);
        cJSON_Delete(out);
        free(from);
        free(type);
    }
    char *latest = iterator(arn, "LATEST");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, "{'TableName':'jobs','Item':{'id':{'S':'z'}}}");
    cJSON *out = records(latest, 100);
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "Records")), 1);
    cJSON_Delete(out);
    cJSON_Delete(all);
    free(latest);
    free(it);
    free(arn);
}

Test(streams, a_closed_stream_can_be_read_to_its_end)
{
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, TABLE("NEW_IMAGE"));
    write_three();
    char *arn = stream_arn();
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'jobs','StreamSpecification':{'StreamEnabled':false}}");
    char *json = xasprintf("{'StreamArn':'%s'}", arn);
    cJSON *out = cloud_call(&c, AWS_OP_STREAMS_DESCRIBE_STREAM, json);
    const cJSON *d = json_object(out, "StreamDescription");
    cr_expect_str_eq(json_str(d, "StreamStatus"), "DISABLED");
    cr_expect_not_null(json_str(json_object(json_array(d, "Shards")->child, "SequenceNumberRange"),
                                "EndingSequenceNumber"));
    cJSON_Delete(out);
    char *it = iterator(arn, "TRIM_HORIZON");
    out = records(it, 100);
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "Records")), 3);
    cr_expect_null(json_get(out, "NextShardIterator"), "closed and drained");
    cJSON_Delete(out);
    free(it);
    free(json);
    free(arn);
}

Test(streams, iterators_expire_and_records_are_trimmed_after_a_day)
{
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, TABLE("NEW_IMAGE"));
    write_three();
    char *arn = stream_arn();
    char *it = iterator(arn, "TRIM_HORIZON");
    cJSON *out = records(it, 1);
    char *sequence = xstrdup(
        json_str(json_object(json_array(out, "Records")->child, "dynamodb"), "SequenceNumber"));
    cJSON_Delete(out);

    c.skew_ms = STREAMS_ITERATOR_MS + 1000;
    cloud_reconnect(&c);
    out = records(it, 1);
    cr_expect_null(out);
    cr_expect_str_eq(c.e.aws_code, "ExpiredIteratorException");

    c.skew_ms = (int64_t)STREAMS_RETENTION_MS + 1000;
    char *type = xasprintf("AT_SEQUENCE_NUMBER','SequenceNumber':'%s", sequence);
    char *from = iterator(arn, type);
    cr_expect_null(from);
    cr_expect_str_eq(c.e.aws_code, "TrimmedDataAccessException");
    char *again = iterator(arn, "TRIM_HORIZON");
    out = records(again, 100);
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "Records")), 0, "all are trimmed");
    cJSON_Delete(out);
    free(again);
    free(type);
    free(sequence);
    free(it);
    free(arn);
}

Test(streams, wrong_requests_are_refused)
{
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, TABLE("NEW_IMAGE"));
    cloud_refuses(&c, AWS_OP_STREAMS_GET_RECORDS, "{'ShardIterator':'garbage'}",
                  "ValidationException", "Invalid ShardIterator");
    cloud_refuses(&c, AWS_OP_STREAMS_DESCRIBE_STREAM,
                  "{'StreamArn':'arn:aws:dynamodb:us-east-1:000000000000:table/jobs/stream/x'}",
                  "ResourceNotFoundException", "not found");
    cloud_refuses(&c, AWS_OP_STREAMS_DESCRIBE_STREAM, "{'StreamArn':'jobs'}", "ValidationException",
                  "Invalid StreamArn");
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_TABLE,
                  "{'TableName':'jobs','StreamSpecification':{'StreamEnabled':true,"
                  "'StreamViewType':'NEW_IMAGE'}}",
                  "ValidationException", "already has an enabled stream");
}

Test(streams, an_iterator_reads_back_what_was_written_and_nothing_else)
{
    static const char *const bad[] = {"",         "|1|",      "x|1|====",        "x|1|YWJj",
                                      "x|2|MTox", "x|1|MTox", "x|1|MToxOjI6M3g="};
    struct ddb_streams_iterator it = {.stream_id = 7, .after = 123456, .issued_ms = 1700000000000};
    struct ddb_streams_iterator back = {0};
    char *text = ddb_streams_iterator_text("arn:x", &it);

    cr_expect(ddb_streams_iterator_parse(text, &back));
    cr_expect_eq(back.stream_id, 7);
    cr_expect_eq(back.after, 123456);
    cr_expect_eq(back.issued_ms, 1700000000000);
    free(text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not(ddb_streams_iterator_parse(bad[i], &back), "%s", bad[i]);
    }
}
