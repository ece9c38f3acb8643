/* A line of the statistics, part by part. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "jobs/age.h"
#include "stats_priv.h"

void stats_lines_clear(struct stats_lines *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->items[i].text);
    }
    free(l->items);
    *l = (struct stats_lines){0};
}

void stats_put_text(struct stats_writer *w, enum style st, const char *text)
{
    size_t before = w->text.len;

    text_clean(&w->text, text, strlen(text), TEXT_ONE_LINE | (w->v->ascii ? TEXT_ASCII : 0));
    if (w->line.parts_len < STATS_PARTS && w->text.len > before) {
        w->line.parts[w->line.parts_len++] =
            (struct stats_part){(uint16_t)(w->text.len - before), (uint8_t)st};
    }
}

void stats_put(struct stats_writer *w, enum style st, const char *fmt, ...)
{
    char buf[400];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    stats_put_text(w, st, buf);
}

void stats_put_cell(struct stats_writer *w, enum style st, int cells, bool right, const char *text)
{
    char *clean = text_cleaned(text, TEXT_ONE_LINE);
    int used = 0;
    bool cut = text_width(clean) > cells;
    size_t n = text_fit(clean, cut ? cells - 1 : cells, &used);
    char *part = xasprintf("%*s%.*s%s%*s", right ? cells - used - cut : 0, "", (int)n, clean,
                           !cut          ? ""
                           : w->v->ascii ? "~"
                                         : "\xe2\x80\xa6",
                           right ? 0 : cells - used - cut, "");

    stats_put_text(w, st, part);
    free(part);
    free(clean);
}

struct stats_line *stats_end(struct stats_writer *w)
{
    struct stats_lines *to = w->to;

    to->items = xgrow(to->items, to->len, &to->cap, sizeof *to->items);
    to->items[to->len] = w->line;
    to->items[to->len].text = strbuf_take(&w->text);
    w->line = (struct stats_line){0};
    return &to->items[to->len++];
}

void stats_heading(struct stats_writer *w, const char *text)
{
    if (w->to->len > 0) {
        (void)stats_end(w); /* empty */
    }
    stats_put(w, ST_STRONG, "%s", text);
}

const char *stats_share(double x, char buf[16])
{
    if (x < 0) {
        return "-";
    }
    (void)snprintf(buf, 16, "%.1f %%", 100 * x);
    return buf;
}

void stats_put_time(struct stats_writer *w, int cells, int64_t ms)
{
    char text[AGE_SIZE];

    stats_put_cell(w, ms == TIME_NONE ? ST_DIM : ST_TEXT, cells, true,
                   ms == TIME_NONE ? "-" : duration_long(ms, text));
}
