/* all_priv.h - between all.c (rows, cursor) and all_draw.c. */
#ifndef APP_ALL_PRIV_H
#define APP_ALL_PRIV_H

#include "app/all.h"
#include "app/surface.h"
#include "columns.h"
#include "desk.h"
#include "rows.h"

struct all_row {
    uint32_t model, row; /* the row of that model's store */
};

struct all_context {
    struct model *model; /* borrowed; NULL: it cannot be shown */
    char *name;          /* owned, clean */
    enum setting_colour colour;
    enum link_state told; /* of its connection, the last that was told */
};

struct all {
    struct all_context *items; /* owned; those that can be shown come first */
    size_t len, cap;
    size_t models;        /* how many can be shown */
    struct all_row *list; /* owned */
    size_t list_cap;
    struct rows rows;
    size_t front;
    char passed[NOTE_SIZE]; /* the note that was last passed on, with its context's name */
    bool touched;           /* a key moved the cursor: until then it waits at the top */
};

/* Where the columns of the list go, behind that of the contexts, for drawing and for clicks: `rest`
 * is what view_list_titles draws in. Returns how many slots there are. */
size_t all_columns(const struct all *a, struct column_slot out[COL_COUNT], struct rect *rest);
/* What the list pane shows, and the counts of each context in the row of the summary. */
void all_draw_list(struct surface *s, const struct all *a);
void all_draw_counts(struct surface *s, const struct all *a);
#endif
