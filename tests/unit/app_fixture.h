/* app_fixture.h - what the tests of the dashboard share: settings without files, jobs, a model that
 * is fed events, and the invariants that hold after each. */
#ifndef TESTS_APP_FIXTURE_H
#define TESTS_APP_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "src/app/bulk.h"
#include "src/app/children.h"
#include "src/app/dlq.h"
#include "src/app/doctor.h"
#include "src/app/events.h"
#include "src/app/grep.h"
#include "src/app/listing.h"
#include "src/app/model_priv.h"
#include "src/app/queue.h"
#include "src/app/stats.h"

#define T0 1755000000000 /* when the tests' clock starts */

static inline struct settings *fixture_settings(void)
{
    struct settings_sources none = {.config_ini = NULL};
    struct err e = {0};

    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("TZ", "UTC", 1);
    unsetenv("MVPDASH_READ_ONLY");
    struct settings *s = settings_load(&none, &e);
    if (s == NULL) {
        fprintf(stderr, "settings: %s\n", e.msg);
        abort();
    }
    return s;
}

struct job_spec {
    const char *id, *status, *name, *user, *step, *batch;
    int progress; /* 0: none */
    int64_t created_s, updated_s;
};

static inline void fixture_attr(cJSON *item, const char *name, const char *type, const char *text)
{
    if (text != NULL) {
        cJSON *av = json_new_object();
        json_set_str(av, type, text);
        json_set(item, name, av);
    }
}

static inline cJSON *fixture_item(const struct job_spec *s)
{
    cJSON *item = json_new_object();
    char iso[TIME_ISO_SIZE], number[16];

    fixture_attr(item, "jobId", "S", s->id);
    fixture_attr(item, "status", "S", s->status == NULL ? "PENDING" : s->status);
    fixture_attr(item, "businessName", "S", s->name);
    fixture_attr(item, "userId", "S", s->user);
    fixture_attr(item, "productId", "S", s->user == NULL ? NULL : "prod");
    fixture_attr(item, "currentStep", "S", s->step);
    fixture_attr(item, "batchJobId", "S", s->batch);
    if (s->progress > 0) {
        snprintf(number, sizeof number, "%d", s->progress);
        fixture_attr(item, "progress", "N", number);
    }
    fixture_attr(item, "createdAt", "S", time_iso(T0 + s->created_s * 1000, iso));
    fixture_attr(item, "updatedAt", "S",
                 time_iso(T0 + (s->updated_s != 0 ? s->updated_s : s->created_s) * 1000, iso));
    if (s->name != NULL) {
        cJSON *m = json_new_object(), *inside = json_new_object();
        fixture_attr(inside, "businessName", "S", s->name);
        json_set(m, "M", inside);
        json_set(item, "metadata", m);
    }
    return item;
}

static inline struct job *fixture_job(const struct job_spec *s)
{
    cJSON *item = fixture_item(s);
    struct job *j = job_from_item(item);

    cJSON_Delete(item);
    return j;
}

/* The states of the screens. */
#define SCREEN_OF(name, type, view)                                                                \
    static inline type *name##_of(const struct model *m)                                           \
    {                                                                                              \
        return model_screen(m, view);                                                              \
    }
SCREEN_OF(dlq, struct dlq_view, VIEW_DLQ)
SCREEN_OF(events, struct events, VIEW_EVENTS)
SCREEN_OF(children, struct children_view, VIEW_CHILDREN)
SCREEN_OF(bus, struct listing, VIEW_BUS)
SCREEN_OF(queue, struct queue_view, VIEW_QUEUE)
SCREEN_OF(stats_screen, struct stats_view, VIEW_STATS)
SCREEN_OF(grep, struct grep_view, VIEW_GREP)
SCREEN_OF(bulk, struct bulk_view, VIEW_BULK)
SCREEN_OF(doctor, struct doctor_view, VIEW_DOCTOR)

/* A model at work: the test moves the time, and effects are kept until the test looks at them. */
struct bench {
    struct settings *settings;
    struct model *m;
    struct effects fx;
    int64_t now_ms, mono_ms;
};

static inline void bench_event(struct bench *b, struct app_event *ev)
{
    ev->now_ms = b->now_ms;
    ev->mono_ms = b->mono_ms;
    (void)app_update(b->m, ev, &b->fx);
}

static inline void bench_resize(struct bench *b, int rows, int cols)
{
    struct app_event ev = {.kind = EV_RESIZE};

    ev.u.resize.rows = rows;
    ev.u.resize.cols = cols;
    bench_event(b, &ev);
}

static inline void bench_key(struct bench *b, const char *key)
{
    struct app_event ev = {.kind = EV_KEY};

    snprintf(ev.u.key, sizeof ev.u.key, "%s", key);
    bench_event(b, &ev);
}

/* Presses each character as a key; a blank is Space. */
static inline void bench_type(struct bench *b, const char *text)
{
    for (; *text != '\0'; text++) {
        char key[2] = {*text, '\0'};
        bench_key(b, *text == ' ' ? "Space" : key);
    }
}

static inline void bench_tick(struct bench *b, int64_t ms)
{
    struct app_event ev = {.kind = EV_TICK};

    b->now_ms += ms;
    b->mono_ms += ms;
    bench_event(b, &ev);
}

/* Frees the message, as the loop does. */
static inline void bench_msg(struct bench *b, struct msg *m)
{
    struct app_event ev = {.kind = EV_MSG};

    m->at_ms = m->at_ms == 0 ? b->now_ms : m->at_ms;
    m->asked_ms = m->asked_ms == 0 ? b->mono_ms : m->asked_ms;
    ev.u.msg = m;
    bench_event(b, &ev);
    msg_free(m);
}

/* Takes the settings of `given`, as far as there are any. */
static inline struct bench bench_new_with(const struct model_options *given)
{
    struct bench b = {.now_ms = T0, .mono_ms = 1000};
    struct model_options o = given == NULL ? (struct model_options){0} : *given;

    b.settings = o.settings != NULL ? (struct settings *)o.settings : fixture_settings();
    o.settings = b.settings;
    o.seed = 7;
    o.now_ms = b.now_ms;
    o.mono_ms = b.mono_ms;
    b.m = model_new(&o);
    bench_resize(&b, 24, 80);
    return b;
}

static inline struct bench bench_new(void)
{
    return bench_new_with(NULL);
}

/* A dashboard with this config.ini. */
static inline struct bench bench_with_ini(const char *ini)
{
    char path[] = "/tmp/mvpdash-ini-XXXXXX";
    int fd = mkstemp(path);
    struct err e = {0};

    settings_free(fixture_settings()); /* sets the environment */
    if (fd < 0 || write(fd, ini, strlen(ini)) != (ssize_t)strlen(ini)) {
        abort();
    }
    close(fd);
    struct settings *s = settings_load(&(struct settings_sources){.config_ini = path}, &e);
    unlink(path);
    if (s == NULL) {
        fprintf(stderr, "%s\n", e.msg);
        abort();
    }
    return bench_new_with(&(struct model_options){.settings = s});
}

/* Types a line of the command line and Enter. */
static inline void bench_command(struct bench *b, const char *line)
{
    bench_type(b, line);
    bench_key(b, "Enter");
}

/* Is there an error with this text in the list of errors? */
static inline bool bench_told(const struct bench *b, const char *text)
{
    for (size_t i = 0; i < b->m->desk.errors_len; i++) {
        if (strstr(b->m->desk.errors[i].err.msg, text) != NULL) {
            return true;
        }
    }
    return false;
}

static inline void bench_free(struct bench *b)
{
    effects_clear(&b->fx);
    model_free(b->m);
    settings_free(b->settings);
}

static inline void bench_jobs(struct bench *b, enum task_kind task, const struct job_spec *specs,
                              size_t len)
{
    struct task t = {.kind = task};
    struct msg *m = msg_new(MSG_JOBS, &t);

    m->u.jobs.items = xcalloc(len, sizeof(struct job *));
    m->u.jobs.len = len;
    for (size_t i = 0; i < len; i++) {
        m->u.jobs.items[i] = fixture_job(&specs[i]);
    }
    bench_msg(b, m);
}

/* Is a question open whose title begins with this text? */
static inline bool bench_asks(const struct bench *b, const char *title)
{
    const struct dialog *d = &b->m->desk.dialog;

    return d->open && strncmp(d->title, title, strlen(title)) == 0;
}

/* The newest effect of a kind; NULL when there is none. */
static inline struct effect *bench_effect(struct bench *b, enum effect_kind kind)
{
    for (size_t i = b->fx.len; i-- > 0;) {
        if (b->fx.items[i].kind == kind) {
            return &b->fx.items[i];
        }
    }
    return NULL;
}

/* The newest task of a kind that was submitted; NULL when there is none. */
static inline struct task *bench_task(struct bench *b, enum task_kind kind)
{
    for (size_t i = b->fx.len; i-- > 0;) {
        if (b->fx.items[i].kind == EFF_SUBMIT && b->fx.items[i].task->kind == kind) {
            return b->fx.items[i].task;
        }
    }
    return NULL;
}

static inline size_t bench_tasks(struct bench *b, enum task_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < b->fx.len; i++) {
        n += b->fx.items[i].kind == EFF_SUBMIT && b->fx.items[i].task->kind == kind;
    }
    return n;
}

/* NULL when the model is whole; else what is broken. */
static inline const char *bench_broken(const struct model *m)
{
    size_t rows = store_rows(m->desk.store), row = 0;

    if (rows == 0) {
        if (m->jobs->list.cursor != NULL || m->jobs->list.rows.at != 0 ||
            m->jobs->list.rows.top != 0) {
            return "an empty list has a cursor";
        }
    } else {
        if (m->jobs->list.rows.at >= rows) {
            return "the cursor is outside of the list";
        }
        if (m->jobs->list.cursor == NULL ||
            strcmp(store_row(m->desk.store, m->jobs->list.rows.at)->job->id,
                   m->jobs->list.cursor) != 0) {
            return "the cursor's row is not its job's";
        }
        if (!store_row_of(m->desk.store, m->jobs->list.cursor, &row) ||
            row != m->jobs->list.rows.at) {
            return "the cursor's job is not found at its row";
        }
        if (m->jobs->list.rows.top > m->jobs->list.rows.at || m->jobs->list.rows.top >= rows) {
            return "the window is below the cursor";
        }
    }
    if (store_stats(m->desk.store)->total != store_len(m->desk.store)) {
        return "the counts do not add up";
    }
    if (store_marked(m->desk.store) > store_len(m->desk.store) ||
        store_marked_hidden(m->desk.store) > store_marked(m->desk.store)) {
        return "more marks than jobs";
    }
    if (m->jobs->form.focus >= m->jobs->form.len ||
        (m->desk.menu.rows.len > 0 && m->desk.menu.rows.at >= m->desk.menu.rows.len)) {
        return "a selection is outside";
    }
    if (m->desk.dialog.open != (m->desk.dialog.on_yes != NULL)) {
        return "the dialog is neither open nor shut";
    }
    if (m->desk.where.entered != m->desk.where.view ||
        (m->desk.layout.view.rows > 0) !=
            (m->desk.where.view != VIEW_JOBS && !m->desk.layout.too_small)) {
        return "the view is not the one that shows";
    }
    if ((dlq_of(m)->at.at >= dlq_of(m)->len && dlq_of(m)->at.at > 0) ||
        (dlq_of(m)->page == DLQ_TEXT && dlq_current(dlq_of(m)) == NULL) ||
        ((dlq_of(m)->page == DLQ_EDIT) != (dlq_of(m)->form.id != NULL))) {
        return "the dead letter queue shows what is not there";
    }
    const struct stats_view *st = stats_screen_of(m);
    if ((st->at != SIZE_MAX &&
         (st->at >= st->list.len || st->list.items[st->at].what == STATS_TEXT)) ||
        (st->top > 0 && st->top >= st->list.len) ||
        (m->desk.where.view != VIEW_STATS && st->run != NULL)) {
        return "the statistics show what is not there";
    }
    const struct grep_view *gv = grep_of(m);
    if (gv->rows.at > 0 && gv->rows.at >= gv->len) {
        return "the search's cursor is on no line";
    }
    if (store_picks(m->desk.store) != (m->jobs->list.picked != NULL)) {
        return "the list does not say that it shows only some jobs";
    }
    const struct children_view *v = children_of(m);
    for (size_t i = 0; i < v->rows_len; i++) {
        if (v->rows[i] < 0 || v->rows[i] >= v->len) {
            return "a row of no child";
        }
    }
    if ((m->desk.where.view == VIEW_CHILDREN && v->batch_id == NULL) || v->here >= v->len ||
        (v->page != CHILDREN_LIST && v->here < 0) ||
        (v->log_request != 0 && (m->desk.where.view != VIEW_CHILDREN || v->page != CHILDREN_LOG))) {
        return "the children show what is not there";
    }
    if (m->desk.palette.len > 0 && m->desk.palette.selected >= m->desk.palette.len) {
        return "the palette's selection is outside";
    }
    return NULL;
}
#endif
