#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/rand.h"
#include "store_priv.h"

void index_init(struct handle_index *x, const char *(*key)(const struct entry *e))
{
    memset(x, 0, sizeof *x);
    x->cap = 64;
    x->slots = xcalloc(x->cap, sizeof *x->slots);
    x->key = key;
    rand_bytes(&x->seed, sizeof x->seed);
}

void index_done(struct handle_index *x)
{
    free(x->slots);
    x->slots = NULL;
}

static size_t slot_of(const struct handle_index *x, const char *key)
{
    uint64_t h = x->seed ^ 0xcbf29ce484222325U;

    for (; *key != '\0'; key++) {
        h = (h ^ (unsigned char)*key) * 0x100000001b3U;
    }
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15U;
    return (size_t)(h ^ h >> 29) & (x->cap - 1);
}

static const char *key_at(const struct handle_index *x, const struct store *s, size_t slot)
{
    return x->key(&s->entries[x->slots[slot] - 1]);
}

uint32_t index_find(const struct handle_index *x, const struct store *s, const char *key)
{
    for (size_t i = slot_of(x, key); x->slots[i] != 0; i = (i + 1) & (x->cap - 1)) {
        if (strcmp(key_at(x, s, i), key) == 0) {
            return x->slots[i] - 1;
        }
    }
    return STORE_NOWHERE;
}

static void place(struct handle_index *x, const struct store *s, uint32_t h)
{
    size_t i = slot_of(x, x->key(&s->entries[h]));

    while (x->slots[i] != 0) {
        i = (i + 1) & (x->cap - 1);
    }
    x->slots[i] = h + 1;
}

static void grow(struct handle_index *x, const struct store *s)
{
    uint32_t *old = x->slots;
    size_t old_cap = x->cap;

    x->cap *= 2;
    x->slots = xcalloc(x->cap, sizeof *x->slots);
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i] != 0) {
            place(x, s, old[i] - 1);
        }
    }
    free(old);
}

void index_put(struct handle_index *x, const struct store *s, uint32_t h)
{
    if (x->len * 4 >= x->cap * 3) {
        grow(x, s);
    }
    place(x, s, h);
    x->len++;
}

/* The entry must still hold the key under which it was put. Later ones move up, so that there are
 * no tombstones. */
void index_remove(struct handle_index *x, const struct store *s, uint32_t h)
{
    size_t mask = x->cap - 1, i = slot_of(x, x->key(&s->entries[h]));

    while (x->slots[i] != h + 1) {
        if (x->slots[i] == 0) {
            return;
        }
        i = (i + 1) & mask;
    }
    for (size_t j = (i + 1) & mask; x->slots[j] != 0; j = (j + 1) & mask) {
        size_t home = slot_of(x, key_at(x, s, j));
        if (((j - home) & mask) >= ((j - i) & mask)) {
            x->slots[i] = x->slots[j];
            i = j;
        }
    }
    x->slots[i] = 0;
    x->len--;
}
