/* A line being typed in the status row: its keys. */
#include "line.h"

#include <string.h>

#include "screen.h"
#include "text_keys.h"

void line_open(struct line *l, const struct line_def *def, void *owner, struct edit *edit,
               const char *prompt)
{
    *l = (struct line){true, def, owner, edit, prompt};
}

void line_close(struct line *l)
{
    *l = (struct line){0};
}

bool line_is_of(const struct line *l, const struct edit *edit)
{
    return l->open && l->edit == edit;
}

static void paste(void *self, struct desk *d, const char *text, size_t len)
{
    struct line *l = self;

    desk_paste(d, l->edit, text, len);
    l->def->typed(l->owner, d);
}

/* What is wrong with the text can still be read in full when the line is left. */
static void keep_message(const struct line *l, struct desk *d)
{
    char text[ERR_TEXT_SIZE] = "";
    enum style st = ST_DIM;

    if (l->def->right != NULL) {
        (void)l->def->right(l->owner, d, text, sizeof text, &st);
    }
    if (st == ST_BAD && text[0] != '\0') {
        desk_told(d, NOTE_BAD, text);
    }
}

static enum action on_key(void *self, struct desk *d, const char *key, struct effects *out)
{
    enum action a = keymap_find_only(d->keys, SCOPE_INPUT, key);
    struct line *l = self;

    switch (a) {
    case ACT_ACCEPT:
    case ACT_NO:
        keep_message(l, d);
        l->def->end(l->owner, d, a == ACT_ACCEPT, out);
        return ACT_NONE;
    case ACT_FOCUS_PREV:
    case ACT_FOCUS_NEXT:
        l->def->step(l->owner, d, a == ACT_FOCUS_PREV ? -1 : 1);
        return ACT_NONE;
    case ACT_COMPLETE:
        if (l->def->complete != NULL) {
            l->def->complete(l->owner, d);
        }
        return ACT_NONE;
    default:
        break;
    }
    if (strcmp(key, "Backspace") == 0 && l->edit->len == 0) {
        l->def->end(l->owner, d, false, out); /* as in vi, Backspace in an empty line closes it */
    } else if (edit_key(l->edit, key)) {
        l->def->typed(l->owner, d);
    } else if (!key_is_text(key)) {
        a = keymap_find_only(d->keys, SCOPE_ALL, key);
        return a == ACT_REDRAW || a == ACT_SUSPEND ? a : ACT_NONE;
    }
    return ACT_NONE;
}

/* Moves the text in a window with the wheel while a search is typed for that window. */
static bool mouse(void *self, struct desk *d, const struct app_event *ev, struct rect room)
{
    (void)self;
    (void)room;
    return d->window.open && text_wheel(&d->window.text, ev);
}

static bool is_open(const void *self)
{
    const struct line *l = self;

    return l->open;
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_INPUT;
}

const struct screen screen_line = {
    .name = "line",
    .size = sizeof(struct line),
    .open = is_open,
    .scope = scope,
    .key = on_key,
    .paste = paste,
    .mouse = mouse,
    .draw = line_draw,
};
