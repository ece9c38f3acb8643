/* Parts of the screen that are put again as they were drawn before. */
#include <stdlib.h>
#include <string.h>

#include "app/surface.h"
#include "core/alloc.h"

struct kept {
    struct surface_key key;
    int rows, cols;     /* 0: nothing is kept */
    struct cell *cells; /* owned */
};

static size_t slots_of(const struct surface *s)
{
    return KEPT_SLOTS + (size_t)s->rows;
}

/* No more rows show than the surface has: those of a list never share a slot. */
static struct kept *slot_at(const struct surface *s, size_t slot)
{
    return &s->kept[slot < KEPT_SLOTS ? slot : KEPT_SLOTS + (slot - KEPT_SLOTS) % (size_t)s->rows];
}

static bool inside(const struct surface *s, struct rect r)
{
    return r.row >= 0 && r.col >= 0 && r.rows > 0 && r.cols > 0 && r.row + r.rows <= s->rows &&
           r.col + r.cols <= s->cols;
}

static struct cell *cells_at(const struct surface *s, struct rect r, int row)
{
    return s->cells + (size_t)(r.row + row) * (size_t)s->cols + (size_t)r.col;
}

bool surface_recall(struct surface *s, size_t slot, struct rect r, const struct surface_key *key)
{
    if (s->kept == NULL || !inside(s, r)) {
        return false;
    }
    const struct kept *k = slot_at(s, slot);
    if (k->rows != r.rows || k->cols != r.cols || memcmp(&k->key, key, sizeof *key) != 0) {
        return false;
    }
    for (int i = 0; i < r.rows; i++) {
        memcpy(cells_at(s, r, i), k->cells + (size_t)i * (size_t)r.cols,
               (size_t)r.cols * sizeof *k->cells);
    }
    return true;
}

void surface_keep(struct surface *s, size_t slot, struct rect r, const struct surface_key *key)
{
    if (!inside(s, r)) {
        return;
    }
    if (s->kept == NULL) {
        s->kept = xcalloc(slots_of(s), sizeof *s->kept);
    }
    struct kept *k = slot_at(s, slot);
    if (k->rows * k->cols != r.rows * r.cols) {
        free(k->cells);
        k->cells = xcalloc((size_t)r.rows * (size_t)r.cols, sizeof *k->cells);
    }
    k->key = *key;
    k->rows = r.rows;
    k->cols = r.cols;
    for (int i = 0; i < r.rows; i++) {
        memcpy(k->cells + (size_t)i * (size_t)r.cols, cells_at(s, r, i),
               (size_t)r.cols * sizeof *k->cells);
    }
}

void surface_forget(struct surface *s)
{
    for (size_t i = 0; s->kept != NULL && i < slots_of(s); i++) {
        free(s->kept[i].cells);
    }
    free(s->kept);
    s->kept = NULL;
}
