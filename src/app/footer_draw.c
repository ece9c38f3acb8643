/* Drawing the last two rows: a message, and the keys that work now. */
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

void view_footer_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->desk.layout.footer;
    struct hint hints[24];
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
    n = model_hints(m, hints, sizeof hints / sizeof *hints);
    for (size_t i = 0; i < n; i++) {
        int key = text_width(hints[i].key);
        int text = text_width(hints[i].text);
        if (x + key + 1 + text > r.col + r.cols - 1) {
            break;
        }
        surface_add(s, r.row, x, key, ST_KEY, hints[i].key);
        surface_add(s, r.row, x + key + 1, text, ST_HINT, hints[i].text);
        x += key + text + 3;
    }
    surface_keep(s, KEPT_FOOTER, r, &from);
}
