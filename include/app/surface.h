/* surface.h - a grid of cells that a view draws into; the terminal side compares two of them.
 *
 * No curses here: a cell holds one grapheme, its width and what it means (a style, and an overlay
 * for the row it lies in). Text given to surface_put must have passed text_clean; what a terminal
 * would obey is replaced by '?' here once more. UI thread only. */
#ifndef APP_SURFACE_H
#define APP_SURFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell means; each theme gives it a look. One row for each style: enum, name in theme
 * files. */
#define STYLE_MAP(X)                                                                               \
    X(ST_TEXT, "text")                                                                             \
    X(ST_DIM, "dim")                                                                               \
    X(ST_STRONG, "strong")                                                                         \
    X(ST_HEADER, "header")                                                                         \
    X(ST_HEADER_LABEL, "header-label")                                                             \
    X(ST_TITLE, "title")             /* the title of a pane without the focus */                   \
    X(ST_TITLE_FOCUS, "title-focus") /* the title of the pane that keys go to */                   \
    X(ST_BORDER, "border")                                                                         \
    X(ST_BORDER_FOCUS, "border-focus")                                                             \
    X(ST_COLUMN, "column")           /* column titles */                                           \
    X(ST_COLUMN_SORT, "column-sort") /* the title of the column that the list is sorted by */      \
    X(ST_LABEL, "label")             /* a label, such as "User" before a value */                  \
    X(ST_INFO, "info")                                                                             \
    X(ST_GOOD, "good")                                                                             \
    X(ST_WARN, "warn")                                                                             \
    X(ST_BAD, "bad")                                                                               \
    X(ST_PENDING, "pending")                                                                       \
    X(ST_QUEUED, "queued")                                                                         \
    X(ST_RUNNING, "running")                                                                       \
    X(ST_STOPPING, "stopping")                                                                     \
    X(ST_COMPLETED, "completed")                                                                   \
    X(ST_FAILED, "failed")                                                                         \
    X(ST_CANCELLED, "cancelled")                                                                   \
    X(ST_UNKNOWN, "unknown") /* a status word we do not know */                                    \
    X(ST_BAR, "bar")         /* the done part of a progress bar */                                 \
    X(ST_BAR_REST, "bar-rest")                                                                     \
    X(ST_TIME, "time")                                                                             \
    X(ST_LINK, "link")                                                                             \
    X(ST_KEY, "key")   /* a key name in footer and help */                                         \
    X(ST_HINT, "hint") /* what the key does */                                                     \
    X(ST_INPUT, "input")                                                                           \
    X(ST_INPUT_FOCUS, "input-focus")                                                               \
    X(ST_INPUT_BAD, "input-bad")                                                                   \
    X(ST_MATCH, "match")                                                                           \
    X(ST_MATCH_HERE, "match-here") /* the match that n and N stand on */                           \
    X(ST_DIALOG, "dialog")                                                                         \
    X(ST_DIALOG_TITLE, "dialog-title")                                                             \
    X(ST_BUTTON, "button")                                                                         \
    X(ST_BUTTON_FOCUS, "button-focus")                                                             \
    X(ST_TAB, "tab")                                                                               \
    X(ST_TAB_HERE, "tab-here")                                                                     \
    X(ST_CONTEXT, "context") /* a context's name; those with a colour in the order of              \
                                enum setting_colour */                                             \
    X(ST_CONTEXT_RED, "context-red")                                                               \
    X(ST_CONTEXT_YELLOW, "context-yellow")                                                         \
    X(ST_CONTEXT_GREEN, "context-green")                                                           \
    X(ST_CONTEXT_CYAN, "context-cyan")                                                             \
    X(ST_CONTEXT_BLUE, "context-blue")                                                             \
    X(ST_CONTEXT_MAGENTA, "context-magenta")

#define STYLE_ENUM(id, name) id,
enum style { STYLE_MAP(STYLE_ENUM) STYLE_COUNT };
#undef STYLE_ENUM
const char *style_name(enum style s); /* "match-here"; static */

/* What is laid over a whole row, on top of the styles of its cells. */
enum overlay {
    OVER_NONE,
    OVER_CURSOR,      /* the row that keys act on */
    OVER_CURSOR_IDLE, /* the same row in a pane without the focus */
    OVER_MARKED,
    OVER_CHANGED,  /* new or changed a moment ago */
    OVER_SELECTED, /* the row is in a range that is being selected */
    OVER_STALE,    /* data that may no longer be true */
    OVERLAY_COUNT
};

/* Drawing characters, each with a form in ASCII. */
#define GLYPH_MAP(X)                                                                               \
    X(GLYPH_HLINE, "─", "-")                                                                       \
    X(GLYPH_VLINE, "│", "|")                                                                       \
    X(GLYPH_TOP_LEFT, "┌", "+")                                                                    \
    X(GLYPH_TOP_RIGHT, "┐", "+")                                                                   \
    X(GLYPH_BOTTOM_LEFT, "└", "+")                                                                 \
    X(GLYPH_BOTTOM_RIGHT, "┘", "+")                                                                \
    X(GLYPH_TEE_LEFT, "├", "+")                                                                    \
    X(GLYPH_TEE_RIGHT, "┤", "+")                                                                   \
    X(GLYPH_TEE_DOWN, "┬", "+")                                                                    \
    X(GLYPH_TEE_UP, "┴", "+")                                                                      \
    X(GLYPH_BAR, "█", "#")                                                                         \
    X(GLYPH_BAR_HALF, "▌", "=")                                                                    \
    X(GLYPH_BAR_REST, "░", ".")                                                                    \
    X(GLYPH_SPARK_1, "▁", "_")                                                                     \
    X(GLYPH_SPARK_2, "▂", "_")                                                                     \
    X(GLYPH_SPARK_3, "▃", ".")                                                                     \
    X(GLYPH_SPARK_4, "▄", "-")                                                                     \
    X(GLYPH_SPARK_5, "▅", "=")                                                                     \
    X(GLYPH_SPARK_6, "▆", "+")                                                                     \
    X(GLYPH_SPARK_7, "▇", "*")                                                                     \
    X(GLYPH_SPARK_8, "█", "#")                                                                     \
    X(GLYPH_ELLIPSIS, "…", "~")                                                                    \
    X(GLYPH_ARROW_UP, "▲", "^")                                                                    \
    X(GLYPH_ARROW_DOWN, "▼", "v")                                                                  \
    X(GLYPH_BULLET, "•", "*")                                                                      \
    X(GLYPH_MARK, "▶", ">")                                                                        \
    X(GLYPH_WATCH, "◆", "w")                                                                       \
    X(GLYPH_MORE_LEFT, "‹", "<")                                                                   \
    X(GLYPH_MORE_RIGHT, "›", ">")                                                                  \
    X(GLYPH_PENDING, "○", "o")                                                                     \
    X(GLYPH_QUEUED, "◌", "=")                                                                      \
    X(GLYPH_RUNNING, "●", "@")                                                                     \
    X(GLYPH_STOPPING, "◐", "%")                                                                    \
    X(GLYPH_COMPLETED, "✓", "+")                                                                   \
    X(GLYPH_FAILED, "✗", "x")                                                                      \
    X(GLYPH_CANCELLED, "⊘", "-")                                                                   \
    X(GLYPH_UNKNOWN, "?", "?")                                                                     \
    X(GLYPH_WARN, "!", "!")

#define GLYPH_ENUM(id, utf8, ascii) id,
enum glyph { GLYPH_MAP(GLYPH_ENUM) GLYPH_COUNT };
#undef GLYPH_ENUM
const char *glyph_text(enum glyph g, bool ascii); /* one cell wide; static */
/* The one-cell ASCII form of a character: that of the glyph which it is, else '?'. */
char surface_ascii(const char *text, size_t len);

#define CELL_BYTES 21

struct cell {
    char text[CELL_BYTES]; /* one grapheme, NUL-terminated; "" in the right half of a wide one */
    uint8_t width;         /* 1 or 2; 0 in the right half of a wide one */
    uint8_t style;         /* enum style */
    uint8_t over;          /* enum overlay */
};

struct rect {
    int row, col, rows, cols; /* rows or cols 0: the rect is not shown */
};

struct kept; /* a part of the screen as it was drawn; surface_kept.c */

/* Cells of a row that a terminal may show as a link, as far as they have the style ST_LINK. */
struct surface_link {
    int row, col, cols;
    char *url; /* owned; url_openable (core/url.h): printable ASCII */
};
enum { SURFACE_LINKS_MAX = 32 };

struct surface {
    int rows, cols;
    bool ascii;         /* everything outside ASCII is replaced when it is put */
    struct cell *cells; /* owned, rows * cols */
    int cursor_row;     /* where the terminal's cursor goes; -1: hidden */
    int cursor_col;
    struct kept *kept;          /* owned, KEPT_SLOTS + rows of them; NULL: nothing is kept */
    struct surface_link *links; /* owned; NULL until there is one */
    size_t links_len;
};

void surface_init(struct surface *s, int rows, int cols, bool ascii);
void surface_done(struct surface *s);
void surface_resize(struct surface *s, int rows,
                    int cols);         /* the surface is blank afterwards; sizes are at least 1 */
void surface_erase(struct surface *s); /* makes everything blank and hides the cursor */

/* Puts text at (row, col), at most `width` cells of it and never outside of the surface; fills the
 * rest of `width` with blanks in that style. A wide character that does not fit completely leaves a
 * blank; wide characters that are half overwritten become blanks. Returns the cells that the text
 * took. */
int surface_put(struct surface *s, int row, int col, int width, enum style st, const char *text);
/* Does the same for `len` bytes; skips the first `skip` cells of the text (sideways scrolling). */
int surface_put_n(struct surface *s, int row, int col, int width, enum style st, const char *text,
                  size_t len, int skip);
/* Does the same as surface_put without filling the rest. */
int surface_add(struct surface *s, int row, int col, int width, enum style st, const char *text);
/* Does the same as surface_put; text that does not fit ends in an ellipsis. */
int surface_put_cut(struct surface *s, int row, int col, int width, enum style st,
                    const char *text);
void surface_glyph(struct surface *s, int row, int col, enum style st, enum glyph g);
void surface_fill(struct surface *s, struct rect r, enum style st); /* fills with blanks */
void surface_hline(struct surface *s, int row, int col, int cols, enum style st);
void surface_vline(struct surface *s, int row, int col, int rows, enum style st);
void surface_box(struct surface *s, struct rect r, enum style st); /* draws only the frame */
void surface_over(struct surface *s, int row, int col, int cols, enum overlay over);
void surface_restyle(struct surface *s, int row, int col, int cols, enum style st);
/* Makes the cells a link. An address that url_openable refuses makes none, nor do more than
 * SURFACE_LINKS_MAX. */
void surface_link(struct surface *s, int row, int col, int cols, const char *url);
void surface_unlink(struct surface *s); /* there are no links any more */
/* Draws a bar of `cols` cells for `percent` (0-100; -1: only its rest). */
void surface_bar(struct surface *s, int row, int col, int cols, int percent);

/* Parts of the screen that mostly look as they did in the frame before: their cells are kept, and
 * put again while the key is the same. The key holds everything that the cells are made from, as
 * far as it changes. A slot of KEPT_SLOTS for each part, and KEPT_SLOTS + row for the rows of a
 * list, whose slots go round. The terminal's cursor is not kept. */
enum { KEPT_HEADER, KEPT_SUMMARY, KEPT_TITLES, KEPT_FORM, KEPT_FOOTER, KEPT_SLOTS };
struct surface_key {
    uint64_t part[3];
};
/* Puts the cells of the slot if key and size are the same. False: draw them, then keep them. */
bool surface_recall(struct surface *s, size_t slot, struct rect r, const struct surface_key *key);
void surface_keep(struct surface *s, size_t slot, struct rect r, const struct surface_key *key);
void surface_forget(struct surface *s); /* nothing is kept any more */

/* The text of the screen, one line for each row, without blanks at its end; owned. For golden tests
 * and for saving the screen. */
char *surface_text(const struct surface *s);
#endif
