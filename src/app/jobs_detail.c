/* The detail pane: which job it shows, its tabs, the replies for it. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "detail_text.h"
#include "jobs/join.h"
#include "jobs_priv.h"
#include "text_keys.h"

/* The cursor may run through many jobs: the detail is asked for only when it rests on one. */
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
    free(d->goal);
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

/* Finds what the texts are made from. The list may know the job better than the last reply for the
 * detail does, and the other way round. */
static bool source_of(const struct jobs *j, struct detail_source *x)
{
    const struct detail *d = &j->detail;
    const struct entry *e = store_find(j->desk->store, d->job_id);

    memset(x, 0, sizeof *x);
    x->entry = e;
    x->data = d->data;
    x->prices = store_prices(j->desk->store);
    x->context = settings_context(j->desk->settings);
    x->now_ms = j->desk->now_ms;
    x->ascii = j->desk->ascii;
    x->cols = layout_text(j->desk->layout.pane[PANE_DETAIL]).cols;
    x->timeline = &d->timeline;
    x->forecast = store_forecast(j->desk->store);
    x->doctor_key = keymap_keys(j->desk->keys, binding_of(ACT_DOCTOR_JOB));
    x->retry_key = keymap_keys(j->desk->keys, binding_of(ACT_RETRY_SHOW));
    x->store = j->desk->store;
    x->children_key = keymap_keys(j->desk->keys, binding_of(ACT_CHILDREN));
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

bool detail_shown(const struct jobs *j)
{
    return j->desk->layout.pane[PANE_DETAIL].rows > 0 && j->detail.job_id != NULL;
}

/* Makes the text of the tab that shows; the text of another tab is made when somebody turns to
 * it. */
static void rebuild(struct jobs *j)
{
    struct detail_source x;
    struct textview fresh;
    fill_fn fill = filler(j->detail.tab);

    if (fill == NULL || !detail_shown(j)) {
        return;
    }
    if (!source_of(j, &x)) {
        /* the reason is told in the place of the text */
        textview_empty(&j->detail.views[j->detail.tab]);
        return;
    }
    textview_init(&fresh);
    fill(&fresh, &x);
    textview_replace(&j->detail.views[j->detail.tab], &fresh);
    textview_done(&fresh);
}

/* ---- which job ---- */

void detail_show(struct jobs *j, const char *job_id)
{
    struct detail *d = &j->detail;

    if (job_id != NULL && d->job_id != NULL && strcmp(job_id, d->job_id) == 0) {
        return;
    }
    if (job_id == NULL && d->job_id == NULL) {
        return;
    }
    char *copy = xstrdup(job_id);
    forget(d);
    d->job_id = copy;
    log_stop(j);
    textview_empty(&d->log.text);
    d->log.attempt = 0;
    d->log.attempts = 0;
    d->log.loaded = false;
    d->log.ended = false;
    d->log.none = false;
    d->log.note[0] = '\0';
    d->log.err = (struct err){0};
    log_forget_goal(d);
    j->watch_ms = copy == NULL ? 0 : j->desk->mono_ms + REST_MS;
    schedule_watch_detail(j->desk->schedule, NULL);
    d->stale = true;
}

void detail_follow_cursor(struct jobs *j)
{
    if (j->desk->layout.wide && j->desk->where.focus != PANE_DETAIL &&
        j->desk->layout.pane[PANE_DETAIL].rows > 0 && j->list.cursor != NULL) {
        detail_show(j, j->list.cursor);
    }
}

void detail_settle(struct jobs *j)
{
    struct detail *d = &j->detail;
    bool shown = detail_shown(j), log = shown && d->tab == TAB_LOG;

    if (j->watch_ms == 0) {
        schedule_watch_detail(j->desk->schedule, shown ? d->job_id : NULL);
    }
    if (!log) {
        log_stop(j);
    } else if (j->watch_ms == 0 && !d->log_follows) {
        log_start(j);
    }
    if (shown && (d->stale || !d->shown)) {
        rebuild(j);
        d->stale = false;
    }
    d->shown = shown;
}

void detail_to_tab(struct detail *d, enum detail_tab tab)
{
    d->tab = tab;
    d->stale = true;
}

void detail_open(struct jobs *j, const char *job_id, enum detail_tab tab)
{
    if (job_id == NULL) {
        desk_note(j->desk, NOTE_INFO, "No job is selected.");
        return;
    }
    detail_show(j, job_id);
    detail_to_tab(&j->detail, tab);
    where_focus(&j->desk->where, PANE_DETAIL);
    j->watch_ms = 0; /* somebody looks at it: the cursor need not rest first */
}

const struct batch_job *detail_array(const struct jobs *j, const char *job_id)
{
    const struct detail *d = &j->detail;
    const struct entry *e = job_id == NULL ? NULL : store_find(j->desk->store, job_id);
    const struct batch_job *b = e == NULL ? NULL : e->batch;

    if (job_id != NULL && d->job_id != NULL && strcmp(d->job_id, job_id) == 0 && d->data != NULL &&
        d->data->batch != NULL) {
        b = d->data->batch;
    }
    return b != NULL && b->array.size > 0 ? b : NULL;
}

/* ---- what comes ---- */

/* Tells the list about a record that one of the job's containers wrote under a Batch job's id. */
static void share_part(struct jobs *j, const cJSON *item, const char *owner, int64_t asked_ms)
{
    struct job *part = job_from_item(item);

    if (part != NULL) {
        const struct heard heard = {.how = HEARD_FIRM, .at_ms = asked_ms};
        part = job_set_owner(part, owner);
        (void)store_put_heard(j->desk->store, &part, 1, heard, true, j->desk->now_ms);
    }
}

/* Tells the list what the detail's question brought. */
static void share(struct jobs *j, const struct msg *msg)
{
    const struct job_detail *data = j->detail.data;
    struct job *job = data->item == NULL ? NULL : job_from_item(data->item);
    struct batch_job *batch = data->batch == NULL ? NULL : batch_job_copy(data->batch);
    const cJSON *item;

    cJSON_ArrayForEach(item, data->parts)
    {
        share_part(j, item, data->job->id, msg->asked_ms);
    }
    if (job != NULL && store_find(j->desk->store, job->id) != NULL) {
        const struct heard heard = {.how = HEARD_FIRM, .at_ms = msg->asked_ms};
        (void)store_put_heard(j->desk->store, &job, 1, heard, true, j->desk->now_ms);
    }
    if (batch != NULL) {
        (void)store_put_batch(j->desk->store, &batch, 1, msg->at_ms, j->desk->now_ms);
    }
    job_free(job);
    batch_job_free(batch);
}

void detail_take(struct jobs *j, struct msg *msg)
{
    struct detail *d = &j->detail;

    if (d->job_id == NULL || msg->job_id == NULL || strcmp(d->job_id, msg->job_id) != 0) {
        return; /* the detail shows another job by now */
    }
    if (msg->err.code != E_OK) {
        if (msg->err.code != E_CANCELLED) {
            d->err = msg->err;
        }
        return;
    }
    if (msg_as(msg, detail) == NULL || (d->at_ms != TIME_NONE && msg->asked_ms < d->at_ms)) {
        return;
    }
    job_detail_free(d->data);
    d->data = msg_as(msg, detail);
    msg_as(msg, detail) = NULL; /* moved: msg_free no longer frees it */
    d->at_ms = msg->asked_ms;
    d->err = (struct err){0};
    timeline_clear(&d->timeline);
    timeline_build(&d->timeline, d->data->job, d->data->item, d->data->batch, d->data->reasons);
    const struct entry *e = store_find(j->desk->store, d->job_id);
    if (e != NULL) {
        store_settle_state(j->desk->store, e, d->data->job, d->data->batch, j->desk->now_ms,
                           &d->data->state);
        log_stage_timeline(d->data->job, &d->data->state, e->log, &d->timeline);
    }
    share(j, msg);
    d->stale = true;
}

void detail_tick(struct jobs *j)
{
    if (j->watch_ms > 0 && j->desk->mono_ms >= j->watch_ms) {
        j->watch_ms = 0;
    }
    if (j->detail.tab == TAB_OVERVIEW || j->detail.tab == TAB_TIMELINE) {
        j->detail.stale = true; /* ages, durations and the bar of the present step have changed */
    }
}

/* ---- actions ---- */

static void turn(struct jobs *j, int by)
{
    detail_to_tab(&j->detail, (enum detail_tab)(((int)j->detail.tab + by + TAB_COUNT) % TAB_COUNT));
}

bool detail_action(struct jobs *j, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_TAB_NEXT:
        turn(j, 1);
        return true;
    case ACT_TAB_PREV:
        turn(j, -1);
        return true;
    case ACT_DESCRIBE:
        detail_to_tab(&j->detail, TAB_OVERVIEW);
        return true;
    case ACT_TIMELINE:
    case ACT_VIEW_TIMELINE:
        detail_to_tab(&j->detail, TAB_TIMELINE);
        return true;
    case ACT_WHY:
        detail_to_tab(&j->detail, TAB_ATTEMPTS);
        return true;
    case ACT_JSON:
        detail_to_tab(&j->detail, TAB_JSON);
        return true;
    case ACT_LOGS:
        if (detail_array(j, j->detail.job_id) != NULL) {
            desk_open_children(j->desk, j->detail.job_id, true);
        } else {
            detail_to_tab(&j->detail, TAB_LOG);
        }
        return true;
    case ACT_OPEN:
        if (detail_array(j, j->detail.job_id) != NULL) {
            desk_open_children(j->desk, j->detail.job_id, false);
        } else {
            turn(j, 1);
        }
        return true;
    case ACT_FULL:
        j->desk->where.full = !j->desk->where.full;
        return true;
    default:
        break;
    }
    if (j->detail.tab == TAB_LOG && log_action(j, a, out)) {
        return true;
    }
    const struct text_on text = {
        detail_view(&j->detail), j->detail.tab == TAB_LOG ? &j->detail.log : NULL,
        j->detail.job_id != NULL ? j->detail.job_id : "text",
        j->detail.job_id != NULL ? detail_tab_title(j->detail.tab) : "jobs"};
    return text_action(j->desk, &text, a, out);
}
