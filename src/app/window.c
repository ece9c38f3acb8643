/* A window of text over the screen: its keys. */
#include "window.h"

#include "screen.h"
#include "text_keys.h"

static void init(void *self)
{
    struct window *w = self;

    textview_init(&w->text);
    w->text.words = true;
}

static void done(void *self)
{
    struct window *w = self;

    textview_done(&w->text);
}

void window_refill(struct window *w)
{
    struct textview fresh;

    if (!w->open) {
        return;
    }
    textview_init(&fresh);
    w->def->fill(w->owner, &fresh);
    textview_replace(&w->text, &fresh);
    textview_done(&fresh);
}

void window_open(struct window *w, const struct window_def *def, const void *owner)
{
    w->open = true;
    w->def = def;
    w->owner = owner;
    textview_search(&w->text, NULL);
    w->text.wrap = true;
    window_refill(w);
    textview_home(&w->text);
}

/* Does the action work under a window as it does without one? */
static bool passes(enum action a)
{
    static const enum action passing[] = {ACT_QUIT,       ACT_REFRESH, ACT_PAUSE,       ACT_HELP,
                                          ACT_ERRORS,     ACT_WHOAMI,  ACT_PALETTE,     ACT_HEADER,
                                          ACT_SUSPEND,    ACT_REDRAW,  ACT_SAVE_SCREEN, ACT_OUTPUT,
                                          ACT_OUTPUT_STOP};

    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (passing[i] == a) {
            return true;
        }
    }
    return false;
}

static enum action on_key(void *self, struct desk *d, const char *key, struct effects *out)
{
    enum action a = keymap_find(d->keys, SCOPE_WINDOW, key);
    struct window *w = self;

    desk_key(d, key, a);
    if (text_action(d, &(struct text_on){&w->text, NULL, "text", "help"}, a, out)) {
        return ACT_NONE;
    }
    if (a == ACT_CLOSE && w->text.pattern != NULL) {
        textview_search(&w->text, NULL);
        return ACT_NONE;
    }
    if (a == ACT_CLOSE || a == ACT_BACK || a == w->def->opens) {
        w->open = false;
        return ACT_NONE;
    }
    return passes(a) ? a : ACT_NONE;
}

/* What works everywhere else, but not under a window. */
static bool idle(const void *self, enum action a)
{
    const struct binding *b = binding_of(a);

    (void)self;
    return !passes(a) && a != ACT_CLOSE && a != ACT_BACK &&
           (b == NULL || (b->scopes & 1U << SCOPE_WINDOW) == 0);
}

static bool is_open(const void *self)
{
    const struct window *w = self;

    return w->open;
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_WINDOW;
}

static const struct textview *text(const void *self)
{
    const struct window *w = self;

    return &w->text;
}

static void settle(void *self, struct desk *desk, struct rect room)
{
    struct window *w = self;

    (void)desk;
    if (room.rows > 2 && room.cols > 4) {
        textview_resize(&w->text, room.rows - 2, room.cols - 4);
    }
}

const struct screen screen_window = {
    .name = "window",
    .size = sizeof(struct window),
    .init = init,
    .done = done,
    .open = is_open,
    .scope = scope,
    .idle = idle,
    .key = on_key,
    .text = text,
    .settle = settle,
    .draw = window_draw,
};
