#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "local/cloud_logs.h"
#include "local/sqlx.h"
#include "local/store.h"
#include "local/svc.h"

/* CloudWatch Logs: groups, streams, writing. Reading is in logs_read.c. Facts: AWS-WIRE 2.5. */

enum { NAME_MAX_LEN = 512, DESCRIBE_MAX = 50, PUT_EVENTS_MAX = 10000 };
#define PUT_BYTES_MAX 1048576
#define TOO_OLD_MS (14LL * 24 * 3600 * 1000)
#define TOO_NEW_MS (2LL * 3600 * 1000)

static void invalid(struct local_reply *r, const char *why)
{
    local_fail(r, 400, "InvalidParameterException", "%s", why);
}

char *cloud_logs_group_name(const cJSON *in, struct local_reply *r)
{
    const char *name = json_str(in, "logGroupName"), *id = json_str(in, "logGroupIdentifier");

    if ((name == NULL) == (id == NULL)) {
        invalid(r, name == NULL ? "logGroupName or logGroupIdentifier is required"
                                : "logGroupName and logGroupIdentifier may not both be given");
        return NULL;
    }
    const char *mark = id != NULL ? strstr(id, ":log-group:") : NULL;
    if (mark == NULL) {
        return xstrdup(name != NULL ? name : id);
    }
    mark += strlen(":log-group:");
    return xstrndup(mark, strcspn(mark, ":"));
}

static bool group_name_ok(const char *name)
{
    size_t n = name != NULL ? strlen(name) : 0;

    return n > 0 && n <= NAME_MAX_LEN &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/#") == n;
}

static bool stream_name_ok(const char *name)
{
    size_t n = name != NULL ? strlen(name) : 0;

    return n > 0 && n <= NAME_MAX_LEN && strcspn(name, ":*") == n;
}

bool cloud_logs_group_exists(struct local *l, const char *group)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT 1 FROM log_group WHERE name=?1");

    sqlx_text(q, 1, group);
    bool yes = sqlx_row(q);
    local_stmt_done(l, q);
    return yes;
}

int64_t cloud_logs_stream_id(struct local *l, const char *group, const char *stream,
                             struct local_reply *r)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT id FROM log_stream WHERE grp=?1 AND name=?2");

    sqlx_text(q, 1, group);
    sqlx_text(q, 2, stream);
    int64_t id = sqlx_row(q) ? sqlx_num(q, 0) : 0;
    local_stmt_done(l, q);
    if (id == 0 && r != NULL) {
        local_fail(r, 400, "ResourceNotFoundException", "The specified log %s does not exist.",
                   cloud_logs_group_exists(l, group) ? "stream" : "group");
    }
    return id;
}

static bool insert_group(struct local *l, const char *group, struct local_reply *r)
{
    sqlite3_stmt *q =
        local_stmt(l, "INSERT INTO log_group(name,created) VALUES(?1,?2) ON CONFLICT DO NOTHING");

    sqlx_text(q, 1, group);
    sqlx_int(q, 2, local_now(l));
    return local_step_done(l, q, r);
}

static bool insert_stream(struct local *l, const char *group, const char *stream,
                          struct local_reply *r)
{
    sqlite3_stmt *q = local_stmt(l, "INSERT INTO log_stream(grp,name,created) VALUES(?1,?2,?3)"
                                    " ON CONFLICT DO NOTHING");

    sqlx_text(q, 1, group);
    sqlx_text(q, 2, stream);
    sqlx_int(q, 3, local_now(l));
    return local_step_done(l, q, r);
}

enum err_code cloud_logs_ensure_stream(struct local *l, const char *group, const char *stream,
                                       struct err *e)
{
    struct local_reply r = {.status = 200};
    bool ok = insert_group(l, group, &r) && insert_stream(l, group, stream, &r);
    enum err_code rc = ok ? E_OK : err_set(e, E_IO, "%s", r.message);

    local_reply_clear(&r);
    return rc;
}

static bool insert_event(struct local *l, int64_t stream, int64_t at_ms, const char *text,
                         size_t len, struct local_reply *r)
{
    int64_t now = local_now(l);
    sqlite3_stmt *q =
        local_stmt(l, "INSERT INTO log_event(stream,ts,ingest,message) VALUES(?1,?2,?3,?4)");

    sqlx_int(q, 1, stream);
    sqlx_int(q, 2, at_ms);
    sqlx_int(q, 3, now);
    sqlx_bytes(q, 4, text, len);
    if (!local_step_done(l, q, r)) {
        return false;
    }
    q = local_stmt(l, "UPDATE log_stream SET first_ts=min(ifnull(first_ts,?2),?2),"
                      " last_ts=max(ifnull(last_ts,?2),?2), last_ingest=?3, bytes=bytes+?4"
                      " WHERE id=?1");
    sqlx_int(q, 1, stream);
    sqlx_int(q, 2, at_ms);
    sqlx_int(q, 3, now);
    sqlx_int(q, 4, (int64_t)len + LOGS_EVENT_OVERHEAD);
    return local_step_done(l, q, r);
}

/* Well-formed UTF-8 without NUL, within the limit. */
static void clean_message(struct strbuf *out, const char *text, size_t len)
{
    size_t limit = LOGS_EVENT_MAX - LOGS_EVENT_OVERHEAD;

    for (size_t i = 0; i < len && out->len + 4 <= limit;) {
        uint32_t cp;
        size_t n = text_utf8_decode(text + i, len - i, &cp);
        if (n == 0 || cp == 0) {
            text_utf8_encode(out, 0xFFFD);
            i += n == 0 ? 1 : n;
            continue;
        }
        strbuf_add(out, text + i, n);
        i += n;
    }
}

enum err_code cloud_logs_append(struct local *l, const char *group, const char *stream,
                                int64_t at_ms, const char *text, size_t len, struct err *e)
{
    struct local_reply r = {.status = 200};
    struct strbuf clean = STRBUF_INIT;
    sqlite3_stmt *q =
        local_stmt(l, "SELECT id, ifnull(last_ts,0) FROM log_stream WHERE grp=?1 AND name=?2");
    enum err_code rc = E_OK;

    sqlx_text(q, 1, group);
    sqlx_text(q, 2, stream);
    int64_t id = sqlx_row(q) ? sqlx_num(q, 0) : 0;
    int64_t last = id != 0 ? sqlx_num(q, 1) : 0;
    local_stmt_done(l, q);
    if (id == 0) {
        return err_set(e, E_NOT_FOUND, "no log stream %s in %s", stream, group);
    }
    clean_message(&clean, text, len);
    if (clean.len > 0 &&
        !insert_event(l, id, at_ms < last ? last : at_ms, clean.data, clean.len, &r)) {
        rc = err_set(e, E_IO, "%s", r.message);
    }
    strbuf_clear(&clean);
    local_reply_clear(&r);
    return rc;
}

static void create_log_group(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *name = json_str(in, "logGroupName");

    if (!group_name_ok(name)) {
        invalid(r, "logGroupName must be 1 to 512 of [.-_/#A-Za-z0-9]");
    } else if (cloud_logs_group_exists(l, name)) {
        local_fail(r, 400, "ResourceAlreadyExistsException",
                   "The specified log group already exists");
    } else {
        (void)insert_group(l, name, r);
    }
}

static void create_log_stream(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *group = json_str(in, "logGroupName"), *name = json_str(in, "logStreamName");

    if (group == NULL || !stream_name_ok(name)) {
        invalid(r, "logStreamName must be 1 to 512 characters without ':' and '*'");
    } else if (!cloud_logs_group_exists(l, group)) {
        local_fail(r, 400, "ResourceNotFoundException", "The specified log group does not exist.");
    } else if (cloud_logs_stream_id(l, group, name, NULL) != 0) {
        local_fail(r, 400, "ResourceAlreadyExistsException",
                   "The specified log stream already exists");
    } else {
        (void)insert_stream(l, group, name, r);
    }
}

/* Checks the whole call before anything is written. */
static bool check_events(const cJSON *events, struct local_reply *r)
{
    int64_t bytes = 0, last = INT64_MIN;
    int n = cJSON_GetArraySize(events);

    if (n < 1 || n > PUT_EVENTS_MAX) {
        invalid(r, "logEvents must hold 1 to 10000 events");
        return false;
    }
    for (const cJSON *ev = events->child; ev != NULL; ev = ev->next) {
        const char *message = json_str(ev, "message");
        int64_t at = json_int(ev, "timestamp", -1);
        if (message == NULL || *message == '\0' || at < 0) {
            invalid(r, "each event needs a timestamp and a message that is not empty");
            return false;
        }
        if (at < last) {
            invalid(r, "Log events in a single PutLogEvents request must be in chronological "
                       "order.");
            return false;
        }
        last = at;
        bytes += (int64_t)strlen(message) + LOGS_EVENT_OVERHEAD;
    }
    if (bytes > PUT_BYTES_MAX) {
        invalid(r, "Upload too large: over 1048576 bytes");
        return false;
    }
    return true;
}

static void put_log_events(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *group = json_str_or(in, "logGroupName", "");
    const char *stream = json_str_or(in, "logStreamName", "");
    const cJSON *events = json_array(in, "logEvents");
    int64_t now = local_now(l), index = 0, old_end = -1, new_start = -1;

    int64_t id = cloud_logs_stream_id(l, group, stream, r);
    if (id == 0 || !check_events(events, r)) {
        return;
    }
    for (const cJSON *ev = events->child; ev != NULL; ev = ev->next, index++) {
        const char *message = json_str(ev, "message");
        int64_t at = json_int(ev, "timestamp", 0);
        if (at < now - TOO_OLD_MS) {
            old_end = index + 1;
        } else if (at > now + TOO_NEW_MS) {
            new_start = new_start < 0 ? index : new_start;
        } else if (!insert_event(l, id, at, message, strlen(message), r)) {
            return;
        }
    }
    r->out = json_new_object();
    char token[64];
    (void)snprintf(token, sizeof token, "%056lld", (long long)now);
    json_set_str(r->out, "nextSequenceToken", token);
    if (old_end >= 0 || new_start >= 0) {
        cJSON *info = json_new_object();
        if (old_end >= 0) {
            json_set_int(info, "tooOldLogEventEndIndex", old_end);
        }
        if (new_start >= 0) {
            json_set_int(info, "tooNewLogEventStartIndex", new_start);
        }
        json_set(r->out, "rejectedLogEventsInfo", info);
    }
}

static int page_limit(const cJSON *in, struct local_reply *r)
{
    int64_t limit = json_int(in, "limit", DESCRIBE_MAX);

    if (limit < 1 || limit > DESCRIBE_MAX) {
        invalid(r, "limit must be 1 to 50");
        return 0;
    }
    return (int)limit;
}

static void describe_log_groups(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *prefix = json_str(in, "logGroupNamePrefix");
    const char *pattern = json_str(in, "logGroupNamePattern");
    const char *token = json_str_or(in, "nextToken", "");
    int limit = page_limit(in, r), n = 0;

    if (limit == 0) {
        return;
    }
    if (prefix != NULL && pattern != NULL) {
        invalid(r, "logGroupNamePrefix and logGroupNamePattern may not both be given");
        return;
    }
    cJSON *list = json_new_array();
    r->out = json_new_object();
    json_set(r->out, "logGroups", list);
    sqlite3_stmt *q = local_stmt(
        l, "SELECT g.name, g.created, (SELECT ifnull(sum(bytes),0) FROM log_stream s WHERE"
           " s.grp=g.name) FROM log_group g WHERE g.name>?1 AND substr(g.name,1,length(?2))=?2 AND"
           " instr(lower(g.name),lower(?3))+(?3='')>0 ORDER BY g.name LIMIT ?4");
    sqlx_text(q, 1, token);
    sqlx_text(q, 2, prefix != NULL ? prefix : "");
    sqlx_text(q, 3, pattern != NULL ? pattern : "");
    sqlx_int(q, 4, limit + 1);
    while (sqlx_row(q)) {
        if (n++ == limit) {
            const cJSON *last = cJSON_GetArrayItem(list, limit - 1);
            json_set_str(r->out, "nextToken", json_str(last, "logGroupName"));
            break;
        }
        cJSON *g = json_new_object();
        char *arn = xasprintf("arn:aws:logs:%s:%s:log-group:%s", local_region(l), local_account(l),
                              sqlx_str(q, 0));
        char *arn_all = xasprintf("%s:*", arn);
        json_set_str(g, "logGroupName", sqlx_str(q, 0));
        json_set_str(g, "arn", arn_all);
        json_set_str(g, "logGroupArn", arn);
        json_set_str(g, "logGroupClass", "STANDARD");
        json_set_int(g, "creationTime", sqlx_num(q, 1));
        json_set_int(g, "metricFilterCount", 0);
        json_set_int(g, "storedBytes", sqlx_num(q, 2));
        json_push(list, g);
        free(arn);
        free(arn_all);
    }
    local_stmt_done(l, q);
}

static cJSON *stream_document(struct local *l, const char *group, sqlite3_stmt *q)
{
    static const char *const times[] = {"creationTime", "firstEventTimestamp", "lastEventTimestamp",
                                        "lastIngestionTime"};
    cJSON *s = json_new_object();
    char *arn = xasprintf("arn:aws:logs:%s:%s:log-group:%s:log-stream:%s", local_region(l),
                          local_account(l), group, sqlx_str(q, 0));

    json_set_str(s, "logStreamName", sqlx_str(q, 0));
    for (int i = 0; i < 4; i++) {
        if (!sqlx_null(q, i + 1)) {
            json_set_int(s, times[i], sqlx_num(q, i + 1));
        }
    }
    json_set_str(s, "arn", arn);
    json_set_int(s, "storedBytes", 0); /* the service reports 0 here since 2019 */
    free(arn);
    return s;
}

static sqlite3_stmt *streams_query(struct local *l, bool by_time, bool descending)
{
    if (by_time) {
        return descending
                   ? local_stmt(l, "SELECT name,created,first_ts,last_ts,last_ingest FROM"
                                   " log_stream WHERE grp=?1 AND substr(name,1,length(?2))=?2 ORDER"
                                   " BY ifnull(last_ts,created) DESC, name DESC LIMIT ?3 OFFSET ?4")
                   : local_stmt(l, "SELECT name,created,first_ts,last_ts,last_ingest FROM"
                                   " log_stream WHERE grp=?1 AND substr(name,1,length(?2))=?2 ORDER"
                                   " BY ifnull(last_ts,created), name LIMIT ?3 OFFSET ?4");
    }
    return descending ? local_stmt(l, "SELECT name,created,first_ts,last_ts,last_ingest FROM"
                                      " log_stream WHERE grp=?1 AND substr(name,1,length(?2))=?2"
                                      " ORDER BY name DESC LIMIT ?3 OFFSET ?4")
                      : local_stmt(l, "SELECT name,created,first_ts,last_ts,last_ingest FROM"
                                      " log_stream WHERE grp=?1 AND substr(name,1,length(?2))=?2"
                                      " ORDER BY name LIMIT ?3 OFFSET ?4");
}

static void describe_log_streams(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *prefix = json_str_or(in, "logStreamNamePrefix", "");
    const char *order = json_str_or(in, "orderBy", "LogStreamName");
    bool by_time = strcmp(order, "LastEventTime") == 0;
    long long offset = strtoll(json_str_or(in, "nextToken", "0"), NULL, 10);
    int limit = page_limit(in, r), n = 0;
    char *group = limit > 0 ? cloud_logs_group_name(in, r) : NULL;

    if (group == NULL) {
        return;
    }
    if (by_time && *prefix != '\0') {
        invalid(r, "Cannot order by LastEventTime with a logStreamNamePrefix.");
    } else if (!by_time && strcmp(order, "LogStreamName") != 0) {
        invalid(r, "orderBy must be LogStreamName or LastEventTime");
    } else if (offset < 0) {
        invalid(r, "The specified nextToken is invalid.");
    } else if (!cloud_logs_group_exists(l, group)) {
        local_fail(r, 400, "ResourceNotFoundException", "The specified log group does not exist.");
    } else {
        cJSON *list = json_new_array();
        r->out = json_new_object();
        json_set(r->out, "logStreams", list);
        sqlite3_stmt *q = streams_query(l, by_time, json_bool(in, "descending", false));
        sqlx_text(q, 1, group);
        sqlx_text(q, 2, prefix);
        sqlx_int(q, 3, limit + 1);
        sqlx_int(q, 4, offset);
        while (sqlx_row(q)) {
            if (n++ == limit) {
                char next[24];
                (void)snprintf(next, sizeof next, "%lld", offset + limit);
                json_set_str(r->out, "nextToken", next);
                break;
            }
            json_push(list, stream_document(l, group, q));
        }
        local_stmt_done(l, q);
    }
    free(group);
}

static enum err_code start(struct local *l, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS log_group(name TEXT PRIMARY KEY, created INTEGER NOT NULL)"
        " WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS log_stream(id INTEGER PRIMARY KEY, grp TEXT NOT NULL,"
        " name TEXT NOT NULL, created INTEGER NOT NULL, first_ts INTEGER, last_ts INTEGER,"
        " last_ingest INTEGER, bytes INTEGER NOT NULL DEFAULT 0, UNIQUE(grp,name));"
        "CREATE TABLE IF NOT EXISTS log_event(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " stream INTEGER NOT NULL, ts INTEGER NOT NULL, ingest INTEGER NOT NULL,"
        " message TEXT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS log_event_at ON log_event(stream,ts,id);";

    if (sqlite3_exec(local_db(l), schema, NULL, NULL, NULL) != SQLITE_OK) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(local_db(l)));
    }
    return E_OK;
}

const struct local_route local_logs_routes[] = {
    {AWS_OP_LOGS_CREATE_LOG_GROUP,     create_log_group        },
    {AWS_OP_LOGS_CREATE_LOG_STREAM,    create_log_stream       },
    {AWS_OP_LOGS_PUT_LOG_EVENTS,       put_log_events          },
    {AWS_OP_LOGS_GET_LOG_EVENTS,       cloud_logs_get_events   },
    {AWS_OP_LOGS_FILTER_LOG_EVENTS,    cloud_logs_filter_events},
    {AWS_OP_LOGS_DESCRIBE_LOG_GROUPS,  describe_log_groups     },
    {AWS_OP_LOGS_DESCRIBE_LOG_STREAMS, describe_log_streams    },
    {AWS_OP_COUNT,                     NULL                    }
};

const struct local_service local_logs_service = {
    .name = "CloudWatch Logs", .routes = local_logs_routes, .start = start};
