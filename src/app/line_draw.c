/* Drawing the line being typed, in the status row, with what it offers above it. */
#include "core/text.h"
#include "draw.h"
#include "screen.h"

/* How many cells a message at the right end may have: the room that the text leaves, and half of
 * the row whatever the text is. */
static int right_room(const struct line *l, int cols)
{
    int room = cols - text_width(l->prompt) - text_width(edit_text(l->edit)) - 3;

    return (room > cols / 2 ? room : cols / 2) - 2;
}

const char *line_message(const struct line *l, const struct desk *desk, int cols, char *buf,
                         size_t size, enum style *st)
{
    buf[0] = '\0';
    if (l->def->right != NULL) {
        (void)l->def->right(l->owner, desk, buf, size, st);
    }
    if (text_width(buf) <= right_room(l, cols)) {
        buf[0] = '\0';
    }
    return buf;
}

static void draw_input(struct surface *s, struct rect r, const char *prompt, const struct edit *e,
                       const char *right, enum style right_style)
{
    int width = text_width(prompt);
    int tail = right[0] == '\0' ? 0 : text_width(right) + 2;

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
    char text[ERR_TEXT_SIZE] = "";

    if (r.rows <= 0) {
        return;
    }
    if (l->def->draw_above != NULL) {
        l->def->draw_above(s, l->owner, desk);
    }
    if (l->def->right != NULL) {
        (void)l->def->right(l->owner, desk, text, sizeof text, &st);
    }
    if (text_width(text) > right_room(l, r.cols)) {
        text[0] = '\0'; /* it stands above the line */
    }
    draw_input(s, r, l->prompt, l->edit, text, st);
}
