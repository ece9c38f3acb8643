/* The texts of the detail's tabs. */
#include "detail_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/age.h"
#include "jobs/attrs.h"
#include "jobs/job_json.h"
#include "jobs/join.h"
#include "steps_text.h"

enum { LABEL = 15, BAR = 10 /* cells */ };

static void line(struct textview *v, const char *label, const char *text, enum style st)
{
    if (text != NULL && text[0] != '\0') {
        textview_add_label(v, label, LABEL, text, st);
    }
}

/* A blank row before the next part, unless the part above is empty. */
static void blank_row(struct textview *v)
{
    if (v->len > 0 && textview_line(v, v->dropped + v->len - 1)->len > 0) {
        textview_add(v, "", ST_TEXT);
    }
}

/* A refused claim (75) is no failure. */
static enum style exit_style(int code)
{
    return code == 0 ? ST_GOOD : code == EXIT_CODE_REFUSED ? ST_DIM : ST_BAD;
}

static void time_line(struct textview *v, const char *label, int64_t at_ms, int64_t now_ms)
{
    char local[32], age[AGE_SIZE], text[80];

    if (at_ms == TIME_NONE) {
        return;
    }
    (void)format_local(at_ms, local, sizeof local);
    (void)age_text(at_ms, now_ms, age);
    char *end = stpcpy(text, local); /* without printf: several such lines are made at every key */
    if (at_ms <= now_ms) {
        (void)stpcpy(stpcpy(stpcpy(end, "  "), age), " ago");
    }
    textview_add_label(v, label, LABEL, text, ST_TIME);
}

static void status_line(struct textview *v, const struct detail_source *x)
{
    struct strbuf text = STRBUF_INIT;
    const char *record = job_state_word(x->job, x->state);
    char *clean = text_cleaned(record[0] == '\0' ? "no status" : record, TEXT_ONE_LINE);
    const char *mark = record_mark(x->job->mark);
    strbuf_adds(&text, glyph_text(status_glyph(x->state->status), x->ascii));
    strbuf_addc(&text, ' ');
    strbuf_add(&text, clean, (size_t)text_cut(clean, 40));
    if (x->state->stuck != STUCK_NO) {
        strbuf_adds(&text, "  ! ");
        strbuf_adds(&text, job_stuck_word(x->state->stuck));
    }
    strbuf_adds(&text, x->state->drift ? "  ~ record and Batch differ" : "");
    if (mark[0] != '\0') {
        strbuf_adds(&text, "  ");
        strbuf_adds(&text, mark);
        strbuf_addc(&text, ' ');
    }
    strbuf_adds(&text, job_mark_word((enum job_mark)x->job->mark));
    textview_add_label(v, "Status", LABEL, strbuf_str(&text), status_style(x->state->status));
    strbuf_clear(&text);
    free(clean);
}

static void reason_line(struct textview *v, const struct detail_source *x)
{
    char reason[STATE_REASON_SIZE];
    enum style st = x->state->status == JOB_FAILED                   ? ST_BAD
                    : x->state->stuck != STUCK_NO || x->state->drift ? ST_WARN
                                                                     : ST_TEXT;

    (void)job_state_reason(x->job, x->batch, x->state, reason, sizeof reason);
    if (x->data != NULL && x->data->waits[0] != '\0' && x->state->batch == BATCH_RUNNABLE) {
        char text[QUEUE_TEXT_SIZE + STATE_REASON_SIZE];
        (void)snprintf(text, sizeof text, "waits: %s%s%s", x->data->waits,
                       x->state->turn || reason[0] == '\0' ? "" : "; ",
                       x->state->turn ? "" : reason);
        line(v, "Why", text, st);
    } else {
        line(v, "Why", reason, st);
    }
    if (x->state->stuck == STUCK_NOT_PICKED_UP && x->doctor_key[0] != '\0') {
        char text[120];
        (void)snprintf(text, sizeof text, "%s: the doctor follows its event", x->doctor_key);
        line(v, "", text, ST_HINT);
    }
}

/* Adds the record's last error, unless the reason tells it. */
static void error_line(struct textview *v, const struct detail_source *x)
{
    char reason[STATE_REASON_SIZE];
    size_t n = x->job->errors_len;
    const char *error = n > 0 ? job_errors(x->job)[n - 1].message : NULL;

    (void)job_state_reason(x->job, x->batch, x->state, reason, sizeof reason);
    if (error != NULL && strstr(reason, error) == NULL) {
        line(v, "Last error", error, ST_BAD);
    }
}

/* A bar is for what moves: a job that is over has only its number, as in the list. */
static void progress_line(struct textview *v, const struct detail_source *x)
{
    bool over = job_status_final((enum job_status)x->state->status);
    int percent = x->state->status == JOB_COMPLETED ? 100 : x->job->progress;
    char *step = text_cleaned(job_text(x->job, JOB_STEP) == NULL ? "" : job_text(x->job, JOB_STEP),
                              TEXT_ONE_LINE);

    if (percent >= 0) {
        struct strbuf b = STRBUF_INIT;
        strbuf_addf(&b, "%d%% ", percent);
        for (int i = 0; i < BAR && !over; i++) {
            bool done = i < percent * BAR / 100;
            strbuf_adds(&b, glyph_text(done ? GLYPH_BAR : GLYPH_BAR_REST, x->ascii));
        }
        textview_add_label(v, "Progress", LABEL, strbuf_str(&b), ST_BAR);
        strbuf_clear(&b);
    }
    line(v, "Step", step, ST_TEXT);
    free(step);
}

/* Adds when the job should end, and that it is late in its step. */
static void eta_lines(struct textview *v, const struct detail_source *x)
{
    char text[160], words[ETA_LONG_SIZE], from[32], to[32];
    struct eta eta;
    struct usual u;

    if (forecast_eta(x->forecast, x->job, x->state, x->now_ms, &eta)) {
        (void)format_local(eta.low_ms, from, sizeof from);
        (void)format_local(eta.high_ms, to, sizeof to);
        (void)snprintf(text, sizeof text, "%s (%.5s-%.5s)", eta_long(&eta, x->now_ms, words),
                       from[0] == '\0' ? "" : from + 11, to[0] == '\0' ? "" : to + 11);
        line(v, "Should end", text, ST_TIME);
    }
    if (forecast_slow(x->forecast, x->job, x->state, x->now_ms) &&
        forecast_usual(x->forecast, x->job, job_text(x->job, JOB_STEP), &u)) {
        (void)snprintf(text, sizeof text, "in its step for %s; 90 %% of %zu jobs took %s or less",
                       duration_long(x->now_ms - forecast_step_began(x->job), from), u.count,
                       duration_long(u.p90, to));
        line(v, "Slow", text, ST_WARN);
    }
}

/* Adds how far the job is by its log, when its record is silent. */
static void log_lines(struct textview *v, const struct detail_source *x)
{
    const struct log_stage *l = x->entry == NULL ? NULL : x->entry->log;
    const char *stage = log_stage_shown(x->job, x->state, l);
    struct strbuf b = STRBUF_INIT;

    if (l == NULL || !l->read || l->heard_ms == TIME_NONE) {
        return;
    }
    if (stage != NULL) {
        strbuf_addf(&b, "%s%s%s", stage, l->said[0] == '\0' ? "" : ": ", l->said);
        char *text = text_cleaned(strbuf_str(&b), TEXT_ONE_LINE);
        line(v, "By its log", text, ST_INFO);
        free(text);
        strbuf_clear(&b);
    }
    time_line(v, "Log heard", l->heard_ms, x->now_ms);
}

/* Adds when the job was requested and, when the record has no createdAt, what told it. */
static void requested_line(struct textview *v, const struct detail_source *x)
{
    enum job_time_of of;
    const char *word;
    char text[80];

    time_line(v, "Requested", job_time(x->job, x->state, &of), x->now_ms);
    word = job_time_word(of);
    if (word[0] != '\0') {
        (void)snprintf(text, sizeof text, "(by %s: the record has no createdAt)", word);
        line(v, "", text, ST_DIM);
    }
}

static void times(struct textview *v, const struct detail_source *x)
{
    char took[AGE_SIZE], estimate[AGE_SIZE], text[120];
    int64_t ran = job_duration_ms(x->job, x->state, x->now_ms);
    int64_t wanted = job_estimate_ms(x->job, x->state);
    bool over = wanted >= 0 && ran > wanted;

    time_line(v, "Started", x->state->started_ms, x->now_ms);
    time_line(v, "Ended", x->state->ended_ms, x->now_ms);
    if (ran >= 0 || wanted >= 0) {
        (void)snprintf(
            text, sizeof text, "%s%s%s%s", ran < 0 ? "not started" : duration_long(ran, took),
            wanted < 0 ? "" : ", estimated ", wanted < 0 ? "" : duration_long(wanted, estimate),
            over ? ": longer than estimated" : "");
        textview_add_label(v, "Took", LABEL, text, over ? ST_WARN : ST_TIME);
    }
    time_line(v, "Record changed", job_ms(x->job, JOB_UPDATED), x->now_ms);
}

static void features(struct textview *v, const struct job *j)
{
    char room[JOB_ROOM];
    struct strbuf all = STRBUF_LIMIT(4096);

    for (size_t i = 0; i < j->features_len; i++) {
        strbuf_adds(&all, i > 0 ? ", " : "");
        strbuf_adds(&all, job_feature(j, i, room));
    }
    line(v, "Features", strbuf_str(&all), ST_TEXT);
    strbuf_clear(&all);
}

static void children_hint(struct textview *v, const struct detail_source *x)
{
    char text[120];

    if (x->batch != NULL && x->batch->array.size > 0) {
        (void)snprintf(text, sizeof text, "%s%sEnter lists them, each with its log",
                       x->children_key, x->children_key[0] == '\0' ? "" : " or ");
        line(v, "", text, ST_HINT);
    }
}

static void batch_lines(struct textview *v, const struct detail_source *x)
{
    char text[80], cost[PRICE_TEXT_SIZE];
    const char *id = x->batch != NULL ? x->batch->id : job_text(x->job, JOB_BATCH_ID);

    if (x->state->gone_from_batch) {
        line(v, "Batch", "gone from Batch; what follows is from our record", ST_DIM);
    } else {
        line(v, "Batch", batch_status_word((enum batch_status)x->state->batch), ST_TEXT);
    }
    line(v, "Batch job", id, ST_DIM);
    if (x->job->mark == JOB_NO_RECORD && x->batch != NULL) {
        line(v, "Job name", x->batch->name, ST_TEXT);
    }
    if (x->state->exit_code != EXIT_CODE_NONE) {
        (void)snprintf(text, sizeof text, "%d", x->state->exit_code);
        line(v, "Exit code", text, exit_style(x->state->exit_code));
    }
    if (x->batch != NULL && x->batch->attempts_len > 1) {
        (void)snprintf(text, sizeof text, "%zu", x->batch->attempts_len);
        line(v, "Attempts", text, ST_TEXT);
    }
    line(v, "Cost", job_price_text(x->batch, x->prices, x->now_ms, cost), ST_TEXT);
    if (x->data != NULL && x->data->batch_err.code != E_OK) {
        line(v, "Batch", x->data->batch_err.msg, ST_WARN);
        line(v, "", err_hint(&x->data->batch_err), ST_HINT);
    }
}

static void url_lines(struct textview *v, const struct job *j)
{
    char room[JOB_ROOM];

    line(v, "Repository", job_url(j, JOB_URL_REPOSITORY, room), ST_LINK);
    line(v, "Staging", job_url(j, JOB_URL_STAGING, room), ST_LINK);
    line(v, "Production", job_url(j, JOB_URL_PRODUCTION, room), ST_LINK);
}

/* Adds, once the complete record is there, what the record tells besides, also attributes that
 * nobody knows. */
static void fact_lines(struct textview *v, const cJSON *item)
{
    struct facts f;

    facts_read(&f, item);
    if (f.other > 0) {
        textview_add(v, "", ST_TEXT);
    }
    for (size_t i = 0; i < f.other; i++) {
        bool again = i > 0 && strcmp(f.items[i - 1].label, f.items[i].label) == 0;
        textview_add_label(v, again ? "" : f.items[i].label, LABEL, f.items[i].text, ST_TEXT);
    }
    if (f.other < f.len) {
        textview_add(v, "", ST_TEXT);
        textview_add(v, "Other", ST_STRONG);
    }
    for (size_t i = f.other; i < f.len; i++) {
        char *name = text_cleaned(f.items[i].label, TEXT_ONE_LINE);
        char *label = xasprintf("  %s%s", name, text_width(name) + 2 < LABEL ? "" : "  ");
        textview_add_label(v, label, LABEL, f.items[i].text, ST_TEXT);
        free(label);
        free(name);
    }
    if (f.more > 0) {
        textview_addf(v, ST_DIM, "  %zu more attributes: the tab JSON has them", f.more);
    }
    facts_clear(&f);
}

/* A job and its state, with the key that goes there: "job_1 (FAILED)  R goes there". */
static void other_job(struct textview *v, const struct detail_source *x, const char *label,
                      const char *id, const struct entry *e, const char *unknown)
{
    char status[64];

    if (e != NULL) {
        status_text(e, status, sizeof status);
    }
    bool key = x->retry_key != NULL && x->retry_key[0] != '\0';
    char *text = xasprintf("%s (%s)%s%s%s", id, e == NULL ? unknown : status, key ? "  " : "",
                           key ? x->retry_key : "", key ? " goes there" : "");
    line(v, label, text, ST_INFO);
    free(text);
}

static void retried_line(struct textview *v, const struct detail_source *x)
{
    struct store_retry retry;

    if (x->store != NULL && store_retry_of(x->store, x->job->id, &retry)) {
        other_job(v, x, "Retried as", retry.id, retry.entry, "sent, not in the table yet");
    }
}

static void retry_of_line(struct textview *v, const struct detail_source *x)
{
    const char *of = job_text(x->job, JOB_RETRY_OF);

    if (of != NULL) {
        other_job(v, x, "Retry of", of, x->store == NULL ? NULL : store_find(x->store, of),
                  "not in the list");
    }
}

void detail_text_overview(struct textview *v, const struct detail_source *x)
{
    const struct job *j = x->job;

    status_line(v, x);
    if (x->entry != NULL && (x->entry->flags & ENTRY_SENT) != 0) {
        line(v, "", "sent from here; not in the table yet", ST_INFO);
    }
    if (x->entry != NULL && entry_watched(x->entry)) {
        line(v, "", "watched: an alert when it ends or gets stuck", ST_INFO);
    }
    retry_of_line(v, x);
    retried_line(v, x);
    if (x->entry == NULL) {
        line(v, "", "not in the list of jobs", ST_WARN);
    }
    progress_line(v, x);
    blank_row(v);
    /* What every job has comes first: from job to job these rows stay where they are. What came of
     * the job stands above the times, because a screen of 80x24 must not hide it. What a request
     * may have besides, and features that wrap, stand below. */
    line(v, "Business", job_text(j, JOB_BUSINESS_NAME), ST_STRONG);
    line(v, "Job id", j->id, ST_TEXT);
    line(v, "User", job_text(j, JOB_USER_ID), ST_TEXT);
    line(v, "Product", job_text(j, JOB_PRODUCT_ID), ST_TEXT);
    line(v, "Priority", job_text(j, JOB_PRIORITY), ST_TEXT);
    requested_line(v, x);
    blank_row(v);
    reason_line(v, x);
    error_line(v, x);
    children_hint(v, x);
    eta_lines(v, x);
    log_lines(v, x);
    url_lines(v, j);
    blank_row(v);
    times(v, x);
    blank_row(v);
    line(v, "Email", job_text(j, JOB_EMAIL), ST_TEXT);
    features(v, j);
    blank_row(v);
    batch_lines(v, x);
    fact_lines(v, x->data == NULL ? NULL : x->data->item);
    const cJSON *parts = x->data == NULL ? NULL : x->data->parts;
    const cJSON *part;
    cJSON_ArrayForEach(part, parts)
    {
        fact_lines(v, part);
    }
}

void detail_text_timeline(struct textview *v, const struct detail_source *x)
{
    int64_t before = TIME_NONE;
    char day[11] = "";

    steps_text_add(v, x);
    if (x->timeline == NULL || x->timeline->len == 0) {
        textview_add(v, x->data == NULL ? "Reading..." : "No times are known for this job.",
                     ST_DIM);
        return;
    }
    for (size_t i = 0; i < x->timeline->len; i++) {
        const struct timeline_entry *t = &x->timeline->items[i];
        char local[32], gap[AGE_SIZE] = "", label[80];
        if (before != TIME_NONE && t->at_ms != TIME_NONE && t->at_ms >= before) {
            (void)duration_long(t->at_ms - before, gap);
        }
        (void)format_local(t->at_ms, local, sizeof local);
        /* the day is told once, and not on each line */
        if (local[0] != '\0' && strncmp(local, day, 10) != 0) {
            memcpy(day, local, 10);
            textview_add(v, day, ST_DIM);
        }
        (void)snprintf(label, sizeof label, "%-8s %s%-8s %-6s", local[0] == '\0' ? "" : local + 11,
                       gap[0] == '\0' ? " " : "+", gap, t->source);
        textview_add_label(v, label, 26, t->event,
                           strcmp(t->source, "batch") == 0 ? ST_INFO : ST_TEXT);
        before = t->at_ms != TIME_NONE ? t->at_ms : before;
    }
}

static void attempt_lines(struct textview *v, const struct batch_attempt *a, size_t n,
                          int64_t now_ms)
{
    char text[80], took[AGE_SIZE];

    textview_addf(v, ST_STRONG, "Attempt %zu", n);
    time_line(v, "  Started", a->started_ms, now_ms);
    time_line(v, "  Stopped", a->stopped_ms, now_ms);
    if (a->started_ms != TIME_NONE && a->stopped_ms != TIME_NONE) {
        line(v, "  Took", duration_long(a->stopped_ms - a->started_ms, took), ST_TIME);
    }
    if (a->exit_code != EXIT_CODE_NONE) {
        (void)snprintf(text, sizeof text, "%d", a->exit_code);
        line(v, "  Exit code", text, exit_style(a->exit_code));
    }
    line(v, "  Reason", a->status_reason, ST_WARN);
    line(v, "  Container", a->container_reason, ST_WARN);
    line(v, "  Log stream", a->log_stream, ST_DIM);
}

static void error_lines(struct textview *v, const struct job *j)
{
    if (j->errors_len == 0) {
        return;
    }
    textview_add(v, "", ST_TEXT);
    textview_add(v, "Errors in the record", ST_STRONG);
    for (size_t i = 0; i < j->errors_len; i++) {
        char local[32], label[64];
        char *step =
            text_cleaned(job_errors(j)[i].step == NULL ? "" : job_errors(j)[i].step, TEXT_ONE_LINE);
        (void)format_local(job_errors(j)[i].at_ms, local, sizeof local);
        (void)snprintf(label, sizeof label, "  %-19s %.20s", local, step);
        free(step);
        textview_add_label(
            v, label, 38, job_errors(j)[i].message == NULL ? "" : job_errors(j)[i].message, ST_BAD);
    }
}

static void kept_reasons(struct textview *v, const cJSON *reasons)
{
    const cJSON *r;

    if (!cJSON_IsArray(reasons) || cJSON_GetArraySize(reasons) == 0) {
        return;
    }
    textview_add(v, "", ST_TEXT);
    textview_add(v, "Reasons that Batch gave, with the time they were seen", ST_STRONG);
    cJSON_ArrayForEach(r, reasons)
    {
        int64_t at_ms = TIME_NONE;
        char local[32];
        (void)time_parse_iso(json_str_or(r, "at", ""), &at_ms);
        char *text =
            xasprintf("%s: %s", json_str_or(r, "source", ""), json_str_or(r, "reason", ""));
        char *label = xasprintf("  %s", format_local(at_ms, local, sizeof local));
        textview_add_label(v, label, 23, text, ST_TEXT);
        free(label);
        free(text);
    }
}

/* Adds the other Batch jobs of a job that was started more than once: a dead letter was sent again,
 * or an archive replayed. */
static void other_lines(struct textview *v, const struct detail_source *x)
{
    size_t len = x->data == NULL ? 0 : x->data->others_len;

    for (size_t i = 0; i < len; i++) {
        const struct batch_job *b = x->data->others[i];
        textview_add(v, "", ST_TEXT);
        textview_addf(v, ST_STRONG, "Another Batch job of this job: %s", b->id);
        time_line(v, "  Created", b->created_ms, x->now_ms);
        line(v, "  Batch", batch_status_word(b->status), ST_TEXT);
        line(v, "  Batch says", b->status_reason, ST_WARN);
        line(v, "  Container", b->container_reason, ST_WARN);
        for (size_t k = 0; k < b->attempts_len; k++) {
            attempt_lines(v, &b->attempts[k], k + 1, x->now_ms);
        }
    }
}

/* Why there is nothing from Batch, though no request failed. */
static const char *without_batch_job(const struct detail_source *x)
{
    if (!x->data->batch_asked) {
        return "was not asked";
    }
    if (job_text(x->job, JOB_BATCH_ID) != NULL) {
        return "no longer knows this job: it forgets a job about a week after its end";
    }
    return job_status_final((enum job_status)x->state->status) ? "no Batch job is known"
                                                               : "no Batch job yet";
}

void detail_text_attempts(struct textview *v, const struct detail_source *x)
{
    char why[STATE_REASON_SIZE], children[160];

    status_line(v, x);
    reason_line(v, x);
    if (x->batch != NULL) {
        job_why(x->batch, why, sizeof why);
        line(v, "Batch", batch_status_word(x->batch->status), ST_TEXT);
        line(v, "Batch says", x->batch->status_reason, ST_WARN);
        job_children(x->batch, children, sizeof children);
        line(v, "Children", children, ST_TEXT);
        children_hint(v, x);
        line(v, "Means", strcmp(why, children) == 0 ? NULL : why, ST_TEXT);
        line(v, "Container", x->batch->container_reason, ST_WARN);
        for (size_t i = 0; i < x->batch->attempts_len; i++) {
            textview_add(v, "", ST_TEXT);
            attempt_lines(v, &x->batch->attempts[i], i + 1, x->now_ms);
        }
        other_lines(v, x);
    } else if (x->data != NULL && x->data->batch_err.code != E_OK) {
        line(v, "Batch", x->data->batch_err.msg, ST_BAD);
        line(v, "", err_hint(&x->data->batch_err), ST_HINT);
    } else if (x->data != NULL) {
        line(v, "Batch", without_batch_job(x), ST_DIM);
    }
    kept_reasons(v, x->data == NULL ? NULL : x->data->reasons);
    error_lines(v, x->job);
}

void detail_text_child(struct textview *v, const struct batch_job *b, int64_t now_ms)
{
    char why[STATE_REASON_SIZE], text[80], took[AGE_SIZE];
    bool running = b->status == BATCH_RUNNING && b->started_ms != TIME_NONE;
    enum style st = b->status == BATCH_FAILED      ? ST_BAD
                    : b->status == BATCH_SUCCEEDED ? ST_GOOD
                                                   : ST_TEXT;

    job_why(b, why, sizeof why);
    line(v, "Batch", batch_status_word(b->status), st);
    line(v, "Why", why, b->status == BATCH_FAILED ? ST_BAD : ST_TEXT);
    if (b->exit_code != EXIT_CODE_NONE) {
        (void)snprintf(text, sizeof text, "%d", b->exit_code);
        line(v, "Exit code", text, exit_style(b->exit_code));
    }
    line(v, "Batch says", b->status_reason, ST_WARN);
    line(v, "Container", b->container_reason, ST_WARN);
    time_line(v, "Created", b->created_ms, now_ms);
    time_line(v, "Started", b->started_ms, now_ms);
    time_line(v, "Ended", b->stopped_ms, now_ms);
    if (running || (b->started_ms != TIME_NONE && b->stopped_ms != TIME_NONE)) {
        int64_t end = running ? now_ms : b->stopped_ms;
        line(v, "Took", duration_long(end < b->started_ms ? 0 : end - b->started_ms, took),
             ST_TIME);
    }
    line(v, "Batch job", b->id, ST_DIM);
    line(v, "Log stream", b->log_stream, ST_DIM);
    for (size_t i = 0; i < b->attempts_len; i++) {
        textview_add(v, "", ST_TEXT);
        attempt_lines(v, &b->attempts[i], i + 1, now_ms);
    }
}

void detail_text_json(struct textview *v, const struct detail_source *x)
{
    struct eta at;
    const struct eta *eta =
        forecast_eta(x->forecast, x->job, x->state, x->now_ms, &at) ? &at : NULL;
    cJSON *doc = x->data != NULL ? job_detail_json(x->job, x->batch, x->state, eta, x->timeline,
                                                   x->data->item, x->data->parts, x->context)
                                 : job_json(x->job, x->batch, x->state, eta, x->context);
    char *text = json_pretty(doc);

    textview_add(v, text, ST_TEXT);
    free(text);
    cJSON_Delete(doc);
}
