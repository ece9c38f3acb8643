/* The lines that were typed in a place. */
#include "line_history.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void line_history_clear(struct line_history *h)
{
    for (size_t i = 0; i < h->len; i++) {
        free(h->lines[i]);
    }
    *h = (struct line_history){.len = 0};
}

void line_history_add(struct line_history *h, const char *line)
{
    size_t at = 0;

    if (line[0] == '\0') {
        return;
    }
    char *copy = xstrdup(line); /* it may be one of those that are kept */
    while (at < h->len && strcmp(h->lines[at], copy) != 0) {
        at++;
    }
    if (at == LINE_HISTORY) {
        at--;
    }
    if (at < h->len) {
        free(h->lines[at]);
    } else {
        h->len++;
    }
    memmove(h->lines + 1, h->lines, at * sizeof *h->lines);
    h->lines[0] = copy;
}

void line_history_copy(struct line_history *h, const struct line_history *from)
{
    for (size_t i = from->len; i-- > 0;) {
        line_history_add(h, from->lines[i]);
    }
}

const char *line_history_step(struct line_history *h, int step)
{
    if (step > 0 && h->at < h->len) {
        h->at++;
    } else if (step < 0 && h->at > 0) {
        h->at--;
    }
    return h->at == 0 ? NULL : h->lines[h->at - 1];
}
