/* The list of effects: adding to it, and clearing it. */
#include "app/effect.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

struct effect *effects_add(struct effects *e, enum effect_kind kind)
{
    e->items = xgrow(e->items, e->len, &e->cap, sizeof *e->items);
    struct effect *f = &e->items[e->len++];
    memset(f, 0, sizeof *f);
    f->kind = kind;
    return f;
}

void effects_submit(struct effects *e, struct task *t)
{
    effects_add(e, EFF_SUBMIT)->task = t;
}

void effects_copy(struct effects *e, const char *what, char *text)
{
    struct effect *f = effects_add(e, EFF_COPY);

    f->what = xstrdup(what);
    f->text = text;
}

void effects_clear(struct effects *e)
{
    for (size_t i = 0; i < e->len; i++) {
        task_free(e->items[i].task);
        free(e->items[i].text);
        free(e->items[i].path);
        free(e->items[i].what);
    }
    free(e->items);
    memset(e, 0, sizeof *e);
}
