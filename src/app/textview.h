/* textview.h - lines of text that scroll: the detail's tabs, the log, help and the error list.
 *
 * Holds at most max_lines and max_bytes; the oldest lines go first and are counted in `dropped`.
 * Lines are clean text. Line numbers (`seq`) never change while lines are dropped at the front.
 * UI thread only; a const view may be read by drawing. */
#ifndef APP_TEXTVIEW_H
#define APP_TEXTVIEW_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/surface.h"
#include "core/err.h"
#include "edit.h"

/* A part of a line in a style of its own. */
struct text_span {
    uint32_t from, len; /* bytes */
    uint8_t style;      /* enum style */
};

struct text_line {
    char *text;    /* owned, clean UTF-8 */
    int64_t at_ms; /* TIME_NONE when it has none */
    uint32_t len;
    uint16_t label; /* bytes at the start that are a label: drawn in ST_LABEL */
    uint8_t style;  /* enum style of the rest */
    bool marked;
    uint16_t spans_len;
    struct text_span *spans; /* owned; in order of place */
};

struct textview {
    struct text_line *ring; /* owned */
    size_t cap, first, len;
    size_t bytes;
    uint64_t dropped;            /* lines cut at the front; also the seq of the first line */
    size_t max_lines, max_bytes; /* 0: 50,000 and 8 MiB */

    int rows, cols; /* of the window, set by textview_resize */
    uint64_t top;   /* seq of the first line shown */
    int top_row;    /* wrapped rows of it that are above the window */
    int left;       /* cells scrolled sideways (without wrap) */
    bool wrap;
    bool words;      /* wrapped between words where there is a blank */
    bool follow;     /* stay at the end */
    uint64_t unseen; /* lines added while not following */
    bool has_cursor; /* a line cursor (select, mark, copy); else only scrolling */
    uint64_t cursor; /* seq */
    bool selecting;
    uint64_t anchor; /* seq where the selection began */

    char *pattern; /* owned; search text, NULL when none */
    bool ignore_case;
    bool compiled;
    regex_t re;
    struct err pattern_err; /* why the pattern is no good */
    uint64_t match_line;    /* seq of the match that n/N stand on; valid when matched */
    bool matched;
    size_t match_count; /* lines that match */
    size_t match_at;    /* how many of them are up to match_line, itself counted; when matched */
    bool keep;          /* only matching lines are shown */
    uint64_t *kept;     /* owned: seqs shown when keep is on */
    size_t kept_len, kept_cap;
};

void textview_init(struct textview *v);
void textview_done(struct textview *v);
void textview_empty(struct textview *v); /* drops all lines, keeps position flags and the search */
/* Adds a line; the text is cleaned here (ANSI colour sequences are dropped). */
void textview_add(struct textview *v, const char *text, enum style st);
/* Adds a log's line or lines: their colours become styles of the theme, and of a line that wrote
 * over itself (progress with carriage returns) its last state stays. */
void textview_add_log(struct textview *v, int64_t at_ms, const char *text, size_t len,
                      enum style st);
/* "label" padded to `cells` and the text behind it. */
void textview_add_label(struct textview *v, const char *label, int cells, const char *text,
                        enum style st);
void textview_addf(struct textview *v, enum style st, const char *fmt, ...) PRINTF_LIKE(3, 4);
void textview_resize(struct textview *v, int rows, int cols); /* keeps what is shown in place */
/* Replaces all lines by those of `from` (emptied), keeping scroll position and search. */
void textview_replace(struct textview *v, struct textview *from);

void textview_scroll(struct textview *v, int rows); /* < 0: up. Pauses following upwards */
void textview_sideways(struct textview *v, int cells);
void textview_home(struct textview *v);
void textview_end(struct textview *v);
void textview_set_follow(struct textview *v, bool on);
void textview_set_wrap(struct textview *v, bool on);
void textview_move_cursor(struct textview *v, int lines);

/* Search by extended regular expression (plain text when it is none of its characters). "" ends
 * the search. The view goes to the first match at or after the top. */
void textview_search(struct textview *v, const char *pattern);
bool textview_next(struct textview *v, int direction); /* false: no match */
void textview_set_case(struct textview *v, bool ignore);
void textview_set_keep(struct textview *v, bool on);

size_t textview_len(const struct textview *v); /* lines shown (kept ones) */
const struct text_line *textview_line(const struct textview *v, uint64_t seq); /* NULL when gone */
/* What the window shows, top to bottom: at most `max` rows. */
struct text_row {
    const struct text_line *line;
    uint64_t seq;
    size_t from, len; /* bytes of line->text in this row */
    bool first;       /* the first row of its line */
};
size_t textview_visible(const struct textview *v, struct text_row *out, size_t max);
/* The next match in a line at or after byte `from`; false when there is none. For highlighting. */
bool textview_match(const struct textview *v, const struct text_line *line, size_t from,
                    size_t *start, size_t *end);
void textview_toggle_mark(struct textview *v, uint64_t seq); /* of a line */
bool textview_selected(const struct textview *v, uint64_t seq);
/* Percent of the lines at or above the bottom of the window: 100 at the end. */
int textview_percent(const struct textview *v);
/* The selected lines, or the cursor's line. Owned. */
char *textview_copy(const struct textview *v);
/* All lines, those that do not match too; `stamp` (NULL: none) writes what goes before a line.
 * Owned. */
typedef const char *(*textview_stamp)(const void *arg, const struct text_line *line, char *buf,
                                      size_t size);
char *textview_all(const struct textview *v, textview_stamp stamp, const void *arg);
#endif
