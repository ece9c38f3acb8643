/* Searching in the logs of many jobs.
 *
 * DESIGN: The range of time is cut into parts, oldest first, and of each part all streams are read,
 * 100 a call, before the next one begins: so it is known at any moment up to which time everything
 * was looked at. A service's token tells nothing of that. With one call's worth of streams, which
 * FilterLogEvents gives in order of time, hits are handed over page by page; else those of a part
 * are kept and sorted first. */
#include "ops/log_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/logs.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/json.h"
#include "core/text.h"
#include "log_streams.h"

/* PARTS: at most so many parts, none shorter than PART_MS. KEEP_BYTES: so much of a part is kept at
 * most before it is handed over. PATIENCE: so often a throttled call is made again after its own
 * retries. */
enum { PARTS = 24, PART_MS = 3600 * 1000, KEEP_BYTES = 16 << 20, PAGE_MAX = 10000, PATIENCE = 4 };

/* A hit that is kept until its part is through. */
struct kept {
    int64_t at_ms;
    size_t order;        /* the place in the order of arrival */
    char *text, *stream; /* owned */
    const char *group;   /* borrowed */
};

/* What one call can ask for: some streams of a group, or all. */
struct scope {
    const char *group;    /* borrowed */
    const char **streams; /* owned array; NULL: all streams of the group */
    size_t len;
};

struct search {
    const struct ops *o;
    const struct log_search *q;
    struct log_search_result *out;
    struct log_streams streams;
    bool learnt; /* the jobs were asked for, with or without success */
    struct scope *scopes;
    size_t scopes_len, scopes_cap;
    struct kept *kept;
    size_t kept_len, kept_cap, kept_bytes;
    int64_t now_ms;
    int64_t end_ms; /* monotonic; DEADLINE_NONE: no end */
    bool over;      /* out->end says why */
};

static void stop(struct search *s, enum log_search_end why)
{
    s->over = true;
    s->out->end = why;
}

static void tell(struct search *s, size_t records)
{
    const struct log_search_state state = {.since_ms = s->q->since_ms,
                                           .reached_ms = s->out->reached_ms,
                                           .now_ms = s->now_ms,
                                           .streams = s->out->streams,
                                           .records = records,
                                           .hits = s->out->hits + s->kept_len};

    if (s->q->progress != NULL && !s->q->progress(s->q->arg, &state)) {
        stop(s, LOG_SEARCH_STOPPED);
    }
}

/* ---- the jobs ---- */

static void on_records(void *arg, size_t records)
{
    tell(arg, records);
}

static enum err_code learn(struct search *s, struct err *e)
{
    const struct log_streams_query ask = {.status = s->q->status,
                                          .user_id = s->q->user_id,
                                          .job_ids = s->q->job_ids,
                                          .job_ids_len = s->q->job_ids_len,
                                          .since_ms = s->q->since_ms,
                                          .progress = on_records,
                                          .arg = s};

    s->learnt = true;
    return log_streams_learn(s->o, &ask, &s->streams, e);
}

static void add_scope(struct search *s, const char *group, const char **streams, size_t len)
{
    s->scopes = xgrow(s->scopes, s->scopes_len, &s->scopes_cap, sizeof *s->scopes);
    s->scopes[s->scopes_len++] = (struct scope){.group = group, .streams = streams, .len = len};
}

static int by_group(const void *a, const void *b)
{
    const struct log_stream *const *x = a;
    const struct log_stream *const *y = b;
    int groups = strcmp((*x)->group, (*y)->group);

    return groups != 0 ? groups : strcmp((*x)->stream, (*y)->stream);
}

/* Packs the streams of the jobs into calls. */
static void pack(struct search *s)
{
    struct log_stream **all = s->streams.items;
    size_t n = s->streams.len;

    if (n > 0) {
        /* the items are pointers
         * NOLINTNEXTLINE(bugprone-sizeof-expression) */
        qsort(all, n, sizeof *all, by_group);
    }
    for (size_t i = 0; i < n;) {
        const char **names = xcalloc(LOGS_FILTER_STREAMS, sizeof *names);
        const char *group = all[i]->group;
        size_t len = 0;
        while (i < n && len < LOGS_FILTER_STREAMS && strcmp(all[i]->group, group) == 0) {
            names[len++] = all[i++]->stream;
        }
        add_scope(s, group, names, len);
    }
}

static enum err_code choose_scopes(struct search *s, struct err *e)
{
    if (s->q->status == NULL && s->q->user_id == NULL && s->q->job_ids_len == 0) {
        add_scope(s, s->o->log_group, NULL, 0);
        return E_OK;
    }
    enum err_code rc = learn(s, e);
    if (rc != E_OK) {
        return rc;
    }
    s->out->jobs = s->streams.jobs;
    s->out->not_searched = s->streams.not_known;
    s->out->jobs_err = s->streams.jobs_err;
    s->out->streams = s->streams.len;
    pack(s);
    return E_OK;
}

/* Without a status or user the jobs are asked for only when there is a first hit. */
static const struct log_stream *writer_of(struct search *s, const char *group, const char *stream)
{
    if (!s->learnt) {
        struct err e = {0};
        if (learn(s, &e) != E_OK) {
            s->out->jobs_err = e;
        } else {
            s->out->jobs_err = s->streams.jobs_err;
        }
    }
    return log_streams_find(&s->streams, group, stream);
}

/* ---- the hits ---- */

static int by_time(const void *a, const void *b)
{
    const struct kept *x = a;
    const struct kept *y = b;

    return x->at_ms != y->at_ms ? (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms)
                                : (x->order > y->order) - (x->order < y->order);
}

/* Hands over the hits that are kept, in order of time. */
static void hand_over(struct search *s)
{
    if (s->kept_len > 0) {
        qsort(s->kept, s->kept_len, sizeof *s->kept, by_time);
    }
    for (size_t i = 0; i < s->kept_len; i++) {
        struct kept *k = &s->kept[i];
        if (!s->over || s->out->end != LOG_SEARCH_LEFT) {
            const struct log_stream *w = writer_of(s, k->group, k->stream);
            struct log_hit hit = {.at_ms = k->at_ms,
                                  .text = k->text,
                                  .group = k->group,
                                  .stream = k->stream,
                                  .job_id = w == NULL ? NULL : w->job_id,
                                  .batch_id = w == NULL ? NULL : w->batch_id,
                                  .child = w == NULL ? -1 : w->child,
                                  .attempt = w == NULL ? 0 : w->attempt};
            s->out->hits++;
            s->out->unknown += w == NULL;
            if (!s->q->hit(s->q->arg, &hit)) {
                stop(s, LOG_SEARCH_LEFT);
            }
        }
        free(k->text);
        free(k->stream);
    }
    s->kept_len = s->kept_bytes = 0;
}

static bool limit_reached(const struct search *s)
{
    return s->q->limit > 0 && s->out->hits + s->kept_len >= s->q->limit;
}

static void take(struct search *s, const char *group, const cJSON *events)
{
    const cJSON *v;

    cJSON_ArrayForEach(v, events)
    {
        const char *text = json_str_or(v, "message", "");
        if (limit_reached(s)) {
            stop(s, LOG_SEARCH_LIMIT);
            return;
        }
        s->kept = xgrow(s->kept, s->kept_len, &s->kept_cap, sizeof *s->kept);
        s->kept[s->kept_len] = (struct kept){.at_ms = json_int(v, "timestamp", TIME_NONE),
                                             .order = s->kept_len,
                                             .text = xstrdup(text),
                                             .stream = xstrdup(json_str_or(v, "logStreamName", "")),
                                             .group = group};
        struct kept *k = &s->kept[s->kept_len++];
        s->kept_bytes += sizeof *k + strlen(k->text) + strlen(k->stream);
    }
}

/* Forgets the hits from the place `from` on. */
static void take_back(struct search *s, size_t from)
{
    while (s->kept_len > from) {
        struct kept *k = &s->kept[--s->kept_len];
        s->kept_bytes -= sizeof *k + strlen(k->text) + strlen(k->stream);
        free(k->text);
        free(k->stream);
    }
}

/* ---- the calls ---- */

static bool time_is_up(const struct search *s)
{
    return s->end_ms != DEADLINE_NONE && clock_mono_ms(NULL) >= s->end_ms;
}

/* Makes one call. A throttled one, which the client has tried several times already, is made again
 * after a longer pause: a search makes call after call, and others use the account too. */
static enum err_code read_page(struct search *s, const struct logs_filter *f, cJSON **events,
                               char **next, struct err *e)
{
    for (int pause_ms = 1000, n = 0;; pause_ms *= 2, n++) {
        int64_t begun = ops_begin(s->o);
        enum err_code rc = logs_filter_events(s->o->aws, f, events, next, e);
        ops_end(begun);
        if (rc != E_THROTTLED || n == PATIENCE || time_is_up(s)) {
            return rc;
        }
        if (!ops_sleep(s->o, pause_ms)) {
            return err_set(e, E_CANCELLED, "stopped searching");
        }
    }
}

struct part {
    int64_t from_ms, to_ms; /* `to_ms` is in the part; TIME_NONE: it is the last one */
    bool streamed;          /* hits are handed over page by page */
};

/* Reads all pages of a call. E_NOT_FOUND: no hit of it was taken. */
static enum err_code read_scope(struct search *s, const struct scope *c, const struct part *p,
                                struct err *e)
{
    char *token = NULL;
    size_t before = s->kept_len; /* the hits of other calls */
    bool handed = false;         /* some of this one are handed over */
    enum err_code rc = E_OK;

    do {
        cJSON *events = NULL;
        char *next = NULL;
        if (limit_reached(s)) { /* whether there are more hits is not worth a call */
            stop(s, LOG_SEARCH_LIMIT);
            break;
        }
        size_t left = s->q->limit == 0 ? PAGE_MAX : s->q->limit - s->out->hits - s->kept_len + 1;
        struct logs_filter f = {.group = c->group,
                                .streams = c->streams,
                                .streams_len = c->len,
                                .pattern = s->q->pattern,
                                .start_time = p->from_ms,
                                .end_time = p->to_ms,
                                .limit = left < PAGE_MAX ? (int)left : PAGE_MAX,
                                .token = token};
        rc = read_page(s, &f, &events, &next, e);
        if (rc == E_OK && token != NULL && next != NULL && strcmp(token, next) == 0) {
            rc =
                err_set(e, E_SERVICE, "CloudWatch Logs gives the same page of %.*s again and again",
                        text_cut(c->group, 200), c->group);
        }
        if (rc == E_OK) {
            take(s, c->group, events);
        }
        if (p->streamed || s->kept_bytes > KEEP_BYTES) {
            handed = handed || s->kept_len > before;
            hand_over(s);
            before = 0;
        }
        cJSON_Delete(events);
        free(token);
        token = next;
        tell(s, 0);
    } while (rc == E_OK && token != NULL && !s->over);
    free(token);
    if (rc == E_NOT_FOUND && handed && c->streams != NULL) {
        rc = err_set(e, E_SERVICE, "a log stream of %.*s was deleted while it was searched",
                     text_cut(c->group, 200), c->group);
        (void)err_hint_set(e, "search again from the time shown");
    } else if (rc == E_NOT_FOUND) {
        take_back(s, before);
    }
    return rc;
}

static enum err_code group_is_there(struct search *s, const char *group, struct err *e)
{
    cJSON *doc = NULL;
    int64_t begun = ops_begin(s->o);
    enum err_code rc = logs_describe_group(s->o->aws, group, &doc, e);

    ops_end(begun);
    cJSON_Delete(doc);
    return rc;
}

/* Reads the streams of a call that failed because one of them is not there: in halves, until the
 * ones that are not there stand alone. Those are taken out of the call. */
static enum err_code read_apart(struct search *s, struct scope *c, const struct part *p,
                                struct err *e)
{
    if (c->len == 1) {
        enum err_code rc = read_scope(s, c, p, e);
        if (rc == E_NOT_FOUND) {
            c->len = 0;
            s->out->gone++;
        }
        return rc == E_NOT_FOUND ? E_OK : rc;
    }
    size_t half = c->len / 2;
    struct scope parts[] = {
        {.group = c->group, .streams = c->streams,        .len = half         },
        {.group = c->group, .streams = c->streams + half, .len = c->len - half}
    };
    size_t len = 0;
    enum err_code rc = E_OK;
    for (size_t i = 0; i < 2 && rc == E_OK && !s->over; i++) {
        rc = read_scope(s, &parts[i], p, e);
        rc = rc == E_NOT_FOUND ? read_apart(s, &parts[i], p, e) : rc;
        memmove(c->streams + len, parts[i].streams, parts[i].len * sizeof *c->streams);
        len += parts[i].len;
    }
    c->len = len;
    return rc;
}

static enum err_code read_part(struct search *s, const struct part *p, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0; i < s->scopes_len && rc == E_OK && !s->over; i++) {
        struct scope *c = &s->scopes[i];
        if (c->streams != NULL && c->len == 0) {
            continue; /* none of its streams is there */
        }
        rc = read_scope(s, c, p, e);
        if (rc == E_NOT_FOUND && c->streams != NULL) {
            rc = group_is_there(s, c->group, e);
            rc = rc == E_OK ? read_apart(s, c, p, e) : rc;
        }
    }
    hand_over(s);
    return rc;
}

static enum err_code read_all(struct search *s, struct err *e)
{
    int64_t since =
        s->q->since_ms > 0 ? s->q->since_ms : 0; /* the service takes no time before 1970 */
    int64_t step = (s->now_ms - since) / PARTS;
    enum err_code rc = E_OK;

    step = step > PART_MS ? step : PART_MS;
    for (int64_t at = since; rc == E_OK && !s->over; at += step) {
        bool last = s->now_ms - at < step + step / 2; /* the rest is no part by itself */
        const struct part p = {.from_ms = at,
                               .to_ms = last ? TIME_NONE : at + step - 1,
                               .streamed = s->scopes_len == 1};
        rc = read_part(s, &p, e);
        if (rc == E_OK && !s->over) {
            s->out->reached_ms = last ? s->now_ms : at + step;
            tell(s, 0);
        }
        if (last) {
            break;
        }
        if (rc == E_OK && !s->over && time_is_up(s)) {
            stop(s, LOG_SEARCH_TIME);
        }
    }
    if (rc == E_TIMEOUT && time_is_up(s)) {
        stop(s, LOG_SEARCH_TIME);
        rc = E_OK;
    }
    return rc;
}

static void clear(struct search *s)
{
    for (size_t i = 0; i < s->scopes_len; i++) {
        free(s->scopes[i].streams);
    }
    free(s->scopes);
    free(s->kept);
    log_streams_clear(&s->streams);
}

enum err_code ops_log_search(const struct ops *o, const struct log_search *q,
                             struct log_search_result *out, struct err *e)
{
    struct search s = {.o = o, .q = q, .out = out, .now_ms = clock_wall_ms(o->clock)};
    int64_t begun = deadline_within(q->max_ms);

    s.end_ms = q->max_ms > 0 ? clock_mono_ms(NULL) + q->max_ms : DEADLINE_NONE;
    *out = (struct log_search_result){.end = LOG_SEARCH_THROUGH, .reached_ms = q->since_ms};
    enum err_code rc = choose_scopes(&s, e);
    if (rc == E_OK && s.scopes_len > 0 && !s.over) {
        rc = read_all(&s, e);
    }
    (void)deadline_set(begun);
    clear(&s);
    return rc;
}
