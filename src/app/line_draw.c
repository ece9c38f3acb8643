/* Drawing the line being typed, in the status row, with what it offers above it. */
#include "core/text.h"
#include "draw.h"
#include "screen.h"

static void draw_input(struct surface *s, struct rect r, const char *prompt, const struct edit *e,
                       const char *right, enum style right_style)
{
    int width = text_width(prompt);
    int tail = right == NULL || right[0] == '\0' ? 0 : text_width(right) + 2;

    /* a message may have the room that the text leaves, and half of the row whatever the text is */
    int room = r.cols - width - text_width(edit_text(e)) - 3;
    int most = room > r.cols / 2 ? room : r.cols / 2;
    if (tail > most) {
        tail = most;
    }
    surface_fill(s, r, ST_TEXT);
    surface_put(s, r.row, r.col, width + 1, ST_KEY, prompt);
    draw_edit(s, r.row, r.col + width + 1, r.cols - width - 1 - tail, ST_INPUT_FOCUS, e, true);
    if (tail > 2) {
        surface_put_cut(s, r.row, r.col + r.cols - tail + 2, tail - 2, right_style, right);
    }
}

void line_draw(struct surface *s, const void *self, const struct desk *desk, struct rect r)
{
    const struct line *l = self;
    enum style st = ST_DIM;
    char text[600] = "";

    if (r.rows <= 0) {
        return;
    }
    if (l->def->draw_above != NULL) {
        l->def->draw_above(s, l->owner, desk);
    }
    if (l->def->right != NULL) {
        (void)l->def->right(l->owner, desk, text, sizeof text, &st);
    }
    draw_input(s, r, l->prompt, l->edit, text, st);
}
