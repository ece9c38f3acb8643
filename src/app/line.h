/* line.h - a line that is typed in the status row: the filter, a search, the name of a file, a
 * command. The code that opens it says what its keys do. UI thread only. */
#ifndef APP_LINE_H
#define APP_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/keymap.h"
#include "app/surface.h"
#include "core/err.h"
#include "edit.h"

struct desk;
struct effects;

struct line_def {
    void (*typed)(void *owner, struct desk *d);        /* called when the text has changed */
    void (*step)(void *owner, struct desk *d, int by); /* called for Up (-1) and Down (1) */
    void (*complete)(void *owner, struct desk *d);     /* called for Tab; NULL: Tab does nothing */
    /* Called for Enter (take) or Esc. Closes the line (line_close), unless it has to be corrected
     * first. */
    void (*end)(void *owner, struct desk *d, bool take, struct effects *out);
    /* The text at the right end of the row; NULL: there is none. Returns buf. */
    const char *(*right)(const void *owner, const struct desk *d, char *buf, size_t size,
                         enum style *st);
    /* What it offers; NULL: nothing. */
    void (*draw_above)(struct surface *s, const void *owner, const struct desk *d);
};

struct line {
    bool open;
    const struct line_def *def;
    void *owner;        /* borrowed, as the edit */
    struct edit *edit;  /* the text */
    const char *prompt; /* static: "Filter:" */
};

void line_open(struct line *l, const struct line_def *def, void *owner, struct edit *edit,
               const char *prompt);
void line_close(struct line *l);
bool line_is_of(const struct line *l, const struct edit *edit); /* is this text being typed? */
/* In line_draw.c; `self` is a line. The text at the right end of the row, when it is too long to
 * stand there: it stands above the line then. "": it fits, or there is none. */
const char *line_message(const struct line *l, const struct desk *desk, int cols, char *buf,
                         size_t size, enum style *st);
void line_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room);
#endif
