/* Alerts for watched jobs: the key `W`, what is told, and how loudly.
 *
 * DESIGN: what the store has to tell after an event is gathered and told at once, but the bell and
 * the terminal's notification keep their distance: news that come meanwhile are told together. The
 * hook runs once for a job, one hook at a time, so that a slow one cannot take the workers away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hours.h"
#include "core/json.h"
#include "core/text.h"
#include "model_priv.h"

enum { NOISE_EVERY_MS = 3000, HOOKS_WAITING_MAX = 200 };

static bool wanted(const struct model *m, enum setting_id id)
{
    return settings_bool(m->desk.settings, id);
}

static bool quiet(const struct model *m)
{
    const char *text = settings_get(m->desk.settings, SET_ALERT_QUIET);
    struct hours h;

    return text != NULL && hours_parse(text, &h) && hours_cover(&h, m->desk.now_ms);
}

/* ---- which ---- */

static bool over(const struct model *m, const char *id)
{
    const struct entry *e = store_find(m->desk.store, id);

    return e != NULL && job_status_final((enum job_status)e->state.status);
}

/* The ids of the marked jobs, else of the job that actions mean; an owned array of owned ids. */
static char **targets(const struct model *m, size_t *len)
{
    if (m->desk.where.focus == PANE_LIST && store_marked(m->desk.store) > 0) {
        return store_marked_ids(m->desk.store, len);
    }
    char **one = xcalloc(1, sizeof *one);
    *len = jobs_subject(m->jobs) != NULL;
    one[0] = xstrdup(jobs_subject(m->jobs));
    return one;
}

static void tell_toggled(struct model *m, bool on, size_t changed, size_t ended, bool full)
{
    if (full) {
        desk_note(&m->desk, NOTE_WARN, "%d jobs are already watched, which is the limit.",
                  STORE_WATCH_MAX);
    } else if (changed == 0 && ended > 0) {
        desk_note(&m->desk, NOTE_INFO, "%s already ended: there is nothing to watch.",
                  ended == 1 ? "The job has" : "These jobs have");
    } else if (!on) {
        desk_note(&m->desk, NOTE_INFO, "%zu job%s no longer watched.", changed,
                  changed == 1 ? " is" : "s are");
    } else {
        desk_note(&m->desk, NOTE_GOOD, "Watched: an alert when %s ends or gets stuck.",
                  changed == 1 ? "the job" : "one of these jobs");
    }
}

void watch_toggle(struct model *m, struct effects *out)
{
    size_t len = 0, changed = 0, ended = 0;
    char **ids = targets(m, &len);
    bool on = false, full = false;

    if (len == 0) {
        desk_note(&m->desk, NOTE_INFO, "No job is selected.");
        free(ids[0]);
        free(ids);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        on |= !store_is_watched(m->desk.store, ids[i]) && !over(m, ids[i]);
    }
    for (size_t i = 0; i < len && !full; i++) {
        bool watched = store_is_watched(m->desk.store, ids[i]);
        if (over(m, ids[i])) {
            (void)store_watch(m->desk.store, ids[i], false);
            ended++;
        } else if (watched != on) {
            full = !store_watch(m->desk.store, ids[i], on);
            changed += !full;
        }
    }
    tell_toggled(m, on, changed, ended, full);
    for (size_t i = 0; i < len; i++) {
        free(ids[i]);
    }
    free(ids);
    jobs_save_prefs(m->jobs, out);
    m->jobs->detail.stale = true;
}

/* ---- the hook ---- */

static void hook_next(struct model *m, struct effects *out)
{
    struct alerts *a = &m->alerts;
    struct task *t = a->hooks;

    if (t == NULL || a->hook_request != 0) {
        return;
    }
    a->hooks = t->next;
    a->hooks_len--;
    t->next = NULL;
    a->hook_request = t->request;
    effects_submit(out, t);
}

static void hook_add(struct model *m, const struct store_news *n)
{
    struct alerts *a = &m->alerts;
    const struct entry *e = n->entry;
    struct task **end = &a->hooks;

    if (settings_get(m->desk.settings, SET_ALERT_HOOK) == NULL) {
        return;
    }
    if (a->hooks_len == HOOKS_WAITING_MAX) {
        struct err err = {0};
        (void)err_set(&err, E_TOO_BIG, "hook: not run for %.128s: %d runs are already waiting",
                      e->job->id, HOOKS_WAITING_MAX);
        (void)err_hint_set(&err, "make the hook faster, or watch fewer jobs");
        desk_error(&m->desk, "Alert", &err);
        return;
    }
    struct task *t = task_new(TASK_HOOK, desk_request(&m->desk));
    const char *context = settings_context(m->desk.settings);
    cJSON *doc = alert_json(n->kind, e->job, e->batch, &e->state, context);
    t->job_id = xstrdup(e->job->id);
    struct task_hook *hook = &task_as(t, hook);
    hook->input = json_safe(doc);
    hook->env.items = alert_facts(n->kind, e->job, e->batch, &e->state, context, &hook->env.len);
    cJSON_Delete(doc);
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = t;
    a->hooks_len++;
}

void watch_hook_done(struct model *m, const struct msg *msg, struct effects *out)
{
    if (msg->request == m->alerts.hook_request) {
        m->alerts.hook_request = 0;
    }
    if (desk_failed(&m->desk, "Alert", &msg->err)) {
        desk_note_err(&m->desk, NOTE_WARN, &msg->err, "%s", "");
    }
    hook_next(m, out);
}

/* ---- telling ---- */

static void count_text(const size_t counts[ALERT_KINDS], char *buf, size_t size)
{
    static const enum alert_kind order[] = {ALERT_FAILED, ALERT_STUCK, ALERT_CANCELLED,
                                            ALERT_FINISHED};
    size_t n = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < sizeof order / sizeof *order && n < size; i++) {
        if (counts[order[i]] > 0) {
            n += (size_t)snprintf(buf + n, size - n, "%s%zu %s", n > 0 ? ", " : "",
                                  counts[order[i]], alert_word(order[i]));
        }
    }
}

static void gather(struct alert_sum *b, const struct store_news *n, enum alert_kind kind)
{
    const struct entry *e = n->entry;

    b->counts[kind]++;
    b->len++;
    if (kind > b->worst) { /* when there are several, the worst one is named */
        b->worst = kind;
        (void)alert_line(kind, e->job, e->batch, &e->state, b->line);
    }
}

/* Writes "My Startup FAILED: ...", or "3 watched jobs: 1 failed, 2 finished; My Startup FAILED:
 * ...". */
static void sum_text(const struct alert_sum *b, char *buf, size_t size)
{
    char counts[120];

    if (b->len == 1) {
        (void)snprintf(buf, size, "%s", b->line);
        return;
    }
    count_text(b->counts, counts, sizeof counts);
    (void)snprintf(buf, size, "%zu watched jobs: %s; %s", b->len, counts, b->line);
}

static void add_title(struct model *m, const char *text, struct effects *out)
{
    char *title = xasprintf("! %.100s - mvpdash", text);

    m->alerts.titled = true;
    effects_add(out, EFF_TITLE)->text = text_cleaned(title, TEXT_ONE_LINE);
    free(title);
}

/* Rings the bell and notifies: not more often than every few seconds, and not in quiet hours. */
static void make_noise(struct model *m, struct effects *out)
{
    struct alerts *a = &m->alerts;
    char text[400];

    if (a->noise.len == 0 || m->desk.mono_ms < a->noise_ms) {
        return;
    }
    sum_text(&a->noise, text, sizeof text);
    a->noise = (struct alert_sum){0};
    a->noise_ms = m->desk.mono_ms + NOISE_EVERY_MS;
    if (wanted(m, SET_ALERT_TITLE)) {
        add_title(m, text, out);
    }
    if (quiet(m)) {
        return;
    }
    if (wanted(m, SET_ALERT_BELL)) {
        (void)effects_add(out, EFF_BELL);
    }
    if (wanted(m, SET_ALERT_OSC9) || wanted(m, SET_ALERT_OSC777)) {
        effects_add(out, EFF_NOTIFY)->text = xstrdup(text);
    }
}

static void tell(struct model *m, const struct alert_sum *b)
{
    char text[400];

    sum_text(b, text, sizeof text);
    desk_note(&m->desk, b->worst == ALERT_FAILED || b->worst == ALERT_STUCK ? NOTE_BAD : NOTE_GOOD,
              "%s", text);
    m->desk.note_until_ms = 0; /* the note stays until the next key shows that somebody saw it */
}

/* Tells once, and without noise, which jobs ended before this run looked, when the list is
 * there. */
static void tell_before(struct model *m)
{
    struct alerts *a = &m->alerts;
    char text[400];

    if (a->before.len == 0 || m->desk.loading.active) {
        return;
    }
    sum_text(&a->before, text, sizeof text);
    desk_note(&m->desk, NOTE_INFO, "While mvpdash was away: %s", text);
    m->desk.note_until_ms = 0;
    a->before = (struct alert_sum){0};
}

static enum alert_kind end_kind(const struct entry *e)
{
    return e->state.status == JOB_COMPLETED   ? ALERT_FINISHED
           : e->state.status == JOB_CANCELLED ? ALERT_CANCELLED
                                              : ALERT_FAILED;
}

void watch_tell(struct model *m, struct effects *out)
{
    struct alert_sum now = {0};
    struct store_news n;

    while (store_next_news(m->desk.store, &n)) {
        if (n.ended_before) {
            gather(&m->alerts.before, &n, end_kind(n.entry));
            char *id = xstrdup(n.entry->job->id);
            (void)store_watch(m->desk.store, id, false);
            free(id);
            continue;
        }
        gather(&now, &n, n.kind);
        gather(&m->alerts.noise, &n, n.kind);
        hook_add(m, &n);
    }
    if (now.len > 0) {
        tell(m, &now);
        out->draw = true;
    }
    tell_before(m);
    make_noise(m, out);
    hook_next(m, out);
}

int64_t watch_noise_ms(const struct model *m)
{
    return m->alerts.noise.len > 0 ? m->alerts.noise_ms : 0;
}

void watch_seen(struct model *m, struct effects *out)
{
    if (m->alerts.titled) {
        m->alerts.titled = false;
        effects_add(out, EFF_TITLE)->text = xstrdup(m->title[0] == '\0' ? "mvpdash" : m->title);
    }
}

/* ---- kept between runs ---- */

cJSON *watch_prefs(const struct model *m)
{
    cJSON *list = json_new_array();
    size_t len = 0;
    char **ids = store_watched_ids(m->desk.store, &len);

    for (size_t i = 0; i < len; i++) {
        json_push_str(list, ids[i]);
        free(ids[i]);
    }
    free(ids);
    return list;
}

void watch_load_prefs(struct model *m, const cJSON *prefs)
{
    const cJSON *x;

    cJSON_ArrayForEach(x, json_array(prefs, "watched"))
    {
        if (cJSON_IsString(x) && x->valuestring[0] != '\0' && strlen(x->valuestring) <= 256) {
            (void)store_watch(m->desk.store, x->valuestring, true);
        }
    }
}

void watch_done(struct model *m)
{
    while (m->alerts.hooks != NULL) {
        struct task *next = m->alerts.hooks->next;
        task_free(m->alerts.hooks);
        m->alerts.hooks = next;
    }
}
