/* A set of ids, kept as hashes. */
#include "id_set.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/hash.h"

static uint64_t hash_of(const char *id)
{
    uint64_t h = hash_text(HASH_START, id);

    h ^= h >> 29;
    return h == 0 ? 1 : h;
}

static void place(struct id_set *s, uint64_t h)
{
    size_t i = (size_t)h & (s->cap - 1);

    while (s->slots[i] != 0 && s->slots[i] != h) {
        i = (i + 1) & (s->cap - 1);
    }
    s->len += s->slots[i] == 0;
    s->slots[i] = h;
}

void id_set_add(struct id_set *s, const char *id)
{
    if (id == NULL || id[0] == '\0') {
        return;
    }
    if (s->len * 2 >= s->cap) {
        struct id_set bigger = {.cap = s->cap == 0 ? 64 : s->cap * 2};
        bigger.slots = xcalloc(bigger.cap, sizeof *bigger.slots);
        for (size_t i = 0; i < s->cap; i++) {
            if (s->slots[i] != 0) {
                place(&bigger, s->slots[i]);
            }
        }
        free(s->slots);
        *s = bigger;
    }
    place(s, hash_of(id));
}

bool id_set_has(const struct id_set *s, const char *id)
{
    uint64_t h = hash_of(id);

    if (s->len == 0) {
        return false;
    }
    for (size_t i = (size_t)h & (s->cap - 1); s->slots[i] != 0; i = (i + 1) & (s->cap - 1)) {
        if (s->slots[i] == h) {
            return true;
        }
    }
    return false;
}

void id_set_clear(struct id_set *s)
{
    free(s->slots);
    *s = (struct id_set){0};
}
