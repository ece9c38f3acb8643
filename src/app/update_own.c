/* What a person defined, views and commands, in the command line. */
#include <stdlib.h>

#include "core/alloc.h"
#include "model_priv.h"

void own_offer(struct model *m)
{
    struct palette_line *lines = xcalloc(2 * m->views.len + 1, sizeof *lines);
    size_t len = 0;

    for (size_t i = 0; i < m->views.len; i++) {
        const struct saved_view *v = &m->views.items[i];
        if (saved_views_find(&m->views, v->name) != v) {
            continue;
        }
        lines[len++] = (struct palette_line){xasprintf("view %s", v->name), saved_view_text(v)};
        if (v->line == 0) {
            lines[len++] = (struct palette_line){xasprintf("view delete %s", v->name),
                                                 xstrdup("Drop this view")};
        }
    }
    palette_set_lines(&m->desk.palette, lines, len);
}
