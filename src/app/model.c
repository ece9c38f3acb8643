/* The model of the dashboard: its life, its layout, its schedule, what is kept of it. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "model_priv.h"
#include "ops/log_stage.h"
#include "ops/ops.h"
#include "wrap.h"

/* The mistakes are among the settings' warnings (own_warn), or told here. */
static void load_settings(struct model *m, const struct model_options *o)
{
    const char *columns = settings_get(o->settings, SET_COLUMNS);
    const char *sort = settings_get(o->settings, SET_SORT);
    enum column_id id = COL_AGE;
    bool descending = false;
    struct err e = {0};

    m->jobs->list.columns = column_set_default();
    if (columns != NULL && column_set_parse(columns, &m->jobs->list.columns, &e) != E_OK) {
        (void)err_wrap(&e, "%s", settings_origin_text(o->settings, SET_COLUMNS));
        model_config_error(m, &e);
    }
    if (sort != NULL && column_sort_parse(sort, &id, &descending, &e) != E_OK) {
        (void)err_wrap(&e, "%s", settings_origin_text(o->settings, SET_SORT));
        model_config_error(m, &e);
    } else if (sort != NULL) {
        list_sort_by(m->jobs, id, sort[0] == '-');
    }
}

void model_config_error(struct model *m, const struct err *e)
{
    if (!settings_warned(m->desk.settings, e->msg)) {
        desk_error(&m->desk, "config.ini", e);
    }
}

/* What is wrong in the configuration: all under `!`, the first also in the status row. */
static void load_warnings(struct model *m, const struct settings *s)
{
    struct err e = {0};

    for (size_t i = 0; i < settings_warnings_len(s); i++) {
        (void)err_set(&e, E_CONFIG, "%s", settings_warning(s, i));
        desk_error(&m->desk, "config.ini", &e);
    }
    for (size_t i = 0; i < keymap_warnings(m->desk.keys); i++) {
        (void)err_set(&e, E_CONFIG, "%s", keymap_warning(m->desk.keys, i));
        model_config_error(m, &e);
    }
}

/* What hides a value of the context stands in the header. */
static bool in_header(const struct settings *s, const char *text)
{
    const struct setting_hidden *hidden = NULL;
    size_t len = settings_hidden(s, &hidden);

    for (size_t i = 0; i < len; i++) {
        if (strcmp(hidden[i].text, text) == 0) {
            return true;
        }
    }
    return false;
}

static void note_warnings(struct model *m, const struct settings *s)
{
    const char *first = NULL;
    size_t n = 0;

    for (size_t i = m->desk.errors_len; i > 0; i--) { /* the newest comes first there */
        const char *text = m->desk.errors[i - 1].err.msg;
        if (!in_header(s, text)) {
            first = first == NULL ? text : first;
            n++;
        }
    }
    first = settings_unsafe(s) != NULL ? settings_unsafe(s) : first;
    if (first != NULL && n < 2) {
        desk_note(&m->desk, NOTE_BAD, "Configuration (! shows it): %s", first);
    } else if (first != NULL) {
        desk_note(&m->desk, NOTE_BAD, "Configuration (! shows all %zu): %s", n, first);
    }
}

static void commands_read(struct model *m)
{
    const struct setting_line *lines = NULL;
    size_t len = settings_commands(m->desk.settings, &lines);

    own_commands_read(&m->commands, lines, len, settings_config_file(m->desk.settings));
}

static void commands_tell(struct model *m)
{
    for (size_t i = 0; i < m->commands.len; i++) {
        struct err e = {0};
        if (m->commands.items[i].mistake != NULL) {
            (void)err_set(&e, E_CONFIG, "%s", m->commands.items[i].mistake);
            (void)err_hint_set(&e, "correct that line; the other commands work");
            model_config_error(m, &e);
        }
    }
}

static struct keymap *own_keymap(const struct model *m, const struct setting_key *keys, size_t len)
{
    size_t own_len = 0;
    struct key_own *own = own_commands_keys(&m->commands, &own_len);
    struct keymap *k = keymap_with(keys, len, own, own_len);

    own_commands_keys_free(own, own_len);
    return k;
}

struct model *model_new(const struct model_options *o)
{
    struct model *m = xcalloc(1, sizeof *m);
    const struct setting_key *keys = NULL;
    size_t keys_len = settings_keys(o->settings, &keys);

    m->desk.settings = o->settings;
    context_rows_init(&m->desk.contexts, o->settings);
    commands_read(m);
    m->desk.now_ms = o->now_ms;
    m->desk.mono_ms = o->mono_ms;
    m->desk.scene = (uint64_t)o->seed << 32;
    m->desk.scene_ms = o->now_ms;
    m->desk.keys = own_keymap(m, keys, keys_len);
    m->desk.schedule = schedule_new(settings_int(o->settings, SET_REFRESH_S, 3), o->seed);
    struct state_rules rules = ops_state_rules(o->settings);
    m->desk.store = store_new(&rules);
    m->desk.next_request = 1;
    m->header = true;
    m->desk.where.side = PANE_DETAIL;
    m->desk.ascii = o->ascii;
    m->desk.terminal = o->terminal;
    m->desk.read_only = o->read_only || settings_bool(o->settings, SET_READ_ONLY);
    m->desk.read_only_fixed = o->read_only;
    m->desk.read_only_named = settings_origin(o->settings, SET_READ_ONLY) == ORIGIN_CONTEXT &&
                              settings_bool(o->settings, SET_READ_ONLY);
    m->desk.link.last_good_ms = TIME_NONE;
    m->desk.link.expires_ms = TIME_NONE;
    m->desk.link.since_ms = o->now_ms;
    for (int i = 0; i < SOURCE_COUNT; i++) {
        m->desk.link.sources[i].last_good_ms = TIME_NONE;
    }
    m->desk.loading.active = true;
    m->snapshot_saved_ms = TIME_NONE;
    m->snapshot_mono_ms = o->mono_ms;
    screens_new(m);
    m->jobs = model_screen(m, VIEW_JOBS);
    m->jobs->desk = &m->desk;
    layers_new(m);
    load_settings(m, o);
    load_warnings(m, o->settings);
    views_read(m);
    commands_tell(m);
    note_warnings(m, o->settings);
    own_offer(m);
    struct form_target t = desk_target(&m->desk);
    form_reset(&m->jobs->form, &t);
    return m;
}

void model_free(struct model *m)
{
    if (m == NULL) {
        return;
    }
    free(m->before);
    free(m->wanted);
    keymap_free(m->desk.keys);
    schedule_free(m->desk.schedule);
    store_free(m->desk.store);
    free(m->table);
    saved_views_done(&m->views);
    own_done(m);
    screens_free(m);
    layers_free(m);
    desk_done(&m->desk);
    watch_done(m);
    free(m);
}

/* ---- layout ---- */

void model_settle(struct model *m)
{
    struct layout_want want = {.focus = m->desk.where.focus,
                               .side = m->desk.where.side,
                               .header = m->header,
                               .full = m->desk.where.full,
                               .view = m->desk.where.view != VIEW_JOBS,
                               .line = m->desk.line.open};

    struct message x;
    model_message(m, &x);
    want.message = wrap_rows(x.text, layout_message_cols(m->cols));
    m->desk.layout = layout_compute(m->rows, m->cols, &want);
    stack_settle(m);
    list_sync(m->jobs);
    detail_follow_cursor(m->jobs);
}

/* ---- polling ---- */

static void note_load(struct model *m, const struct task *t)
{
    struct load_round *r = &m->round;
    const struct task_part *part = &task_as(t, part);
    int max = sizeof r->requests / sizeof *r->requests;

    if (part->segment < 0 || part->segment >= max || part->segments > max) {
        return;
    }
    if (part->anew || !r->open || r->segments != part->segments || r->done[part->segment]) {
        memset(r, 0, sizeof *r);
        r->open = true;
        r->segments = part->segments;
        store_round_begin(m->desk.store, m->desk.mono_ms);
    }
    r->requests[part->segment] = t->request;
}

enum { SHOWN_MAX = 200 };

/* The ids of the rows of the list that are on the screen. */
static size_t shown_ids(const struct model *m, const char **ids, size_t max)
{
    int rows = layout_list_rows(m->desk.layout.pane[PANE_LIST]).rows;
    size_t n = 0;

    while (n < max && (int)n < rows && m->jobs->list.rows.top + n < store_rows(m->desk.store)) {
        ids[n] = store_row(m->desk.store, m->jobs->list.rows.top + n)->job->id;
        n++;
    }
    return n;
}

/* Finds the silent jobs whose logs are to be read. */
static size_t silent_logs(struct model *m, struct silent_log out[LOG_STAGE_JOBS])
{
    const struct entry *e[LOG_STAGE_JOBS];
    size_t n =
        store_silent(m->desk.store, m->desk.now_ms,
                     settings_int(m->desk.settings, SET_RECORD_SILENT_S, 180), e, LOG_STAGE_JOBS);

    for (size_t i = 0; i < n; i++) {
        const char *group = e[i]->batch->log_group;
        out[i] = (struct silent_log){.job_id = e[i]->job->id,
                                     .group = group == NULL ? "" : group,
                                     .stream = e[i]->batch->log_stream};
    }
    return n;
}

void model_schedule(struct model *m, struct effects *out)
{
    struct schedule_view view = {.newest_updated_ms = store_newest_ms(m->desk.store)};
    const char *shown[SHOWN_MAX];
    struct silent_log silent[LOG_STAGE_JOBS];

    if (m->cols == 0 || m->quitting) {
        return; /* the model has not had its first event, or has had its last */
    }
    if (schedule_wait_ms(m->desk.schedule, m->desk.mono_ms) != 0) {
        return;
    }
    /* while its detail is shown, the job is asked for by that */
    const char *selected = detail_shown(m->jobs) ? NULL : jobs_subject(m->jobs);
    struct store_asks asks;
    store_active(m->desk.store, m->desk.now_ms, selected, &asks);
    view.active_ids = asks.ids;
    view.active_len = asks.ids_len;
    view.batch_ids = asks.batch_ids;
    view.batch_len = asks.batch_len;
    view.lively = m->lively = asks.lively;
    view.lively_alone = asks.lively_alone;
    view.doubt_len = store_doubts(m->desk.store, &view.doubt_ids);
    view.shown_len = shown_ids(m, shown, sizeof shown / sizeof *shown);
    view.shown_ids = shown;
    view.silent_len = silent_logs(m, silent);
    view.silent = silent;
    struct task *t = schedule_due(m->desk.schedule, &view, m->desk.mono_ms);
    while (t != NULL) {
        struct task *next = t->next;
        t->next = NULL;
        if (t->kind == TASK_LOAD) {
            note_load(m, t);
        } else if (t->kind == TASK_SWEEP) {
            const struct task_part *part = &task_as(t, part);
            store_part_begin(m->desk.store, (uint32_t)part->segment, (uint32_t)part->segments);
            m->sweep_part = (uint16_t)(part->segment + 1);
        } else if (t->kind == TASK_LOG) {
            log_note_task(m->jobs, t);
        }
        screens_asked(m, t);
        effects_submit(out, t);
        t = next;
    }
}

static int sooner(int wait, int64_t at_ms, int64_t now_ms)
{
    int64_t left = at_ms - now_ms;

    return left < 0 ? 0 : left < wait ? (int)left : wait;
}

/* Does something on the screen change every second? The list tells the times of jobs that are
 * silent for hours in minutes and hours, the detail to the second. */
static bool ticking(const struct model *m)
{
    bool told = m->lively > 0 || detail_shown(m->jobs);

    return (stats_active(store_stats(m->desk.store)) > 0 && told) ||
           store_bright(m->desk.store) > 0 || m->desk.link.state != LINK_LIVE ||
           m->desk.loading.active || desk_pending(&m->desk) > 0 ||
           m->desk.mono_ms - m->moved_ms < 5000;
}

int model_wait_ms(const struct model *m, int64_t mono_ms)
{
    int wait = ticking(m) ? 1000 - (int)((mono_ms < 0 ? 0 : mono_ms) % 1000) : 5000;
    int due = schedule_wait_ms(m->desk.schedule, mono_ms);

    if (due >= 0 && due < wait) {
        wait = due;
    }
    if (watch_noise_ms(m) > 0) {
        wait = sooner(wait, watch_noise_ms(m), mono_ms);
    }
    if (m->jobs->watch_ms > 0) {
        wait = sooner(wait, m->jobs->watch_ms, mono_ms);
    }
    const struct screen *s = screens_now(m);
    int64_t at = s->tick_ms == NULL ? 0 : s->tick_ms(m->states[m->desk.where.view], &m->desk);
    if (at > 0) {
        wait = sooner(wait, at, mono_ms);
    }
    if (desk_note_ms(&m->desk) > 0) {
        wait = sooner(wait, desk_note_ms(&m->desk), mono_ms);
    }
    return wait;
}

bool model_loading(const struct model *m)
{
    return m->desk.loading.active;
}

size_t model_jobs(const struct model *m)
{
    return store_len(m->desk.store);
}

/* ---- what is kept ---- */

char *model_watched(const struct model *m)
{
    cJSON *p = json_new_object();

    json_set(p, "watched", watch_prefs(m));
    json_set(p, "views", saved_views_kept(&m->views));
    char *text = json_text(p);
    cJSON_Delete(p);
    return text;
}

void model_load_watched(struct model *m, const char *text, size_t len)
{
    cJSON *p = json_parse(text, len, "watched", NULL);

    watch_load_prefs(m, p);
    saved_views_load(&m->views, json_array(p, "views"));
    own_offer(m);
    cJSON_Delete(p);
}

void model_load_prefs(struct model *m, const char *text, size_t len)
{
    cJSON *p = json_parse(text, len, "view.json", NULL);
    const char *columns = json_str(p, "columns"), *sort = json_str(p, "sort");
    const char *filter = json_str(p, "filter");
    struct sort_order order = store_sort(m->desk.store);
    int64_t stamps = json_int(p, "logStamps", 0);

    if (columns != NULL) {
        (void)!column_set_parse(columns, &m->jobs->list.columns, NULL);
    }
    if (sort != NULL && column_find(sort, &order.column)) {
        order.descending = json_bool(p, "descending", false);
        order.failing_first = json_bool(p, "failingFirst", false);
        store_set_sort(m->desk.store, order, m->desk.now_ms);
    }
    if (filter != NULL && filter[0] != '\0' && list_set_filter(m->jobs, filter, NULL) == E_OK) {
        edit_set(&m->jobs->list.filter, filter);
    }
    const cJSON *filters = json_array(p, "filters");
    for (int i = cJSON_GetArraySize(filters); i-- > 0;) {
        const cJSON *line = cJSON_GetArrayItem(filters, i);
        line_history_add(&m->jobs->list.filters, cJSON_IsString(line) ? line->valuestring : "");
    }
    m->jobs->list.stick = json_bool(p, "stick", true);
    m->jobs->detail.log.text.wrap = json_bool(p, "logWrap", true);
    m->jobs->detail.log.stamps =
        stamps >= 0 && stamps < STAMPS_COUNT ? (enum log_stamps)stamps : STAMPS_OFF;
    cJSON_Delete(p);
    m->desk.scene++;
    model_settle(m);
}

void model_add_snapshot(struct model *m, struct job **jobs, size_t len, int64_t saved_ms)
{
    (void)store_put_jobs(m->desk.store, jobs, len, STORE_KEPT, false, m->desk.now_ms);
    store_set_stale(m->desk.store);
    m->snapshot_saved_ms = saved_ms;
    m->desk.scene++;
    model_settle(m);
}

struct forecast *model_history(struct model *m)
{
    return store_history(m->desk.store);
}

const struct job **model_snapshot_jobs(const struct model *m, size_t max, size_t *len)
{
    size_t rows = store_rows(m->desk.store), all = store_len(m->desk.store), n = 0;
    const struct job **jobs = xcalloc((max < all ? max : all) + 1, sizeof(struct job *));

    for (size_t i = 0; i < rows && n < max; i++) {
        const struct entry *e = store_row(m->desk.store, i);
        /* a job without a record is not kept: the table is asked again whether there is one */
        if ((e->flags & ENTRY_ALONE) == 0) {
            jobs[n++] = e->job;
        }
    }
    for (size_t i = 0; i < all && n < max && rows < all; i++) {
        const struct entry *e = store_any(m->desk.store, i);
        if ((e->flags & (ENTRY_SHOWN | ENTRY_ALONE)) == 0) {
            jobs[n++] = e->job;
        }
    }
    *len = n;
    return jobs;
}
