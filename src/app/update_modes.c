/* What stands over the panes: typed lines (filter, search, command), menus, windows of text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/age.h"
#include "jobs/job_json.h"
#include "model_priv.h"

/* ---- filter ---- */

void modes_open_filter(struct model *m)
{
    free(m->list.filter_before);
    m->list.filter_before = xstrdup(m->list.filter_applied);
    edit_set(&m->list.filter, m->list.filter_applied);
    m->list.filter_err = (struct err){0};
    model_focus(m, PANE_LIST);
    model_set_mode(m, MODE_FILTER);
}

/* As it is typed; while what is typed is no good the last good one stays in force. */
static void filter_typed(struct model *m)
{
    m->list.filter_err = (struct err){0};
    (void)!list_set_filter(m, edit_text(&m->list.filter), &m->list.filter_err);
}

static void end_filter(struct model *m, bool take, struct effects *out)
{
    if (!take) {
        char *before = xstrdup(m->list.filter_before == NULL ? "" : m->list.filter_before);
        (void)!list_set_filter(m, before, NULL);
        free(before);
    } else if (m->list.filter_err.code != E_OK) {
        model_note(m, NOTE_BAD, "%s", m->list.filter_err.msg);
        return; /* still to be corrected */
    } else {
        model_save_prefs(m, out);
    }
    edit_set(&m->list.filter, m->list.filter_applied);
    m->list.filter_err = (struct err){0};
    model_set_mode(m, MODE_NONE);
}

/* ---- search ---- */

struct textview *modes_search_view(struct model *m)
{
    if (m->under_dialog == MODE_HELP || m->under_dialog == MODE_ERRORS ||
        m->under_dialog == MODE_WHOAMI) {
        return &m->popup;
    }
    return detail_view(&m->detail);
}

void modes_open_search(struct model *m, bool keeps)
{
    m->under_dialog = m->mode; /* a window may be searched: it comes back */
    m->search_keeps = keeps;
    edit_set(&m->search, modes_search_view(m)->pattern);
    model_set_mode(m, MODE_SEARCH);
}

static void end_search(struct model *m, bool take)
{
    struct textview *v = modes_search_view(m);

    if (!take) {
        textview_search(v, NULL);
    } else if (v->pattern_err.code != E_OK) {
        model_note(m, NOTE_BAD, "%s", v->pattern_err.msg);
        return;
    } else if (m->search_keeps) {
        textview_set_keep(v, true);
    } else if (v->pattern != NULL && v->match_count == 0) {
        model_note(m, NOTE_WARN, "No line matches \"%.80s\".", v->pattern);
    }
    model_set_mode(m, m->under_dialog);
    m->under_dialog = MODE_NONE;
}

/* ---- command line ---- */

void modes_open_palette(struct model *m)
{
    palette_open(&m->palette);
    model_set_mode(m, MODE_PALETTE);
}

static void command_sort(struct model *m, const char *argument)
{
    bool invert = argument[0] == '-';
    enum column_id id = COL_AGE;

    if (column_find(argument + (invert ? 1 : 0), &id)) {
        list_sort_by(m, id, job_columns[id].descending != invert);
    } else {
        model_note(m, NOTE_BAD, "There is no column \"%.40s\": such as status, name, age.",
                   argument);
    }
}

static void command_job(struct model *m, const char *argument)
{
    size_t row = 0;

    if (store_find(m->store, argument) == NULL) {
        model_note(m, NOTE_BAD, "No job \"%.60s\" is known here.", argument);
        return;
    }
    if (store_row_of(m->store, argument, &row)) {
        list_to_row(m, row);
    }
    detail_open(m, argument, TAB_OVERVIEW);
}

static void run_command(struct model *m, const char *line, struct effects *out)
{
    struct command c = palette_parse(line);
    struct err e = {0};

    switch (c.id) {
    case CMD_ACTION:
        update_action(m, c.action, out);
        return;
    case CMD_FILTER:
        if (list_set_filter(m, c.argument, &e) != E_OK) {
            model_note(m, NOTE_BAD, "%s", e.msg);
        }
        edit_set(&m->list.filter, m->list.filter_applied);
        return;
    case CMD_SORT:
        command_sort(m, c.argument);
        return;
    case CMD_COLUMNS:
        if (column_set_parse(c.argument, &m->list.columns, &e) != E_OK) {
            model_note(m, NOTE_BAD, "%s", e.msg);
        }
        return;
    case CMD_OPEN_JOB:
        command_job(m, c.argument);
        return;
    case CMD_UNKNOWN:
        if (line[strspn(line, " :")] != '\0') {
            model_note(m, NOTE_BAD, "There is no command \"%.60s\": Tab completes, ? helps.", line);
        }
        return;
    }
}

/* What is typed when it is a command, else the row that is chosen. */
static void accept_palette(struct model *m, struct effects *out)
{
    struct palette *p = &m->palette;
    const char *typed = edit_text(&p->edit);
    char *line = xstrdup(typed);

    if ((p->moved || palette_parse(typed).id == CMD_UNKNOWN) && p->len > 0 &&
        typed[strspn(typed, " :")] != '\0') {
        const struct palette_row *row = &p->rows[p->selected];
        free(line);
        line = xstrdup(row->name);
        if (row->id != CMD_ACTION && strchr(typed, ' ') == NULL) {
            palette_complete(p); /* it wants an argument */
            free(line);
            return;
        }
    } else if (p->moved && p->len > 0) {
        free(line);
        line = xstrdup(p->rows[p->selected].name);
    }
    model_set_mode(m, MODE_NONE);
    palette_remember(p, line);
    run_command(m, line, out);
    free(line);
}

static void palette_step(struct palette *p, int by)
{
    bool empty = edit_text(&p->edit)[0] == '\0';

    if (p->history_at > 0 || (empty && by < 0 && !p->moved && p->history_len > 0)) {
        palette_history(p, -by);
    } else if (p->len > 0) {
        p->selected = (p->selected + (by < 0 ? p->len - 1 : 1)) % p->len;
        p->moved = true;
    }
}

/* ---- all typed lines ---- */

static struct edit *typed_line(struct model *m)
{
    return m->mode == MODE_FILTER   ? &m->list.filter
           : m->mode == MODE_SEARCH ? &m->search
                                    : &m->palette.edit;
}

static void typed(struct model *m)
{
    if (m->mode == MODE_FILTER) {
        filter_typed(m);
    } else if (m->mode == MODE_SEARCH) {
        textview_search(modes_search_view(m), edit_text(&m->search));
    } else {
        m->palette.history_at = 0;
        palette_update(&m->palette);
    }
}

void modes_input_paste(struct model *m, const char *text, size_t len)
{
    edit_paste(typed_line(m), text, len);
    typed(m);
}

static void input_step(struct model *m, int by)
{
    if (m->mode == MODE_PALETTE) {
        palette_step(&m->palette, by);
    } else if (m->mode == MODE_FILTER) {
        size_t row = m->list.row;
        list_to_row(m, by < 0 ? (row > 0 ? row - 1 : 0) : row + 1);
    } else {
        (void)textview_next(modes_search_view(m), by);
    }
}

static void end_input(struct model *m, bool take, struct effects *out)
{
    if (m->mode == MODE_FILTER) {
        end_filter(m, take, out);
    } else if (m->mode == MODE_SEARCH) {
        end_search(m, take);
    } else if (take) {
        accept_palette(m, out);
    } else {
        model_set_mode(m, MODE_NONE);
    }
}

void modes_input_key(struct model *m, const char *key, struct effects *out)
{
    enum action a = keymap_find_only(m->keys, SCOPE_INPUT, key);
    struct edit *e = typed_line(m);

    switch (a) {
    case ACT_ACCEPT:
        end_input(m, true, out);
        return;
    case ACT_NO:
        end_input(m, false, out);
        return;
    case ACT_FOCUS_PREV:
    case ACT_FOCUS_NEXT:
        input_step(m, a == ACT_FOCUS_PREV ? -1 : 1);
        return;
    case ACT_COMPLETE:
        if (m->mode == MODE_PALETTE) {
            palette_complete(&m->palette);
        }
        return;
    default:
        break;
    }
    if (strcmp(key, "Backspace") == 0 && e->len == 0) {
        end_input(m, false, out); /* as vi does */
    } else if (edit_key(e, key)) {
        typed(m);
    } else if (!key_is_text(key)) {
        a = keymap_find_only(m->keys, SCOPE_ALL, key);
        if (a == ACT_REDRAW || a == ACT_SUSPEND) {
            (void)effects_add(out, a == ACT_REDRAW ? EFF_REDRAW : EFF_SUSPEND);
        }
    }
}

/* ---- menus ---- */

static struct menu_row *add_row(struct menu *menu, int id, char key, bool on, const char *text)
{
    struct menu_row *r = &menu->rows[menu->len++];

    memset(r, 0, sizeof *r);
    r->id = id;
    r->key = key;
    r->on = on;
    (void)snprintf(r->text, sizeof r->text, "%.60s", text);
    return r;
}

enum { CHIP_ALL = 100, CHIP_FAILING, CHIP_ACTIVE, CHIP_STUCK };

static bool chips_same(struct chips a, struct chips b)
{
    return a.statuses == b.statuses && a.stuck == b.stuck;
}

static void fill_status(struct model *m)
{
    struct chips c = store_chips(m->store);
    const struct stats *st = store_stats(m->store);
    char text[64];

    m->menu.title = "States to show";
    (void)snprintf(text, sizeof text, "All (%zu)", st->total);
    add_row(&m->menu, CHIP_ALL, 'a', c.statuses == 0 && !c.stuck, text);
    add_row(&m->menu, CHIP_FAILING, 'f', chips_same(c, chips_failing), "Failed or stuck");
    add_row(&m->menu, CHIP_ACTIVE, 'o', chips_same(c, chips_active), "Not over yet");
    (void)snprintf(text, sizeof text, "Stuck (%zu)", st->stuck);
    add_row(&m->menu, CHIP_STUCK, 's', c.stuck, text);
    for (int s = 0; s < JOB_STATUS_COUNT; s++) {
        const char *word = job_status_word((enum job_status)s);
        if (word[0] == '\0') {
            word = s == JOB_NO_STATUS ? "no status" : "others";
        }
        (void)snprintf(text, sizeof text, "%s %s (%zu)",
                       glyph_text(status_glyph((uint8_t)s), m->ascii), word, st->by_status[s]);
        add_row(&m->menu, s, 0, (c.statuses & 1U << s) != 0, text);
    }
}

static void fill_columns(struct model *m)
{
    const struct column_set *c = &m->list.columns;

    m->menu.title = "Columns";
    for (size_t i = 0; i < c->len; i++) {
        add_row(&m->menu, (int)c->ids[i], 0, true, job_columns[c->ids[i]].title);
    }
    for (int i = 0; i < COL_COUNT; i++) {
        if (!column_set_has(c, (enum column_id)i)) {
            add_row(&m->menu, i, 0, false, job_columns[i].title);
        }
    }
}

enum { COPY_ID, COPY_NAME, COPY_ROW, COPY_JSON, COPY_BATCH, COPY_URL };

static void fill_copy(struct model *m)
{
    m->menu.title = "Copy";
    add_row(&m->menu, COPY_ID, 'i', false, "Job id");
    add_row(&m->menu, COPY_NAME, 'n', false, "Business name");
    add_row(&m->menu, COPY_ROW, 'r', false, "Row of the list");
    add_row(&m->menu, COPY_JSON, 'j', false, "JSON");
    add_row(&m->menu, COPY_BATCH, 'b', false, "Batch job id");
    add_row(&m->menu, COPY_URL, 'u', false, "Address in the AWS console");
}

static void fill_menu(struct model *m, enum mode mode)
{
    m->menu.len = 0;
    if (mode == MODE_STATUS) {
        fill_status(m);
    } else if (mode == MODE_COLUMNS) {
        fill_columns(m);
    } else {
        fill_copy(m);
    }
    if (m->menu.selected >= m->menu.len) {
        m->menu.selected = m->menu.len - 1;
    }
}

void modes_open_menu(struct model *m, enum mode mode)
{
    if (mode == MODE_COPY && store_find(m->store, model_subject(m)) == NULL) {
        model_note(m, NOTE_INFO, "No job is selected.");
        return;
    }
    m->menu.selected = 0;
    fill_menu(m, mode);
    model_set_mode(m, mode);
}

static void toggle_status(struct model *m, int id)
{
    struct chips c = store_chips(m->store);

    if (id == CHIP_ALL) {
        c = (struct chips){0};
    } else if (id == CHIP_FAILING) {
        c = chips_failing;
    } else if (id == CHIP_ACTIVE) {
        c = chips_active;
    } else if (id == CHIP_STUCK) {
        c.stuck = !c.stuck;
    } else {
        c.statuses ^= 1U << id;
    }
    store_set_chips(m->store, c, m->now_ms);
    list_sync(m);
    detail_follow_cursor(m);
}

static void toggle_column(struct model *m, enum column_id id)
{
    struct column_set *c = &m->list.columns;
    size_t at = 0;

    while (at < c->len && c->ids[at] != id) {
        at++;
    }
    if (at == c->len) {
        c->ids[c->len++] = id;
    } else if (c->len > 1) {
        memmove(c->ids + at, c->ids + at + 1, (c->len - at - 1) * sizeof *c->ids);
        c->len--;
    }
}

static void move_column(struct model *m, int by)
{
    struct column_set *c = &m->list.columns;
    size_t at = m->menu.selected;

    if (at >= c->len || (by < 0 && at == 0) || (by > 0 && at + 1 >= c->len)) {
        return; /* only columns that show have a place */
    }
    size_t other = by < 0 ? at - 1 : at + 1;
    enum column_id id = c->ids[at];
    c->ids[at] = c->ids[other];
    c->ids[other] = id;
    m->menu.selected = other;
}

static char *row_text(const struct model *m, const struct entry *e)
{
    struct strbuf out = STRBUF_INIT;
    struct format_ctx x = model_format(m);
    char cell[256];

    for (size_t i = 0; i < m->list.columns.len; i++) {
        enum style st = ST_TEXT;
        job_columns[m->list.columns.ids[i]].format(e, &x, cell, sizeof cell, &st);
        strbuf_addf(&out, "%s%s", i > 0 ? "  " : "", cell);
    }
    return strbuf_take(&out);
}

static void copy_what(struct model *m, int id, struct effects *out)
{
    const struct entry *e = store_find(m->store, model_subject(m));
    char *text = NULL;

    if (e == NULL) {
        return;
    }
    if (id == COPY_URL) {
        update_action(m, ACT_COPY_URL, out);
        return;
    }
    if (id == COPY_JSON) {
        cJSON *doc = job_json(e->job, e->batch, &e->state);
        text = json_pretty(doc);
        cJSON_Delete(doc);
    } else if (id == COPY_ROW) {
        text = row_text(m, e);
    } else {
        const char *what = id == COPY_NAME ? e->job->business_name
                           : id == COPY_BATCH
                               ? (e->batch != NULL ? e->batch->id : e->job->batch_job_id)
                               : e->job->id;
        text = what == NULL ? NULL : text_cleaned(what, TEXT_ONE_LINE);
    }
    if (text == NULL) {
        model_note(m, NOTE_WARN, "The job has none.");
        return;
    }
    effects_add(out, EFF_COPY)->text = text;
}

static void take_row(struct model *m, const struct menu_row *row, bool close, struct effects *out)
{
    enum mode mode = m->mode;

    if (mode == MODE_COPY) {
        model_set_mode(m, MODE_NONE);
        copy_what(m, row->id, out);
        return;
    }
    if (mode == MODE_STATUS && close && row->id < JOB_STATUS_COUNT) {
        store_set_chips(m->store, (struct chips){.statuses = 1U << row->id}, m->now_ms);
        list_sync(m);
        detail_follow_cursor(m);
    } else if (mode == MODE_STATUS) {
        toggle_status(m, row->id);
    } else if (!close) {
        toggle_column(m, (enum column_id)row->id);
    }
    if (close) {
        model_set_mode(m, MODE_NONE);
        model_save_prefs(m, out);
    } else {
        fill_menu(m, mode);
    }
}

static void menu_step(struct menu *menu, long by)
{
    size_t last = menu->len - 1;

    if (by < 0) {
        menu->selected = menu->selected > (size_t)-by ? menu->selected - (size_t)-by : 0;
    } else {
        menu->selected = menu->selected + (size_t)by < last ? menu->selected + (size_t)by : last;
    }
}

static bool menu_move(struct menu *menu, enum action a)
{
    switch (a) {
    case ACT_UP:
        menu_step(menu, -1);
        return true;
    case ACT_DOWN:
        menu_step(menu, 1);
        return true;
    case ACT_PAGE_UP:
        menu_step(menu, -8);
        return true;
    case ACT_PAGE_DOWN:
        menu_step(menu, 8);
        return true;
    case ACT_TOP:
        menu->selected = 0;
        return true;
    case ACT_BOTTOM:
        menu->selected = menu->len - 1;
        return true;
    default:
        return false;
    }
}

static bool menu_shortcut(struct model *m, const char *key, struct effects *out)
{
    for (size_t i = 0; i < m->menu.len; i++) {
        if (m->menu.rows[i].key != 0 && m->menu.rows[i].key == key[0] && key[1] == '\0') {
            struct menu_row row = m->menu.rows[i];
            take_row(m, &row, true, out);
            return true;
        }
    }
    return false;
}

void modes_menu_action(struct model *m, enum action a, const char *key, struct effects *out)
{
    if (menu_shortcut(m, key, out) || menu_move(&m->menu, a)) {
        return;
    }
    struct menu_row row = m->menu.rows[m->menu.selected];
    switch (a) {
    case ACT_ACCEPT:
        take_row(m, &row, true, out);
        break;
    case ACT_TOGGLE:
        take_row(m, &row, false, out);
        break;
    case ACT_MOVE_UP:
    case ACT_MOVE_DOWN:
        if (m->mode == MODE_COLUMNS) {
            move_column(m, a == ACT_MOVE_UP ? -1 : 1);
            fill_menu(m, m->mode);
        }
        break;
    case ACT_RESET:
        if (m->mode == MODE_COLUMNS) {
            m->list.columns = column_set_default();
        } else if (m->mode == MODE_STATUS) {
            toggle_status(m, CHIP_ALL);
        }
        fill_menu(m, m->mode);
        break;
    case ACT_CLOSE:
    case ACT_BACK:
        model_set_mode(m, MODE_NONE);
        model_save_prefs(m, out);
        break;
    default:
        break;
    }
}

/* ---- windows ---- */

static void fill_help(struct model *m, struct textview *v)
{
    char *help = keymap_help(m->keys, m->help_scope);
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
        *tab = '\0';
        textview_add_label(v, l, 16, tab + 1, ST_TEXT);
    }
    free(help);
}

static void fill_errors(struct model *m, struct textview *v)
{
    if (m->errors_len == 0) {
        textview_add(v, "No errors in this session.", ST_GOOD);
        return;
    }
    for (size_t i = 0; i < m->errors_len; i++) {
        const struct error_entry *e = &m->errors[i];
        char local[32], label[80];
        (void)format_local(e->last_ms, local, sizeof local);
        (void)snprintf(label, sizeof label, "%s  %s", local, e->what);
        if (e->times > 1) {
            textview_addf(v, ST_STRONG, "%s  (%u times, first %s ago)", label, e->times,
                          age_text(e->at_ms, m->now_ms, (char[AGE_SIZE]){0}));
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

static void add_setting(struct model *m, struct textview *v, const char *label, enum setting_id id)
{
    const char *value = settings_get(m->settings, id);
    char *text = xasprintf("%s  (%s)", value == NULL ? "not set" : value,
                           settings_origin_text(m->settings, id));

    textview_add_label(v, label, 16, text, value == NULL ? ST_DIM : ST_TEXT);
    free(text);
}

static void fill_whoami(struct model *m, struct textview *v)
{
    char text[160], local[32];

    textview_add_label(v, "Account", 16,
                       m->link.account[0] == '\0' ? "not known yet" : m->link.account, ST_STRONG);
    textview_add_label(v, "Identity", 16, m->link.arn, ST_TEXT);
    textview_add_label(v, "Credentials", 16, m->link.source, ST_TEXT);
    if (m->link.expires_ms != TIME_NONE) {
        (void)snprintf(text, sizeof text, "%s",
                       format_local(m->link.expires_ms, local, sizeof local));
        textview_add_label(v, "They expire", 16, text,
                           m->link.expires_ms - m->now_ms < 15 * 60000 ? ST_WARN : ST_TEXT);
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
    textview_add_label(v, "Changes", 16,
                       !m->read_only        ? "allowed"
                       : m->read_only_fixed ? "refused: --read-only"
                                            : "refused: read-only (:rw)",
                       m->read_only ? ST_WARN : ST_TEXT);
}

void modes_fill_popup(struct model *m)
{
    struct textview fresh;

    textview_init(&fresh);
    if (m->mode == MODE_HELP) {
        fill_help(m, &fresh);
    } else if (m->mode == MODE_ERRORS) {
        fill_errors(m, &fresh);
    } else {
        fill_whoami(m, &fresh);
    }
    textview_replace(&m->popup, &fresh);
    textview_done(&fresh);
}

void modes_open_popup(struct model *m, enum mode mode)
{
    if (mode == MODE_HELP) {
        enum scope scope = model_scope(m);
        m->help_scope = scope == SCOPE_ALL ? SCOPE_LIST : scope;
    } else if (mode == MODE_ERRORS) {
        m->errors_unseen = 0;
    }
    model_set_mode(m, mode);
    textview_search(&m->popup, NULL);
    m->popup.wrap = true;
    modes_fill_popup(m);
    textview_home(&m->popup);
}
