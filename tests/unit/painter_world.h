/* painter_world.h - a painter, its pty and a terminal of libvterm's at the other end, for the tests
 * that compare what the terminal shows with the surface. */
#ifndef TESTS_PAINTER_WORLD_H
#define TESTS_PAINTER_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <vterm.h>

#include "app/surface.h"
#include "ui/flush.h"
#include "ui/term.h"
#include "ui/theme.h"

/* What the terminals of this test can show beside text; `plain` only where no colour is set. */
struct kind {
    const char *term;
    int colors;
    uint8_t plain;
};

struct world {
    const struct kind *kind;
    struct terminal *term;
    struct painter *painter;
    const struct theme *theme;
    struct surface s;
    VTerm *vt;
    VTermScreen *screen;
    bool cursor;
    int master, slave, std[2]; /* std: standard input and output, put back at the end */
    uint64_t got;
    uint32_t random;
};

void world_open(struct world *w, const struct kind *k, uint32_t seed, const char *theme);
void world_close(struct world *w);
/* Another size: a new screen, which shows nothing that the painter knows of. */
void world_resize(struct world *w, int rows, int cols);
/* Everything that is to be sent arrives on the screen. */
void world_deliver(struct world *w);
/* Asserts that the screen shows the surface, with the cursor where it belongs; `when` and `frame`
 * are for the message. */
void world_check(const struct world *w, const char *when, int frame);
/* The colour's index; -1: the terminal's own. */
int world_color(const VTermColor *c);
#endif
