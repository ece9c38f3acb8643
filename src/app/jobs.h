/* jobs.h - the screen of the jobs: list, detail and form, one of which has the focus. UI thread
 * only. */
#ifndef APP_JOBS_H
#define APP_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "columns.h"
#include "desk.h"
#include "detail.h"
#include "edit.h"
#include "form.h"
#include "line_history.h"
#include "rows.h"

struct list_view {
    struct column_set columns;
    bool wide;
    int left;     /* how many cells the list is scrolled sideways (wide) */
    char *cursor; /* owned: job id; NULL when the list is empty */
    struct rows rows;
    bool stick; /* the cursor stays on its job; otherwise on its row */
    /* a key moved the cursor: until then it waits at the top for the first load */
    bool touched;
    char *anchor;                /* owned: the id of the job where the range began */
    struct edit filter;          /* the filter as it is typed */
    char *filter_applied;        /* owned: the last good filter, NULL for none */
    bool filter_moves;           /* time alone may change what the filter matches */
    char *filter_before;         /* owned: the filter before typing began, for Esc */
    struct line_history filters; /* filters that were accepted */
    char *choices;               /* owned: what Tab might have meant; NULL: nothing */
    char *picked;          /* owned: what the jobs of store_pick have in common; NULL: all show */
    struct err filter_err; /* why the typed filter is no good; the last good one stays in force */
};

struct jobs {
    struct desk *desk; /* borrowed, as everything on it */
    struct list_view list;
    struct detail detail;
    struct form form;
    /* monotonic: when the filter is applied again, because ages have moved on */
    int64_t filter_again_ms;
    /* monotonic: when to ask for the detail that is shown; 0: it was asked for */
    int64_t watch_ms;
    uint32_t again_request; /* the request for the record from which `a` fills the form */
};

/* ---- for drawing ---- */

struct format_ctx jobs_format(const struct jobs *j);
/* Finds the columns of the list for the width of its pane. */
size_t jobs_columns(const struct jobs *j, struct column_slot out[COL_COUNT]);
enum overlay jobs_row_overlay(const struct jobs *j, const struct entry *e, size_t row);
/* the same without cursor and range */
enum overlay jobs_entry_overlay(const struct jobs *j, const struct entry *e);
/* the rows are drawn in grey */
bool jobs_stale(const struct jobs *j);
/* the title with filter and marks */
const char *jobs_title(const struct jobs *j, char *buf, size_t size);
/* the states that show, when not all of them do, as the title has them; else "" */
void jobs_chips_text(const struct jobs *j, char *buf, size_t size);
/* the text for an empty list */
const char *jobs_banner(const struct jobs *j, char *buf, size_t size);
#endif
