/* stats_priv.h - between the files of the statistics: stats.c (counting), stats_ask.c (the period
 * and the groups), stats_move.c (the cursor), stats_text.c and stats_tables.c (the lines),
 * stats_write.c (a line, part by part). */
#ifndef APP_STATS_PRIV_H
#define APP_STATS_PRIV_H

#include "app/keymap.h"
#include "core/strbuf.h"
#include "stats.h"

#define STATS_USUAL_MS (INT64_C(7) * 24 * 3600 * 1000)

/* How the jobs of one context may be grouped: not by context. */
enum { STATS_GROUPINGS = INSIGHT_BY_CONTEXT };

/* The functions of stats_ask.c. */
void stats_change_span(struct stats_view *v, int by); /* the next shorter or longer period */
void stats_change_groups(struct stats_view *v, enum insight_by by);

/* The functions of stats_move.c. */
bool stats_has_item(const struct stats_view *v, size_t line); /* a cause or group */
/* The text of the cause or group of a line; NULL: the line has none, or its jobs do not tell it. */
const char *stats_text_of(const struct stats_view *v, const struct stats_line *l);
void stats_set_cursor(struct stats_view *v, size_t line); /* SIZE_MAX: nowhere */
void stats_page(struct stats_view *v, long by);           /* by lines of the text */
bool stats_move(struct stats_view *v, enum action a);     /* false: the action does not move */
/* After a count, or for another room: the cursor stays on what it stood on. */
void stats_find_cursor(struct stats_view *v);

/* Makes the lines anew for the room (stats_text.c). */
void stats_text(struct stats_view *v, struct rect body);

/* The functions of stats_write.c. */
void stats_lines_clear(struct stats_lines *l);
/* A line under way; lines go to `to`. */
struct stats_writer {
    const struct stats_view *v;
    struct stats_lines *to;
    int cells; /* of a line */
    struct strbuf text;
    struct stats_line line;
};
/* Adds a part; text from outside is cleaned. */
void stats_put_text(struct stats_writer *w, enum style st, const char *text);
void stats_put(struct stats_writer *w, enum style st, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Adds a part that is exactly so wide: filled with blanks, or cut. */
void stats_put_cell(struct stats_writer *w, enum style st, int cells, bool right, const char *text);
void stats_put_time(struct stats_writer *w, int cells, int64_t ms); /* a duration; TIME_NONE: "-" */
struct stats_line *stats_end(struct stats_writer *w);               /* ends the line */
void stats_heading(struct stats_writer *w, const char *text); /* begins one, after an empty line */
const char *stats_share(double x, char buf[16]);              /* "12.5 %"; below 0: "-" */

/* The functions of stats_tables.c. */
enum { STATS_KEY_CELLS = 24 };
void stats_causes(struct stats_writer *w, const struct insight *x);
void stats_groups(struct stats_writer *w, const struct insight *x);
size_t stats_steps_lines(const struct insight *x); /* how many lines that makes, at most */
/* The store keeps of a job that is over neither its stepTimes nor how long it waited. */
void stats_steps(struct stats_writer *w, const struct insight *x);
size_t stats_over(const struct insight *x); /* how many jobs are over */
#endif
