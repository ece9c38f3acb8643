/* CloudWatch Logs of the local cloud: GetLogEvents and FilterLogEvents. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "logfilter.h"
#include "logs.h"
#include "src/cloud/store/sqlx.h"

/* DESIGN. Events of a stream are in order of (timestamp, id). A token names a place between two
 * events: timestamp and 2*id+1 for the place behind event `id`, 2*id-1 for the one before it. A
 * forward token reads on from its place, a backward token reads the page that ends there, so both
 * stay good while events are added, and a page without events gives back the token it was asked
 * with. Facts: AWS-WIRE 2.5. */

enum { PAGE_MAX = 10000, SCAN_MAX = 20000, FILTER_STREAMS_MAX = 100 };
#define PAGE_BYTES 1048576

struct place {
    int64_t ts, half;
};

static void token_print(char out[64], char kind, struct place p)
{
    (void)snprintf(out, 64, "%c/%019" PRId64 "%019" PRId64, kind, p.ts, p.half);
}

static bool token_read(const char *token, char *kind, struct place *p)
{
    char digits[20];

    if ((token[0] != 'f' && token[0] != 'b') || token[1] != '/' || strlen(token) != 40 ||
        strspn(token + 2, "0123456789") != 38) {
        return false;
    }
    *kind = token[0];
    memcpy(digits, token + 2, 19);
    digits[19] = '\0';
    p->ts = strtoll(digits, NULL, 10);
    p->half = strtoll(token + 21, NULL, 10);
    return true;
}

static cJSON *event_document(sqlite3_stmt *q)
{
    cJSON *ev = json_new_object();

    json_set_int(ev, "timestamp", sqlx_num(q, 1));
    json_set_str(ev, "message", sqlx_str(q, 3));
    json_set_int(ev, "ingestionTime", sqlx_num(q, 2));
    return ev;
}

struct page {
    cJSON *events;
    struct place first, last;
    int n;
};

/* Steps through rows (id, ts, ingest, message) into a page, within its limits of events and bytes;
 * rows that come newest first are put in front. */
static void fill_page(sqlite3_stmt *q, int limit, bool backward, struct page *page)
{
    int64_t bytes = 0;

    while (page->n < limit && sqlx_row(q)) {
        int64_t id = sqlx_num(q, 0), ts = sqlx_num(q, 1);
        bytes += sqlite3_column_bytes(q, 3) + LOGS_EVENT_OVERHEAD;
        if (bytes > PAGE_BYTES && page->n > 0) {
            break;
        }
        cJSON *ev = event_document(q);
        struct place before = {ts, 2 * id - 1}, behind = {ts, 2 * id + 1};
        if (backward) {
            (void)cJSON_InsertItemInArray(page->events, 0, ev);
            page->first = before;
            page->last = page->n == 0 ? behind : page->last;
        } else {
            json_push(page->events, ev);
            page->last = behind;
            page->first = page->n == 0 ? before : page->first;
        }
        page->n++;
    }
}

static void read_page(struct cloud *cloud, int64_t stream, const cJSON *in, struct place from,
                      bool backward, int limit, struct page *page)
{
    sqlite3_stmt *q =
        backward
            ? cloud_stmt(cloud, "SELECT id,ts,ingest,message FROM log_event WHERE stream=?1 AND"
                                " ts<=?2 AND (ts<?2 OR 2*id<?3) AND ts>=?4 AND ts<?5"
                                " ORDER BY ts DESC, id DESC")
            : cloud_stmt(cloud, "SELECT id,ts,ingest,message FROM log_event WHERE stream=?1 AND"
                                " ts>=?2 AND (ts>?2 OR 2*id>?3) AND ts>=?4 AND ts<?5"
                                " ORDER BY ts, id");

    sqlx_int(q, 1, stream);
    sqlx_int(q, 2, from.ts);
    sqlx_int(q, 3, from.half);
    sqlx_int(q, 4, json_int(in, "startTime", 0));
    sqlx_int(q, 5, json_int(in, "endTime", INT64_MAX));
    *page = (struct page){.events = json_new_array(), .first = from, .last = from};
    fill_page(q, limit, backward, page);
    cloud_stmt_done(cloud, q);
}

void cloud_logs_get_events(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *token = json_str(in, "nextToken");
    bool from_head = json_bool(in, "startFromHead", false);
    int64_t limit = json_int(in, "limit", PAGE_MAX);
    struct place from = {.ts = 0, .half = 0};
    char kind = from_head ? 'f' : 'b', text[64];
    struct page page;

    char *group = cloud_logs_group_name(in, r);
    if (group == NULL) {
        return;
    }
    int64_t id = cloud_logs_stream_id(cloud, group, json_str_or(in, "logStreamName", ""), r);
    free(group);
    if (id == 0) {
        return;
    }
    if (limit < 1 || limit > PAGE_MAX) {
        cloud_fail(r, 400, "InvalidParameterException", "limit must be 1 to 10000");
        return;
    }
    if (token == NULL && !from_head) {
        from = (struct place){INT64_MAX, INT64_MAX};
    } else if (token != NULL && !token_read(token, &kind, &from)) {
        cloud_fail(r, 400, "InvalidParameterException", "The specified nextToken is invalid.");
        return;
    }
    read_page(cloud, id, in, from, kind == 'b', (int)limit, &page);
    if (page.n == 0 && token == NULL && !from_head) {
        /* there is nothing yet: the tokens follow from the start */
        page.first = page.last = (struct place){0, 0};
    }
    r->out = json_new_object();
    json_set(r->out, "events", page.events);
    token_print(text, 'f', page.last);
    json_set_str(r->out, "nextForwardToken", text);
    token_print(text, 'b', page.first);
    json_set_str(r->out, "nextBackwardToken", text);
}

/* ---- FilterLogEvents ---------------------------------------------------------------------- */

struct filter {
    struct cloud_logs_filter *pattern;
    const cJSON *names; /* wanted streams, or NULL */
    const char *prefix; /* or NULL */
};

static bool stream_wanted(const struct filter *f, const char *name)
{
    if (f->prefix != NULL) {
        return strncmp(name, f->prefix, strlen(f->prefix)) == 0;
    }
    for (const cJSON *n = f->names != NULL ? f->names->child : NULL; n != NULL; n = n->next) {
        if (cJSON_IsString(n) && strcmp(n->valuestring, name) == 0) {
            return true;
        }
    }
    return f->names == NULL;
}

/* Filters rows (id, ts, ingest, message, stream name). Looks at SCAN_MAX of them at most, so that a
 * call is short; the token then goes on from there. */
static void run_filter(struct cloud *cloud, sqlite3_stmt *q, const struct filter *f, int64_t limit,
                       struct cloud_reply *r)
{
    cJSON *events = json_new_array();
    struct place at = {0, 0};
    int64_t bytes = 0;
    int n = 0, scanned = 0;
    bool more = false;
    char text[64];

    (void)cloud;
    r->out = json_new_object();
    json_set(r->out, "events", events);
    json_set(r->out, "searchedLogStreams", json_new_array());
    while (sqlx_row(q)) {
        bool wanted =
            stream_wanted(f, sqlx_str(q, 4)) && cloud_logs_filter_match(f->pattern, sqlx_str(q, 3));
        bytes += wanted ? sqlite3_column_bytes(q, 3) + LOGS_EVENT_OVERHEAD : 0;
        if (n == limit || scanned == SCAN_MAX || (bytes > PAGE_BYTES && n > 0)) {
            more = true;
            break;
        }
        scanned++;
        at = (struct place){sqlx_num(q, 1), 2 * sqlx_num(q, 0) + 1};
        if (wanted) {
            cJSON *ev = event_document(q);
            (void)snprintf(text, sizeof text, "%056" PRId64, sqlx_num(q, 0));
            json_set_str(ev, "eventId", text);
            json_set_str(ev, "logStreamName", sqlx_str(q, 4));
            json_push(events, ev);
            n++;
        }
    }
    if (more) {
        token_print(text, 'f', at);
        json_set_str(r->out, "nextToken", text);
    }
}

/* The service refuses the whole call when one of the streams is not there. */
static bool streams_are_there(struct cloud *cloud, const char *group, const cJSON *names,
                              struct cloud_reply *r)
{
    int n = names == NULL ? 1 : cJSON_GetArraySize(names);

    if (n < 1 || n > FILTER_STREAMS_MAX) {
        cloud_fail(r, 400, "InvalidParameterException", "logStreamNames must have 1 to %d members",
                   FILTER_STREAMS_MAX);
        return false;
    }
    for (const cJSON *v = names == NULL ? NULL : names->child; v != NULL; v = v->next) {
        if (!cJSON_IsString(v) || cloud_logs_stream_id(cloud, group, v->valuestring, NULL) == 0) {
            cloud_fail(r, 400, "ResourceNotFoundException",
                       "The specified log stream does not exist.");
            return false;
        }
    }
    return true;
}

void cloud_logs_filter_events(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    struct filter f = {.names = json_array(in, "logStreamNames"),
                       .prefix = json_str(in, "logStreamNamePrefix")};
    const char *token = json_str(in, "nextToken");
    int64_t limit = json_int(in, "limit", PAGE_MAX);
    struct place from = {0, 0};
    struct err e = {.code = E_OK};
    char kind = 'f';

    char *group = cloud_logs_group_name(in, r);
    if (group == NULL) {
        return;
    }
    if (!cloud_logs_group_exists(cloud, group)) {
        cloud_fail(r, 400, "ResourceNotFoundException", "The specified log group does not exist.");
    } else if (f.names != NULL && f.prefix != NULL) {
        cloud_fail(r, 400, "InvalidParameterException",
                   "logStreamNames and logStreamNamePrefix may not both be given");
    } else if (limit < 1 || limit > PAGE_MAX) {
        cloud_fail(r, 400, "InvalidParameterException", "limit must be 1 to 10000");
    } else if (json_int(in, "startTime", 0) < 0 || json_int(in, "endTime", 0) < 0) {
        cloud_fail(r, 400, "InvalidParameterException", "startTime and endTime must be 0 or later");
    } else if (!streams_are_there(cloud, group, f.names, r)) {
        /* the reply says why */
    } else if (token != NULL && (!token_read(token, &kind, &from) || kind != 'f')) {
        cloud_fail(r, 400, "InvalidParameterException", "The specified nextToken is invalid.");
    } else if ((f.pattern = cloud_logs_filter_new(json_str(in, "filterPattern"), &e)) == NULL) {
        cloud_fail(r, 400, "InvalidParameterException", "%s", e.msg);
    } else {
        sqlite3_stmt *q = cloud_stmt(
            cloud,
            "SELECT e.id,e.ts,e.ingest,e.message,s.name FROM log_stream s JOIN log_event e ON"
            " e.stream=s.id WHERE s.grp=?1 AND e.ts>=?2 AND (e.ts>?2 OR 2*e.id>?3) AND e.ts>=?4"
            " AND e.ts<=?5 ORDER BY e.ts, e.id");
        sqlx_text(q, 1, group);
        sqlx_int(q, 2, from.ts);
        sqlx_int(q, 3, from.half);
        sqlx_int(q, 4, json_int(in, "startTime", 0));
        sqlx_int(q, 5, json_int(in, "endTime", INT64_MAX));
        run_filter(cloud, q, &f, limit, r);
        cloud_stmt_done(cloud, q);
    }
    cloud_logs_filter_free(f.pattern);
    free(group);
}
