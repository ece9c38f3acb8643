/* Finding rows that moved, so that the terminal moves them. */
#include "ui/shift.h"

#include <stdlib.h>
#include <string.h>

enum {
    DISTANCE_MAX = 12, /* how far rows are looked for */
    ROWS_MIN = 4       /* fewer rows than this are as cheap to draw */
};

static const struct cell *row_of(const struct surface *s, int y)
{
    return s->cells + (size_t)y * (size_t)s->cols;
}

static bool rows_same(const struct surface *a, int y, const struct surface *b, int other)
{
    return memcmp(row_of(a, y), row_of(b, other), (size_t)a->cols * sizeof(struct cell)) == 0;
}

/* The longest run of rows that are `n` rows away from where they were, counted in rows that differ
 * from what stands there. */
static int longest(const struct surface *was, const struct surface *now, const bool *changed, int n,
                   struct shift *found)
{
    int best = 0, gain = 0, from = -1;

    for (int y = n < 0 ? -n : 0; y < now->rows && y + n < was->rows; y++) {
        if (!rows_same(now, y, was, y + n)) {
            from = -1;
            gain = 0;
            continue;
        }
        from = from < 0 ? y : from;
        gain += changed[y];
        if (gain > best) {
            best = gain;
            *found = (struct shift){n < 0 ? from + n : from, n > 0 ? y + n : y, n};
        }
    }
    return best;
}

struct shift shift_find(const struct surface *was, const struct surface *now)
{
    struct shift best = {0, 0, 0};
    bool changed[1000]; /* a surface has no more rows */
    int most = 0, count = 0;

    for (int y = 0; y < now->rows; y++) {
        changed[y] = !rows_same(now, y, was, y);
        count += changed[y];
    }
    for (int d = 1; d <= DISTANCE_MAX && shift_likely(count, now->rows); d++) {
        for (int n = d; n >= -d; n -= 2 * d) {
            struct shift s;
            int rows = longest(was, now, changed, n, &s);
            if (rows >= ROWS_MIN && rows > most) {
                most = rows;
                best = s;
            }
        }
    }
    return best;
}

void shift_apply(struct surface *s, const struct shift *f, const struct cell *blank)
{
    size_t cols = (size_t)s->cols;
    size_t kept = (size_t)(f->bottom - f->top + 1 - abs(f->n));
    struct cell *top = s->cells + (size_t)f->top * cols;
    struct cell *free_rows = f->n > 0 ? top + kept * cols : top;

    if (f->n > 0) {
        memmove(top, top + (size_t)f->n * cols, kept * cols * sizeof *top);
    } else {
        memmove(top + (size_t)-f->n * cols, top, kept * cols * sizeof *top);
    }
    for (size_t i = 0; i < (size_t)abs(f->n) * cols; i++) {
        free_rows[i] = *blank;
    }
}
