/* textview.h - lines of text that scroll: the detail's tabs, the log, help and the error list.
 *
 * A view holds at most max_lines and max_bytes; the oldest lines are dropped first and counted in
 * `dropped`. Lines are clean text. The number of a line (`seq`) never changes while lines are
 * dropped at the front. UI thread only; a const view may be read by drawing. */
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
    int64_t at_ms; /* TIME_NONE when the line has no time */
    uint32_t len;
    uint16_t label; /* how many bytes at the start are a label, which is drawn in ST_LABEL */
    uint8_t style;  /* enum style of the rest of the line */
    bool marked;
    uint16_t spans_len;
    struct text_span *spans; /* owned; in the order of their places */
};

struct textview {
    struct text_line *ring; /* owned */
    size_t cap, first, len;
    size_t bytes;
    /* how many lines were dropped at the front; also the seq of the first line */
    uint64_t dropped;
    size_t max_lines, max_bytes; /* 0: 50,000 and 8 MiB */

    int rows, cols; /* the size of the window, set by textview_resize */
    uint64_t top;   /* the seq of the first line that is shown */
    int top_row;    /* how many wrapped rows of that line are above the window */
    int left;       /* how many cells the text is scrolled sideways (without wrap) */
    bool wrap;
    bool words;      /* lines are wrapped between words where there is a blank */
    bool follow;     /* the window stays at the end */
    uint64_t unseen; /* how many lines were added while the window did not follow */
    /* the view has a line cursor (select, mark, copy); otherwise it only scrolls */
    bool has_cursor;
    uint64_t cursor; /* the seq of the cursor's line */
    bool selecting;
    uint64_t anchor; /* the seq where the selection began */

    char *pattern; /* owned; the text that is searched, NULL when there is none */
    bool ignore_case;
    bool compiled;
    regex_t re;
    struct err pattern_err; /* why the pattern is no good */
    uint64_t match_line;    /* the seq of the match that n and N stand on; valid when matched */
    bool matched;
    size_t match_count; /* how many lines match */
    /* when matched: how many of them there are up to match_line, which is counted too */
    size_t match_at;
    bool keep;      /* only matching lines are shown */
    uint64_t *kept; /* owned: the seqs of the lines that are shown when keep is on */
    size_t kept_len, kept_cap;
};

void textview_init(struct textview *v);
void textview_done(struct textview *v);
/* drops all lines, keeps the flags of the position and the search */
void textview_empty(struct textview *v);
/* Adds a line; the text is cleaned here (ANSI colour sequences are dropped). */
void textview_add(struct textview *v, const char *text, enum style st);
/* Adds one or more lines of a log: their colours become styles of the theme, and of a line that
 * wrote over itself (progress with carriage returns) the last state stays. */
void textview_add_log(struct textview *v, int64_t at_ms, const char *text, size_t len,
                      enum style st);
/* Adds "label", padded to `cells`, and the text after it. */
void textview_add_label(struct textview *v, const char *label, int cells, const char *text,
                        enum style st);
/* Adds a line that is clean already: the first `label` bytes in ST_LABEL, the parts of the spans in
 * their styles. */
void textview_add_spans(struct textview *v, const char *clean, size_t label,
                        const struct text_span *spans, size_t len);
void textview_addf(struct textview *v, enum style st, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Adds what failed, after a lead, and in a line of its own what to do about it. */
void textview_add_err(struct textview *v, const char *lead, const struct err *e);
void textview_resize(struct textview *v, int rows, int cols); /* keeps what is shown in its place */
/* Replaces all lines by those of `from` (which is emptied), and keeps scroll position and
 * search. */
void textview_replace(struct textview *v, struct textview *from);

void textview_scroll(struct textview *v, int rows); /* < 0: up. Scrolling up pauses the following */
void textview_sideways(struct textview *v, int cells);
/* Puts the cursor on a line, which shows with some lines before it. */
void textview_to_line(struct textview *v, uint64_t seq);
void textview_home(struct textview *v);
void textview_end(struct textview *v);
void textview_set_follow(struct textview *v, bool on);
void textview_set_wrap(struct textview *v, bool on);
void textview_move_cursor(struct textview *v, int lines);

/* Searches by extended regular expression (as plain text when the pattern has none of its
 * characters). "" ends the search. The view goes to the first match at or after the top. */
void textview_search(struct textview *v, const char *pattern);
bool textview_next(struct textview *v, int direction); /* false: there is no match */
void textview_set_case(struct textview *v, bool ignore);
void textview_set_keep(struct textview *v, bool on);

size_t textview_len(const struct textview *v); /* how many lines are shown (the kept ones) */
/* NULL when the line is gone */
const struct text_line *textview_line(const struct textview *v, uint64_t seq);
/* The rows that the window shows, top to bottom: at most `max`. */
struct text_row {
    const struct text_line *line;
    uint64_t seq;
    size_t from, len; /* the bytes of line->text in this row */
    bool first;       /* this is the first row of its line */
};
size_t textview_visible(const struct textview *v, struct text_row *out, size_t max);
/* The next match in a line at or after byte `from`; false when there is none. For highlighting. */
bool textview_match(const struct textview *v, const struct text_line *line, size_t from,
                    size_t *start, size_t *end);
void textview_toggle_mark(struct textview *v, uint64_t seq); /* of a line */
bool textview_selected(const struct textview *v, uint64_t seq);
/* The percentage of the lines that are at or above the bottom of the window: 100 at the end. */
int textview_percent(const struct textview *v);
/* The selected lines, or the cursor's line. Owned. */
char *textview_copy(const struct textview *v);
/* All lines, also those that do not match; `stamp` (NULL: none) writes the text before a line.
 * Owned. */
typedef const char *(*textview_stamp)(const void *arg, const struct text_line *line, char *buf,
                                      size_t size);
char *textview_all(const struct textview *v, textview_stamp stamp, const void *arg);
#endif
