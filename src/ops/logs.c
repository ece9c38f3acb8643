/* A job's log: finding its stream, and reading it page by page. */
#include "ops/logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/logs.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "ops/job_ops.h"
#include "reasons.h"

/* LOOK_EVERY: after this many reads in a row that brought nothing, the job itself is looked at. */
enum { LOOK_EVERY = 4, EMPTY_MAX = 100, STREAM_NAME_MAX = 511 };

void log_page_clear(struct log_page *p)
{
    for (size_t i = 0; i < p->len; i++) {
        free(p->items[i].text);
    }
    free(p->items);
    *p = (struct log_page){0};
}

static void set(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from == NULL ? "" : from);
}

/* How many attempts the job has. The stream of a running container is not among the attempts yet;
 * that of a finished one is the last of them. */
static int attempts_of(const struct batch_job *b)
{
    size_t n = b->attempts_len;
    const char *last = n == 0 ? NULL : b->attempts[n - 1].log_stream;
    bool another = b->log_stream != NULL && (last == NULL || strcmp(last, b->log_stream) != 0);
    bool under_way = b->status == BATCH_STARTING || b->status == BATCH_RUNNING;

    return (int)n + ((n == 0 && another) || (another && under_way) ? 1 : 0);
}

static const char *stream_of(const struct batch_job *b, int attempt)
{
    if (attempt <= (int)b->attempts_len) {
        const char *s = b->attempts[attempt - 1].log_stream;
        bool last = attempt == (int)b->attempts_len;
        return s == NULL && last && (b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED)
                   ? b->log_stream
                   : s;
    }
    return b->log_stream;
}

/* Finds what was seen of the job's streams before, when Batch forgot the job or could not be
 * asked. */
static bool remembered(const struct ops *o, const char *job_id, int attempt, struct log_cursor *c)
{
    cJSON *logs = reasons_load_logs(o, job_id);
    const cJSON *v;
    const cJSON *best = NULL;

    cJSON_ArrayForEach(v, logs)
    {
        int n = (int)json_int(v, "attempt", 0);
        c->attempts = n > c->attempts ? n : c->attempts;
        if (attempt == 0 || attempt == n) {
            best = v;
        }
    }
    if (best != NULL) {
        set(c->group, sizeof c->group, json_str(best, "group"));
        set(c->stream, sizeof c->stream, json_str(best, "stream"));
    }
    cJSON_Delete(logs);
    return best != NULL;
}

static void why_none(const struct job_detail *d, char *out, size_t size)
{
    char reason[STATE_REASON_SIZE];
    const char *text;

    (void)job_state_reason(d->job, d->batch, &d->state, reason, sizeof reason);
    if (d->batch != NULL && d->batch->array.size > 0) {
        (void)snprintf(out, size,
                       "an array job has no log of its own; print that of a child: `mvpdash logs "
                       "JOB_ID --child N`, N from 0 to %d",
                       d->batch->array.size - 1);
        return;
    }
    if (d->batch == NULL && !d->batch_asked) {
        text = "Batch could not be asked where the log is";
        set(reason, sizeof reason, d->batch_err.msg);
    } else if (d->batch == NULL && job_status_final((enum job_status)d->state.status)) {
        text = "Batch has forgotten the job and where its log is";
        reason[0] = '\0';
    } else if (d->batch == NULL) {
        text = "it has no Batch job yet, so no container and no log";
    } else if (d->batch->status == BATCH_SUCCEEDED || d->batch->status == BATCH_FAILED) {
        text = "no container was started, so there is no log";
    } else if (d->batch->status == BATCH_STARTING || d->batch->status == BATCH_RUNNING) {
        text = "the container is starting; its log appears with its first line";
        reason[0] = '\0';
    } else {
        text = "the container has not started: Batch is waiting for capacity";
    }
    (void)snprintf(out, size, "%s%s%.*s%s", text, reason[0] == '\0' ? "" : " (",
                   text_cut(reason, 110), reason, reason[0] == '\0' ? "" : ")");
}

static enum err_code find_stream(const struct ops *o, const struct job_detail *d, int attempt,
                                 struct log_cursor *out, struct err *e)
{
    const struct batch_job *b = d->batch;

    if (b != NULL) {
        out->attempts = attempts_of(b);
        int wanted = attempt == 0 ? out->attempts : attempt;
        set(out->group, sizeof out->group, b->log_group == NULL ? o->log_group : b->log_group);
        if (wanted > 0 && wanted <= out->attempts) {
            set(out->stream, sizeof out->stream, stream_of(b, wanted));
        }
    } else {
        (void)remembered(o, d->job->id, attempt, out);
    }
    if (attempt > 0 && attempt > out->attempts && out->stream[0] == '\0') {
        return err_set(e, E_NOT_FOUND, "job %s has no attempt %d (it has %d)", d->job->id, attempt,
                       out->attempts);
    }
    if (out->stream[0] == '\0') {
        why_none(d, out->note, sizeof out->note);
    }
    if (out->stream[0] == '\0' && b == NULL && !d->batch_asked) {
        out->unasked = d->batch_err;
    }
    return E_OK;
}

static enum err_code log_open(const struct ops *o, const char *job_id, int attempt,
                              int64_t since_ms, struct log_cursor *out, struct err *e)
{
    struct job_detail *d = NULL;
    enum err_code rc = ops_job_get(o, job_id, false, &d, e);

    *out = (struct log_cursor){.since_ms = since_ms, .attempt = attempt};
    if (rc != E_OK) {
        return rc;
    }
    set(out->job_id, sizeof out->job_id, job_id);
    set(out->group, sizeof out->group, o->log_group);
    bool over =
        d->batch == NULL || d->batch->status == BATCH_SUCCEEDED || d->batch->status == BATCH_FAILED;
    out->final = over && d->batch_asked && job_status_final((enum job_status)d->state.status);
    rc = find_stream(o, d, attempt, out, e);
    job_detail_free(d);
    return rc;
}

static void why_child_has_none(const struct batch_job *b, char *out, size_t size)
{
    char why[STATE_REASON_SIZE];

    job_why(b, why, sizeof why);
    (void)snprintf(out, size, "child %d is %s and has no log%s%s%.*s", b->array.index,
                   batch_status_word(b->status),
                   b->status == BATCH_FAILED || b->status == BATCH_SUCCEEDED ? "" : " yet",
                   why[0] == '\0' ? "" : ": ", text_cut(why, 110), why);
}

static enum err_code child_log_open(const struct ops *o, const char *job_id, int attempt,
                                    int64_t since_ms, struct log_cursor *out, struct err *e)
{
    struct batch_job *b = NULL;
    int child = out->child;
    enum err_code rc = ops_child_get(o, job_id, child - 1, &b, e);

    *out = (struct log_cursor){.since_ms = since_ms, .attempt = attempt, .child = child};
    if (rc != E_OK) {
        return rc;
    }
    set(out->job_id, sizeof out->job_id, job_id);
    set(out->group, sizeof out->group, b->log_group == NULL ? o->log_group : b->log_group);
    out->final = b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED;
    out->attempts = attempts_of(b);
    int wanted = attempt == 0 ? out->attempts : attempt;
    if (wanted > out->attempts) {
        rc = err_set(e, E_NOT_FOUND, "child %d of job %s has no attempt %d (it has %d)", child - 1,
                     job_id, attempt, out->attempts);
    } else if (wanted > 0) {
        set(out->stream, sizeof out->stream, stream_of(b, wanted));
    }
    if (out->stream[0] == '\0') {
        why_child_has_none(b, out->note, sizeof out->note);
    }
    batch_job_free(b);
    return rc;
}

enum err_code ops_log_open_child(const struct ops *o, const char *job_id, int index, int attempt,
                                 int64_t since_ms, struct log_cursor *out, struct err *e)
{
    int64_t begun = ops_begin(o);

    *out = (struct log_cursor){.child = index + 1};
    enum err_code rc = child_log_open(o, job_id, attempt, since_ms, out, e);
    ops_end(begun);
    return rc;
}

enum err_code ops_log_open(const struct ops *o, const char *job_id, int attempt, int64_t since_ms,
                           struct log_cursor *out, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = log_open(o, job_id, attempt, since_ms, out, e);

    ops_end(begun);
    return rc;
}

enum err_code ops_log_stream(const char *group, const char *stream, int64_t since_ms,
                             struct log_cursor *out, struct err *e)
{
    *out = (struct log_cursor){.since_ms = since_ms, .by_name = true};
    if (group[0] == '\0' || strlen(group) >= sizeof out->group) {
        return err_set(e, E_INVALID, "GROUP: \"%.*s\" is not the name of a log group",
                       text_cut(group, 40), group);
    }
    if (stream[0] == '\0' || strlen(stream) > STREAM_NAME_MAX) {
        return err_set(e, E_INVALID, "STREAM: \"%.*s\" is not the name of a log stream",
                       text_cut(stream, 40), stream);
    }
    set(out->group, sizeof out->group, group);
    set(out->stream, sizeof out->stream, stream);
    return E_OK;
}

/* Takes over what is new: the job's end, or the stream of another attempt. True when there may be
 * more to read. */
static bool look_again(const struct ops *o, struct log_cursor *c)
{
    struct log_cursor now;

    if (c->job_id[0] == '\0') {
        return false;
    }
    enum err_code rc =
        c->child > 0
            ? ops_log_open_child(o, c->job_id, c->child - 1, c->attempt, c->since_ms, &now, NULL)
            : ops_log_open(o, c->job_id, c->attempt, c->since_ms, &now, NULL);
    if (rc != E_OK) {
        return false;
    }
    bool ended = now.final && !c->final;
    bool moved = now.stream[0] != '\0' && strcmp(now.stream, c->stream) != 0;
    c->attempts = now.attempts;
    c->final = now.final;
    set(c->note, sizeof c->note, now.note);
    c->unasked = now.unasked;
    if (moved) {
        set(c->group, sizeof c->group, now.group);
        set(c->stream, sizeof c->stream, now.stream);
        c->token[0] = '\0';
    }
    return ended || moved;
}

static void take_events(struct log_page *out, const cJSON *events)
{
    const cJSON *v;

    out->items = xcalloc((size_t)cJSON_GetArraySize(events) + 1, sizeof *out->items);
    cJSON_ArrayForEach(v, events)
    {
        out->items[out->len++] = (struct log_entry){.at_ms = json_int(v, "timestamp", TIME_NONE),
                                                    .text = xstrdup(json_str_or(v, "message", ""))};
    }
}

static enum err_code read_page(const struct ops *o, struct log_cursor *c, struct log_page *out,
                               struct err *e)
{
    struct logs_page p = {0};
    struct logs_get g = {.group = c->group,
                         .stream = c->stream,
                         .token = c->token[0] == '\0' ? NULL : c->token,
                         .from_head = true,
                         .start_time = c->since_ms,
                         .end_time = TIME_NONE};
    enum err_code rc = logs_get_events(o->aws, &g, &p, e);

    if (rc == E_NOT_FOUND && c->by_name) {
        (void)err_set(e, E_NOT_FOUND, "CloudWatch Logs has no stream %.*s in group %.*s",
                      text_cut(c->stream, 200), c->stream, text_cut(c->group, 200), c->group);
        return err_hint_set(e, "`aws logs describe-log-streams --log-group-name %.*s` lists them",
                            text_cut(c->group, 200), c->group);
    }
    if (rc == E_NOT_FOUND) {
        /* A stream is created with its first line: a running container may have none yet, and that
         * must not hide the job (PEERS 3). */
        set(out->note, sizeof out->note,
            c->final ? "the container wrote nothing, or its log has expired"
                     : "the container has written nothing yet");
        out->at_end = true;
        return E_OK;
    }
    if (rc != E_OK) {
        return rc;
    }
    take_events(out, p.events);
    out->at_end = p.at_end;
    if (p.forward != NULL && strlen(p.forward) < sizeof c->token) {
        set(c->token, sizeof c->token, p.forward);
    } else if (p.forward != NULL) {
        rc = err_set(e, E_TOO_BIG, "CloudWatch Logs: a page token of %zu bytes", strlen(p.forward));
        log_page_clear(out);
    }
    logs_page_clear(&p);
    return rc;
}

static enum err_code log_read(const struct ops *o, struct log_cursor *c, struct log_page *out,
                              struct err *e)
{
    *out = (struct log_page){0};
    if (c->stream[0] == '\0' && !c->final) {
        (void)look_again(o, c);
    }
    if (c->stream[0] == '\0') {
        out->at_end = true;
        set(out->note, sizeof out->note, c->note);
        return E_OK;
    }
    bool was_final = c->final;
    enum err_code rc = read_page(o, c, out, e);
    if (rc != E_OK) {
        return rc;
    }
    c->idle = out->len > 0 ? 0 : c->idle + 1;
    c->empty = out->len > 0 || out->at_end ? 0 : c->empty + 1;
    if (c->empty >= EMPTY_MAX) {
        log_page_clear(out);
        return err_set(e, E_SERVICE,
                       "CloudWatch Logs gives empty pages of stream %.*s without an end",
                       text_cut(c->stream, 200), c->stream);
    }
    /* When the job has just ended, or its next attempt has begun, one more read is due. */
    if (out->at_end && !was_final && c->idle > 0 && c->idle % LOOK_EVERY == 0 && look_again(o, c)) {
        out->at_end = false;
    }
    return E_OK;
}

enum err_code ops_log_read(const struct ops *o, struct log_cursor *c, struct log_page *out,
                           struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = log_read(o, c, out, e);

    ops_end(begun);
    return rc;
}
