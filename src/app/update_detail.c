/* The detail pane: which job it shows, its tabs, what came for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "model_priv.h"

/* The cursor may run through many jobs: only one on which it rests is asked for. */
enum { REST_MS = 250 };

const char *detail_tab_title(enum detail_tab t)
{
    static const char *const titles[TAB_COUNT] = {"Overview", "Timeline", "Log", "Attempts",
                                                  "JSON"};

    return t < TAB_COUNT ? titles[t] : "";
}

struct textview *detail_view(struct detail *d)
{
    return d->tab == TAB_LOG ? &d->log.text : &d->views[d->tab];
}

const struct textview *detail_view_const(const struct detail *d)
{
    return d->tab == TAB_LOG ? &d->log.text : &d->views[d->tab];
}

void detail_init(struct detail *d)
{
    memset(d, 0, sizeof *d);
    d->at_ms = TIME_NONE;
    for (int i = 0; i < TAB_COUNT; i++) {
        textview_init(&d->views[i]);
        d->views[i].wrap = i != TAB_JSON;
        d->views[i].words = true;
    }
    textview_init(&d->log.text);
    d->log.text.wrap = true;
    d->log.text.follow = true;
    d->log.since_ms = TIME_NONE;
}

static void forget(struct detail *d)
{
    free(d->job_id);
    d->job_id = NULL;
    job_detail_free(d->data);
    d->data = NULL;
    d->at_ms = TIME_NONE;
    d->err = (struct err){0};
    timeline_clear(&d->timeline);
    for (int i = 0; i < TAB_COUNT; i++) {
        textview_empty(&d->views[i]);
    }
}

void detail_done(struct detail *d)
{
    forget(d);
    for (int i = 0; i < TAB_COUNT; i++) {
        textview_done(&d->views[i]);
    }
    textview_done(&d->log.text);
    free(d->log.cursor);
    memset(d, 0, sizeof *d);
}

/* ---- texts ---- */

typedef void (*fill_fn)(struct textview *v, const struct detail_source *x);

static fill_fn filler(enum detail_tab tab)
{
    static const fill_fn fill[TAB_COUNT] = {
        [TAB_OVERVIEW] = detail_text_overview,
        [TAB_TIMELINE] = detail_text_timeline,
        [TAB_ATTEMPTS] = detail_text_attempts,
        [TAB_JSON] = detail_text_json,
    };

    return fill[tab];
}

/* The list may know it better than the last reply for the detail, and the other way round. */
static bool source_of(const struct model *m, struct detail_source *x)
{
    const struct detail *d = &m->detail;
    const struct entry *e = store_find(m->store, d->job_id);

    memset(x, 0, sizeof *x);
    x->entry = e;
    x->data = d->data;
    x->now_ms = m->now_ms;
    x->ascii = m->ascii;
    x->timeline = &d->timeline;
    x->doctor_key = keymap_keys(m->keys, binding_of(ACT_DOCTOR_JOB));
    if (d->data != NULL && (e == NULL || d->at_ms >= e->at_ms)) {
        x->job = d->data->job;
        x->batch = d->data->batch;
        x->state = &d->data->state;
    } else if (e != NULL) {
        x->job = e->job;
        x->batch = e->batch != NULL ? e->batch : d->data != NULL ? d->data->batch : NULL;
        x->state = &e->state;
    }
    return x->job != NULL;
}

static bool detail_shown(const struct model *m)
{
    return m->layout.pane[PANE_DETAIL].rows > 0 && m->detail.job_id != NULL;
}

/* Only the tab that shows is made; another one is made when it is turned to. */
void detail_rebuild(struct model *m)
{
    struct detail_source x;
    struct textview fresh;
    fill_fn fill = filler(m->detail.tab);

    if (fill == NULL || !detail_shown(m)) {
        return;
    }
    if (!source_of(m, &x)) {
        textview_empty(&m->detail.views[m->detail.tab]); /* why is told in its place */
        return;
    }
    textview_init(&fresh);
    fill(&fresh, &x);
    textview_replace(&m->detail.views[m->detail.tab], &fresh);
    textview_done(&fresh);
}

/* ---- which job ---- */

void detail_show(struct model *m, const char *job_id)
{
    struct detail *d = &m->detail;

    if (job_id != NULL && d->job_id != NULL && strcmp(job_id, d->job_id) == 0) {
        return;
    }
    if (job_id == NULL && d->job_id == NULL) {
        return;
    }
    char *copy = xstrdup(job_id);
    forget(d);
    d->job_id = copy;
    log_stop(m);
    textview_empty(&d->log.text);
    d->log.attempt = 0;
    d->log.attempts = 0;
    d->log.loaded = false;
    d->log.ended = false;
    d->log.note[0] = '\0';
    d->log.err = (struct err){0};
    m->watch_ms = copy == NULL ? 0 : m->mono_ms + REST_MS;
    schedule_watch_detail(m->schedule, NULL);
    if (copy != NULL) {
        detail_rebuild(m);
    }
}

static void watch_now(struct model *m)
{
    m->watch_ms = 0;
    if (m->detail.job_id != NULL) {
        schedule_watch_detail(m->schedule, m->detail.job_id);
        if (m->detail.tab == TAB_LOG && detail_shown(m)) {
            log_start(m);
        }
    }
}

void detail_follow_cursor(struct model *m)
{
    if (m->layout.wide && m->focus != PANE_DETAIL && m->layout.pane[PANE_DETAIL].rows > 0 &&
        m->list.cursor != NULL) {
        detail_show(m, m->list.cursor);
    }
}

void detail_tab(struct model *m, enum detail_tab tab)
{
    bool was_log = m->detail.tab == TAB_LOG;

    m->detail.tab = tab;
    if (m->watch_ms == 0) { /* what does not show is not asked for */
        schedule_watch_detail(m->schedule, detail_shown(m) ? m->detail.job_id : NULL);
    }
    if (tab == TAB_LOG && detail_shown(m)) {
        if (m->watch_ms == 0 && m->log_request == 0) {
            log_start(m);
        }
    } else {
        if (was_log || m->log_request != 0) {
            log_stop(m);
        }
        detail_rebuild(m);
    }
}

void detail_open(struct model *m, const char *job_id, enum detail_tab tab)
{
    if (job_id == NULL) {
        model_note(m, NOTE_INFO, "No job is selected.");
        return;
    }
    detail_show(m, job_id);
    m->detail.tab = tab;
    model_focus(m, PANE_DETAIL);
    watch_now(m);
}

/* ---- what comes ---- */

/* The list learns what the detail's question brought. */
static void share(struct model *m, const struct msg *msg)
{
    const struct job_detail *data = m->detail.data;
    struct job *job = data->item == NULL ? NULL : job_from_item(data->item);
    struct batch_job *batch = data->batch == NULL ? NULL : batch_job_copy(data->batch);

    if (job != NULL && store_find(m->store, job->id) != NULL) {
        (void)store_put_jobs(m->store, &job, 1, msg->at_ms, true, m->now_ms);
    }
    if (batch != NULL) {
        (void)store_put_batch(m->store, &batch, 1, msg->at_ms, m->now_ms);
    }
    job_free(job);
    batch_job_free(batch);
}

void detail_take(struct model *m, struct msg *msg)
{
    struct detail *d = &m->detail;

    if (d->job_id == NULL || msg->job_id == NULL || strcmp(d->job_id, msg->job_id) != 0) {
        return; /* another job is shown by now */
    }
    if (msg->err.code != E_OK) {
        if (msg->err.code != E_CANCELLED) {
            d->err = msg->err;
        }
        return;
    }
    if (msg->u.detail == NULL || (d->at_ms != TIME_NONE && msg->at_ms < d->at_ms)) {
        return;
    }
    job_detail_free(d->data);
    d->data = msg->u.detail;
    msg->u.detail = NULL; /* moved: msg_free no longer frees it */
    d->at_ms = msg->at_ms;
    d->err = (struct err){0};
    timeline_clear(&d->timeline);
    timeline_build(&d->timeline, d->data->job, d->data->item, d->data->batch, d->data->reasons);
    share(m, msg);
    list_sync(m);
    detail_rebuild(m);
}

void detail_tick(struct model *m)
{
    if (m->watch_ms > 0 && m->mono_ms >= m->watch_ms) {
        watch_now(m);
    }
    if (m->detail.tab == TAB_OVERVIEW) {
        detail_rebuild(m); /* ages and durations */
    }
}

/* ---- actions ---- */

static void turn(struct model *m, int by)
{
    detail_tab(m, (enum detail_tab)(((int)m->detail.tab + by + TAB_COUNT) % TAB_COUNT));
}

bool detail_action(struct model *m, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_TAB_NEXT:
        turn(m, 1);
        return true;
    case ACT_TAB_PREV:
        turn(m, -1);
        return true;
    case ACT_DESCRIBE:
        detail_tab(m, TAB_OVERVIEW);
        return true;
    case ACT_TIMELINE:
    case ACT_VIEW_TIMELINE:
        detail_tab(m, TAB_TIMELINE);
        return true;
    case ACT_WHY:
        detail_tab(m, TAB_ATTEMPTS);
        return true;
    case ACT_JSON:
        detail_tab(m, TAB_JSON);
        return true;
    case ACT_LOGS:
        detail_tab(m, TAB_LOG);
        return true;
    case ACT_FULL:
        m->full = !m->full;
        model_relayout(m);
        return true;
    default:
        break;
    }
    if (m->detail.tab == TAB_LOG && log_action(m, a, out)) {
        return true;
    }
    return text_action(m, detail_view(&m->detail), a, out);
}
