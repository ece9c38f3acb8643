/* logtext.h - what a log line looked like on the terminal that it was written for.
 *
 * Programs in a container colour their lines (SGR: "\033[31m") and write progress over itself
 * ("10%\r20%\r"). Of a terminal's language, only these are understood here, and sequences that draw
 * nothing and so say nothing in a log: erasing, moves of the cursor up, down and to the start of a
 * line (which counts as a carriage return), modes, links (OSC 8; their text stays). Everything else
 * stays in the text, and text_clean shows it as marks. Pure; any thread. */
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

/* The colours and attributes in force at a place of the text; zero: none. */
struct log_look {
    /* enum log_color; for one of 256 colours or a direct colour the nearest of the eight */
    uint8_t fg, bg;
    bool bold, dim, underline, reverse;
};

/* The colour that sets such text apart: that of the text, else that of its ground. LOG_PLAIN when
 * it is only black or white. */
enum log_color log_look_color(const struct log_look *k);

/* Reads on from `*at`: fills the next run of text with one look, without the sequences, and moves
 * `*at` past it. In a text that is no `log` only colours and erasing to the end of the line count
 * as sequences. False at the end. `*look` goes on from run to run, and from line to line of one
 * text. */
struct log_run {
    const char *text; /* borrowed */
    size_t len;       /* > 0 */
    struct log_look look;
};
bool log_run_next(const char *s, size_t len, size_t *at, struct log_look *look, bool log,
                  struct log_run *out);

/* Where the last state begins of a line that wrote over itself: after the last carriage return (or
 * move to the start) that text follows. `*look` is moved on to there. Returns to the start that no
 * text follows, and what is behind them, are cut off from `*len`. */
size_t log_last_state(const char *line, size_t *len, struct log_look *look);
#endif
