/* DynamoDB Streams of the local cloud: reading. A stream is one shard, which is open as long as the
 * stream is enabled; a closed stream can be read until its records are trimmed. */
#include "streams.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "ddb.h"
#include "src/cloud/store/service.h"

enum { PAGE_RECORDS = 1000, PAGE_BYTES = 1024 * 1024, LIST_MAX = 100 };

/* ---- the store -------------------------------------------------------------------------- */

struct stream {
    int64_t id;
    char *arn;
    char *table_name;
    char *label;
    char *view_type;
    char *key_schema; /* JSON */
    int64_t created_ms;
    int64_t closed_ms; /* 0: the stream is enabled */
    int64_t trimmed;   /* the number of the last record that was dropped */
};

static void stream_clear(struct stream *s)
{
    free(s->arn);
    free(s->table_name);
    free(s->label);
    free(s->view_type);
    free(s->key_schema);
    *s = (struct stream){0};
}

#define STREAM_COLUMNS                                                                             \
    "SELECT id,table_name,label,view_type,key_schema,created_ms,closed_ms,trimmed FROM ddb_stream"

static void read_stream(struct cloud *cloud, sqlite3_stmt *q, struct stream *out)
{
    *out = (struct stream){.id = sqlite3_column_int64(q, 0),
                           .table_name = xstrdup((const char *)sqlite3_column_text(q, 1)),
                           .label = xstrdup((const char *)sqlite3_column_text(q, 2)),
                           .view_type = xstrdup((const char *)sqlite3_column_text(q, 3)),
                           .key_schema = xstrdup((const char *)sqlite3_column_text(q, 4)),
                           .created_ms = sqlite3_column_int64(q, 5),
                           .closed_ms = sqlite3_column_int64(q, 6),
                           .trimmed = sqlite3_column_int64(q, 7)};
    char *table_arn = ddb_table_arn(cloud, out->table_name);
    out->arn = xasprintf("%s/stream/%s", table_arn, out->label);
    free(table_arn);
}

static bool find_stream(struct cloud *cloud, sqlite3_stmt *q, struct stream *out)
{
    bool found = sqlite3_step(q) == SQLITE_ROW;

    if (found) {
        read_stream(cloud, q, out);
    }
    cloud_stmt_done(cloud, q);
    return found;
}

static bool stream_by_id(struct cloud *cloud, int64_t id, struct stream *out)
{
    sqlite3_stmt *q = cloud_stmt(cloud, STREAM_COLUMNS " WHERE id=?1");

    (void)sqlite3_bind_int64(q, 1, id);
    return find_stream(cloud, q, out);
}

static int64_t one_number(struct cloud *cloud, const char *sql, int64_t stream_id)
{
    sqlite3_stmt *q = cloud_stmt(cloud, sql);
    int64_t n = 0;

    (void)sqlite3_bind_int64(q, 1, stream_id);
    if (sqlite3_step(q) == SQLITE_ROW) {
        n = sqlite3_column_int64(q, 0);
    }
    cloud_stmt_done(cloud, q);
    return n;
}

/* The number of the last record, or of the last one that was trimmed. */
static int64_t last_record(struct cloud *cloud, const struct stream *s)
{
    int64_t n = one_number(
        cloud, "SELECT seq FROM ddb_record WHERE stream_id=?1 ORDER BY seq DESC LIMIT 1", s->id);

    return n > s->trimmed ? n : s->trimmed;
}

bool ddb_streams_trim(struct cloud *cloud, int64_t stream_id, struct cloud_reply *r)
{
    int64_t edge = cloud_now(cloud) - STREAMS_RETENTION_MS;
    sqlite3_stmt *q = cloud_stmt(
        cloud, "SELECT created_ms FROM ddb_record WHERE stream_id=?1 ORDER BY seq LIMIT 1");

    (void)sqlite3_bind_int64(q, 1, stream_id);
    bool old = sqlite3_step(q) == SQLITE_ROW && sqlite3_column_int64(q, 0) < edge;
    cloud_stmt_done(cloud, q);
    if (!old) {
        return true;
    }
    q = cloud_stmt(cloud, "UPDATE ddb_stream SET trimmed=(SELECT MAX(seq) FROM ddb_record WHERE"
                          " stream_id=?1 AND created_ms<?2) WHERE id=?1");
    (void)sqlite3_bind_int64(q, 1, stream_id);
    (void)sqlite3_bind_int64(q, 2, edge);
    if (!cloud_step_done(cloud, q, r)) {
        return false;
    }
    q = cloud_stmt(cloud, "DELETE FROM ddb_record WHERE stream_id=?1 AND seq<="
                          "(SELECT trimmed FROM ddb_stream WHERE id=?1)");
    (void)sqlite3_bind_int64(q, 1, stream_id);
    return cloud_step_done(cloud, q, r);
}

/* The stream that the StreamArn parameter names; false with `r` failed. */
static bool wanted_stream(struct cloud *cloud, const cJSON *in, struct stream *out,
                          struct cloud_reply *r)
{
    bool ok = true, found = false;
    const char *arn = ddb_string(in, "StreamArn", r, &ok);

    if (arn == NULL) {
        if (ok) {
            (void)ddb_invalid(r, "1 validation error detected: Value null at 'streamArn' failed to "
                                 "satisfy constraint: Member must not be null");
        }
        return false;
    }
    const char *table = strstr(arn, ":table/");
    const char *label = table == NULL ? NULL : strstr(table, "/stream/");
    if (label == NULL) {
        (void)ddb_invalid(r, "Invalid StreamArn");
        return false;
    }
    char *name = xstrndup(table + 7, (size_t)(label - table) - 7);
    sqlite3_stmt *q = cloud_stmt(cloud, STREAM_COLUMNS " WHERE table_name=?1 AND label=?2");
    (void)sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 2, label + 8, -1, SQLITE_STATIC);
    found = find_stream(cloud, q, out);
    free(name);
    if (found && strcmp(out->arn, arn) != 0) { /* the ARN is of another account or region */
        stream_clear(out);
        found = false;
    }
    if (found) { /* records that are too old are dropped first, so that nothing tells of them */
        int64_t id = out->id;
        stream_clear(out);
        found = ddb_streams_trim(cloud, id, r) && stream_by_id(cloud, id, out);
    }
    if (!found && r->code[0] == '\0') {
        cloud_fail(r, 400, "ResourceNotFoundException",
                   "Requested resource not found: Stream: %.300s not found", arn);
    }
    return found;
}

/* Removes closed streams whose records are all trimmed. */
static void forget_closed(struct cloud *cloud)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "DELETE FROM ddb_stream WHERE closed_ms>0 AND closed_ms<?1");

    (void)sqlite3_bind_int64(q, 1, cloud_now(cloud) - STREAMS_RETENTION_MS);
    (void)cloud_step_done(cloud, q, NULL);
}

/* ---- ListStreams, DescribeStream -------------------------------------------------------- */

static void list_streams(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    int64_t limit, after = 0;
    bool ok = true;
    struct stream start = {0};
    const char *table = ddb_string(in, "TableName", r, &ok);
    const char *start_arn = ok ? ddb_string(in, "ExclusiveStartStreamArn", r, &ok) : NULL;

    if (!ok || !ddb_number(in, "Limit", 1, LIST_MAX, LIST_MAX, &limit, r)) {
        return;
    }
    if (start_arn != NULL) {
        cJSON *arn = json_new_object();
        json_set_str(arn, "StreamArn", start_arn);
        ok = wanted_stream(cloud, arn, &start, r);
        after = start.id;
        stream_clear(&start);
        cJSON_Delete(arn);
    }
    if (!ok) {
        return;
    }
    forget_closed(cloud);
    sqlite3_stmt *q = cloud_stmt(cloud, STREAM_COLUMNS
                                 " WHERE id>?1 AND (?2 IS NULL OR table_name=?2) ORDER BY id");
    cJSON *list = json_new_array();
    char *last = NULL;
    int64_t n = 0;
    (void)sqlite3_bind_int64(q, 1, after);
    (void)sqlite3_bind_text(q, 2, table == NULL ? NULL : ddb_name_of_arn(table), -1, SQLITE_STATIC);
    while (sqlite3_step(q) == SQLITE_ROW && n++ < limit) {
        struct stream s;
        cJSON *o = json_new_object();
        read_stream(cloud, q, &s);
        json_set_str(o, "StreamArn", s.arn);
        json_set_str(o, "TableName", s.table_name);
        json_set_str(o, "StreamLabel", s.label);
        json_push(list, o);
        free(last);
        last = xstrdup(s.arn);
        stream_clear(&s);
    }
    cloud_stmt_done(cloud, q);
    r->out = json_new_object();
    json_set(r->out, "Streams", list);
    if (n > limit) {
        json_set_str(r->out, "LastEvaluatedStreamArn", last);
    }
    free(last);
}

/* A name such as "shardId-00000001541626099285-f35f62ef", made from what does not change. */
static void shard_id(const struct stream *s, char out[64])
{
    (void)snprintf(out, 64, "shardId-%020" PRId64 "-%08x", s->created_ms,
                   ddb_key_bucket(s->arn, strlen(s->arn)));
}

static cJSON *describe_shard(struct cloud *cloud, const struct stream *s)
{
    char id[64], sequence[STREAMS_SEQUENCE_SIZE];
    cJSON *shard = json_new_object();
    cJSON *range = json_new_object();

    shard_id(s, id);
    json_set_str(shard, "ShardId", id);
    json_set_str(range, "StartingSequenceNumber", ddb_streams_sequence(s->trimmed + 1, sequence));
    if (s->closed_ms != 0) {
        json_set_str(range, "EndingSequenceNumber",
                     ddb_streams_sequence(last_record(cloud, s), sequence));
    }
    json_set(shard, "SequenceNumberRange", range);
    return shard;
}

static cJSON *raw_seconds(int64_t ms)
{
    char text[40];

    (void)snprintf(text, sizeof text, "%" PRId64 ".%03d", ms / 1000, (int)(ms % 1000));
    return cJSON_CreateRaw(text);
}

static void describe_stream(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct stream s;
    char id[64];
    int64_t limit;
    bool ok = true;
    const char *after = ddb_string(in, "ExclusiveStartShardId", r, &ok);

    if (!ok || !ddb_number(in, "Limit", 1, LIST_MAX, LIST_MAX, &limit, r) ||
        !wanted_stream(cloud, in, &s, r)) {
        return;
    }
    cJSON *o = json_new_object();
    cJSON *shards = json_new_array();
    /* ShardFilter asks for the children of a shard, and there are none */
    const cJSON *filter = json_object(in, "ShardFilter");
    shard_id(&s, id);
    if (filter == NULL && (after == NULL || strcmp(after, id) < 0)) {
        json_push(shards, describe_shard(cloud, &s));
    }
    json_set_str(o, "StreamArn", s.arn);
    json_set_str(o, "StreamLabel", s.label);
    json_set_str(o, "StreamStatus", s.closed_ms == 0 ? "ENABLED" : "DISABLED");
    json_set_str(o, "StreamViewType", s.view_type);
    json_set(o, "CreationRequestDateTime", raw_seconds(s.created_ms));
    json_set_str(o, "TableName", s.table_name);
    json_set(o, "KeySchema", cJSON_CreateRaw(s.key_schema));
    json_set(o, "Shards", shards);
    r->out = json_new_object();
    r->raw = true;
    json_set(r->out, "StreamDescription", o);
    stream_clear(&s);
}

/* ---- GetShardIterator ------------------------------------------------------------------- */

/* The place where an iterator of a type begins. False with `r` failed. */
static bool start_after(struct cloud *cloud, const struct stream *s, const char *type,
                        const char *sequence, int64_t *after, struct cloud_reply *r)
{
    bool at = strcmp(type, "AT_SEQUENCE_NUMBER") == 0;
    int64_t seq = 0;

    if (!at && strcmp(type, "AFTER_SEQUENCE_NUMBER") != 0) {
        *after = strcmp(type, "LATEST") == 0 ? last_record(cloud, s) : s->trimmed;
        return sequence == NULL ||
               ddb_invalid(r, "SequenceNumber must not be specified when ShardIteratorType is %s",
                           type);
    }
    if (sequence == NULL) {
        return ddb_invalid(r, "SequenceNumber must be specified when ShardIteratorType is %s",
                           type);
    }
    if (!ddb_streams_sequence_parse(sequence, &seq) || seq > last_record(cloud, s) + 1) {
        return ddb_invalid(r, "Invalid SequenceNumber: %.60s", sequence);
    }
    if (at ? seq <= s->trimmed : seq < s->trimmed) {
        cloud_fail(r, 400, "TrimmedDataAccessException",
                   "The operation attempted to read past the oldest stream record in a shard: the "
                   "record %.60s has been trimmed",
                   sequence);
        return false;
    }
    *after = at ? seq - 1 : seq;
    return true;
}

static void get_shard_iterator(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    static const char *const types[] = {"AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "LATEST",
                                        "TRIM_HORIZON", NULL};
    struct stream s;
    struct ddb_streams_iterator it = {.issued_ms = cloud_now(cloud)};
    char id[64];
    bool ok = true;
    const char *shard = ddb_string(in, "ShardId", r, &ok);
    const char *sequence = ok ? ddb_string(in, "SequenceNumber", r, &ok) : NULL;
    const char *type = ok ? ddb_choice(in, "ShardIteratorType", types, NULL, r) : NULL;

    if (r->code[0] != '\0') {
        return;
    }
    if (shard == NULL || type == NULL) {
        (void)ddb_invalid(r,
                          "1 validation error detected: Value null at '%s' failed to satisfy "
                          "constraint: Member must not be null",
                          shard == NULL ? "shardId" : "shardIteratorType");
        return;
    }
    if (!wanted_stream(cloud, in, &s, r)) {
        return;
    }
    shard_id(&s, id);
    if (strcmp(shard, id) != 0) {
        cloud_fail(r, 400, "ResourceNotFoundException",
                   "Requested resource not found: Shard: %.100s in Stream: %s not found", shard,
                   s.arn);
    } else if (start_after(cloud, &s, type, sequence, &it.after, r)) {
        it.stream_id = s.id;
        char *text = ddb_streams_iterator_text(s.arn, &it);
        r->out = json_new_object();
        json_set_str(r->out, "ShardIterator", text);
        free(text);
    }
    stream_clear(&s);
}

/* ---- GetRecords ------------------------------------------------------------------------- */

/* Adds one record as JSON text: the stored part goes in as it is. */
static void add_record(struct cloud *cloud, const struct stream *s, sqlite3_stmt *q,
                       struct strbuf *out)
{
    int64_t seq = sqlite3_column_int64(q, 0);
    const char *doc = (const char *)sqlite3_column_text(q, 4);
    size_t len = (size_t)sqlite3_column_bytes(q, 4);
    const char *kind = (const char *)sqlite3_column_text(q, 2);
    bool expired = strcmp(kind, STREAMS_KIND_EXPIRED) == 0;
    char sequence[STREAMS_SEQUENCE_SIZE];

    strbuf_addf(out,
                "{\"eventID\":\"%08x%08x%016" PRIx64 "\",\"eventName\":\"%s\","
                "\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\",\"awsRegion\":",
                ddb_key_bucket(s->arn, strlen(s->arn)), (unsigned)s->id, (uint64_t)seq,
                expired ? "REMOVE" : kind);
    json_quote(out, cloud_region(cloud));
    strbuf_addf(out, ",\"dynamodb\":{\"ApproximateCreationDateTime\":%" PRId64 ",",
                (int64_t)sqlite3_column_int64(q, 1) / 1000);
    strbuf_add(out, doc + 1, len - 2); /* the document without its braces */
    strbuf_addf(
        out, ",\"SequenceNumber\":\"%s\",\"SizeBytes\":%" PRId64 ",\"StreamViewType\":\"%s\"}%s}",
        ddb_streams_sequence(seq, sequence), (int64_t)sqlite3_column_int64(q, 3), s->view_type,
        expired ? ",\"userIdentity\":{\"PrincipalId\":\"dynamodb.amazonaws."
                  "com\",\"Type\":\"Service\"}"
                : "");
}

/* Reads one page after `it` and moves `it` on. Returns the records as JSON text. */
static void read_records(struct cloud *cloud, const struct stream *s, int64_t limit,
                         struct ddb_streams_iterator *it, struct strbuf *out)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT seq,created_ms,kind,size,doc FROM ddb_record"
                                        " WHERE stream_id=?1 AND seq>?2 ORDER BY seq LIMIT ?3");
    int64_t bytes = 0;
    int64_t n = 0;

    (void)sqlite3_bind_int64(q, 1, s->id);
    (void)sqlite3_bind_int64(q, 2, it->after);
    (void)sqlite3_bind_int64(q, 3, limit);
    strbuf_addc(out, '[');
    while (sqlite3_step(q) == SQLITE_ROW) {
        bytes += sqlite3_column_int64(q, 3);
        if (n > 0 && bytes > PAGE_BYTES) {
            break;
        }
        strbuf_adds(out, n++ > 0 ? "," : "");
        add_record(cloud, s, q, out);
        it->after = sqlite3_column_int64(q, 0);
    }
    strbuf_addc(out, ']');
    cloud_stmt_done(cloud, q);
}

/* The ShardIterator parameter and its stream; false with `r` failed. */
static bool open_iterator(struct cloud *cloud, const cJSON *in, struct ddb_streams_iterator *it,
                          struct stream *s, struct cloud_reply *r)
{
    bool ok = true;
    const char *text = ddb_string(in, "ShardIterator", r, &ok);

    if (!ok) {
        return false;
    }
    if (text == NULL || !ddb_streams_iterator_parse(text, it)) {
        (void)ddb_invalid(r, "Invalid ShardIterator");
        return false;
    }
    if (it->issued_ms + STREAMS_ITERATOR_MS < cloud_now(cloud)) {
        cloud_fail(r, 400, "ExpiredIteratorException",
                   "Iterator expired. Iterators are valid for 15 minutes");
        return false;
    }
    if (!ddb_streams_trim(cloud, it->stream_id, r)) {
        return false;
    }
    if (!stream_by_id(cloud, it->stream_id, s) || strncmp(text, s->arn, strlen(s->arn)) != 0) {
        stream_clear(s);
        cloud_fail(r, 400, "ResourceNotFoundException",
                   "Requested resource not found: Stream not "
                   "found");
        return false;
    }
    if (it->after < s->trimmed) {
        stream_clear(s);
        cloud_fail(r, 400, "TrimmedDataAccessException",
                   "The operation attempted to read past the oldest stream record in a shard");
        return false;
    }
    return true;
}

static void get_records(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct ddb_streams_iterator it;
    struct stream s = {0};
    struct strbuf records = STRBUF_INIT;
    int64_t limit;

    if (!ddb_number(in, "Limit", 1, PAGE_RECORDS, PAGE_RECORDS, &limit, r) ||
        !open_iterator(cloud, in, &it, &s, r)) {
        return;
    }
    read_records(cloud, &s, limit, &it, &records);
    r->out = json_new_object();
    r->raw = true;
    json_set(r->out, "Records", cJSON_CreateRaw(strbuf_str(&records)));
    strbuf_clear(&records);
    /* without a next iterator the shard is closed and read to its end */
    if (s.closed_ms == 0 || it.after < last_record(cloud, &s)) {
        it.issued_ms = cloud_now(cloud);
        char *next = ddb_streams_iterator_text(s.arn, &it);
        json_set_str(r->out, "NextShardIterator", next);
        free(next);
    }
    stream_clear(&s);
}

/* ---- the service ------------------------------------------------------------------------ */

static const struct cloud_route routes[] = {
    {AWS_OP_STREAMS_LIST_STREAMS,       list_streams      },
    {AWS_OP_STREAMS_DESCRIBE_STREAM,    describe_stream   },
    {AWS_OP_STREAMS_GET_SHARD_ITERATOR, get_shard_iterator},
    {AWS_OP_STREAMS_GET_RECORDS,        get_records       },
    {AWS_OP_COUNT,                      NULL              },
};

static enum err_code start(struct cloud *cloud, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS ddb_stream(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " table_id INTEGER NOT NULL, table_name TEXT NOT NULL, label TEXT NOT NULL,"
        " view_type TEXT NOT NULL, key_schema TEXT NOT NULL, created_ms INTEGER NOT NULL,"
        " closed_ms INTEGER NOT NULL DEFAULT 0, trimmed INTEGER NOT NULL DEFAULT 0,"
        " UNIQUE(table_name,label));"
        "CREATE TABLE IF NOT EXISTS ddb_record(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
        " stream_id INTEGER NOT NULL, created_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
        " size INTEGER NOT NULL, doc TEXT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS ddb_record_stream ON ddb_record(stream_id,seq,created_ms);";

    return cloud_create(cloud, schema, e);
}

const struct cloud_service ddb_streams_service = {
    .name = "DynamoDB Streams", .routes = routes, .start = start};
