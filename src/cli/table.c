/* Aligned columns: every cell is as wide as the widest of its column. On a terminal that is too
 * narrow the columns that matter least are left out, then those that may shrink give way, the
 * widest first, and cut cells end in a mark. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "src/cli/cli_priv.h"

/* PAD_MAX: one very long cell must not widen every row of a pipe: a row with such a cell sticks out
 * alone. */
enum { GAP = 2, COLUMNS_MAX = 16, PAD_MAX = 80 };

void cli_table_add(struct cli *c, struct cli_table *t, const char *text)
{
    t->cells = xgrow(t->cells, t->len, &t->cap, sizeof *t->cells);
    t->cells[t->len++] = text_cleaned(text == NULL ? "" : text, cli_out_flags(c));
}

/* The widths of the columns by their cells; 0 for a column that is left out. */
static void natural_widths(const struct cli_table *t, int *width)
{
    for (size_t i = 0; i < t->columns_len; i++) {
        width[i] = text_width(t->columns[i].title);
    }
    for (size_t i = 0; t->columns_len > 0 && i < t->len; i++) {
        int w = text_width(t->cells[i]);
        int *max = &width[i % t->columns_len];
        *max = w > *max ? w : *max;
    }
}

static int total_width(const struct cli_table *t, const int *width)
{
    int total = -GAP;

    for (size_t i = 0; i < t->columns_len; i++) {
        total += width[i] > 0 ? width[i] + GAP : 0;
    }
    return total;
}

static int least_width(const struct cli_column *col, int width)
{
    return col->least > 0 && col->least < width ? col->least : width;
}

/* Leaves out the columns that matter least until the rest fits at its narrowest. */
static void drop_columns(const struct cli_table *t, int *width, int room)
{
    for (;;) {
        int narrow[COLUMNS_MAX];
        size_t worst = t->columns_len;
        for (size_t i = 0; i < t->columns_len; i++) {
            narrow[i] = least_width(&t->columns[i], width[i]);
            if (width[i] > 0 && t->columns[i].drop > 0 &&
                (worst == t->columns_len || t->columns[i].drop > t->columns[worst].drop)) {
                worst = i;
            }
        }
        if (total_width(t, narrow) <= room || worst == t->columns_len) {
            return;
        }
        width[worst] = 0;
    }
}

/* Takes cells from the widest of the columns that may shrink. */
static void shrink_columns(const struct cli_table *t, int *width, int room)
{
    while (total_width(t, width) > room) {
        size_t widest = t->columns_len;
        for (size_t i = 0; i < t->columns_len; i++) {
            bool may = width[i] > least_width(&t->columns[i], width[i]);
            if (may && (widest == t->columns_len || width[i] > width[widest])) {
                widest = i;
            }
        }
        if (widest == t->columns_len) {
            return; /* no column can shrink further: the terminal wraps */
        }
        width[widest]--;
    }
}

static void print_cell(struct cli *c, const char *text, int width, bool right, bool last)
{
    int used = text_width(text);

    if (used > width && c->columns == 0) {
        width = used; /* nothing is cut for a program that reads the table */
    }
    if (used > width) {
        const char *mark = c->utf8 ? "\xe2\x80\xa6" : "~";
        size_t n = text_fit(text, width - 1, &used);
        (void)fprintf(c->out, "%.*s%s", (int)n, text, mark);
        used++;
        text = "";
    }
    if (right) {
        (void)fprintf(c->out, "%*s%s", width - used, "", text);
    } else {
        (void)fputs(text, c->out);
        if (!last) {
            (void)fprintf(c->out, "%*s", width - used, "");
        }
    }
    if (!last) {
        (void)fprintf(c->out, "%*s", GAP, "");
    }
}

static void print_row(struct cli *c, const struct cli_table *t, const int *width,
                      char *const *cells)
{
    size_t last = t->columns_len;

    for (size_t i = 0; i < t->columns_len; i++) {
        last = width[i] > 0 ? i : last;
    }
    for (size_t i = 0; i < t->columns_len; i++) {
        if (width[i] > 0) {
            print_cell(c, cells == NULL ? t->columns[i].title : cells[i], width[i],
                       t->columns[i].right, i == last);
        }
    }
    (void)fputc('\n', c->out);
}

void cli_table_print(struct cli *c, const struct cli_table *t)
{
    int width[COLUMNS_MAX];

    natural_widths(t, width);
    if (c->columns > 0) {
        drop_columns(t, width, c->columns);
        shrink_columns(t, width, c->columns);
    } else {
        for (size_t i = 0; i < t->columns_len; i++) {
            width[i] = width[i] > PAD_MAX ? PAD_MAX : width[i];
        }
    }
    print_row(c, t, width, NULL);
    for (size_t i = 0; t->columns_len > 0 && i + t->columns_len <= t->len; i += t->columns_len) {
        print_row(c, t, width, t->cells + i);
    }
}

void cli_table_clear(struct cli_table *t)
{
    for (size_t i = 0; i < t->len; i++) {
        free(t->cells[i]);
    }
    free(t->cells);
    t->cells = NULL;
    t->len = 0;
    t->cap = 0;
}
