/* What the terminal shows, compared with the surface cell by cell. */
#include "painter_world.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/text.h"
#include "ui/overdraw.h"
#include "ui/term_caps.h"

enum { CHARS = VTERM_MAX_CHARS_PER_CELL };

static int on_prop(VTermProp prop, VTermValue *value, void *user)
{
    struct world *w = user;

    if (prop == VTERM_PROP_CURSORVISIBLE) {
        w->cursor = value->boolean != 0;
    }
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_prop};

void world_resize(struct world *w, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    if (w->vt != NULL) {
        vterm_free(w->vt);
    }
    cr_assert_eq(ioctl(w->slave, TIOCSWINSZ, &size), 0);
    w->vt = vterm_new(rows, cols);
    vterm_set_utf8(w->vt, strcmp(w->kind->term, "vt100") != 0);
    w->screen = vterm_obtain_screen(w->vt);
    vterm_screen_set_callbacks(w->screen, &callbacks, w);
    bool shown = w->cursor;
    vterm_screen_reset(w->screen, 1);
    if (!shown) {
        (void)vterm_input_write(w->vt, "\033[?25l", 6);
    }
}

/* In one piece: older libvterms lose a character that is cut in two. */
void world_deliver(struct world *w)
{
    struct strbuf all = STRBUF_INIT;

    cr_assert_eq(term_send(w->term), E_OK);
    while (w->got < term_bytes(w->term)) {
        char buf[4096];
        struct pollfd f = {.fd = w->master, .events = POLLIN};
        cr_assert_eq(poll(&f, 1, 60000), 1);
        ssize_t n = read(w->master, buf, sizeof buf);
        cr_assert_gt(n, 0);
        strbuf_add(&all, buf, (size_t)n);
        w->got += (uint64_t)n;
        cr_assert_eq(term_send(w->term), E_OK);
    }
    (void)vterm_input_write(w->vt, strbuf_str(&all), all.len);
    strbuf_clear(&all);
}

void world_open(struct world *w, const struct kind *k, uint32_t seed, const char *theme)
{
    struct err e = {0};
    struct term_options o = {.no_color = k->colors == 0};

    *w = (struct world){.kind = k, .random = seed, .cursor = true};
    cr_assert_eq(openpty(&w->master, &w->slave, NULL, NULL, NULL), 0);
    for (int fd = 0; fd < 2; fd++) {
        w->std[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
        cr_assert_eq(dup2(w->slave, fd), fd);
    }
    (void)setenv("TERM", k->term, 1);
    (void)setenv("LC_ALL", "C.UTF-8", 1);
    (void)unsetenv("NO_COLOR");
    world_resize(w, 24, 80);
    w->theme = theme_find(theme, &e);
    w->term = term_open(&o, &e);
    cr_assert_not_null(w->term, "%s", e.msg);
    cr_assert_eq(term_colors(w->term), k->colors);
    w->painter = painter_new(w->term, w->theme);
    surface_init(&w->s, 24, 80, !term_utf8(w->term) && !term_acs(w->term));
}

void world_close(struct world *w)
{
    painter_free(w->painter);
    surface_done(&w->s);
    term_close(w->term);
    vterm_free(w->vt);
    for (int fd = 0; fd < 2; fd++) {
        (void)dup2(w->std[fd], fd);
        (void)close(w->std[fd]);
    }
    (void)close(w->master);
    (void)close(w->slave);
}

/* What the cell should show: code points, and how they should look. */
struct wanted {
    uint32_t chars[CHARS];
    struct look look;
    bool blank;
};

static uint32_t on_vt100(const char *text, size_t len)
{
    static const enum glyph lines[] = {
        GLYPH_HLINE,        GLYPH_VLINE,    GLYPH_TOP_LEFT,  GLYPH_TOP_RIGHT, GLYPH_BOTTOM_LEFT,
        GLYPH_BOTTOM_RIGHT, GLYPH_TEE_LEFT, GLYPH_TEE_RIGHT, GLYPH_TEE_DOWN,  GLYPH_TEE_UP};
    uint32_t cp = 0;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (strcmp(text, glyph_text(lines[i], false)) == 0) {
            (void)text_utf8_decode(text, len, &cp);
            return cp;
        }
    }
    return (uint32_t)(unsigned char)surface_ascii(text, len);
}

static struct wanted wanted_of(const struct world *w, const struct cell *c)
{
    struct wanted want = {
        .look = theme_look(w->theme, (enum style)c->style, (enum overlay)c->over, w->kind->colors)};
    size_t len = strlen(c->text);

    if (len > 1 && !term_utf8(w->term)) {
        want.chars[0] = on_vt100(c->text, len);
    } else {
        for (size_t i = 0, n = 0; i < len && n < CHARS; n++) {
            i += text_utf8_decode(c->text + i, len - i, &want.chars[n]);
        }
    }
    if (want.look.fg >= 0 || want.look.bg >= 0) {
        want.look.flags &= (uint8_t)~w->kind->plain;
    }
    want.blank = len == 0 || strcmp(c->text, " ") == 0;
    return want;
}

int world_color(const VTermColor *c)
{
    return VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c) ? -1
           : VTERM_COLOR_IS_INDEXED(c)                                  ? c->indexed.idx
                                                                        : -2;
}

/* libvterm knows nothing of dim. Of a blank only the background shows, the underlining, and what
 * stands in reverse. */
static bool looks(const VTermScreenCell *c, const struct wanted *want)
{
    uint8_t flags = want->look.flags;
    bool bold = (flags & LOOK_BOLD) != 0, under = (flags & LOOK_UNDERLINE) != 0;
    bool reverse = (flags & LOOK_REVERSE) != 0;

    if (world_color(&c->bg) != want->look.bg || (c->attrs.underline != 0) != under ||
        (c->attrs.reverse != 0) != reverse || c->attrs.font != 0 || c->attrs.italic != 0) {
        return false;
    }
    if (want->blank && !reverse && !under) {
        return true;
    }
    return world_color(&c->fg) == want->look.fg && (c->attrs.bold != 0) == bold;
}

/* A character of disputed width may come without its marks, or as a '?' at the margin. */
static bool text_right(const struct world *w, const VTermScreenCell *c, const struct cell *model,
                       const struct wanted *want)
{
    if (want->blank) {
        return c->chars[0] == ' ' || c->chars[0] == 0;
    }
    if (term_utf8(w->term) && overdraw_cell(model)) {
        return true;
    }
    for (int i = 0; i < CHARS && (want->chars[i] != 0 || c->chars[i] != 0); i++) {
        if (c->chars[i] != want->chars[i]) {
            return false;
        }
    }
    return true;
}

void world_check(const struct world *w, const char *when, int frame)
{
    for (int i = 0; i < w->s.rows * w->s.cols; i++) {
        const struct cell *model = &w->s.cells[i];
        VTermPos at = {.row = i / w->s.cols, .col = i % w->s.cols};
        VTermScreenCell c;
        if (model->width == 0 && term_utf8(w->term)) {
            continue; /* the left half was compared */
        }
        struct wanted want = wanted_of(w, model);
        (void)vterm_screen_get_cell(w->screen, at, &c);
        if (!text_right(w, &c, model, &want) || !looks(&c, &want)) {
            cr_assert_fail("%s, frame %d (%s): at %d,%d of %dx%d stands U+%04X (colours %d %d, "
                           "bold %d under %d reverse %d) instead of \"%s\" (%d %d, %d)",
                           w->kind->term, frame, when, at.row, at.col, w->s.rows, w->s.cols,
                           c.chars[0], world_color(&c.fg), world_color(&c.bg), c.attrs.bold,
                           c.attrs.underline, c.attrs.reverse, model->text, want.look.fg,
                           want.look.bg, want.look.flags);
        }
    }
    VTermPos pos;
    vterm_state_get_cursorpos(vterm_obtain_state(w->vt), &pos);
    cr_assert(w->cursor == (w->s.cursor_row >= 0) || !caps_has("civis"),
              "%s, frame %d (%s): the cursor", w->kind->term, frame, when);
    cr_assert(w->s.cursor_row < 0 || (pos.row == w->s.cursor_row && pos.col == w->s.cursor_col),
              "%s, frame %d: the cursor is at %d,%d", w->kind->term, frame, pos.row, pos.col);
}
