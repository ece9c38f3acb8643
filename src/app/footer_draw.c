/* Drawing the last two rows: a message, and the keys that work now. */
#include <string.h>

#include "core/text.h"
#include "draw.h"
#include "model_draw.h"

void view_status_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->desk.layout.status;
    char text[600];
    enum style st = ST_TEXT;

    if (r.rows <= 0) {
        return;
    }
    surface_put_cut(s, r.row, r.col + 1, r.cols - 2, st, model_status(m, text, sizeof text, &st));
    surface_restyle(s, r.row, r.col + 1, r.cols - 2, st);
}

enum { FOOTER_MOST = 24 };
/* A key and its word, and the cells that they take. */
struct footer_entry {
    struct hint hint;
    int x, width;
};

/* Finds out what the footer shows and where, for drawing and for clicks. Returns how many entries
 * fit. */
static size_t footer_entries(const struct model *m, struct footer_entry out[FOOTER_MOST])
{
    struct rect r = m->desk.layout.footer;
    struct hint hints[FOOTER_MOST];
    size_t n = model_hints(m, hints, FOOTER_MOST);
    int x = r.col + 1;

    for (size_t i = 0; i < n; i++) {
        int width = text_width(hints[i].key) + 1 + text_width(hints[i].text);
        if (x + width > r.col + r.cols - 1) {
            return i;
        }
        out[i] = (struct footer_entry){hints[i], x, width};
        x += width + 2;
    }
    return n;
}

bool model_footer_key(const struct model *m, const struct app_event *ev, char key[KEY_NAME_SIZE])
{
    struct footer_entry entries[FOOTER_MOST];

    /* The first click may have put another key there: the second one of a pair presses nothing. */
    if (ev->u.mouse.button != MOUSE_LEFT ||
        !rect_has(m->desk.layout.footer, ev->u.mouse.row, ev->u.mouse.col)) {
        return false;
    }
    size_t n = footer_entries(m, entries);
    for (size_t i = 0; i < n; i++) {
        if (ev->u.mouse.col >= entries[i].x && ev->u.mouse.col < entries[i].x + entries[i].width) {
            memcpy(key, entries[i].hint.key, KEY_NAME_SIZE);
            return true;
        }
    }
    return false;
}

void view_footer_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->desk.layout.footer;
    struct footer_entry entries[FOOTER_MOST];

    if (r.rows <= 0) {
        return;
    }
    /* Of what the hints depend on, the cursor changes only this. */
    const struct surface_key from = {
        {m->desk.scene, detail_array(m->jobs, jobs_subject(m->jobs)) != NULL}
    };
    if (surface_recall(s, KEPT_FOOTER, r, &from)) {
        return;
    }
    size_t n = footer_entries(m, entries);
    for (size_t i = 0; i < n; i++) {
        const struct footer_entry *e = &entries[i];
        int key = text_width(e->hint.key);
        surface_add(s, r.row, e->x, key, ST_KEY, e->hint.key);
        surface_add(s, r.row, e->x + key + 1, e->width - key - 1, ST_HINT, e->hint.text);
    }
    surface_keep(s, KEPT_FOOTER, r, &from);
}
