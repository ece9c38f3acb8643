/* pen.h - the cheapest bytes that bring a terminal's cursor and attributes where they are wanted.
 *
 * The pen knows where the cursor is and which attributes are set, and appends to a string what
 * changes them: of the ways that terminfo gives, the one with the fewest bytes. UI thread only;
 * pure after pen_init, which reads terminfo. */
#ifndef UI_PEN_H
#define UI_PEN_H

#include <stdbool.h>

#include "app/surface.h"
#include "core/strbuf.h"
#include "ui/theme.h"

/* What terminfo says about the terminal, read once. */
struct pen_caps {
    bool cup_ansi; /* cup is CSI row ; column H */
    /* the last letter of a sequence CSI number letter; 0: the terminal has no such sequence */
    char right, left, up, down, to_col, to_row, blank;
    bool lf; /* LF moves down and nothing else */
    bool cr, back;
    bool erase_line; /* el is CSI K */
    bool sgr;        /* attributes are set by CSI numbers m */
    bool sgr_off;    /* 22, 24 and 27 take one attribute back */
    bool sgr_colors; /* 39 and 49 are the terminal's own colours */
    bool wraps;      /* a character in the last column moves the cursor to the next row ... */
    bool waits;      /* ... but only when the next character comes */
    bool keeps;      /* moving the cursor is safe while attributes are set */
    bool scrolls;    /* a region of rows can be scrolled up and down */
    uint8_t flags;   /* the attributes that it has, enum look_flag */
    uint8_t plain;   /* the attributes that it has only without colours */
    char acs[128];   /* what it wants for each line drawing letter; 0: nothing */
};

/* A colour as the numbers of an SGR sequence: "38;5;244"; "" when the terminal has no such form. */
struct pen_color {
    char sgr[14];
};

struct pen {
    struct strbuf *out; /* borrowed */
    int rows, cols;     /* of the terminal */
    int colors;         /* 0: no colour is ever set */
    int row, col;       /* of the cursor; row -1: unknown, col -1: only the row is known */
    struct look look;   /* what is set */
    bool acs;           /* line drawing is switched on */
    struct pen_caps caps;
    struct pen_color fg[256], bg[256];
};

/* Reads the current terminfo entry. `lf_alone`: the terminal's driver adds no CR to a LF. */
void pen_init(struct pen *p, struct strbuf *out, int colors, bool lf_alone);
/* The look as this terminal can show it: without attributes that it lacks. */
struct look pen_able(const struct pen *p, struct look l);

/* Sets the attributes. */
void pen_set(struct pen *p, const struct look *l);
void pen_plain(struct pen *p); /* no attribute, no line drawing */
/* Moves the cursor. What stands between the cursor and the place is written again where this is
 * cheaper: `between` tells whether a cell of that row is one ASCII character in the pen's look, and
 * which ('\0': it is not). NULL allowed. */
typedef char pen_between(const void *with, int row, int col);
void pen_move(struct pen *p, int row, int col, pen_between *between, const void *with);
/* Writes a character of `width` cells at the cursor, or as many of one cell that do not reach the
 * last column. */
void pen_text(struct pen *p, const char *bytes, size_t len, int width);
/* Writes a character of which nobody knows how many cells it takes: the cursor is then before the
 * column `end`, or there. */
void pen_unsure(struct pen *p, const char *bytes, size_t len, int end);
/* Writes a line drawing letter of the terminal's own character set. */
void pen_acs(struct pen *p, char letter);
/* Blanks to the end of the row, or `n` cells; the cursor stays. Only where the pen's look has no
 * background of its own. False when the terminal cannot do it. */
bool pen_erase_line(struct pen *p);
bool pen_erase(struct pen *p, int n);
/* Scrolls the rows [top, bottom] by `n`: up when n > 0, down when n < 0. */
void pen_scroll(struct pen *p, int top, int bottom, int n);
/* Blanks the whole screen, whatever the terminal was left with. */
void pen_clear(struct pen *p);
/* Somebody else wrote to the terminal: the place is unknown, no attribute is set. */
void pen_lost(struct pen *p);
#endif
