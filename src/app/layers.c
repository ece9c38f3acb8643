/* What stands over the screen: a question, a line being typed, a menu, a window of text. The
 * topmost that is open gets keys and pasted text, and nothing below it does. */
#include "model_draw.h"
#include "model_priv.h"

static bool dialog_is_open(const struct desk *d)
{
    return d->dialog.open;
}

static bool line_is_open(const struct desk *d)
{
    return d->line.open;
}

static bool menu_is_open(const struct desk *d)
{
    return d->menu.open;
}

static bool window_is_open(const struct desk *d)
{
    return d->window.open;
}

/* The topmost first. */
static const struct layer {
    bool (*open)(const struct desk *d);
    enum scope scope;
    /* Returns an action that it leaves to the dashboard; ACT_NONE. */
    enum action (*key)(struct desk *d, const char *key, struct effects *out);
    void (*paste)(struct desk *d, const char *text, size_t len); /* NULL: it takes none */
    void (*draw)(struct surface *s, const struct model *m);
} layers[] = {
    {dialog_is_open, SCOPE_DIALOG, dialog_key, NULL,       view_dialog_draw},
    {line_is_open,   SCOPE_INPUT,  line_key,   line_paste, view_line_draw  },
    {menu_is_open,   SCOPE_PICK,   menu_key,   NULL,       view_menu_draw  },
    {window_is_open, SCOPE_POPUP,  window_key, NULL,       view_popup_draw },
};

enum { LAYERS = sizeof layers / sizeof *layers };

static const struct layer *topmost(const struct model *m)
{
    for (size_t i = 0; i < LAYERS; i++) {
        if (layers[i].open(&m->desk)) {
            return &layers[i];
        }
    }
    return NULL;
}

enum scope model_scope(const struct model *m)
{
    const struct layer *l = topmost(m);

    return l != NULL ? l->scope : view_now(m)->scope(m->states[m->desk.where.view]);
}

bool layers_key(struct model *m, const char *key, enum action *left, struct effects *out)
{
    const struct layer *l = topmost(m);

    if (l != NULL) {
        *left = l->key(&m->desk, key, out);
    }
    return l != NULL;
}

bool layers_paste(struct model *m, const char *text, size_t len)
{
    const struct layer *l = topmost(m);

    if (l != NULL && l->paste != NULL) {
        l->paste(&m->desk, text, len);
    }
    return l != NULL;
}

void layers_draw(struct surface *s, const struct model *m)
{
    for (size_t i = LAYERS; i-- > 0;) {
        if (layers[i].open(&m->desk)) {
            layers[i].draw(s, m);
        }
    }
}
