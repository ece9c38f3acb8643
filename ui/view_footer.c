/* The last two rows: a message or the line being typed, and the keys that work now. */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "ui/draw.h"

static void draw_input(struct surface *s, struct rect r, const char *prompt, const struct edit *e,
                       const char *right, enum style right_style)
{
    int width = text_width(prompt);
    int tail = right == NULL || right[0] == '\0' ? 0 : text_width(right) + 2;

    if (tail > r.cols / 2) {
        tail = r.cols / 2;
    }
    surface_put(s, r.row, r.col, width + 1, ST_KEY, prompt);
    draw_edit(s, r.row, r.col + width + 1, r.cols - width - 1 - tail, ST_INPUT_FOCUS, e, true);
    if (tail > 2) {
        surface_put_cut(s, r.row, r.col + r.cols - tail + 2, tail - 2, right_style, right);
    }
}

static void draw_search(struct surface *s, struct rect r, const struct model *m)
{
    const struct textview *v = model_text(m);
    char count[80] = "";
    enum style st = ST_DIM;

    if (v != NULL && v->pattern != NULL && v->pattern[0] != '\0') {
        if (v->pattern_err.code != E_OK) {
            (void)snprintf(count, sizeof count, "%.70s", v->pattern_err.msg);
            st = ST_BAD;
        } else {
            (void)snprintf(count, sizeof count, "%zu lines", v->match_count);
        }
    }
    draw_input(s, r, m->search_keeps ? "Keep lines with:" : "Search:", &m->search, count, st);
}

void view_status_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->layout.status;
    char text[600];
    enum style st = ST_TEXT;

    if (r.rows <= 0) {
        return;
    }
    if (m->mode == MODE_FILTER) {
        (void)snprintf(text, sizeof text, "%zu of %zu", store_rows(m->store), store_len(m->store));
        bool bad = m->list.filter_err.code != E_OK;
        draw_input(s, r, "Filter:", &m->list.filter, bad ? m->list.filter_err.msg : text,
                   bad ? ST_BAD : ST_DIM);
    } else if (m->mode == MODE_SEARCH) {
        draw_search(s, r, m);
    } else if (m->mode == MODE_FILE) {
        draw_input(s, r, "File:", &m->bulk.path, "Tab completes", ST_DIM);
    } else if (m->mode == MODE_PALETTE) {
        draw_input(s, r, ":", &m->palette.edit, NULL, ST_DIM);
    } else {
        surface_put_cut(s, r.row, r.col + 1, r.cols - 2, st,
                        model_status(m, text, sizeof text, &st));
        surface_restyle(s, r.row, r.col + 1, r.cols - 2, st);
    }
}

void view_footer_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->layout.footer;
    struct hint hints[24];
    size_t n;
    int x = r.col + 1;

    if (r.rows <= 0) {
        return;
    }
    n = model_hints(m, hints, sizeof hints / sizeof *hints);
    for (size_t i = 0; i < n; i++) {
        int key = text_width(hints[i].key);
        int text = text_width(hints[i].text);
        if (x + key + 1 + text > r.col + r.cols - 1) {
            break;
        }
        surface_add(s, r.row, x, key, ST_KEY, hints[i].key);
        surface_add(s, r.row, x + key + 1, text, ST_HINT, hints[i].text);
        x += key + text + 3;
    }
}
