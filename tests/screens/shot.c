/* The cells of a terminal's screen, taken from libvterm. */
#include "shot.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "core/alloc.h"

static int16_t color_of(const VTermColor *c)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(c)) {
        return SHOT_OWN_FG;
    }
    if (VTERM_COLOR_IS_DEFAULT_BG(c)) {
        return SHOT_OWN_BG;
    }
    return VTERM_COLOR_IS_INDEXED(c) ? c->indexed.idx : SHOT_OWN_FG;
}

static struct shot_cell cell_of(const VTermScreenCell *c)
{
    struct shot_cell out = {.width = c->width,
                            .fg = color_of(&c->fg),
                            .bg = color_of(&c->bg),
                            .bold = c->attrs.bold != 0,
                            .under = c->attrs.underline != 0};

    for (size_t i = 0; i < SHOT_CHARS && c->chars[i] != (uint32_t)-1; i++) {
        out.chars[i] = c->chars[0] == ' ' ? 0 : c->chars[i];
    }
    if (c->chars[0] == (uint32_t)-1) {
        out.width = 0;
    }
    if (c->attrs.reverse) {
        int16_t fg = out.fg;
        out.fg = out.bg;
        out.bg = fg;
    }
    if (out.chars[0] == 0) {
        out.bold = false;
        out.fg = out.under ? out.fg : SHOT_OWN_FG;
    }
    return out;
}

struct shot shot_take(const struct pty *p)
{
    VTerm *vt = pty_terminal(p);
    VTermScreen *screen = vterm_obtain_screen(vt);
    struct shot s = {.cursor_row = -1, .cursor_col = -1};
    VTermPos at;

    vterm_get_size(vt, &s.rows, &s.cols);
    s.cells = xcalloc((size_t)s.rows * (size_t)s.cols, sizeof *s.cells);
    for (int i = 0; i < s.rows * s.cols; i++) {
        VTermScreenCell c = {0};
        at = (VTermPos){.row = i / s.cols, .col = i % s.cols};
        (void)vterm_screen_get_cell(screen, at, &c);
        s.cells[i] = cell_of(&c);
    }
    if (pty_cursor_visible(p)) {
        vterm_state_get_cursorpos(vterm_obtain_state(vt), &at);
        s.cursor_row = at.row;
        s.cursor_col = at.col;
    }
    return s;
}

void shot_clear(struct shot *s)
{
    free(s->cells);
    *s = (struct shot){0};
}

/* ---- figures that differ from run to run ---- */

static bool is_text(const struct shot_cell *c, const char *text)
{
    for (; *text != '\0'; text++, c++) {
        if (c->chars[0] != (uint32_t)(*text == ' ' ? 0 : (unsigned char)*text)) {
            return false;
        }
    }
    return true;
}

static bool is_digit(const struct shot_cell *c)
{
    return c->chars[0] >= '0' && c->chars[0] <= '9';
}

static void mask_port(struct shot_cell *c, int left)
{
    for (int i = 0; i < left && is_digit(&c[i]); i++) {
        c[i].chars[0] = i % 2 == 0 ? '4' : '5';
    }
}

/* `end` is the cell behind the number, which has `room` cells before it. */
static void mask_number(struct shot_cell *end, int room)
{
    int n = 0;

    while (n < room && is_digit(&end[-1 - n])) {
        end[-1 - n].chars[0] = 0;
        n++;
    }
    if (n > 0 && room >= 2) {
        end[-2].chars[0] = '2';
        end[-2].fg = end[-1].fg;
        end[-1].chars[0] = '4';
    }
}

void shot_mask(struct shot *s)
{
    static const char host[] = "127.0.0.1:", rate[] = " req/min";

    for (int row = 0; row < s->rows; row++) {
        struct shot_cell *line = s->cells + (size_t)row * (size_t)s->cols;
        for (int col = 0; col < s->cols; col++) {
            int left = s->cols - col;
            if (left > (int)sizeof host && is_text(line + col, host)) {
                mask_port(line + col + sizeof host - 1, left - (int)sizeof host);
            }
            if (left >= (int)sizeof rate && is_text(line + col, rate)) {
                mask_number(line + col, col);
            }
        }
    }
}
