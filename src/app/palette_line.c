/* The command line `:` as a line that is typed: its keys. The command that it comes to is told to
 * the desk. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "desk.h"
#include "palette.h"
#include "store.h"

/* What is typed when it is a command, else the row that is chosen. */
static void accept(struct palette *p, struct desk *d)
{
    if (p->moved && p->len > 0 && p->rows[p->selected].word) {
        palette_complete(p);
    }
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
    line_close(&d->line);
    line_history_add(&p->history, line);
    desk_command(d, line);
    free(line);
}

static void typed(void *owner, struct desk *d)
{
    struct palette *p = owner;

    (void)d;
    p->history.at = 0;
    palette_update(p);
}

static void step(void *owner, struct desk *d, int by)
{
    struct palette *p = owner;
    bool empty = edit_text(&p->edit)[0] == '\0';

    (void)d;
    if (p->history.at > 0 || (empty && by < 0 && !p->moved && p->history.len > 0)) {
        palette_history(p, -by);
    } else if (p->len > 0) {
        p->selected = (p->selected + (by < 0 ? p->len - 1 : 1)) % p->len;
        p->moved = true;
    }
}

static void complete(void *owner, struct desk *d)
{
    (void)d;
    palette_complete(owner);
}

static void end(void *owner, struct desk *d, bool take, struct effects *out)
{
    (void)out;
    if (take) {
        accept(owner, d);
    } else {
        line_close(&d->line);
    }
}

/* The names of contexts, for `:ctx`. */
static bool words(const void *arg, enum command_id id, size_t i, struct palette_row *row)
{
    const struct desk *d = arg;

    if (id != CMD_CONTEXT || i >= d->contexts.len || d->contexts.items[i].name == NULL) {
        return false; /* the last row is that of no context */
    }
    row->name = d->contexts.items[i].name;
    row->help = d->contexts.items[i].text;
    return true;
}

static const struct line_def palette_line = {
    .typed = typed,
    .step = step,
    .complete = complete,
    .end = end,
    .draw_above = palette_draw,
};

void palette_line_open(struct desk *d)
{
    d->palette.words = words;
    d->palette.words_arg = d;
    d->palette.jobs = store_each_job;
    d->palette.jobs_arg = d->store;
    palette_open(&d->palette);
    d->window.open = false; /* what it names may open another */
    line_open(&d->line, &palette_line, &d->palette, &d->palette.edit, ":");
}
