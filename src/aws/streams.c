/* The typed calls of DynamoDB Streams. */
#include "aws/streams.h"

#include <string.h>

#include "core/json.h"
#include "doc.h"

static enum err_code take_shards(void *arg, cJSON *reply, char **next, struct err *e)
{
    cJSON **whole = arg;
    cJSON *part = doc_take_object(reply, "StreamDescription");

    if (part == NULL) {
        return err_set(e, E_PARSE, "DescribeStream: the reply has no StreamDescription");
    }
    *next = doc_dup_str(part, "LastEvaluatedShardId");
    if (*whole == NULL) {
        *whole = part;
        if (json_array(part, "Shards") == NULL) {
            json_set(part, "Shards", json_new_array());
        }
    } else {
        doc_append(cJSON_GetObjectItemCaseSensitive(*whole, "Shards"),
                   doc_take_array(part, "Shards"));
        cJSON_Delete(part);
    }
    return E_OK;
}

enum err_code streams_describe(struct aws_client *c, const char *stream_arn, cJSON **description,
                               struct err *e)
{
    cJSON *whole = NULL;
    cJSON *in = json_new_object();

    json_set_str(in, "StreamArn", stream_arn);
    enum err_code rc = doc_pages(c, AWS_OP_STREAMS_DESCRIBE_STREAM, in, "ExclusiveStartShardId",
                                 take_shards, &whole, e);
    if (rc != E_OK) {
        cJSON_Delete(whole);
        whole = NULL;
    } else {
        cJSON_DeleteItemFromObjectCaseSensitive(whole, "LastEvaluatedShardId");
    }
    *description = whole;
    return rc;
}

enum err_code streams_get_iterator(struct aws_client *c, const char *stream_arn,
                                   const char *shard_id, const char *type, const char *sequence,
                                   char **iterator, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *reply = NULL;

    json_set_str(in, "StreamArn", stream_arn);
    json_set_str(in, "ShardId", shard_id);
    json_set_str(in, "ShardIteratorType", type);
    doc_opt_str(in, "SequenceNumber", sequence);
    enum err_code rc = doc_call(c, AWS_OP_STREAMS_GET_SHARD_ITERATOR, in, &reply, e);
    *iterator = rc == E_OK ? doc_dup_str(reply, "ShardIterator") : NULL;
    if (rc == E_OK && *iterator == NULL) {
        rc = err_set(e, E_PARSE, "GetShardIterator: the reply has no ShardIterator");
    }
    cJSON_Delete(reply);
    return rc;
}

enum err_code streams_get_records(struct aws_client *c, const char *iterator, int limit,
                                  cJSON **records, char **next, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *reply = NULL;

    json_set_str(in, "ShardIterator", iterator);
    if (limit > 0) {
        json_set_int(in, "Limit", limit);
    }
    enum err_code rc = doc_call(c, AWS_OP_STREAMS_GET_RECORDS, in, &reply, e);
    *records = rc == E_OK ? doc_take_array(reply, "Records") : NULL;
    *next = rc == E_OK ? doc_dup_str(reply, "NextShardIterator") : NULL;
    cJSON_Delete(reply);
    return rc;
}

int streams_sequence_compare(const char *a, const char *b)
{
    a += strspn(a, "0");
    b += strspn(b, "0");
    size_t x = strlen(a);
    size_t y = strlen(b);
    if (x != y) {
        return x < y ? -1 : 1;
    }
    return strcmp(a, b);
}
