/* Aligned columns: every cell is as wide as the widest of its column; on a terminal that is too
 * narrow the columns that may shrink give way, the widest first, and cut cells end in a mark. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "src/cli/cli_priv.h"

enum { GAP = 2, COLUMNS_MAX = 16 };

void cli_table_add(struct cli *c, struct cli_table *t, const char *text)
{
    t->cells = xgrow(t->cells, t->len, &t->cap, sizeof *t->cells);
    t->cells[t->len++] = text_cleaned(text == NULL ? "" : text, cli_text_flags(c));
}

static void natural_widths(const struct cli_table *t, int *width)
{
    for (size_t i = 0; i < t->columns_len; i++) {
        width[i] = text_width(t->columns[i].title);
    }
    for (size_t i = 0; i < t->len; i++) {
        int w = text_width(t->cells[i]);
        int *max = &width[i % t->columns_len];
        *max = w > *max ? w : *max;
    }
}

static void shrink_to(const struct cli_table *t, int *width, int room)
{
    int total = -GAP;

    for (size_t i = 0; i < t->columns_len; i++) {
        total += width[i] + GAP;
    }
    while (total > room) {
        size_t widest = t->columns_len;
        for (size_t i = 0; i < t->columns_len; i++) {
            bool may = t->columns[i].least > 0 && width[i] > t->columns[i].least;
            if (may && (widest == t->columns_len || width[i] > width[widest])) {
                widest = i;
            }
        }
        if (widest == t->columns_len) {
            return; /* nothing left to give: the terminal wraps */
        }
        width[widest]--;
        total--;
    }
}

static void print_cell(struct cli *c, const char *text, int width, bool right, bool last)
{
    int used = text_width(text);

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

void cli_table_print(struct cli *c, const struct cli_table *t)
{
    int width[COLUMNS_MAX];

    natural_widths(t, width);
    if (c->columns > 0) {
        shrink_to(t, width, c->columns);
    }
    for (size_t i = 0; i < t->columns_len; i++) {
        print_cell(c, t->columns[i].title, width[i], t->columns[i].right, i + 1 == t->columns_len);
    }
    (void)fputc('\n', c->out);
    for (size_t i = 0; i < t->len; i++) {
        size_t col = i % t->columns_len;
        bool last = col + 1 == t->columns_len;
        print_cell(c, t->cells[i], width[col], t->columns[col].right, last);
        if (last) {
            (void)fputc('\n', c->out);
        }
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
