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
#include "rows.h"

struct list_view {
    struct column_set columns;
    bool wide;
    int left;     /* cells scrolled sideways (wide) */
    char *cursor; /* owned: job id; NULL when the list is empty */
    struct rows rows;
    bool stick;            /* the cursor stays on its job (else on its row) */
    bool touched;          /* a key moved it: until then it waits at the top for the first load */
    char *anchor;          /* owned: job id where the range began */
    struct edit filter;    /* as typed */
    char *filter_applied;  /* owned: the last good one, NULL for none */
    bool filter_moves;     /* time alone may change what it matches */
    char *filter_before;   /* owned: the one before typing began, for Esc */
    struct err filter_err; /* why what is typed is no good; the last good one stays in force */
};

struct jobs {
    struct desk *desk; /* borrowed, as all that is there */
    struct list_view list;
    struct detail detail;
    struct form form;
    int64_t filter_again_ms; /* monotonic: ages in the filter move on */
    int64_t watch_ms;        /* monotonic: ask for the detail shown from then on; 0: done */
    uint32_t again_request;  /* of the record that `a` reads to fill the form */
};

/* ---- for drawing ---- */

struct format_ctx jobs_format(const struct jobs *j);
/* The columns of the list in the width that its pane has. */
size_t jobs_columns(const struct jobs *j, struct column_slot out[COL_COUNT]);
enum overlay jobs_row_overlay(const struct jobs *j, const struct entry *e, size_t row);
bool jobs_stale(const struct jobs *j);                                 /* rows are drawn grey */
const char *jobs_title(const struct jobs *j, char *buf, size_t size);  /* with filter, marks */
const char *jobs_banner(const struct jobs *j, char *buf, size_t size); /* for an empty list */
#endif
