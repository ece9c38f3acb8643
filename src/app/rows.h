/* rows.h - moving in a list of rows: the cursor, the window that shows, a range of rows. Every list
 * of the dashboard moves by these functions, so that a page and half a page are the same
 * everywhere. Pure. */
#ifndef APP_ROWS_H
#define APP_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "app/keymap.h"

struct rows {
    size_t len;    /* how many rows there are */
    size_t at;     /* the row with the cursor; 0 when there are none */
    size_t top;    /* the first row shown */
    size_t page;   /* rows that fit; 0 counts as 1 */
    bool ranging;  /* the rows between `anchor` and `at` are chosen */
    size_t anchor; /* the row where the range began */
};

/* How far an action moves when `page` rows show: a page is all of them but one, which stays for the
 * eye to go on from; half a page is rounded up.
 * To the first or last row: -ROWS_ALL or ROWS_ALL. 0: the action does not move. */
#define ROWS_ALL 1000000000L
long rows_distance(enum action a, size_t page);

/* Moves the cursor to a row, or to the last one when there are not so many; the window follows. */
void rows_to(struct rows *r, size_t row);
void rows_step(struct rows *r, long by);
bool rows_action(struct rows *r, enum action a); /* false: the action does not move */
/* Sets another number of rows, or another page, and puts cursor, range and window inside again. */
void rows_settle(struct rows *r, size_t len, size_t page);
/* Called before the cursor is moved by `by` rows: with a page the window moves as far as the
 * cursor. */
void rows_turn(struct rows *r, enum action a, long by);
/* Moves only the window: in a list without a cursor, or by less than would leave the cursor. */
void rows_scroll(struct rows *r, long by);
/* Tells which row shows `below` rows under the first one; false when none does. */
bool rows_shown(const struct rows *r, int below, size_t *row);

void rows_range(struct rows *r); /* begins a range at the cursor */
/* The first and the last row of the range; without a range, the cursor's row. */
void rows_span(const struct rows *r, size_t *from, size_t *to);
bool rows_chosen(const struct rows *r, size_t row); /* is the row in the range? */
#endif
