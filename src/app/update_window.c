/* The texts of the windows: help, errors, who am I. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "jobs/age.h"
#include "model_priv.h"
#include "wrap.h"

enum { NEWEST = 8 }; /* errors, among which a message is looked for */

static void fill_help(const void *owner, struct textview *v)
{
    const struct model *m = owner;
    char *help = keymap_help(m->desk.keys, m->desk.window.scope);
    char *save = NULL;

    for (char *p = help; *p != '\0'; p++) { /* strtok_r would swallow the empty lines */
        if (p[0] == '\n' && p[1] == '\n') {
            p[1] = '\001';
        }
    }
    for (char *l = strtok_r(help, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
        if (*l == '\001') {
            textview_add(v, "", ST_TEXT);
            l++;
        }
        char *tab = strchr(l, '\t');
        if (tab == NULL) {
            textview_add(v, l, ST_TITLE_FOCUS);
            continue;
        }
        if (tab == l) {
            textview_add(v, tab + 1, ST_TEXT);
            continue;
        }
        *tab = '\0';
        textview_add_label(v, l, 16, tab + 1, ST_TEXT);
    }
    if (settings_bool(m->desk.settings, SET_MOUSE)) {
        textview_add(v, "", ST_TEXT);
        textview_add(v, "Mouse", ST_TITLE_FOCUS);
        textview_add_label(v, "Click", 16, "Choose a row, show a tab, press a key of the last row",
                           ST_TEXT);
        textview_add_label(v, "Click on title", 16, "Sort by that column; again: the other way",
                           ST_TEXT);
        textview_add_label(v, "Double click", 16, "Open the row", ST_TEXT);
        textview_add_label(v, "Wheel", 16, "Scroll what is under the pointer", ST_TEXT);
        textview_add_label(v, "Shift and drag", 16, "Hold Shift to select text", ST_TEXT);
    }
    free(help);
}

/* Does a message need more rows than the screen has for it? */
static bool is_long(const struct model *m, const char *text)
{
    return wrap_rows(text, layout_message_cols(m->cols)) > layout_message_most(m->rows, false);
}

/* Does one of the newest errors tell what the message tells? */
static bool is_told(const struct desk *d, const char *text)
{
    for (size_t i = 0; i < d->errors_len && i < NEWEST; i++) {
        if (d->errors[i].err.msg[0] != '\0' && strstr(text, d->errors[i].err.msg) != NULL) {
            return true;
        }
    }
    return false;
}

/* The messages that may have been cut: what is told now for as long as it lasts, and the last
 * note. */
static void add_messages(const struct model *m, struct textview *v)
{
    static const enum style styles[] = {
        [NOTE_INFO] = ST_INFO, [NOTE_GOOD] = ST_GOOD, [NOTE_WARN] = ST_WARN, [NOTE_BAD] = ST_BAD};
    const struct told *last = &m->desk.last;
    struct message now;
    char local[32];

    model_lasting(m, &now);
    if (is_long(m, now.text) && !is_told(&m->desk, now.text)) {
        textview_add(v, "Now", ST_STRONG);
        textview_addf(v, now.style, "  %s", now.text);
        textview_add(v, "", ST_TEXT);
    }
    if (last->text[0] != '\0' && !is_told(&m->desk, last->text) &&
        (last->kind >= NOTE_WARN || is_long(m, last->text))) {
        textview_addf(v, ST_STRONG, "%s  The last message",
                      format_local(last->at_ms, local, sizeof local));
        textview_addf(v, styles[last->kind], "  %s", last->text);
        textview_add(v, "", ST_TEXT);
    }
}

static void fill_errors(const void *owner, struct textview *v)
{
    const struct model *m = owner;

    add_messages(m, v);
    if (m->desk.errors_len == 0) {
        textview_add(v, "No errors in this session.", ST_GOOD);
        return;
    }
    for (size_t i = 0; i < m->desk.errors_len; i++) {
        const struct error_entry *e = &m->desk.errors[i];
        char local[32], label[80];
        (void)format_local(e->last_ms, local, sizeof local);
        (void)snprintf(label, sizeof label, "%s  %s", local, e->what);
        if (e->times > 1) {
            textview_addf(v, ST_STRONG, "%s  (%u times, first %s ago)", label, e->times,
                          age_text(e->at_ms, m->desk.now_ms, (char[AGE_SIZE]){0}));
        } else {
            textview_add(v, label, ST_STRONG);
        }
        textview_addf(v, ST_BAD, "  %s", e->err.msg);
        textview_addf(v, ST_HINT, "  %s", err_hint(&e->err));
        if (e->err.aws_code[0] != '\0' || e->err.request_id[0] != '\0') {
            textview_addf(v, ST_DIM, "  %s %s request %s", err_name(e->err.code), e->err.aws_code,
                          e->err.request_id);
        } else {
            textview_addf(v, ST_DIM, "  %s", err_name(e->err.code));
        }
        textview_add(v, "", ST_TEXT);
    }
}

static void add_setting(const struct model *m, struct textview *v, const char *label,
                        enum setting_id id)
{
    const char *value = settings_get(m->desk.settings, id);
    char *text = xasprintf("%s  (%s)", value == NULL ? "not set" : value,
                           settings_origin_text(m->desk.settings, id));

    textview_add_label(v, label, 16, text, value == NULL ? ST_DIM : ST_TEXT);
    free(text);
}

/* How the table is followed, and what that costs: as AWS counted it, else by estimate. */
static void add_cost(const struct model *m, struct textview *v)
{
    struct schedule_cost c = schedule_cost(m->desk.schedule, m->desk.mono_ms);
    struct cost_rate r;
    char text[200], age[AGE_SIZE], units[24], reads[24], load[24];
    bool counted = cost_an_hour(&m->cost, &r) && m->cost.last.read_units > 0;

    if (c.way[0] == '\0' || m->desk.loading.active) {
        return;
    }
    (void)format_count((size_t)(c.stream_reads + 0.5), reads, sizeof reads);
    (void)snprintf(text, sizeof text, "%s%s%s%s", c.way, c.stream_reads > 0 ? ": " : "",
                   c.stream_reads > 0 ? reads : "",
                   c.stream_reads > 0 ? " GetRecords of each shard an hour" : "");
    textview_add_label(v, "Followed by", 16, text, ST_TEXT);
    (void)format_count((size_t)((counted ? r.read_units : c.read_units) + 0.5), units,
                       sizeof units);
    (void)snprintf(text, sizeof text, "%s an hour, %s%s", units,
                   counted ? "counted by AWS over " : "an estimate",
                   counted ? duration_text(r.over_ms, age) : "");
    textview_add_label(v, "Read units", 16, text, ST_TEXT);
    if (m->cost.load_units > 0) {
        (void)format_count((size_t)(m->cost.load_units + 0.5), load, sizeof load);
        (void)snprintf(text, sizeof text, "%s for the first load", load);
        textview_add_label(v, "", 16, text, ST_TEXT);
    }
}

static void fill_whoami(const void *owner, struct textview *v)
{
    const struct model *m = owner;
    char text[160], local[32];

    if (settings_context(m->desk.settings) != NULL) {
        add_setting(m, v, "Context", SET_CONTEXT);
    }
    textview_add_label(v, "Account", 16,
                       m->desk.link.account[0] == '\0' ? "not known yet" : m->desk.link.account,
                       ST_STRONG);
    if (desk_account(&m->desk) != ACCOUNT_ANY) {
        (void)snprintf(text, sizeof text, "%s%s", settings_get(m->desk.settings, SET_ACCOUNT),
                       desk_account(&m->desk) == ACCOUNT_RIGHT ? ""
                       : desk_account(&m->desk) == ACCOUNT_OTHER
                           ? ": nothing is written to another account"
                           : ": not verified yet");
        textview_add_label(v, "Should be", 16, text,
                           desk_account(&m->desk) == ACCOUNT_RIGHT ? ST_TEXT : ST_WARN);
    }
    textview_add_label(v, "Identity", 16, m->desk.link.arn, ST_TEXT);
    textview_add_label(v, "Credentials", 16, m->desk.link.source, ST_TEXT);
    if (m->desk.link.expires_ms != TIME_NONE) {
        (void)snprintf(text, sizeof text, "%s",
                       format_local(m->desk.link.expires_ms, local, sizeof local));
        textview_add_label(
            v, "They expire", 16, text,
            m->desk.link.expires_ms - m->desk.now_ms < INT64_C(15) * 60000 ? ST_WARN : ST_TEXT);
    }
    textview_add(v, "", ST_TEXT);
    add_setting(m, v, "Region", SET_REGION);
    add_setting(m, v, "Profile", SET_PROFILE);
    add_setting(m, v, "Endpoint", SET_ENDPOINT_URL);
    add_setting(m, v, "Table", SET_TABLE);
    add_setting(m, v, "Bus", SET_BUS);
    add_setting(m, v, "Event source", SET_SOURCE);
    add_setting(m, v, "Event type", SET_DETAIL_TYPE);
    add_setting(m, v, "Rule", SET_RULE);
    add_setting(m, v, "Job queue", SET_QUEUE);
    add_setting(m, v, "Log group", SET_BATCH_LOG_GROUP);
    textview_add(v, "", ST_TEXT);
    if (m->table != NULL) {
        (void)snprintf(text, sizeof text, "%s, stream %s, index by status %s, index by user %s",
                       m->table->status, m->table->stream_arn[0] != '\0' ? "on" : "off",
                       m->table->status_index ? "yes" : "no", m->table->user_index ? "yes" : "no");
        textview_add_label(v, "The table is", 16, text, ST_TEXT);
    }
    add_cost(m, v);
    textview_add_label(v, "Changes", 16,
                       !desk_reads_only(&m->desk) ? "allowed"
                       : !m->desk.read_only       ? "refused: another account"
                       : m->desk.read_only_fixed  ? "refused: --read-only"
                       : m->desk.read_only_named  ? "refused: the context is read-only (:rw NAME)"
                                                  : "refused: read-only (:rw)",
                       desk_reads_only(&m->desk) ? ST_WARN : ST_TEXT);
}

static const char *help_title(const void *owner, char *buf, size_t size)
{
    const struct model *m = owner;
    bool all = m->desk.window.scope == SCOPE_COUNT;

    (void)snprintf(buf, size, "Keys%s%s", all ? "" : ": ",
                   all ? "" : scope_title(m->desk.window.scope));
    return buf;
}

static const char *errors_title(const void *owner, char *buf, size_t size)
{
    (void)owner;
    (void)snprintf(buf, size, "Errors of this session");
    return buf;
}

static const char *whoami_title(const void *owner, char *buf, size_t size)
{
    (void)owner;
    (void)snprintf(buf, size, "Who am I");
    return buf;
}

void windows_open_help(struct model *m, enum scope scope)
{
    static const struct window_def def = {ACT_HELP, help_title, fill_help};

    m->desk.window.scope = scope == SCOPE_ALL ? SCOPE_LIST : scope;
    window_open(&m->desk.window, &def, m);
}

void windows_open_errors(struct model *m)
{
    static const struct window_def def = {ACT_ERRORS, errors_title, fill_errors};

    m->desk.errors_unseen = 0;
    window_open(&m->desk.window, &def, m);
}

void windows_open_whoami(struct model *m)
{
    static const struct window_def def = {ACT_WHOAMI, whoami_title, fill_whoami};

    window_open(&m->desk.window, &def, m);
}
