/* Lines typed in the status row: a search, a command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "model_draw.h"
#include "model_priv.h"
#include "text_keys.h"

/* ---- search ---- */

/* Of the window or the view; a search is only opened where there is one. */
static struct textview *searched(struct model *m)
{
    return m->desk.window.open ? &m->desk.window.text : view_text(m);
}

static void search_typed(void *owner, struct desk *d)
{
    struct model *m = owner;

    (void)d;
    textview_search(searched(m), edit_text(&m->search));
}

static void search_step(void *owner, struct desk *d, int by)
{
    (void)d;
    (void)textview_next(searched(owner), by);
}

static void end_search(void *owner, struct desk *d, bool take, struct effects *out)
{
    struct model *m = owner;
    struct textview *v = searched(m);

    (void)out;
    if (!take) {
        textview_search(v, NULL);
    } else if (v->pattern_err.code != E_OK) {
        desk_note(&m->desk, NOTE_BAD, "%s", v->pattern_err.msg);
        return;
    } else if (m->search_keeps) {
        textview_set_keep(v, true);
    } else if (v->pattern != NULL && v->match_count == 0) {
        desk_note(&m->desk, NOTE_WARN, "No line matches \"%.80s\".", v->pattern);
    } else if (v->pattern != NULL) {
        text_say_match(&m->desk, v);
    }
    line_close(&d->line);
}

static const char *search_right(const void *owner, const struct desk *d, char *buf, size_t size,
                                enum style *st)
{
    const struct textview *v = model_text(owner);

    (void)d;
    *st = ST_DIM;
    buf[0] = '\0';
    if (v != NULL && v->pattern != NULL && v->pattern[0] != '\0') {
        if (v->pattern_err.code != E_OK) {
            (void)snprintf(buf, size, "%.70s", v->pattern_err.msg);
            *st = ST_BAD;
        } else {
            (void)snprintf(buf, size, "%zu lines", v->match_count);
        }
    }
    return buf;
}

static const struct line_def search_line = {
    .typed = search_typed,
    .step = search_step,
    .end = end_search,
    .right = search_right,
};

void modes_open_search(struct model *m, bool keeps)
{
    m->search_keeps = keeps;
    edit_set(&m->search, searched(m)->pattern);
    line_open(&m->desk.line, &search_line, m, &m->search, keeps ? "Keep lines with:" : "Search:");
}

/* ---- command line ---- */

static void command_sort(struct model *m, const char *argument)
{
    bool invert = argument[0] == '-';
    enum column_id id = COL_AGE;

    if (column_find(argument + (invert ? 1 : 0), &id)) {
        list_sort_by(m->jobs, id, job_columns[id].descending != invert);
    } else {
        desk_note(&m->desk, NOTE_BAD, "There is no column \"%.40s\": such as status, name, age.",
                  argument);
    }
}

static void command_job(struct model *m, const char *argument)
{
    size_t row = 0;

    if (store_find(m->desk.store, argument) == NULL) {
        desk_note(&m->desk, NOTE_BAD, "No job \"%.60s\" is known here.", argument);
        return;
    }
    if (store_row_of(m->desk.store, argument, &row)) {
        list_to_row(m->jobs, row);
    }
    detail_open(m->jobs, argument, TAB_OVERVIEW);
}

static void run_command(struct model *m, const char *line)
{
    struct command c = palette_parse(line);
    struct err e = {0};

    switch (c.id) {
    case CMD_ACTION:
        desk_do(&m->desk, c.action);
        return;
    case CMD_FILTER:
        if (list_set_filter(m->jobs, c.argument, &e) != E_OK) {
            desk_note(&m->desk, NOTE_BAD, "%s", e.msg);
        }
        edit_set(&m->jobs->list.filter, m->jobs->list.filter_applied);
        return;
    case CMD_SORT:
        command_sort(m, c.argument);
        return;
    case CMD_COLUMNS:
        if (column_set_parse(c.argument, &m->jobs->list.columns, &e) != E_OK) {
            desk_note(&m->desk, NOTE_BAD, "%s", e.msg);
        }
        return;
    case CMD_OPEN_JOB:
        command_job(m, c.argument);
        return;
    case CMD_UNKNOWN:
        if (line[strspn(line, " :")] != '\0') {
            desk_note(&m->desk, NOTE_BAD, "There is no command \"%.60s\": Tab completes, ? helps.",
                      line);
        }
        return;
    }
}

/* What is typed when it is a command, else the row that is chosen. */
static void accept_palette(struct model *m)
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
    line_close(&m->desk.line);
    palette_remember(p, line);
    run_command(m, line);
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

static void palette_typed(void *owner, struct desk *d)
{
    struct model *m = owner;

    (void)d;
    m->palette.history_at = 0;
    palette_update(&m->palette);
}

static void palette_line_step(void *owner, struct desk *d, int by)
{
    struct model *m = owner;

    (void)d;
    palette_step(&m->palette, by);
}

static void palette_line_complete(void *owner, struct desk *d)
{
    struct model *m = owner;

    (void)d;
    palette_complete(&m->palette);
}

static void end_palette(void *owner, struct desk *d, bool take, struct effects *out)
{
    (void)out;
    if (take) {
        accept_palette(owner);
    } else {
        line_close(&d->line);
    }
}

static const struct line_def palette_line = {
    .typed = palette_typed,
    .step = palette_line_step,
    .complete = palette_line_complete,
    .end = end_palette,
    .draw_above = view_palette_draw,
};

void modes_open_palette(struct model *m)
{
    palette_open(&m->palette);
    m->desk.window.open = false; /* what it names may open another */
    line_open(&m->desk.line, &palette_line, m, &m->palette.edit, ":");
}
