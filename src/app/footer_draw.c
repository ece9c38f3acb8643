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

void view_footer_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->desk.layout.footer;
    struct hint hints[HINTS_MAX];
    size_t n;
    int x = r.col + 1;

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
    n = choose(hints, model_hints(m, hints, HINTS_MAX), r.cols - 2);
    for (size_t i = 0; i < n; i++) {
        int key = text_width(hints[i].key);
        int width = hint_width(&hints[i]);
        if (x + width > r.col + r.cols - 1) {
            break;
        }
        surface_add(s, r.row, x, key, ST_KEY, hints[i].key);
        surface_add(s, r.row, x + key + 1, width - key - 1, ST_HINT, hints[i].text);
        x += width + 2;
    }
    surface_keep(s, KEPT_FOOTER, r, &from);
}
