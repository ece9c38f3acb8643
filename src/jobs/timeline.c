/* timeline.c - one list of what happened, from the record, Batch and the reasons we kept.
 *
 * The `history` that reports write tells more than the record's times: where it has an entry for a
 * status, the time of that status is not told again. */
#include "jobs/timeline.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "jobs/state.h"
#include "record_fields.h"

enum { ENTRIES_MAX = 2000, EVENT_MAX = 1024 };

static const char from_record[] = "record";
static const char from_batch[] = "batch";
static const char from_event[] = "event";
static const char from_reason[] = "reason";

static void add(struct timeline *t, int64_t at_ms, const char *source, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

static void add(struct timeline *t, int64_t at_ms, const char *source, const char *fmt, ...)
{
    char text[EVENT_MAX];
    va_list ap;

    if (at_ms == TIME_NONE || t->len >= ENTRIES_MAX) {
        return;
    }
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0) {
        return;
    }
    size_t len = strlen(text);
    while ((size_t)n >= sizeof text && len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80) {
        len--; /* a character that was cut leaves none of its bytes behind */
    }
    if ((size_t)n >= sizeof text && len > 0 && (unsigned char)text[len - 1] >= 0xc0) {
        len--;
    }
    text[len] = '\0';
    t->items = xgrow(t->items, t->len, &t->cap, sizeof *t->items);
    t->items[t->len++] = (struct timeline_entry){at_ms, source, secret_masked(text)};
}

/* --- the record --- */

/* The set of statuses, as bits, that the history tells. */
static unsigned add_history(struct timeline *t, const cJSON *item)
{
    unsigned told = 0;
    const cJSON *av;

    cJSON_ArrayForEach(av, attr_list(item, "history"))
    {
        const cJSON *m = attr_type_of(av) == ATTR_M ? attr_value(av) : NULL;
        const char *status = attr_str(m, "status");
        const char *step = attr_str(m, "step");
        const char *reason = attr_str(m, "reason");
        struct record_value when = record_value_of(attr_find(m, "at"));
        int64_t at = record_time(&when);

        if (at == TIME_NONE || (status == NULL && step == NULL)) {
            continue;
        }
        if (status != NULL) {
            told |= 1U << job_status_parse(status);
        }
        add(t, at, from_record, "%s%s%s%s%s%s", status == NULL ? "" : "status ",
            status == NULL ? "" : status, status != NULL && step != NULL ? ", " : "",
            step == NULL ? "" : "step ", step == NULL ? "" : step, reason == NULL ? "" : ": ");
        if (reason != NULL && t->len > 0) {
            struct timeline_entry *last = &t->items[t->len - 1];
            char *whole = xasprintf("%s%.*s", last->event, EVENT_MAX / 2, reason);
            free(last->event);
            last->event = whole;
        }
    }
    return told;
}

static void add_record(struct timeline *t, const struct job *j, unsigned told)
{
    if (j->mark != JOB_NO_RECORD && (told & 1U << JOB_PENDING) == 0) {
        add(t, job_ms(j, JOB_CREATED), from_record, "created");
    }
    if (job_ms(j, JOB_CREATED) == TIME_NONE) {
        add(t, job_id_time(j->id), from_record, "requested (the time in its id)");
    }
    if ((told & 1U << JOB_IN_PROGRESS) == 0) {
        add(t, job_ms(j, JOB_STARTED), from_record, "started");
    }
    if (job_status_final((enum job_status)j->status) && (told & 1U << j->status) == 0) {
        int64_t at =
            job_ms(j, JOB_ENDED) != TIME_NONE ? job_ms(j, JOB_ENDED) : job_ms(j, JOB_UPDATED);
        add(t, at, from_record, "status %s%s%s", job_status_word((enum job_status)j->status),
            job_text(j, JOB_STATUS_REASON) == NULL ? "" : ": ",
            job_text(j, JOB_STATUS_REASON) == NULL ? "" : job_text(j, JOB_STATUS_REASON));
    }
    for (size_t i = 0; i < j->errors_len; i++) {
        const struct job_error *e = &job_errors(j)[i];
        /* An error without a time belongs to the last event that we know of. */
        int64_t at = e->at_ms != TIME_NONE                 ? e->at_ms
                     : job_ms(j, JOB_ENDED) != TIME_NONE   ? job_ms(j, JOB_ENDED)
                     : job_ms(j, JOB_UPDATED) != TIME_NONE ? job_ms(j, JOB_UPDATED)
                                                           : job_ms(j, JOB_CREATED);
        add(t, at, from_record, "error%s%s: %s", e->step == NULL ? "" : " in ",
            e->step == NULL ? "" : e->step, e->message);
    }
}

/* --- Batch --- */

static void add_end(struct timeline *t, int64_t at, const char *head, const char *word, int code,
                    const char *reason)
{
    char exit[32] = "";

    if (code != EXIT_CODE_NONE) {
        (void)snprintf(exit, sizeof exit, " with exit code %d", code);
    }
    add(t, at, from_batch, "%s%s%s%s%s", head, word, exit, reason == NULL ? "" : ": ",
        reason == NULL ? "" : reason);
}

static void add_attempts(struct timeline *t, const struct batch_job *b)
{
    for (size_t i = 0; i < b->attempts_len; i++) {
        const struct batch_attempt *a = &b->attempts[i];
        char head[48];

        (void)snprintf(head, sizeof head, "Batch: attempt %zu ", i + 1);
        add(t, a->started_ms, from_batch, "Batch: RUNNING (attempt %zu)", i + 1);
        add_end(t, a->stopped_ms, head,
                a->exit_code == EXIT_CODE_REFUSED ? "was refused its claim and ended" : "ended",
                a->exit_code, a->container_reason != NULL ? a->container_reason : a->status_reason);
    }
}

static void add_batch(struct timeline *t, const struct batch_job *b)
{
    const struct batch_attempt *last =
        b->attempts_len == 0 ? NULL : &b->attempts[b->attempts_len - 1];
    bool ended = b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED;

    add(t, b->created_ms, from_event, "Batch: SUBMITTED as %s", b->id);
    add_attempts(t, b);
    if (last == NULL || last->started_ms != b->started_ms) {
        /* While an attempt runs, it stands in the job itself and not yet among the attempts. */
        add(t, b->started_ms, from_batch, "Batch: RUNNING (attempt %zu)",
            b->attempts_len + (ended && b->attempts_len > 0 ? 0U : 1U));
    }
    if (ended) {
        add_end(t, b->stopped_ms, "Batch: ",
                batch_job_refused(b)
                    ? "FAILED because its claim was refused: not a failure of the job"
                    : batch_status_word(b->status),
                last == NULL ? b->exit_code : EXIT_CODE_NONE, b->status_reason);
    }
}

/* Does Batch itself still tell this reason? Then the kept copy says nothing new. */
static bool still_told(const struct timeline *t, const char *reason)
{
    for (size_t i = 0; i < t->len; i++) {
        if (t->items[i].source == from_batch && strstr(t->items[i].event, reason) != NULL) {
            return true;
        }
    }
    return false;
}

static void add_reasons(struct timeline *t, const cJSON *reasons)
{
    const cJSON *r;

    cJSON_ArrayForEach(r, reasons)
    {
        const char *at = json_str(r, "at");
        const char *reason = json_str(r, "reason");
        const char *source = json_str(r, "source");
        if (at != NULL && reason != NULL && !still_told(t, reason)) {
            add(t, record_time_text(at), from_reason, "%s: %s", source == NULL ? "Batch" : source,
                reason);
        }
    }
}

/* --- order --- */

struct keyed {
    struct timeline_entry entry;
    size_t at;
};

static int by_time(const void *a, const void *b)
{
    const struct keyed *x = a;
    const struct keyed *y = b;

    if (x->entry.at_ms != y->entry.at_ms) {
        return x->entry.at_ms < y->entry.at_ms ? -1 : 1;
    }
    /* entries of the same time stay in the order in which they were added: causes before effects */
    return x->at < y->at ? -1 : x->at > y->at;
}

static void sort(struct timeline *t)
{
    struct keyed *k = xmalloc(t->len * sizeof *k);

    for (size_t i = 0; i < t->len; i++) {
        k[i] = (struct keyed){t->items[i], i};
    }
    qsort(k, t->len, sizeof *k, by_time);
    for (size_t i = 0; i < t->len; i++) {
        t->items[i] = k[i].entry;
    }
    free(k);
}

void timeline_build(struct timeline *t, const struct job *j, const cJSON *item,
                    const struct batch_job *b, const cJSON *reasons)
{
    *t = (struct timeline){0};
    unsigned told = add_history(t, item);
    add_record(t, j, told);
    if (b != NULL) {
        add_batch(t, b);
    }
    add_reasons(t, reasons);
    sort(t);
}

void timeline_add(struct timeline *t, int64_t at_ms, const char *source, const char *event)
{
    size_t before = t->len;

    add(t, at_ms, source, "%s", event);
    if (t->len > before) {
        sort(t);
    }
}

void timeline_clear(struct timeline *t)
{
    for (size_t i = 0; i < t->len; i++) {
        free(t->items[i].event);
    }
    free(t->items);
    *t = (struct timeline){0};
}

cJSON *timeline_json(const struct timeline *t)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < t->len; i++) {
        const struct timeline_entry *e = &t->items[i];
        cJSON *o = json_new_object();
        char iso[TIME_ISO_SIZE];
        json_set_str(o, "at", *time_iso(e->at_ms, iso) == '\0' ? NULL : iso);
        json_set_str(o, "source", e->source);
        json_set_str(o, "event", e->event);
        json_push(list, o);
    }
    return list;
}
