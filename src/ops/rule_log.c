/* Reading the event log of the rule.
 *
 * DESIGN: FilterLogEvents gives the events in a range of event times, but events do not arrive in
 * the order of their times: one may come with a time before that of others which were given
 * already. So each read begins RULE_LOG_BACK_MS before the latest event given, and an event id
 * tells which events were given. A range that is too long for one read goes on with its token in
 * the next read; the range moves only when it was read to its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/logs.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/text.h"
#include "ops/logs.h"

enum {
    HOUR_MS = 3600 * 1000,
    PAGES = 20,      /* pages in one read */
    EMPTY_MAX = 10,  /* reads in a row that bring nothing and do not come to an end */
    SEEN_MAX = 20000 /* when more events lie within RULE_LOG_BACK_MS, the look back is cut short */
};

const char rule_log_remedy[] =
    "set EVENTBRIDGE_LOG_GROUP to the group that the rule has as a target, or create it";

void rule_log_cursor_init(struct rule_log_cursor *c, int64_t since_ms)
{
    *c = (struct rule_log_cursor){
        .since_ms = since_ms, .newest_ms = TIME_NONE, .from_ms = TIME_NONE};
}

void rule_log_cursor_clear(struct rule_log_cursor *c)
{
    free(c->token);
    free(c->seen);
    rule_log_cursor_init(c, TIME_NONE);
}

struct rule_log_cursor *rule_log_cursor_copy(const struct rule_log_cursor *c)
{
    struct rule_log_cursor *copy = xmalloc(sizeof *copy);

    *copy = *c;
    copy->token = xstrdup(c->token);
    copy->seen = xcalloc(c->seen_len + 1, sizeof *copy->seen);
    if (c->seen_len > 0) {
        memcpy(copy->seen, c->seen, c->seen_len * sizeof *copy->seen);
    }
    return copy;
}

void rule_log_cursor_free(struct rule_log_cursor *c)
{
    if (c != NULL) {
        rule_log_cursor_clear(c);
        free(c);
    }
}

/* ---- what was given already ---- */

static uint64_t hash_event(const cJSON *v)
{
    return hash_text(HASH_START, json_str_or(v, "eventId", json_str_or(v, "message", "")));
}

static int by_id(const void *a, const void *b)
{
    const struct rule_log_seen *x = a;
    const struct rule_log_seen *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static int newest_first(const void *a, const void *b)
{
    const struct rule_log_seen *x = a;
    const struct rule_log_seen *y = b;

    return (x->at_ms < y->at_ms) - (x->at_ms > y->at_ms);
}

/* Replaces the range, which was read to its end, by the next one. */
static void next_range(struct rule_log_cursor *c, int64_t now_ms)
{
    size_t kept = 0;
    /* A writer's clock may be ahead: the events that others write until that time must not be
     * missed. */
    int64_t newest = c->newest_ms > now_ms ? now_ms : c->newest_ms;

    if (c->newest_ms != TIME_NONE && newest - RULE_LOG_BACK_MS > c->since_ms) {
        c->since_ms = newest - RULE_LOG_BACK_MS;
    }
    if (c->seen_len > SEEN_MAX) {
        qsort(c->seen, c->seen_len, sizeof *c->seen, newest_first);
        if (c->seen[SEEN_MAX].at_ms >= c->since_ms) {
            c->since_ms = c->seen[SEEN_MAX].at_ms + 1;
        }
    }
    for (size_t i = 0; i < c->seen_len; i++) {
        if (c->seen[i].at_ms >= c->since_ms) {
            c->seen[kept++] = c->seen[i];
        }
    }
    c->seen_len = kept;
    if (kept > 1) {
        qsort(c->seen, kept, sizeof *c->seen, by_id);
    }
}

/* ---- what came ---- */

struct found {
    struct rule_log_seen as;
    size_t order; /* the place in the order of arrival */
    const cJSON *event;
};

static int found_by_id(const void *a, const void *b)
{
    const struct found *x = a;
    const struct found *y = b;
    int ids = by_id(&x->as, &y->as);

    return ids != 0 ? ids : (x->order > y->order) - (x->order < y->order);
}

static int found_by_time(const void *a, const void *b)
{
    const struct found *x = a;
    const struct found *y = b;

    return x->as.at_ms != y->as.at_ms ? (x->as.at_ms > y->as.at_ms) - (x->as.at_ms < y->as.at_ms)
                                      : (x->order > y->order) - (x->order < y->order);
}

/* Leaves only the new events, in order of time: the service gives the streams one after the
 * other. */
static size_t only_new(const struct rule_log_cursor *c, struct found *f, size_t len)
{
    size_t n = 0;

    qsort(f, len, sizeof *f, found_by_id);
    for (size_t i = 0; i < len; i++) {
        bool again = n > 0 && f[n - 1].as.id == f[i].as.id;
        if (!again && (c->seen_len == 0 ||
                       bsearch(&f[i].as, c->seen, c->seen_len, sizeof *c->seen, by_id) == NULL)) {
            f[n++] = f[i];
        }
    }
    qsort(f, n, sizeof *f, found_by_time);
    return n;
}

static void take_new(struct rule_log_cursor *c, const cJSON *all, struct log_page *out)
{
    size_t len = (size_t)cJSON_GetArraySize(all);
    struct found *f = xcalloc(len + 1, sizeof *f);
    const cJSON *v;
    size_t n = 0;

    cJSON_ArrayForEach(v, all)
    {
        f[n].as = (struct rule_log_seen){.id = hash_event(v), .at_ms = json_int(v, "timestamp", 0)};
        f[n].event = v;
        f[n].order = n;
        n++;
    }
    n = only_new(c, f, n);
    out->items = xcalloc(n + 1, sizeof *out->items);
    c->seen = xrealloc(c->seen, (c->seen_len + n + 1) * sizeof *c->seen);
    for (size_t i = 0; i < n; i++) {
        int64_t at = f[i].as.at_ms;
        out->items[out->len++] = (struct log_entry){
            .at_ms = at, .text = xstrdup(json_str_or(f[i].event, "message", ""))};
        c->seen[c->seen_len++] = f[i].as;
        c->newest_ms = c->newest_ms == TIME_NONE || at > c->newest_ms ? at : c->newest_ms;
    }
    if (c->seen_len > 1) {
        qsort(c->seen, c->seen_len, sizeof *c->seen, by_id);
    }
    free(f);
}

/* Reads up to PAGES pages from `*token` on (owned; it moves, and is NULL at the end). */
static enum err_code read_pages(const struct ops *o, const char *group, int64_t from_ms,
                                char **token, cJSON *all, struct err *e)
{
    for (int page = 0; page < PAGES; page++) {
        cJSON *events = NULL;
        char *next = NULL;
        struct logs_filter f = {
            .group = group, .start_time = from_ms, .end_time = TIME_NONE, .token = *token};
        enum err_code rc = logs_filter_events(o->aws, &f, &events, &next, e);
        free(*token);
        *token = next;
        if (rc != E_OK) {
            return rc;
        }
        while (events != NULL && events->child != NULL) {
            json_push(all, cJSON_DetachItemViaPointer(events, events->child));
        }
        cJSON_Delete(events);
        if (*token == NULL) {
            break;
        }
    }
    return E_OK;
}

static enum err_code rule_log_read(const struct ops *o, struct rule_log_cursor *c,
                                   struct log_page *out, struct err *e)
{
    const char *group = settings_get(o->settings, SET_RULE_LOG_GROUP);
    cJSON *all = json_new_array();
    char *token = xstrdup(c->token);

    *out = (struct log_page){.at_end = true};
    if (c->since_ms == TIME_NONE) {
        c->since_ms = clock_wall_ms(o->clock) - HOUR_MS;
    }
    if (token == NULL) {
        c->from_ms = c->since_ms;
    }
    enum err_code rc = read_pages(o, group == NULL ? "" : group, c->from_ms, &token, all, e);
    if (rc == E_OK || rc == E_INVALID || rc == E_NOT_FOUND) { /* the token may have expired */
        free(c->token);
        c->token = rc == E_OK ? token : NULL;
        token = rc == E_OK ? NULL : token;
    }
    if (rc == E_NOT_FOUND) {
        (void)snprintf(out->note, sizeof out->note, "there is no log group %.*s",
                       text_cut(group, 150), group);
        rc = E_OK;
    } else if (rc == E_OK) {
        take_new(c, all, out);
        out->at_end = c->token == NULL;
        c->empty = out->len > 0 || out->at_end ? 0 : c->empty + 1;
        if (out->at_end) {
            next_range(c, clock_wall_ms(o->clock));
        }
    }
    free(token);
    cJSON_Delete(all);
    if (rc == E_OK && c->empty >= EMPTY_MAX) {
        c->empty = 0;
        rc = err_set(e, E_SERVICE,
                     "CloudWatch Logs gives empty pages of log group %.*s without an end",
                     text_cut(group, 200), group);
    }
    return rc;
}

enum err_code ops_rule_log_read(const struct ops *o, struct rule_log_cursor *c,
                                struct log_page *out, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = rule_log_read(o, c, out, e);

    ops_end(begun);
    return rc;
}
