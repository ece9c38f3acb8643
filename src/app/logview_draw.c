/* Drawing a log: its lines with stamps, what keeps it from following, why there is nothing. */
#include <stdio.h>

#include "core/text.h"
#include "draw.h"

struct stamped {
    const struct logview *log;
    int64_t now_ms;
};

static const char *stamp(const void *arg, const struct text_line *line, char *buf, size_t size)
{
    const struct stamped *x = arg;
    return logview_stamp(x->log, line->at_ms, x->now_ms, buf, size);
}

/* Draws in the last row why the end of the log is not seen. */
static void draw_unseen(struct surface *s, const struct textview *v, struct rect body)
{
    char text[160];
    char number[24];

    if (v->follow || v->unseen == 0 || body.rows < 2) {
        return;
    }
    (void)snprintf(text, sizeof text, " %s %s new line%s: F follows ",
                   glyph_text(GLYPH_ARROW_DOWN, s->ascii),
                   format_count(v->unseen, number, sizeof number), v->unseen == 1 ? "" : "s");
    int width = text_width(text);
    width = width > body.cols ? body.cols : width;
    surface_put(s, body.row + body.rows - 1, body.col + body.cols - width, width, ST_MATCH_HERE,
                text);
}

void logview_draw(struct surface *s, const struct desk *desk, const struct logview *l,
                  struct rect body, bool focus)
{
    struct stamped x = {l, desk->now_ms};
    struct text_draw d = {.view = &l->text,
                          .stamp = l->stamps == STAMPS_OFF ? NULL : stamp,
                          .arg = &x,
                          .focus = focus};
    struct rect box = {body.row + body.rows / 3, body.col + 2, body.rows - body.rows / 3,
                       body.cols - 4};

    if (textview_len(&l->text) > 0) {
        draw_text(s, body, &d);
        draw_unseen(s, &l->text, body);
    } else if (l->err.code != E_OK) {
        (void)draw_err(s, box, desk, &l->err);
    } else if (l->text.keep) {
        (void)draw_wrapped(s, box, ST_DIM,
                           "No line matches. & with an empty text shows all again.");
    } else {
        (void)draw_wrapped(s, box, ST_DIM,
                           l->note[0] != '\0' ? l->note
                           : l->loaded        ? "The log is empty."
                                              : "Reading the log...");
    }
}
