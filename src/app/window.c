/* A window of text over the screen: its keys. */
#include "window.h"

#include "desk.h"
#include "text_keys.h"

void window_init(struct window *w)
{
    textview_init(&w->text);
    w->text.words = true;
}

void window_done(struct window *w)
{
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

/* What works under a window as without it. */
static bool passes(enum action a)
{
    static const enum action passing[] = {ACT_QUIT,    ACT_REFRESH, ACT_PAUSE,      ACT_HELP,
                                          ACT_ERRORS,  ACT_WHOAMI,  ACT_PALETTE,    ACT_HEADER,
                                          ACT_SUSPEND, ACT_REDRAW,  ACT_SAVE_SCREEN};

    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (passing[i] == a) {
            return true;
        }
    }
    return false;
}

enum action window_key(struct desk *d, const char *key, struct effects *out)
{
    enum action a = keymap_find(d->keys, SCOPE_POPUP, key);
    struct window *w = &d->window;

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
