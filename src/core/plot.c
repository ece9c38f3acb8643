/* Bars over time, as text: of eighths of a cell, or of three characters of ASCII. */
#include "core/plot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"

enum {
    EDGE = 2,                     /* the blank before the axis, and the axis */
    NUMBERS = PLOT_MARGIN - EDGE, /* cells for a number of the axis */
    LABEL_GAP = 3,
    LEVELS = 8, /* how many heights a cell can show */
    DAY_MS = 24 * 3600 * 1000
};

static int bars_room(int width)
{
    return width - PLOT_MARGIN < 1 ? 1 : width - PLOT_MARGIN;
}

size_t plot_room(int width)
{
    return (size_t)bars_room(width);
}

static uint32_t highest(const struct plot *p)
{
    uint32_t max = 0;

    for (size_t i = 0; i < p->len; i++) {
        max = p->values[i] > max ? p->values[i] : max;
    }
    return max;
}

/* How many cells a bucket has, at least one. */
static int cells_each(const struct plot *p)
{
    int cells = p->len == 0 ? 1 : bars_room(p->width) / (int)p->len;
    return cells < 1 ? 1 : cells;
}

/* The part of a cell that a bar fills: 0 to LEVELS. */
static const char *cell(int level, bool ascii)
{
    static const char *const blocks[LEVELS + 1] = {" ",
                                                   "\xe2\x96\x81",
                                                   "\xe2\x96\x82",
                                                   "\xe2\x96\x83",
                                                   "\xe2\x96\x84",
                                                   "\xe2\x96\x85",
                                                   "\xe2\x96\x86",
                                                   "\xe2\x96\x87",
                                                   "\xe2\x96\x88"};
    static const char *const plain[LEVELS + 1] = {" ", ".", ".", ".", ":", ":", ":", ":", "#"};

    return ascii ? plain[level] : blocks[level];
}

/* Ends a line: blanks at its end are taken away. */
static void end_line(struct strbuf *out)
{
    size_t len = out->len;

    while (len > 0 && out->data[len - 1] == ' ') {
        len--;
    }
    strbuf_truncate(out, len);
    strbuf_addc(out, '\n');
}

static void draw_row(struct strbuf *out, const struct plot *p, int row, uint32_t max, int each)
{
    int room = bars_room(p->width);
    int gap = each > 2 ? 1 : 0; /* wide bars stand apart */

    for (size_t i = 0; i < p->len && (int)(i + 1) * each <= room; i++) {
        uint64_t all = (uint64_t)p->height * LEVELS * p->values[i] / (max == 0 ? 1 : max);
        int level = (int)(all == 0 && p->values[i] > 0 ? 1 : all) - row * LEVELS;
        level = level < 0 ? 0 : level > LEVELS ? LEVELS : level;
        for (int k = 0; k < each; k++) {
            strbuf_adds(out, cell(k < each - gap ? level : 0, p->ascii));
        }
    }
    end_line(out);
}

/* The time at which a bucket begins, as long as the plot needs it. Returns its length. */
static int label_of(const struct plot *p, size_t i, char buf[TIME_ISO_SIZE])
{
    char iso[TIME_ISO_SIZE];
    int64_t span = p->bucket_ms * (int64_t)p->len;

    (void)time_iso(p->from_ms + p->bucket_ms * (int64_t)i, iso);
    if (strlen(iso) < 19) {
        buf[0] = '\0';
        return 0;
    }
    if (span <= INT64_C(2) * DAY_MS) {
        return snprintf(buf, TIME_ISO_SIZE, "%.5s", iso + 11);
    }
    return snprintf(buf, TIME_ISO_SIZE, span < INT64_C(300) * DAY_MS ? "%.5s" : "%.7s",
                    span < INT64_C(300) * DAY_MS ? iso + 5 : iso);
}

/* How far apart the times of the axis are: parts of a day, days or buckets that leave room for
 * their labels. */
static int64_t label_step(const struct plot *p, int each)
{
    static const int hours[] = {1, 2, 3, 6, 12, 24, 48, 96, 168};
    bool days = p->bucket_ms * (int64_t)p->len > INT64_C(2) * DAY_MS;
    char label[TIME_ISO_SIZE];
    int least = label_of(p, 0, label) + LABEL_GAP;

    for (size_t i = days ? 5 : 0; i < sizeof hours / sizeof *hours; i++) {
        int64_t step = hours[i] * (DAY_MS / 24);
        if (step % p->bucket_ms == 0 && step / p->bucket_ms * each >= least) {
            return step;
        }
    }
    return (least + each - 1) / each * p->bucket_ms;
}

static void draw_times(struct strbuf *out, const struct plot *p, int each)
{
    int room = bars_room(p->width);
    int64_t step = label_step(p, each);
    int at = 0;

    strbuf_addf(out, "%*s", PLOT_MARGIN, "");
    for (size_t i = 0; i < p->len; i++) {
        char label[TIME_ISO_SIZE];
        int begins = (int)i * each;
        int n = label_of(p, i, label);
        if ((p->from_ms + p->bucket_ms * (int64_t)i) % step != 0 || begins < at ||
            begins + n > room) {
            continue;
        }
        strbuf_addf(out, "%*s%s", begins - at, "", label);
        at = begins + n;
    }
    end_line(out);
}

void plot_draw(struct strbuf *out, const struct plot *p)
{
    uint32_t max = highest(p);
    int each = cells_each(p);
    int cells = each * (int)p->len;

    for (int row = p->height - 1; row >= 0; row--) {
        char number[16] = "";
        if (row == p->height - 1) {
            (void)snprintf(number, sizeof number, "%" PRIu32, max);
        }
        strbuf_addf(out, "%*s %s", NUMBERS, number, p->ascii ? "|" : "\xe2\x94\x82");
        draw_row(out, p, row, max, each);
    }
    strbuf_addf(out, "%*d %s", NUMBERS, 0, p->ascii ? "+" : "\xe2\x94\x94");
    for (int i = 0; i < cells && i < bars_room(p->width); i++) {
        strbuf_adds(out, p->ascii ? "-" : "\xe2\x94\x80");
    }
    strbuf_addc(out, '\n');
    draw_times(out, p, each);
}
