/* logtext.h - what a log line looked like on the terminal that it was written for.
 *
 * Programs in a container colour their lines (SGR: "\033[31m") and write progress over itself
 * ("10%\r20%\r"). Of a terminal's language only that is understood here, and what draws nothing and
 * so says nothing in a log: erasing, the cursor's moves up, down and to the start of a line (the
 * last is a carriage return), modes, links (OSC 8; their text stays). All else stays in the text,
 * for text_clean to show as marks. Pure; any thread. */
#ifndef CORE_LOGTEXT_H
#define CORE_LOGTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_color {
    LOG_PLAIN, /* the terminal's own */
    LOG_BLACK,
    LOG_RED,
    LOG_GREEN,
    LOG_YELLOW,
    LOG_BLUE,
    LOG_MAGENTA,
    LOG_CYAN,
    LOG_WHITE
};

/* In force at a place of the text; zero: nothing is. */
struct log_look {
    uint8_t fg, bg; /* enum log_color; of 256 and of direct colours the nearest */
    bool bold, dim, underline, reverse;
};

/* The colour that tells such text apart: the text's, else the ground's. LOG_PLAIN where it is only
 * black or white. */
enum log_color log_look_color(const struct log_look *k);

/* Reads on from `*at`: fills the next run of text in one look, without the sequences, and moves
 * `*at` behind it. In a text that is no `log` only colours and erasing to the end are sequences.
 * False at the end. `*look` goes on from run to run, and from line to line of one text. */
struct log_run {
    const char *text; /* borrowed */
    size_t len;       /* > 0 */
    struct log_look look;
};
bool log_run_next(const char *s, size_t len, size_t *at, struct log_look *look, bool log,
                  struct log_run *out);

/* Where the last state of a line begins that wrote over itself: behind the last carriage return
 * (or move to the start) that text follows. `*look` is moved on to there. Those at the end, and
 * what is behind them, are dropped from `*len`. */
size_t log_last_state(const char *line, size_t *len, struct log_look *look);
#endif
