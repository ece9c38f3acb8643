/* handle_index.c - a hash table with open addressing and linear probing. Removing a handle moves
 * later slots up, so that there are no tombstones. */
#include "core/handle_index.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/rand.h"

void index_init(struct handle_index *x, const char *(*key)(const void *owner, uint32_t handle))
{
    memset(x, 0, sizeof *x);
    x->cap = 16;
    x->slots = xcalloc(x->cap, sizeof *x->slots);
    x->key = key;
    rand_bytes(&x->seed, sizeof x->seed);
}

void index_done(struct handle_index *x)
{
    free(x->slots);
    x->slots = NULL;
}

static uint32_t hash_of(const struct handle_index *x, const char *key)
{
    uint64_t h = hash_text(x->seed ^ HASH_START, key);

    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15U;
    return (uint32_t)(h ^ h >> 29);
}

uint32_t index_find(const struct handle_index *x, const void *owner, const char *key)
{
    size_t mask = x->cap - 1;

    for (size_t i = hash_of(x, key) & mask; x->slots[i] != 0; i = (i + 1) & mask) {
        if (strcmp(x->key(owner, x->slots[i] - 1), key) == 0) {
            return x->slots[i] - 1;
        }
    }
    return HANDLE_NONE;
}

/* The slot where the search for the key of `h` begins. */
static size_t home_of(const struct handle_index *x, const void *owner, uint32_t h)
{
    return hash_of(x, x->key(owner, h)) & (x->cap - 1);
}

static void place(struct handle_index *x, const void *owner, uint32_t h)
{
    size_t i = home_of(x, owner, h);

    while (x->slots[i] != 0) {
        i = (i + 1) & (x->cap - 1);
    }
    x->slots[i] = h + 1;
}

static void grow(struct handle_index *x, const void *owner)
{
    uint32_t *old = x->slots;
    size_t old_cap = x->cap;

    x->cap *= 2;
    x->slots = xcalloc(x->cap, sizeof *x->slots);
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i] != 0) {
            place(x, owner, old[i] - 1);
        }
    }
    free(old);
}

void index_put(struct handle_index *x, const void *owner, uint32_t h)
{
    if (x->len * 8 >= x->cap * 5) {
        grow(x, owner);
    }
    place(x, owner, h);
    x->len++;
}

void index_remove(struct handle_index *x, const void *owner, uint32_t h)
{
    size_t mask = x->cap - 1, i = home_of(x, owner, h);

    while (x->slots[i] != h + 1) {
        if (x->slots[i] == 0) {
            return;
        }
        i = (i + 1) & mask;
    }
    for (size_t j = (i + 1) & mask; x->slots[j] != 0; j = (j + 1) & mask) {
        size_t home = home_of(x, owner, x->slots[j] - 1);
        if (((j - home) & mask) >= ((j - i) & mask)) {
            x->slots[i] = x->slots[j];
            i = j;
        }
    }
    x->slots[i] = 0;
    x->len--;
}
