/* Lines typed in the status row: filter, search, file, command. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
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

/* Of the window or the view; a search is only opened where there is one. */
static struct textview *searched(struct model *m)
{
    return model_text(m) == &m->popup ? &m->popup : view_text(m);
}

void modes_open_search(struct model *m, bool keeps)
{
    m->under_dialog = m->mode; /* a window may be searched: it comes back */
    m->search_keeps = keeps;
    edit_set(&m->search, searched(m)->pattern);
    model_set_mode(m, MODE_SEARCH);
}

static void end_search(struct model *m, bool take)
{
    struct textview *v = searched(m);

    if (!take) {
        textview_search(v, NULL);
    } else if (v->pattern_err.code != E_OK) {
        model_note(m, NOTE_BAD, "%s", v->pattern_err.msg);
        return;
    } else if (m->search_keeps) {
        textview_set_keep(v, true);
    } else if (v->pattern != NULL && v->match_count == 0) {
        model_note(m, NOTE_WARN, "No line matches \"%.80s\".", v->pattern);
    } else if (v->pattern != NULL) {
        text_say_match(m, v);
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
           : m->mode == MODE_FILE   ? &m->bulk.path
                                    : &m->palette.edit;
}

static void typed(struct model *m)
{
    if (m->mode == MODE_FILTER) {
        filter_typed(m);
    } else if (m->mode == MODE_SEARCH) {
        textview_search(searched(m), edit_text(&m->search));
    } else if (m->mode == MODE_FILE) {
        bulk_name_typed(m);
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
    } else if (m->mode == MODE_FILE) {
        bulk_name_step(m, by);
    } else if (m->mode == MODE_FILTER) {
        size_t row = m->list.row;
        list_to_row(m, by < 0 ? (row > 0 ? row - 1 : 0) : row + 1);
    } else {
        (void)textview_next(searched(m), by);
    }
}

static void end_input(struct model *m, bool take, struct effects *out)
{
    if (m->mode == MODE_FILTER) {
        end_filter(m, take, out);
    } else if (m->mode == MODE_SEARCH) {
        end_search(m, take);
    } else if (m->mode == MODE_FILE && take) {
        bulk_name_accept(m, out);
    } else if (m->mode != MODE_FILE && take) {
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
        } else if (m->mode == MODE_FILE) {
            bulk_name_complete(m);
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
