/* Finding out where a row changed. */
#include "ui/changes.h"

bool cells_look_alike(const struct looks *l, const struct cell *a, const struct cell *b)
{
    enum { REST = offsetof(struct cell, style) - 16 }; /* the end of the text, and the width */
    if (memcmp(a->text + 16, b->text + 16, REST) != 0) {
        return false;
    }
    const struct look *one = looks_find(l, a);
    const struct look *other = looks_find(l, b);
    return look_same(one, other) || (cell_blank(a) && look_blank_same(one, other));
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
