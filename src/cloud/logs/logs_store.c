/* CloudWatch Logs of the local cloud: the rows of groups, streams and events, as its own files and
 * other services write them. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "logs.h"
#include "src/cloud/store/sqlx.h"

char *cloud_logs_group_name(const cJSON *in, struct cloud_reply *r)
{
    const char *name = json_str(in, "logGroupName"), *id = json_str(in, "logGroupIdentifier");

    if ((name == NULL) == (id == NULL)) {
        cloud_fail(r, 400, "InvalidParameterException", "%s",
                   name == NULL ? "logGroupName or logGroupIdentifier is required"
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

bool cloud_logs_group_exists(struct cloud *cloud, const char *group)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT 1 FROM log_group WHERE name=?1");

    sqlx_text(q, 1, group);
    bool yes = sqlx_row(q);
    cloud_stmt_done(cloud, q);
    return yes;
}

int64_t cloud_logs_stream_id(struct cloud *cloud, const char *group, const char *stream,
                             struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT id FROM log_stream WHERE grp=?1 AND name=?2");

    sqlx_text(q, 1, group);
    sqlx_text(q, 2, stream);
    int64_t id = sqlx_row(q) ? sqlx_num(q, 0) : 0;
    cloud_stmt_done(cloud, q);
    if (id == 0 && r != NULL) {
        cloud_fail(r, 400, "ResourceNotFoundException", "The specified log %s does not exist.",
                   cloud_logs_group_exists(cloud, group) ? "stream" : "group");
    }
    return id;
}

bool cloud_logs_add_group(struct cloud *cloud, const char *group, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(
        cloud, "INSERT INTO log_group(name,created) VALUES(?1,?2) ON CONFLICT DO NOTHING");

    sqlx_text(q, 1, group);
    sqlx_int(q, 2, cloud_now(cloud));
    return cloud_step_done(cloud, q, r);
}

bool cloud_logs_add_stream(struct cloud *cloud, const char *group, const char *stream,
                           struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "INSERT INTO log_stream(grp,name,created) VALUES(?1,?2,?3)"
                                        " ON CONFLICT DO NOTHING");

    sqlx_text(q, 1, group);
    sqlx_text(q, 2, stream);
    sqlx_int(q, 3, cloud_now(cloud));
    return cloud_step_done(cloud, q, r);
}

enum err_code cloud_logs_ensure_stream(struct cloud *cloud, const char *group, const char *stream,
                                       struct err *e)
{
    struct cloud_reply r = {.status = 200};
    bool ok =
        cloud_logs_add_group(cloud, group, &r) && cloud_logs_add_stream(cloud, group, stream, &r);
    enum err_code rc = ok ? E_OK : err_set(e, E_IO, "%s", r.message);

    cloud_reply_clear(&r);
    return rc;
}

bool cloud_logs_add_event(struct cloud *cloud, int64_t stream, int64_t at_ms, const char *text,
                          size_t len, struct cloud_reply *r)
{
    int64_t now = cloud_now(cloud);
    sqlite3_stmt *q =
        cloud_stmt(cloud, "INSERT INTO log_event(stream,ts,ingest,message) VALUES(?1,?2,?3,?4)");

    sqlx_int(q, 1, stream);
    sqlx_int(q, 2, at_ms);
    sqlx_int(q, 3, now);
    sqlx_bytes(q, 4, text, len);
    if (!cloud_step_done(cloud, q, r)) {
        return false;
    }
    q = cloud_stmt(cloud, "UPDATE log_stream SET first_ts=min(ifnull(first_ts,?2),?2),"
                          " last_ts=max(ifnull(last_ts,?2),?2), last_ingest=?3, bytes=bytes+?4"
                          " WHERE id=?1");
    sqlx_int(q, 1, stream);
    sqlx_int(q, 2, at_ms);
    sqlx_int(q, 3, now);
    sqlx_int(q, 4, (int64_t)len + LOGS_EVENT_OVERHEAD);
    return cloud_step_done(cloud, q, r);
}

/* Makes the text well-formed UTF-8 without NUL, within the limit. */
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

enum err_code cloud_logs_append(struct cloud *cloud, const char *group, const char *stream,
                                int64_t at_ms, const char *text, size_t len, struct err *e)
{
    struct cloud_reply r = {.status = 200};
    struct strbuf clean = STRBUF_INIT;
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT id, ifnull(last_ts,0) FROM log_stream WHERE grp=?1 AND name=?2");
    enum err_code rc = E_OK;

    sqlx_text(q, 1, group);
    sqlx_text(q, 2, stream);
    int64_t id = sqlx_row(q) ? sqlx_num(q, 0) : 0;
    int64_t last = id != 0 ? sqlx_num(q, 1) : 0;
    cloud_stmt_done(cloud, q);
    if (id == 0) {
        return err_set(e, E_NOT_FOUND, "no log stream %s in %s", stream, group);
    }
    clean_message(&clean, text, len);
    if (clean.len > 0 &&
        !cloud_logs_add_event(cloud, id, at_ms < last ? last : at_ms, clean.data, clean.len, &r)) {
        rc = err_set(e, E_IO, "%s", r.message);
    }
    strbuf_clear(&clean);
    cloud_reply_clear(&r);
    return rc;
}
