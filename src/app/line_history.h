/* line_history.h - the lines that were typed in a place, newest first. UI thread only. */
#ifndef APP_LINE_HISTORY_H
#define APP_LINE_HISTORY_H

#include <stddef.h>

enum { LINE_HISTORY = 32 };

struct line_history {
    char *lines[LINE_HISTORY]; /* owned */
    size_t len;
    size_t at; /* 0: the line being typed; else one more than the index of what is shown */
};

void line_history_clear(struct line_history *h);
/* Keeps a line, unless it is empty; the same line is kept once, as the newest. */
void line_history_add(struct line_history *h, const char *line);
void line_history_copy(struct line_history *h, const struct line_history *from);
/* Goes to an older line (1) or back (-1); NULL: at the line being typed. */
const char *line_history_step(struct line_history *h, int step);
#endif
