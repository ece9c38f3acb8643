#include "app/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "model_priv.h"
#include "ops/ops.h"

static void load_settings(struct model *m, const struct model_options *o)
{
    const char *columns = settings_get(o->settings, SET_COLUMNS);
    const char *sort = settings_get(o->settings, SET_SORT);
    struct err e = {0};

    m->list.columns = column_set_default();
    if (columns != NULL && column_set_parse(columns, &m->list.columns, &e) != E_OK) {
        model_error(m, "config.ini", &e);
    }
    if (sort != NULL && sort[0] != '\0') {
        bool invert = sort[0] == '-';
        enum column_id id = COL_AGE;
        if (column_find(sort + (invert ? 1 : 0), &id)) {
            list_sort_by(m, id, invert);
        } else {
            (void)err_set(&e, E_INVALID, "sort: there is no column \"%.40s\"", sort);
            model_error(m, "config.ini", &e);
        }
    }
}

static void load_warnings(struct model *m, const struct settings *s)
{
    struct err e = {0};

    for (size_t i = 0; i < settings_warnings_len(s); i++) {
        (void)err_set(&e, E_CONFIG, "%s", settings_warning(s, i));
        model_error(m, "config.ini", &e);
    }
    for (size_t i = 0; i < keymap_warnings(m->keys); i++) {
        (void)err_set(&e, E_CONFIG, "%s", keymap_warning(m->keys, i));
        model_error(m, "config.ini", &e);
    }
}

struct model *model_new(const struct model_options *o)
{
    struct model *m = xcalloc(1, sizeof *m);
    const struct setting_key *keys = NULL;
    size_t keys_len = settings_keys(o->settings, &keys);

    m->settings = o->settings;
    m->now_ms = o->now_ms;
    m->mono_ms = o->mono_ms;
    m->keys = keymap_new(keys, keys_len);
    m->schedule = schedule_new(settings_int(o->settings, SET_REFRESH_S, 3), o->seed);
    struct state_rules rules = ops_state_rules(o->settings);
    m->store = store_new(&rules);
    m->next_request = 1;
    m->header = true;
    m->side = PANE_DETAIL;
    m->ascii = o->ascii;
    m->terminal = o->terminal;
    m->read_only = o->read_only || settings_bool(o->settings, SET_READ_ONLY);
    m->read_only_fixed = o->read_only;
    m->link.last_good_ms = TIME_NONE;
    m->link.expires_ms = TIME_NONE;
    m->link.since_ms = o->now_ms;
    for (int i = 0; i < SOURCE_COUNT; i++) {
        m->link.sources[i].last_good_ms = TIME_NONE;
    }
    m->loading.active = true;
    m->snapshot_saved_ms = TIME_NONE;
    m->snapshot_mono_ms = o->mono_ms;
    m->list.stick = true;
    detail_init(&m->detail);
    form_init(&m->form);
    dlq_init(&m->dlq);
    events_init(&m->events);
    bulk_init(&m->bulk);
    doctorview_init(&m->doctor);
    doctorview_choose(&m->doctor, NULL);
    textview_init(&m->popup);
    m->popup.words = true;
    load_settings(m, o);
    load_warnings(m, o->settings);
    struct form_target t = model_target(m);
    form_reset(&m->form, &t);
    return m;
}

void model_free(struct model *m)
{
    if (m == NULL) {
        return;
    }
    keymap_free(m->keys);
    schedule_free(m->schedule);
    store_free(m->store);
    free(m->table);
    free(m->list.cursor);
    free(m->list.anchor);
    free(m->list.filter_applied);
    free(m->list.filter_before);
    edit_done(&m->list.filter);
    edit_done(&m->search);
    detail_done(&m->detail);
    form_done(&m->form);
    dlq_done(&m->dlq);
    events_done(&m->events);
    bulk_done(&m->bulk);
    doctorview_done(&m->doctor);
    dialog_close(&m->dialog);
    palette_done(&m->palette);
    textview_done(&m->popup);
    for (size_t i = 0; i < m->actions_len; i++) {
        free(m->actions[i].job_id);
    }
    free(m->actions);
    watch_done(m);
    free(m);
}

uint32_t model_request(struct model *m)
{
    uint32_t n = m->next_request++;

    if (m->next_request >= SCHEDULE_REQUEST) {
        m->next_request = 1;
    }
    return n;
}

struct form_target model_target(const struct model *m)
{
    return (struct form_target){.bus = settings_get(m->settings, SET_BUS),
                                .source = settings_get(m->settings, SET_SOURCE),
                                .detail_type = settings_get(m->settings, SET_DETAIL_TYPE),
                                .region = settings_get(m->settings, SET_REGION)};
}

/* ---- what is told ---- */

void model_note(struct model *m, enum note_kind kind, const char *fmt, ...)
{
    char raw[sizeof m->note];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    char *clean = text_cleaned(raw, TEXT_ONE_LINE);
    (void)snprintf(m->note, sizeof m->note, "%.*s", (int)text_fit(clean, 390, NULL), clean);
    free(clean);
    m->note_kind = kind;
    m->note_until_ms = kind == NOTE_BAD || kind == NOTE_WARN ? 0 : m->mono_ms + NOTE_MS;
}

void model_error(struct model *m, const char *what, const struct err *e)
{
    for (size_t i = 0; i < m->errors_len && i < 8; i++) { /* lanes that fail take turns */
        struct error_entry *old = &m->errors[i];
        if (strcmp(old->what, what) == 0 && old->err.code == e->code &&
            strcmp(old->err.msg, e->msg) == 0) {
            old->times++;
            old->last_ms = m->now_ms;
            memcpy(old->err.request_id, e->request_id, sizeof old->err.request_id);
            return;
        }
    }
    if (m->errors_len == ERRORS_MAX) {
        m->errors_len--;
    }
    memmove(m->errors + 1, m->errors, m->errors_len * sizeof *m->errors);
    m->errors_len++;
    m->errors[0] =
        (struct error_entry){.at_ms = m->now_ms, .last_ms = m->now_ms, .times = 1, .err = *e};
    (void)snprintf(m->errors[0].what, sizeof m->errors[0].what, "%s", what);
    m->errors_unseen++;
}

bool model_may_change(struct model *m)
{
    if (!m->read_only) {
        return true;
    }
    model_note(m, NOTE_WARN, "Read-only: nothing is changed in AWS. %s",
               m->read_only_fixed ? "Started with --read-only, which cannot be lifted here."
                                  : ":rw allows changes.");
    return false;
}

/* ---- actions under way ---- */

void model_track(struct model *m, uint32_t request, enum task_kind kind, const char *job_id)
{
    m->actions = xgrow(m->actions, m->actions_len, &m->actions_cap, sizeof *m->actions);
    m->actions[m->actions_len].request = request;
    m->actions[m->actions_len].kind = kind;
    m->actions[m->actions_len++].job_id = xstrdup(job_id);
}

bool model_untrack(struct model *m, uint32_t request, char **job_id)
{
    for (size_t i = 0; i < m->actions_len; i++) {
        if (m->actions[i].request == request) {
            *job_id = m->actions[i].job_id;
            m->actions[i] = m->actions[--m->actions_len];
            return true;
        }
    }
    return false;
}

size_t model_pending(const struct model *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->actions_len; i++) {
        n += m->actions[i].kind != TASK_CANCEL_WAIT && m->actions[i].kind != TASK_RULE_CHECK;
    }
    return n;
}

/* ---- layout ---- */

static void resize_texts(struct model *m)
{
    struct rect body = layout_text(m->layout.pane[PANE_DETAIL]), fields, below;
    int stamp = log_stamp_cells(&m->detail.log);

    if (body.rows > 0) {
        for (int i = 0; i < TAB_COUNT; i++) {
            textview_resize(&m->detail.views[i], body.rows, body.cols);
        }
        textview_resize(&m->detail.log.text, body.rows,
                        body.cols > stamp ? body.cols - stamp : body.cols);
    }
    layout_form(m->layout.pane[PANE_FORM], m->form.len, &fields, &below);
    if (below.rows > 0) {
        textview_resize(&m->form.preview, below.rows, below.cols);
    }
    size_t rows = fields.rows > 2 ? (size_t)fields.rows - 2 : 1;
    if (m->form.focus < m->form.scroll) {
        m->form.scroll = m->form.focus;
    } else if (m->form.focus >= m->form.scroll + rows) {
        m->form.scroll = m->form.focus - rows + 1;
    }
    if (fields.rows > 0 && m->form.scroll > 0 && m->form.len <= rows) {
        m->form.scroll = 0;
    }
    if (m->layout.popup.rows > 2 && m->layout.popup.cols > 4) {
        textview_resize(&m->popup, m->layout.popup.rows - 2, m->layout.popup.cols - 4);
    }
    if (m->layout.view.rows > 0 && view_now(m)->resize != NULL) {
        view_now(m)->resize(m, m->layout.view);
    }
    m->dialog.page = m->layout.dialog.rows > 9 ? (size_t)m->layout.dialog.rows - 9 : 1;
}

void model_relayout(struct model *m)
{
    struct layout_want want = {.focus = m->focus,
                               .side = m->side,
                               .header = m->header,
                               .full = m->full,
                               .view = m->view != VIEW_JOBS};

    m->layout = layout_compute(m->rows, m->cols, &want);
    resize_texts(m);
}

void model_focus(struct model *m, enum pane pane)
{
    if (pane != m->focus || m->view != VIEW_JOBS) {
        view_remember(m);
        m->view = VIEW_JOBS;
        m->focus = pane;
        m->full = false;
        if (m->focus == PANE_LIST && !m->layout.wide) {
            log_stop(m);
        }
    }
    if (pane != PANE_LIST) {
        m->side = pane;
    }
    model_relayout(m);
    detail_tab(m, m->detail.tab); /* the log is read only while it shows */
    list_sync(m);
}

void model_set_mode(struct model *m, enum mode mode)
{
    m->mode = mode;
}

const struct entry *model_current(const struct model *m)
{
    return store_find(m->store, m->list.cursor);
}

const char *model_subject(const struct model *m)
{
    return m->focus == PANE_DETAIL && m->detail.job_id != NULL ? m->detail.job_id : m->list.cursor;
}

/* ---- polling ---- */

static void note_load(struct model *m, const struct task *t)
{
    struct load_round *r = &m->round;
    int max = sizeof r->requests / sizeof *r->requests;

    if (t->segment < 0 || t->segment >= max || t->segments > max) {
        return;
    }
    if (!r->open || r->segments != t->segments || r->done[t->segment]) {
        memset(r, 0, sizeof *r);
        r->open = true;
        r->segments = t->segments;
        store_round_begin(m->store);
    }
    r->requests[t->segment] = t->request;
}

void model_schedule(struct model *m, struct effects *out)
{
    struct schedule_view view = {.newest_updated_ms = store_newest_ms(m->store)};

    if (m->cols == 0 || m->quitting) {
        return; /* before the first event, or after the last */
    }
    if (schedule_wait_ms(m->schedule, m->mono_ms) != 0) {
        return;
    }
    store_active(m->store, &view.active_ids, &view.active_len, &view.batch_ids, &view.batch_len);
    struct task *t = schedule_due(m->schedule, &view, m->mono_ms);
    while (t != NULL) {
        struct task *next = t->next;
        t->next = NULL;
        if (t->kind == TASK_LOAD) {
            note_load(m, t);
        } else if (t->kind == TASK_LOG) {
            log_note_task(m, t);
        } else if (t->kind == TASK_RULE_LOG) {
            events_note_task(m, t);
        }
        effects_submit(out, t);
        t = next;
    }
}

static int sooner(int wait, int64_t at_ms, int64_t now_ms)
{
    int64_t left = at_ms - now_ms;

    return left < 0 ? 0 : left < wait ? (int)left : wait;
}

/* Does anything on the screen move by the second? */
static bool ticking(const struct model *m)
{
    return stats_active(store_stats(m->store)) > 0 || store_bright(m->store) > 0 ||
           m->link.state != LINK_LIVE || m->loading.active || model_pending(m) > 0 ||
           m->mono_ms - m->moved_ms < 5000;
}

int model_wait_ms(const struct model *m, int64_t mono_ms)
{
    int wait = ticking(m) ? 1000 - (int)((mono_ms < 0 ? 0 : mono_ms) % 1000) : 5000;
    int due = schedule_wait_ms(m->schedule, mono_ms);

    if (due >= 0 && due < wait) {
        wait = due;
    }
    if (watch_noise_ms(m) > 0) {
        wait = sooner(wait, watch_noise_ms(m), mono_ms);
    }
    if (m->watch_ms > 0) {
        wait = sooner(wait, m->watch_ms, mono_ms);
    }
    if (m->note[0] != '\0' && m->note_until_ms > 0) {
        wait = sooner(wait, m->note_until_ms, mono_ms);
    }
    return wait;
}

/* ---- what is kept ---- */

char *model_prefs(const struct model *m)
{
    cJSON *p = json_new_object();
    char *columns = column_set_text(&m->list.columns);
    struct sort_order sort = store_sort(m->store);

    json_set_str(p, "columns", columns);
    json_set_str(p, "sort", job_columns[sort.column].name);
    json_set_bool(p, "descending", sort.descending);
    json_set_bool(p, "failingFirst", sort.failing_first);
    json_set_str(p, "filter", m->list.filter_applied);
    json_set_bool(p, "stick", m->list.stick);
    json_set_bool(p, "logWrap", m->detail.log.text.wrap);
    json_set_int(p, "logStamps", m->detail.log.stamps);
    json_set(p, "watched", watch_prefs(m));
    char *text = json_text(p);
    free(columns);
    cJSON_Delete(p);
    return text;
}

void model_save_prefs(struct model *m, struct effects *out)
{
    effects_add(out, EFF_PREFS)->text = model_prefs(m);
}

void model_load_prefs(struct model *m, const char *text, size_t len)
{
    cJSON *p = json_parse(text, len, "view.json", NULL);
    const char *columns = json_str(p, "columns"), *sort = json_str(p, "sort");
    const char *filter = json_str(p, "filter");
    struct sort_order order = store_sort(m->store);
    int64_t stamps = json_int(p, "logStamps", 0);

    if (columns != NULL) {
        (void)!column_set_parse(columns, &m->list.columns, NULL);
    }
    if (sort != NULL && column_find(sort, &order.column)) {
        order.descending = json_bool(p, "descending", false);
        order.failing_first = json_bool(p, "failingFirst", false);
        store_set_sort(m->store, order, m->now_ms);
    }
    if (filter != NULL && filter[0] != '\0' && list_set_filter(m, filter, NULL) == E_OK) {
        edit_set(&m->list.filter, filter);
    }
    watch_load_prefs(m, p);
    m->list.stick = json_bool(p, "stick", true);
    m->detail.log.text.wrap = json_bool(p, "logWrap", true);
    m->detail.log.stamps =
        stamps >= 0 && stamps < STAMPS_COUNT ? (enum log_stamps)stamps : STAMPS_OFF;
    cJSON_Delete(p);
    list_sync(m);
}

void model_add_snapshot(struct model *m, struct job **jobs, size_t len, int64_t saved_ms)
{
    (void)store_put_jobs(m->store, jobs, len, saved_ms, false, m->now_ms);
    store_set_stale(m->store, saved_ms);
    m->snapshot_saved_ms = saved_ms;
    list_sync(m);
    detail_follow_cursor(m);
}

const struct job **model_snapshot_jobs(const struct model *m, size_t max, size_t *len)
{
    size_t rows = store_rows(m->store), all = store_len(m->store), n = 0;
    const struct job **jobs = xcalloc((max < all ? max : all) + 1, sizeof(struct job *));

    for (size_t i = 0; i < rows && n < max; i++) {
        jobs[n++] = store_row(m->store, i)->job;
    }
    for (size_t i = 0; i < all && n < max && rows < all; i++) {
        const struct entry *e = store_any(m->store, i);
        if ((e->flags & ENTRY_SHOWN) == 0) {
            jobs[n++] = e->job;
        }
    }
    *len = n;
    return jobs;
}
