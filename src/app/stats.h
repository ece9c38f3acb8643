/* stats.h - the screen of statistics: figures over the jobs that the dashboard knows
 * (jobs/insight.h), and why jobs fail. UI thread only. */
#ifndef APP_STATS_H
#define APP_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk.h"
#include "jobs/insight.h"

/* What a line tells of: Enter on a cause or a group shows its jobs. */
enum stats_what { STATS_TEXT, STATS_CAUSE, STATS_GROUP };
enum { STATS_PARTS = 12 };

struct stats_line {
    char *text; /* owned, clean */
    struct stats_part {
        uint16_t len; /* bytes */
        uint8_t style;
    } parts[STATS_PARTS]; /* one after another */
    size_t parts_len;
    enum stats_what what;
    size_t item; /* which of the causes or groups */
};
struct stats_lines {
    struct stats_line *items; /* owned */
    size_t len, cap;
};

/* What was seen while the jobs were counted. */
struct stats_seen {
    size_t loaded;  /* all jobs */
    size_t untimed; /* nothing tells their time */
    size_t later;   /* their time is still to come */
    bool loading;   /* the first load was under way */
};

struct stats_view {
    int64_t span_ms;  /* the figures are of this time, which ends now ... */
    int64_t since_ms; /* ... or of the time since then; TIME_NONE */
    enum insight_by by;
    struct insight *x; /* owned; NULL: nothing was counted yet */
    struct stats_seen seen;

    struct insight_run *run; /* owned: the count under way; NULL */
    struct stats_seen running;
    struct insight_query query; /* of the last count */
    size_t slot;                /* the next one that it looks at */
    uint64_t changes;           /* the store's when it began */
    int64_t began_ms;           /* monotonic */
    bool wanted;                /* something else is to be counted than the last time */
    bool news;                  /* it has ended, and was not drawn yet */

    struct rect room; /* for which the lines were made */
    bool ascii, wide; /* wide: the figures stand beside the list */
    struct stats_lines figures, list;
    size_t top, page; /* the first line of the list that shows, and how many do */
    size_t at;        /* the line with the cursor; SIZE_MAX: none that shows can have it */
    char *here;       /* owned: what that line tells of; NULL */
    bool placed;      /* the cursor has had a place */
    bool to_groups;   /* the cursor goes to the groups when they are counted */
};

/* Where the lines go, side by side on a wide screen; else `figures` is empty. */
struct stats_rooms {
    struct rect figures, list;
};
struct stats_rooms stats_rooms(struct rect body, bool wide);
int stats_plot_cells(struct rect body); /* how wide a plot is */

/* `:stats by user since 30d`, with the words of `mvpdash stats`. False: a note says what is wrong.
 */
bool stats_ask(struct stats_view *v, struct desk *desk, const char *argument);
const char *stats_period(const struct stats_view *v, char *buf, size_t size); /* "last 7d" */
#endif
