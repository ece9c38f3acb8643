/* What the commands of the command line do, such as `:sort -duration`. */
#include <string.h>

#include "grep.h"
#include "model_priv.h"
#include "stats.h"

static void command_sort(struct model *m, const char *argument)
{
    enum column_id id = COL_AGE;
    bool descending = false;
    struct err e = {0};

    if (column_sort_parse(argument, &id, &descending, &e) == E_OK) {
        list_sort_by(m->jobs, id, descending);
    } else {
        desk_note(&m->desk, NOTE_BAD, "%s", e.msg);
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

void update_command(struct model *m, const char *line, struct effects *out)
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
    case CMD_READ_WRITE:
        ask_read_write(m, c.argument);
        return;
    case CMD_STATS:
        if (stats_ask(model_screen(m, VIEW_STATS), &m->desk, c.argument)) {
            where_show(&m->desk.where, VIEW_STATS);
        }
        return;
    case CMD_VIEW:
        view_command(m, c.argument, out);
        return;
    case CMD_CONTEXT:
        context_command(m, c.argument, out);
        return;
    case CMD_GREP:
        if (grep_ask(model_screen(m, VIEW_GREP), &m->desk, c.argument, out)) {
            where_show(&m->desk.where, VIEW_GREP);
        }
        return;
    case CMD_UNKNOWN:
        if (!own_command(m, line, out) && line[strspn(line, " :")] != '\0') {
            desk_note(&m->desk, NOTE_BAD, "There is no command \"%.60s\": Tab completes, ? helps.",
                      line);
        }
        return;
    }
}
