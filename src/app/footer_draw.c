/* Drawing the last two rows: a message, and the keys that work now. */
#include <string.h>

#include "core/text.h"
#include "draw.h"
#include "model_draw.h"

void view_status_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->desk.layout.status;
    struct rect text_room = {r.row, r.col + 1, r.rows, layout_message_cols(r.cols)};
    struct message x;
    char more[DESK_MORE_SIZE];

    if (r.rows <= 0) {
        return;
    }
    model_message(m, &x);
    (void)draw_remedy(s, text_room, x.style, x.text, x.remedy, desk_more(&m->desk, more));
}

static int hint_width(const struct hint *h)
{
    return text_width(h->key) + 1 + text_width(h->text);
}

/* Chooses what fits, the most useful first, each in whole: how many hints are left. What always
 * shows comes last. */
static size_t choose(struct hint *hints, size_t n, int room)
{
    struct hint last[HINTS_MAX];
    size_t kept = 0, lasts = 0;

    for (size_t i = 0; i < n; i++) {
        if (hints[i].always) {
            room -= hint_width(&hints[i]) + 2;
            last[lasts++] = hints[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (hints[i].always) {
            continue;
        }
        room -= hint_width(&hints[i]) + 2;
        if (room < -2) {
            break;
        }
        hints[kept++] = hints[i];
    }
    memcpy(&hints[kept], last, lasts * sizeof *last);
    return kept + lasts;
}

/* A key and its word, and the cells that they take. */
struct footer_entry {
    struct hint hint;
    int x, width;
};

/* Finds out what the footer shows and where, for drawing and for clicks. Returns how many entries
 * fit. */
static size_t footer_entries(const struct model *m, struct footer_entry out[HINTS_MAX])
{
    struct rect r = m->desk.layout.footer;
    struct hint hints[HINTS_MAX];
    size_t n = choose(hints, model_hints(m, hints, HINTS_MAX), r.cols - 2);
    int x = r.col + 1;

    for (size_t i = 0; i < n; i++) {
        int width = hint_width(&hints[i]);
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
    struct footer_entry entries[HINTS_MAX];

    /* The first click may have put another key there: the second one of a pair presses nothing. */
    if (ev->u.mouse.button != MOUSE_LEFT ||
        !rect_has(m->desk.layout.footer, ev->u.mouse.row, ev->u.mouse.col)) {
        return false;
    }
    size_t n = footer_entries(m, entries);
    for (size_t i = 0; i < n; i++) {
        if (ev->u.mouse.col >= entries[i].x && ev->u.mouse.col < entries[i].x + entries[i].width) {
            memcpy(key, entries[i].hint.key, KEY_NAME_SIZE);
            return key_name_valid(key); /* "a-z" and "j k" are more than one key */
        }
    }
    return false;
}

void view_footer_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->desk.layout.footer;
    struct footer_entry entries[HINTS_MAX];

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
