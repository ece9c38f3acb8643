/* handle_index.c - a hash table with open addressing and linear probing. Removing a handle moves
 * later slots up, so that there are no tombstones.
 *
 * The upper byte of a slot is a part of its key's hash, so that nearly no other key is looked at,
 * and the table may be nearly full. A handle that needs that byte itself takes it from all. */
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

enum { MARK_SHIFT = 24 };
#define HANDLE_MASK ((UINT32_C(1) << MARK_SHIFT) - 1)

static uint64_t hash_of(const struct handle_index *x, const char *key)
{
    uint64_t h = hash_text(x->seed ^ HASH_START, key);

    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15U;
    return h ^ h >> 29;
}

/* The upper byte of the slots of keys with this hash. */
static uint32_t mark_of(const struct handle_index *x, uint64_t hash)
{
    return x->full ? 0 : (uint32_t)(hash >> 56) << MARK_SHIFT;
}

static uint32_t handle_of(const struct handle_index *x, uint32_t slot)
{
    return (x->full ? slot : slot & HANDLE_MASK) - 1;
}

uint32_t index_find(const struct handle_index *x, const void *owner, const char *key)
{
    uint64_t hash = hash_of(x, key);
    uint32_t mark = mark_of(x, hash);
    size_t mask = x->cap - 1;

    for (size_t i = hash & mask; x->slots[i] != 0; i = (i + 1) & mask) {
        uint32_t h = handle_of(x, x->slots[i]);
        if ((x->full || (x->slots[i] & ~HANDLE_MASK) == mark) &&
            strcmp(x->key(owner, h), key) == 0) {
            return h;
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
    uint64_t hash = hash_of(x, x->key(owner, h));
    size_t i = hash & (x->cap - 1);

    while (x->slots[i] != 0) {
        i = (i + 1) & (x->cap - 1);
    }
    x->slots[i] = (h + 1) | mark_of(x, hash);
}

static void grow(struct handle_index *x, const void *owner)
{
    uint32_t *old = x->slots;
    size_t old_cap = x->cap;

    x->cap *= 2;
    x->slots = xcalloc(x->cap, sizeof *x->slots);
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i] != 0) {
            place(x, owner, handle_of(x, old[i]));
        }
    }
    free(old);
}

void index_put(struct handle_index *x, const void *owner, uint32_t h)
{
    if (x->len * 16 >= x->cap * 13) {
        grow(x, owner);
    }
    if (h >= HANDLE_MASK && !x->full) {
        for (size_t i = 0; i < x->cap; i++) {
            x->slots[i] &= HANDLE_MASK;
        }
        x->full = true;
    }
    place(x, owner, h);
    x->len++;
}

void index_remove(struct handle_index *x, const void *owner, uint32_t h)
{
    size_t mask = x->cap - 1, i = home_of(x, owner, h);

    while (x->slots[i] == 0 || handle_of(x, x->slots[i]) != h) {
        if (x->slots[i] == 0) {
            return;
        }
        i = (i + 1) & mask;
    }
    for (size_t j = (i + 1) & mask; x->slots[j] != 0; j = (j + 1) & mask) {
        size_t home = home_of(x, owner, handle_of(x, x->slots[j]));
        if (((j - home) & mask) >= ((j - i) & mask)) {
            x->slots[i] = x->slots[j];
            i = j;
        }
    }
    x->slots[i] = 0;
    x->len--;
}
