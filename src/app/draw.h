/* draw.h - what the screens draw with. Drawing changes nothing but the surface: update has computed
 * where everything goes and how far it is scrolled. UI thread only. */
#ifndef APP_DRAW_H
#define APP_DRAW_H

#include "app/surface.h"
#include "desk.h"
#include "detail.h"
#include "edit.h"
#include "layout.h"
#include "textview.h"

struct pane_title {
    const char *text;
    const char *right; /* NULL: nothing at the right end */
    bool focus;
};
/* Draws the title row of a pane: the text, a rule, and the text at the right end. */
void draw_title(struct surface *s, struct rect pane, const struct pane_title *title);
/* Draws a frame with its title, blanks the inside and returns it. */
struct rect draw_window(struct surface *s, struct rect r, const char *title, enum style border,
                        enum style title_style);
/* Makes room for a frame around so many rows, but not larger than `most`. */
struct rect draw_shrunk(struct rect most, size_t rows);
/* Draws the lines that the window of a text view shows, with matches and selection. With `stamp`
 * each line begins with the text that it returns (which may be NULL). */
struct text_draw {
    const struct textview *view;
    const char *(*stamp)(const void *arg, const struct text_line *line, char *buf, size_t size);
    const void *arg;
    bool focus;
};
void draw_text(struct surface *s, struct rect body, const struct text_draw *d);
/* Draws "38%" over the end of the last row of a text that goes on below it: nothing is cut off
 * without a sign. */
void draw_percent(struct surface *s, struct rect body, const struct textview *v);
/* The same for a list of `len` rows in a frame with this inside: "3/19" in the frame below it, when
 * not all rows fit. */
void draw_row_number(struct surface *s, struct rect inside, size_t at, size_t len);
/* Draws the words of `text` in lines of at most `r.cols` cells; returns the rows used. A text that
 * does not fit ends with an ellipsis in the last row. */
int draw_wrapped(struct surface *s, struct rect r, enum style st, const char *text);
/* Does the same with a text that tells what to do: when it does not fit, `more` after the ellipsis
 * says where all of it is (desk_more). */
int draw_notice(struct surface *s, struct rect r, enum style st, const char *text,
                const char *more);
/* Does that with a text whose bytes from `remedy` on (0: not known) say what to do: these are shown
 * whole as long as there is a row for the others. */
int draw_remedy(struct surface *s, struct rect r, enum style st, const char *text, size_t remedy,
                const char *more);
/* Draws what failed and, in the rows that are left, what to do about it; of the message more is cut
 * before any of the advice is. Returns the rows used. */
int draw_err(struct surface *s, struct rect r, const struct desk *d, const struct err *e);
/* Does that over the last rows of a list that is older than the last reading, which failed. */
void draw_stale(struct surface *s, struct rect list, const struct desk *d, const struct err *e);
/* Draws a line being typed, with the terminal's cursor in it when it has the focus. */
void draw_edit(struct surface *s, int row, int col, int cols, enum style st, const struct edit *e,
               bool cursor);
/* Draws a log in a body: its lines with stamps, or the reason why there are none. */
void logview_draw(struct surface *s, const struct desk *desk, const struct logview *l,
                  struct rect body, bool focus);
#endif
