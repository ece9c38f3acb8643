/* What is on the screen: a screen fills the body, and layers stand over it, the dialog over all.
 *
 * DESIGN: screens and layers are of one type (screen.h) and have a row in one of the two tables of
 * screens.h. The topmost one gets keys, pasted text and the mouse, and nothing below it does;
 * everything that shows is settled and drawn, from the lowest one up. */
#include "model_draw.h"
#include "model_priv.h"
#include "text_keys.h"

void layers_new(struct model *m)
{
    struct desk *d = &m->desk;
#define LAYER_ROW(screen, state, room) {&(screen), &d->state, &d->layout.room},
    const struct shown all[LAYER_COUNT] = {LAYERS(LAYER_ROW)};
#undef LAYER_ROW

    for (int i = 0; i < LAYER_COUNT; i++) {
        m->layers[i] = all[i];
        if (all[i].screen->init != NULL) {
            all[i].screen->init(all[i].self);
        }
    }
}

void layers_free(struct model *m)
{
    for (int i = 0; i < LAYER_COUNT; i++) {
        if (m->layers[i].screen->done != NULL) {
            m->layers[i].screen->done(m->layers[i].self);
        }
    }
}

static struct shown body(const struct model *m)
{
    return (struct shown){screens_now(m), m->states[m->desk.where.view], &m->desk.layout.view};
}

/* Lists what shows, the lowest first. Returns how many there are. */
static int stack(const struct model *m, struct shown out[LAYER_COUNT + 1])
{
    int n = 0;

    out[n++] = body(m);
    for (int i = 0; i < LAYER_COUNT; i++) {
        if (m->layers[i].screen->open(m->layers[i].self)) {
            out[n++] = m->layers[i];
        }
    }
    return n;
}

static struct shown top(const struct model *m)
{
    struct shown all[LAYER_COUNT + 1];

    return all[stack(m, all) - 1];
}

enum scope model_scope(const struct model *m)
{
    struct shown t = top(m);

    return t.screen->scope(t.self);
}

bool stack_idle(const struct model *m, enum action a)
{
    struct shown t = top(m);

    return t.screen->idle != NULL && t.screen->idle(t.self, a);
}

/* ---- events ---- */

/* Finds the action of a key in the scope. Where text is typed, the line editor comes before the
 * actions that work everywhere. */
static enum action look_up(const struct shown *t, struct desk *d, const char *key)
{
    enum scope scope = t->screen->scope(t->self);

    if (!scope_types(scope)) {
        return keymap_find(d->keys, scope, key);
    }
    enum action a = keymap_find_only(d->keys, scope, key);
    if (a != ACT_NONE || t->screen->typed(t->self, d, key) || key_is_text(key)) {
        return a;
    }
    return keymap_find_only(d->keys, SCOPE_ALL, key);
}

enum action stack_key(struct model *m, const char *key, struct effects *out)
{
    struct shown t = top(m);
    const char *line =
        desk_covered(&m->desk) ? NULL : keymap_line(m->desk.keys, t.screen->scope(t.self), key);

    if (line != NULL) {
        desk_command(&m->desk, line);
        return ACT_NONE;
    }
    if (t.screen->key != NULL) {
        return t.screen->key(t.self, &m->desk, key, out);
    }
    enum action a = look_up(&t, &m->desk, key);
    if (!scope_types(t.screen->scope(t.self))) {
        desk_key(&m->desk, key, a);
    }
    return a;
}

void stack_paste(struct model *m, const char *text, size_t len)
{
    struct shown t = top(m);

    if (scope_types(t.screen->scope(t.self)) && t.screen->paste != NULL) {
        t.screen->paste(t.self, &m->desk, text, len);
    }
}

/* Is the cell in the body, whatever stands over the body? */
static bool in_body(const struct layout *l, int row, int col)
{
    bool in = rect_has(l->view, row, col);

    for (int p = 0; p < PANE_COUNT; p++) {
        in |= rect_has(l->pane[p], row, col);
    }
    return in;
}

void stack_mouse(struct model *m, const struct app_event *ev)
{
    struct shown t = top(m);

    if (!in_body(&m->desk.layout, ev->u.mouse.row, ev->u.mouse.col) ||
        (t.screen->mouse != NULL && t.screen->mouse(t.self, &m->desk, ev, *t.room))) {
        return;
    }
    const struct textview *text = t.screen->text == NULL ? NULL : t.screen->text(t.self);
    if (text != NULL) {
        (void)text_wheel((struct textview *)text, ev); /* of a state that is ours */
    }
}

/* ---- at the end of an event ---- */

void stack_settle(struct model *m)
{
    struct shown b = body(m);

    if (b.screen->settle != NULL && !m->desk.layout.too_small) {
        b.screen->settle(b.self, &m->desk, *b.room);
    }
    for (int i = 0; i < LAYER_COUNT; i++) {
        const struct shown *l = &m->layers[i];
        if (l->screen->settle != NULL) {
            l->screen->settle(l->self, &m->desk, *l->room);
        }
    }
}

struct textview *stack_text(const struct model *m)
{
    struct shown all[LAYER_COUNT + 1];
    const struct textview *text = NULL;

    for (int n = stack(m, all); n > 0 && text == NULL; n--) {
        text = all[n - 1].screen->text == NULL ? NULL : all[n - 1].screen->text(all[n - 1].self);
    }
    return (struct textview *)text; /* of a state that is ours */
}

/* ---- drawing ---- */

void stack_draw_body(struct surface *s, const struct model *m)
{
    struct shown b = body(m);

    b.screen->draw(s, b.self, &m->desk, *b.room);
}

void stack_draw_layers(struct surface *s, const struct model *m)
{
    struct shown all[LAYER_COUNT + 1];
    int n = stack(m, all);

    for (int i = 1; i < n; i++) {
        all[i].screen->draw(s, all[i].self, &m->desk, *all[i].room);
    }
}
