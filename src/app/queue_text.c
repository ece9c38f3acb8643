/* The text of the screen of the job queue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/age.h"
#include "queue.h"

enum { LABEL = 13 };
#define QUEUE_ROW "%-9s  %5s  %5s  %4s  %-28s  %-36s  %s"

/* ---- how it stands ---- */

static void line(struct textview *v, const char *label, struct strbuf *text, enum style st)
{
    textview_add_label(v, label, LABEL, strbuf_str(text), st);
    strbuf_clear(text);
}

/* Adds state and status, and the reason unless it says no more than that all is well. */
static bool add_state(struct strbuf *b, const char *state, const char *status, const char *reason)
{
    bool good = strcmp(state, "ENABLED") == 0 && strcmp(status, "VALID") == 0;

    strbuf_addf(b, "%s, %s", state, status);
    if (reason[0] != '\0' && (!good || strstr(reason, "ealthy") == NULL)) {
        strbuf_addf(b, ": %s", reason);
    }
    return good;
}

/* Adds how those jobs ended that are listed below: Batch is not asked for the others. */
static void add_ended(struct strbuf *b, const struct queue_result *q)
{
    size_t good = 0, bad = 0;

    for (size_t i = 0; q != NULL && i < q->len; i++) {
        good += q->rows[i].job->status == BATCH_SUCCEEDED;
        bad += q->rows[i].job->status == BATCH_FAILED;
    }
    if (good + bad > 0) {
        strbuf_addf(b, "; of the newest %zu: %zu succeeded, %zu failed", q->len, good, bad);
    }
}

static void counts_line(struct textview *v, const struct queue_facts *f,
                        const struct queue_result *q)
{
    static const struct {
        enum batch_status state;
        const char *word;
        bool always; /* the number is told when it is 0 too */
    } parts[] = {
        {BATCH_RUNNING,   "running",   true },
        {BATCH_STARTING,  "starting",  false},
        {BATCH_RUNNABLE,  "runnable",  true },
        {BATCH_PENDING,   "pending",   false},
        {BATCH_SUBMITTED, "submitted", false},
    };
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct queue_count *c = &f->by_state[parts[i].state];
        if (c->jobs == 0 && !parts[i].always) {
            continue;
        }
        strbuf_addf(&b, "%s%zu%s %s", i == 0 ? "" : ", ", c->jobs, c->more ? " or more" : "",
                    parts[i].word);
    }
    add_ended(&b, q);
    line(v, "Jobs", &b, ST_TEXT);
}

static void environment_line(struct textview *v, const struct queue_environment *e, size_t n)
{
    struct strbuf b = STRBUF_INIT;
    char label[24];

    (void)snprintf(label, sizeof label, n == 0 ? "Environment" : "  then %zu", n + 1);
    strbuf_addf(&b, "%s  %s, ", e->name, queue_type_word(e->type));
    if (e->max_vcpus >= 0) {
        strbuf_addf(&b, "at most %lld vCPUs, ", (long long)e->max_vcpus);
    }
    bool good = add_state(&b, e->state, e->status, e->reason);
    line(v, label, &b, good ? ST_TEXT : ST_BAD);
}

/* The id of the head as its row tells it: that of its record, when there is one. */
static const char *name_of(const struct queue_view *v, const char *batch_id)
{
    for (size_t i = 0; v->jobs != NULL && i < v->jobs->len; i++) {
        const struct queue_row *row = &v->jobs->rows[i];
        if (strcmp(row->job->id, batch_id) == 0 && row->owner == QUEUE_OWNER_RECORD) {
            return row->record;
        }
    }
    return batch_id;
}

static void head_line(struct textview *to, const struct queue_view *v, int64_t now_ms)
{
    const struct queue_facts *f = v->facts;
    struct strbuf b = STRBUF_INIT;
    char age[AGE_SIZE];

    if (f->waiting_len == 0) {
        strbuf_adds(&b, "no job waits for capacity");
        line(to, "Head", &b, ST_DIM);
        return;
    }
    if (f->fair || f->by_state[BATCH_RUNNABLE].more) {
        strbuf_adds(&b, f->fair ? "not known: a scheduling policy decides the order"
                                : "not known: more jobs wait than were read");
        line(to, "Head", &b, ST_DIM);
        return;
    }
    const struct queue_waiting *w = &f->waiting[0];
    bool silent = w->reason[0] == '\0';
    strbuf_addf(&b, "%s, %s old: %s", name_of(v, w->id), age_text(w->created_ms, now_ms, age),
                !silent         ? w->reason
                : f->placed > 0 ? "waits for its turn"
                                : "Batch gives no reason, and nothing runs");
    line(to, "Head", &b, silent && f->placed > 0 ? ST_TEXT : ST_WARN);
}

static void facts_lines(struct textview *to, const struct queue_view *v, int64_t now_ms)
{
    const struct queue_facts *f = v->facts;
    struct strbuf b = STRBUF_INIT;
    char used[QUEUE_TEXT_SIZE];

    if (v->facts_err.code != E_OK) {
        char text[ERR_TEXT_SIZE];
        strbuf_addf(&b, "%s: %s",
                    f == NULL ? "not known" : "as read before; the last request failed",
                    err_full(&v->facts_err, text));
        line(to, "Queue", &b, ST_WARN);
    }
    if (f == NULL) {
        return;
    }
    bool good = add_state(&b, f->state, f->status, f->reason);
    if (f->fair) {
        strbuf_adds(&b, "; a scheduling policy decides the order");
    }
    line(to, "Queue", &b, good ? ST_TEXT : ST_BAD);
    for (size_t i = 0; i < f->environments_len; i++) {
        environment_line(to, &f->environments[i], i);
    }
    if (!f->environments_all) {
        textview_add_label(to, "", LABEL, "Batch does not show all of its compute environments",
                           ST_WARN);
    }
    textview_add_label(to, "vCPUs", LABEL, queue_vcpus_text(f, used), ST_TEXT);
    counts_line(to, f, v->jobs);
    head_line(to, v, now_ms);
    textview_add(to, "", ST_TEXT);
}

/* ---- the jobs ---- */

static enum style state_style(enum batch_status s)
{
    return s == BATCH_FAILED    ? ST_BAD
           : s == BATCH_RUNNING ? ST_RUNNING
           : s == BATCH_UNKNOWN ? ST_WARN
                                : ST_TEXT;
}

/* How many jobs wait before this one; "" when it does not wait, or that is not known. */
static const char *ahead_text(const struct queue_facts *f, const struct batch_job *b, char out[24])
{
    size_t ahead = 0;
    bool at_least = false;

    out[0] = '\0';
    if (f != NULL && b->status == BATCH_RUNNABLE && queue_ahead(f, b->id, &ahead, &at_least)) {
        (void)snprintf(out, 24, "%zu%s", ahead, at_least ? "+" : "");
    }
    return out;
}

static void job_line(struct textview *to, const struct queue_facts *f, const struct queue_row *row,
                     int64_t now_ms)
{
    const struct batch_job *b = row->job;
    char age[AGE_SIZE], code[16] = "", place[24];
    struct strbuf why = STRBUF_INIT;

    if (b->exit_code != EXIT_CODE_NONE) {
        (void)snprintf(code, sizeof code, "%d", b->exit_code);
    }
    queue_row_why(row, &why);
    char *text = xasprintf(QUEUE_ROW,
                           b->status == BATCH_UNKNOWN ? "not known" : batch_status_word(b->status),
                           age_text(b->created_ms, now_ms, age), ahead_text(f, b, place), code,
                           queue_row_record(row), b->id, strbuf_str(&why));
    char *clean = text_cleaned(text, TEXT_ONE_LINE); /* whoever submits a job writes its texts */
    textview_add(to, clean, state_style(b->status));
    free(clean);
    free(text);
    strbuf_clear(&why);
}

void queue_text(struct queue_view *v, int64_t now_ms)
{
    const struct queue_result *q = v->jobs;
    struct textview fresh;

    textview_init(&fresh);
    facts_lines(&fresh, v, now_ms);
    if (q != NULL) {
        textview_addf(&fresh, ST_HEADER, QUEUE_ROW, "State", "Age", "Ahead", "Exit", "Record",
                      "Batch job", "Reason");
    }
    for (size_t i = 0; q != NULL && i < q->len; i++) {
        job_line(&fresh, v->facts, &q->rows[i], now_ms);
    }
    if (q == NULL && v->list.err.code != E_OK) {
        textview_add_err(&fresh, "The jobs of the queue are not known: ", &v->list.err);
    }
    if (q != NULL && q->len == 0) {
        textview_add(&fresh, "Batch knows no jobs of this queue.", ST_DIM);
    }
    if (q != NULL && q->not_known > 0) {
        textview_add_err(&fresh, "The table could not be read for all jobs: ", &q->records_err);
    }
    textview_replace(&v->list.text, &fresh);
    textview_done(&fresh);
}
