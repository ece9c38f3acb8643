/* Texts on their way out, and what is said of a copy. */
#include "copied.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/effect.h"
#include "core/alloc.h"
#include "core/path.h"
#include "desk.h"
#include "text_keys.h"

void copied_done(struct copied *c)
{
    free(c->what);
    free(c->text);
    *c = (struct copied){0};
}

/* ---- the ways out ---- */

/* The text as a file or a pager wants it: the last line has an end. Frees `text`. */
static char *with_end(char *text)
{
    size_t len = strlen(text);
    char *whole = xasprintf("%s%s", text, len > 0 && text[len - 1] == '\n' ? "" : "\n");

    free(text);
    return whole;
}

void copied_give(struct desk *d, enum copy_to to, const char *what, char *text, struct effects *out)
{
    struct effect *f;

    if (to == TO_CLIPBOARD) {
        effects_copy(out, what, text);
    } else if (to == TO_FILE) {
        char *name = text_file_name(what, "copy");
        f = effects_add(out, EFF_SAVE);
        f->path = path_join("copies", name);
        f->keeps = true;
        f->text = with_end(text);
        free(name);
    } else if (desk_key_meant(d)) {
        effects_add(out, EFF_PAGER)->text = with_end(text);
    } else {
        free(text);
    }
}

static bool is_there(struct desk *d)
{
    if (d->copied.text == NULL) {
        desk_note(d, NOTE_INFO, "Nothing was copied yet.");
    }
    return d->copied.text != NULL;
}

void copied_save(struct desk *d, const char *path, struct effects *out)
{
    if (is_there(d)) {
        struct effect *f = effects_add(out, EFF_SAVE);
        f->path = xstrdup(path);
        f->text = with_end(xstrdup(d->copied.text));
    }
}

/* ---- the menu ---- */

static void fill(const void *owner, struct menu *menu)
{
    (void)owner;
    menu_add(menu, TO_FILE, 'f', false, "To a file in the state folder (or type :copied FILE)");
    menu_add(menu, TO_PAGER, 'v', false, "In the pager");
}

static void take(void *owner, const struct menu_row *row, bool last, struct effects *out)
{
    struct desk *d = owner;

    (void)last;
    copied_give(d, (enum copy_to)row->id, d->copied.what, xstrdup(d->copied.text), out);
}

void copied_menu(struct desk *d)
{
    static const struct menu_def def = {
        .title = "The text that was copied last", .once = true, .fill = fill, .take = take};

    if (is_there(d)) {
        menu_open(&d->menu, &def, d);
    }
}

/* ---- what is said ---- */

/* How each way ends, after "Job id, 36 bytes: ". */
static const struct {
    const char *text;
    enum note_kind kind;
    bool nowhere; /* the text is certain not to arrive */
} ways[] = {
    [COPY_PROGRAM] = {"copied with",                                            NOTE_GOOD, false},
    [COPY_SENT] = {"sent to the terminal. Not there? :copied",               NOTE_GOOD, false},
    [COPY_SENT_TMUX] = {"sent to the terminal via tmux. Not there? :copied",      NOTE_GOOD, false},
    [COPY_SENT_SCREEN] = {"sent to the terminal via screen. Not there? :copied",    NOTE_GOOD, false},
    [COPY_SENT_PERHAPS] = {"sent. tmux passes it on after: set -s set-clipboard on", NOTE_INFO,
                      false                                                                     },
    [COPY_STOPPED] = {"not copied. tmux needs: set -s set-clipboard on",        NOTE_WARN, true },
    [COPY_TOO_LONG] = {"not copied. The terminal takes at most",                 NOTE_WARN, true },
    [COPY_NO_CLIPBOARD] = {"not copied. This terminal has no clipboard.",            NOTE_WARN, true },
};

void copied_take(struct desk *d, const struct app_event *ev)
{
    enum copy_way way = ev->u.copied.way;
    size_t bytes = strlen(ev->u.copied.text);
    char end[40] = "";
    char *what = xstrdup(ev->u.copied.what), *text = xstrdup(ev->u.copied.text);

    copied_done(&d->copied);
    d->copied.what = what;
    d->copied.text = text;
    if (way == COPY_PROGRAM) {
        (void)snprintf(end, sizeof end, " %s.", ev->u.copied.program);
    } else if (way == COPY_TOO_LONG) {
        (void)snprintf(end, sizeof end, " %zu bytes.", ev->u.copied.limit);
    }
    bool offers = ways[way].nowhere && !desk_covered(d);
    if (way == COPY_STOPPED && !offers) {
        (void)snprintf(end, sizeof end, "."); /* the command ends here, and the sentence */
    }
    desk_note(d, ways[way].kind, "%s%s, %zu byte%s: %s%s%s",
              ev->u.copied.no_browser ? "No browser here (`browser` in [ui] sets one). " : "", what,
              bytes, bytes == 1 ? "" : "s", ways[way].text, end,
              ways[way].nowhere && !offers ? " Type :copied" : "");
    if (offers) {
        copied_menu(d);
    }
}
