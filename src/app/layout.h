/* layout.h - where everything goes on a screen of a given size. One pure function, used by update
 * (for scroll limits) and by drawing. */
#ifndef APP_LAYOUT_H
#define APP_LAYOUT_H

#include <stdbool.h>

#include "app/surface.h"

enum pane { PANE_LIST, PANE_DETAIL, PANE_FORM, PANE_COUNT };

#define LAYOUT_MIN_COLS 40
#define LAYOUT_MIN_ROWS 10
#define LAYOUT_WIDE_COLS 120

/* Rows of the batch view above and below its lines: the pane's title, what is known of the file,
 * the titles of the columns; the chosen line's reason in full. */
enum { BULK_HEAD_ROWS = 3, BULK_FOOT_ROWS = 2 };

struct layout_want {
    enum pane focus;
    /* PANE_DETAIL or PANE_FORM: the pane that the right side shows when it does not show both */
    enum pane side;
    bool header; /* Ctrl-E removes the header */
    bool full;   /* only the focused pane is shown */
    bool view;   /* another view than the jobs takes the place of all panes */
    int message; /* the rows that the message takes in full; layout_message_cols tells how wide */
    bool line;   /* a line is typed: it has a row of its own under the message */
};

struct layout {
    int rows, cols;
    /* the screen is so small that it only says what it needs; all rects are empty */
    bool too_small;
    bool wide;           /* list and side panes are beside each other */
    struct rect header;  /* account, region, bus, table, health; 1 row, 2 when narrow and tall */
    struct rect summary; /* counts and plot, 1 row */
    struct rect
        /* whole panes with their title row (the first row); empty: the pane is not shown */
        pane[PANE_COUNT];
    struct rect view;    /* the whole body, when another view than the jobs shows; else empty */
    struct rect divider; /* one column between list and side panes, or empty */
    struct rect status;  /* the message, in as many rows as it needs and may have; else 1 row */
    struct rect line;    /* the line being typed: the last row of these */
    struct rect footer;  /* key hints, 1 row */
    struct rect window;  /* help, errors, who am I, text windows: with frame */
    struct rect dialog;  /* the frame of a dialog is at most this large; centred */
    struct rect menu;    /* menus, the column chooser and the palette's list */
};

/* How wide a message is on a screen of this width, and how many rows it may have. */
int layout_message_cols(int cols);
int layout_message_most(int rows, bool line); /* `line`: a line is typed */
struct layout layout_compute(int rows, int cols, const struct layout_want *w);
bool rect_has(struct rect r, int row, int col); /* is the cell in it? */
/* The inside of a pane, without its title row. */
struct rect layout_body(struct rect pane);
/* The inside of a pane of text, with a cell of margin on its left. */
struct rect layout_text(struct rect pane);
/* The inside of the list without the row of column titles. */
struct rect layout_list_rows(struct rect list_pane);
/* For the form: the rows for fields, and for the preview beside or below them (may be empty). */
void layout_form(struct rect form_pane, size_t fields, struct rect *fields_rect,
                 struct rect *preview);
#endif
