/* Finding out where a row changed. */
#include "ui/changes.h"

#include "ui/pen.h"

static const struct look plain_look = {.fg = -1, .bg = -1};

const struct look *looks_find(const struct looks *l, const struct cell *c)
{
    if (c->style >= STYLE_COUNT) {
        return &plain_look;
    }
    return &l->of[c->style][c->over < OVERLAY_COUNT ? c->over : OVER_NONE];
}

bool cells_look_alike(const struct looks *l, const struct cell *a, const struct cell *b)
{
    if (a->width != b->width || strcmp(a->text, b->text) != 0) {
        return false;
    }
    const struct look *one = looks_find(l, a);
    const struct look *other = looks_find(l, b);
    return pen_look_same(one, other) || (cell_blank(a) && pen_blank_same(one, other));
}

enum { BLOCK = 16 /* cells that are compared at once */ };

static bool block_same(const struct cell *a, const struct cell *b)
{
    return memcmp(a, b, BLOCK * sizeof *a) == 0;
}

struct extent changes_in(const struct looks *l, const struct cell *now, const struct cell *was,
                         int cols)
{
    struct extent e = {.last = cols - 1};

    while (e.first + BLOCK <= cols && block_same(&now[e.first], &was[e.first])) {
        e.first += BLOCK;
    }
    while (e.first < cols && cells_identical(&now[e.first], &was[e.first])) {
        e.first++;
    }
    e.same = e.first == cols;
    while (e.first < cols && cells_alike(l, &now[e.first], &was[e.first])) {
        e.first++;
    }
    while (e.last - BLOCK >= e.first &&
           block_same(&now[e.last - BLOCK + 1], &was[e.last - BLOCK + 1])) {
        e.last -= BLOCK;
    }
    while (e.last >= e.first && cells_alike(l, &now[e.last], &was[e.last])) {
        e.last--;
    }
    return e;
}
