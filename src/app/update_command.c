/* What the commands of the command line do, such as `:sort -duration`. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
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
        desk_note_err(&m->desk, NOTE_BAD, &e, "%s", "");
    }
}

static void command_job(struct model *m, const char *argument)
{
    size_t row = 0;

    if (store_find(m->desk.store, argument) == NULL) {
        desk_note(&m->desk, NOTE_BAD, "There is no job \"%.60s\" in the list.", argument);
        return;
    }
    if (store_row_of(m->desk.store, argument, &row)) {
        list_to_row(m->jobs, row);
    }
    detail_open(m->jobs, argument, TAB_OVERVIEW);
}

/* The commands whose argument is one name: blanks around the name do not count. */
static void command_of_name(struct model *m, const struct command *c, struct effects *out)
{
    const char *word = c->argument;
    size_t len = text_trim(&word, strlen(word));
    char *name = xstrndup(word, len);

    if (c->id == CMD_OPEN_JOB) {
        command_job(m, name);
    } else if (c->id == CMD_READ_WRITE) {
        ask_read_write(m, name);
    } else {
        context_command(m, name, out);
    }
    free(name);
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
            desk_note_err(&m->desk, NOTE_BAD, &e, "%s", "");
        }
        edit_set(&m->jobs->list.filter, m->jobs->list.filter_applied);
        return;
    case CMD_SORT:
        command_sort(m, c.argument);
        return;
    case CMD_COLUMNS:
        if (column_set_parse(c.argument, &m->jobs->list.columns, &e) != E_OK) {
            desk_note_err(&m->desk, NOTE_BAD, &e, "%s", "");
        }
        return;
    case CMD_OPEN_JOB:
    case CMD_READ_WRITE:
    case CMD_CONTEXT:
        command_of_name(m, &c, out);
        return;
    case CMD_STATS:
        if (stats_ask(model_screen(m, VIEW_STATS), &m->desk, c.argument)) {
            where_show(&m->desk.where, VIEW_STATS);
        }
        return;
    case CMD_VIEW:
        view_command(m, c.argument, out);
        return;
    case CMD_GREP:
        if (grep_ask(model_screen(m, VIEW_GREP), &m->desk, c.argument, out)) {
            where_show(&m->desk.where, VIEW_GREP);
        }
        return;
    case CMD_COPIED:
        copied_save(&m->desk, c.argument, out);
        return;
    case CMD_UNKNOWN:
        if (!own_command(m, line, out) && line[strspn(line, " :")] != '\0') {
            desk_note(&m->desk, NOTE_BAD,
                      "There is no command \"%.60s\": Tab completes a name, ? lists the keys.",
                      line);
        }
        return;
    }
}
