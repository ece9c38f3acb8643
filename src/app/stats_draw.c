/* Drawing the statistics over the whole body. */
#include "stats_draw.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "draw.h"
#include "stats.h"

static void draw_line(struct surface *s, struct rect r, int row, const struct stats_line *l)
{
    const char *text = l->text;
    int col = r.col;
    int end = r.col + r.cols;

    for (size_t i = 0; i < l->parts_len && col < end; i++) {
        col += surface_put_n(s, row, col, end - col, (enum style)l->parts[i].style, text,
                             l->parts[i].len, 0);
        text += l->parts[i].len;
    }
    if (text_width(l->text) > r.cols) {
        surface_glyph(s, row, end - 1, ST_DIM, GLYPH_ELLIPSIS);
    }
}

static void draw_lines(struct surface *s, struct rect r, const struct stats_view *v,
                       const struct stats_lines *l, bool cursor)
{
    size_t top = cursor ? v->top : 0;

    for (int i = 0; i < r.rows && top + (size_t)i < l->len; i++) {
        draw_line(s, (struct rect){r.row, r.col + 1, r.rows, r.cols - 1}, r.row + i,
                  &l->items[top + (size_t)i]);
        if (cursor && top + (size_t)i == v->at) {
            surface_glyph(s, r.row + i, r.col, ST_TEXT, GLYPH_MARK);
            surface_over(s, r.row + i, r.col, r.cols, OVER_CURSOR);
        }
    }
}

void stats_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all)
{
    const struct stats_view *v = self;
    struct stats_rooms rooms = stats_rooms(layout_body(all), v->wide);
    char title[120];
    char period[48];

    (void)desk;
    if (all.rows <= 0) {
        return;
    }
    (void)snprintf(title, sizeof title, "Statistics  %s, by %s",
                   stats_period(v, period, sizeof period), insight_by_word(v->by));
    size_t bottom = v->top + (size_t)(rooms.list.rows > 0 ? rooms.list.rows : 0);
    char right[48] = "times in UTC ";
    if (v->run != NULL) {
        (void)snprintf(right, sizeof right, "counting... ");
    } else if (v->x != NULL && (v->top > 0 || bottom < v->list.len)) {
        bottom = bottom < v->list.len ? bottom : v->list.len;
        (void)snprintf(right, sizeof right, "%zu%%  times in UTC ", bottom * 100 / v->list.len);
    }
    draw_title(s, all, &(struct pane_title){title, right, true});
    if (v->x == NULL) {
        surface_put(s, rooms.list.row, rooms.list.col + 1, rooms.list.cols - 1, ST_DIM,
                    "Counting the jobs...");
        return;
    }
    draw_lines(s, rooms.figures, v, &v->figures, false);
    draw_lines(s, rooms.list, v, &v->list, true);
    if (v->wide) {
        surface_vline(s, rooms.figures.row, rooms.list.col - 1, rooms.figures.rows, ST_BORDER);
    }
}
