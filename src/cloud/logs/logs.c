/* CloudWatch Logs of the local cloud: groups, streams, writing. Reading is in logs_read.c. Facts:
 * AWS-WIRE 2.5. */
#include "logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "src/cloud/store/service.h"
#include "src/cloud/store/sqlx.h"
#include "src/cloud/store/store.h"

enum { NAME_MAX_LEN = 512, DESCRIBE_MAX = 50, PUT_EVENTS_MAX = 10000 };
#define PUT_BYTES_MAX 1048576
#define TOO_OLD_MS (14LL * 24 * 3600 * 1000)
#define TOO_NEW_MS (2LL * 3600 * 1000)

static void invalid(struct cloud_reply *r, const char *why)
{
    cloud_fail(r, 400, "InvalidParameterException", "%s", why);
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

static void create_log_group(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *name = json_str(in, "logGroupName");

    if (!group_name_ok(name)) {
        invalid(r, "logGroupName must be 1 to 512 of [.-_/#A-Za-z0-9]");
    } else if (cloud_logs_group_exists(cloud, name)) {
        cloud_fail(r, 400, "ResourceAlreadyExistsException",
                   "The specified log group already exists");
    } else {
        (void)cloud_logs_add_group(cloud, name, r);
    }
}

static void create_log_stream(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *group = json_str(in, "logGroupName"), *name = json_str(in, "logStreamName");

    if (group == NULL || !stream_name_ok(name)) {
        invalid(r, "logStreamName must be 1 to 512 characters without ':' and '*'");
    } else if (!cloud_logs_group_exists(cloud, group)) {
        cloud_fail(r, 400, "ResourceNotFoundException", "The specified log group does not exist.");
    } else if (cloud_logs_stream_id(cloud, group, name, NULL) != 0) {
        cloud_fail(r, 400, "ResourceAlreadyExistsException",
                   "The specified log stream already exists");
    } else {
        (void)cloud_logs_add_stream(cloud, group, name, r);
    }
}

/* Checks the whole call before anything is written. */
static bool check_events(const cJSON *events, struct cloud_reply *r)
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

static void put_log_events(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *group = json_str_or(in, "logGroupName", "");
    const char *stream = json_str_or(in, "logStreamName", "");
    const cJSON *events = json_array(in, "logEvents");
    int64_t now = cloud_now(cloud), index = 0, old_end = -1, new_start = -1;

    int64_t id = cloud_logs_stream_id(cloud, group, stream, r);
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
        } else if (!cloud_logs_add_event(cloud, id, at, message, strlen(message), r)) {
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

static int page_limit(const cJSON *in, struct cloud_reply *r)
{
    int64_t limit = json_int(in, "limit", DESCRIBE_MAX);

    if (limit < 1 || limit > DESCRIBE_MAX) {
        invalid(r, "limit must be 1 to 50");
        return 0;
    }
    return (int)limit;
}

static void describe_log_groups(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
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
    sqlite3_stmt *q = cloud_stmt(
        cloud,
        "SELECT g.name, g.created, (SELECT ifnull(sum(bytes),0) FROM log_stream s WHERE"
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
        char *arn = xasprintf("arn:aws:logs:%s:%s:log-group:%s", cloud_region(cloud),
                              cloud_account(cloud), sqlx_str(q, 0));
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
    cloud_stmt_done(cloud, q);
}

static cJSON *stream_document(struct cloud *cloud, const char *group, sqlite3_stmt *q)
{
    static const char *const times[] = {"creationTime", "firstEventTimestamp", "lastEventTimestamp",
                                        "lastIngestionTime"};
    cJSON *s = json_new_object();
    char *arn = xasprintf("arn:aws:logs:%s:%s:log-group:%s:log-stream:%s", cloud_region(cloud),
                          cloud_account(cloud), group, sqlx_str(q, 0));

    json_set_str(s, "logStreamName", sqlx_str(q, 0));
    for (int i = 0; i < 4; i++) {
        if (!sqlx_null(q, i + 1)) {
            json_set_int(s, times[i], sqlx_num(q, i + 1));
        }
    }
    json_set_str(s, "arn", arn);
    json_set_int(s, "storedBytes", 0); /* the service has reported 0 here since 2019 */
    free(arn);
    return s;
}

static sqlite3_stmt *streams_query(struct cloud *cloud, bool by_time, bool descending)
{
    if (by_time) {
        return descending
                   ? cloud_stmt(cloud,
                                "SELECT name,created,first_ts,last_ts,last_ingest FROM"
                                " log_stream WHERE grp=?1 AND substr(name,1,length(?2))=?2 ORDER"
                                " BY ifnull(last_ts,created) DESC, name DESC LIMIT ?3 OFFSET ?4")
                   : cloud_stmt(cloud,
                                "SELECT name,created,first_ts,last_ts,last_ingest FROM"
                                " log_stream WHERE grp=?1 AND substr(name,1,length(?2))=?2 ORDER"
                                " BY ifnull(last_ts,created), name LIMIT ?3 OFFSET ?4");
    }
    return descending
               ? cloud_stmt(cloud, "SELECT name,created,first_ts,last_ts,last_ingest FROM"
                                   " log_stream WHERE grp=?1 AND substr(name,1,length(?2))=?2"
                                   " ORDER BY name DESC LIMIT ?3 OFFSET ?4")
               : cloud_stmt(cloud, "SELECT name,created,first_ts,last_ts,last_ingest FROM"
                                   " log_stream WHERE grp=?1 AND substr(name,1,length(?2))=?2"
                                   " ORDER BY name LIMIT ?3 OFFSET ?4");
}

static void describe_log_streams(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
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
    } else if (!cloud_logs_group_exists(cloud, group)) {
        cloud_fail(r, 400, "ResourceNotFoundException", "The specified log group does not exist.");
    } else {
        cJSON *list = json_new_array();
        r->out = json_new_object();
        json_set(r->out, "logStreams", list);
        sqlite3_stmt *q = streams_query(cloud, by_time, json_bool(in, "descending", false));
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
            json_push(list, stream_document(cloud, group, q));
        }
        cloud_stmt_done(cloud, q);
    }
    free(group);
}

static enum err_code start(struct cloud *cloud, struct err *e)
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

    return cloud_create(cloud, schema, e);
}

static const struct cloud_route routes[] = {
    {AWS_OP_LOGS_CREATE_LOG_GROUP,     create_log_group        },
    {AWS_OP_LOGS_CREATE_LOG_STREAM,    create_log_stream       },
    {AWS_OP_LOGS_PUT_LOG_EVENTS,       put_log_events          },
    {AWS_OP_LOGS_GET_LOG_EVENTS,       cloud_logs_get_events   },
    {AWS_OP_LOGS_FILTER_LOG_EVENTS,    cloud_logs_filter_events},
    {AWS_OP_LOGS_DESCRIBE_LOG_GROUPS,  describe_log_groups     },
    {AWS_OP_LOGS_DESCRIBE_LOG_STREAMS, describe_log_streams    },
    {AWS_OP_COUNT,                     NULL                    }
};

const struct cloud_service cloud_logs_service = {
    .name = "CloudWatch Logs", .routes = routes, .start = start};
