/* handle_index.h - finds handles (small numbers, such as places in an array) by a string that lies
 * with what they stand for, without a copy of the key: four bytes a slot. core/map.h is made from
 * it. Not shared between threads without a lock. */
#ifndef CORE_HANDLE_INDEX_H
#define CORE_HANDLE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HANDLE_NONE UINT32_MAX

struct handle_index {
    uint32_t *slots; /* owned; a handle + 1, above it a part of the hash; 0: free */
    size_t cap;      /* a power of two */
    size_t len;
    bool full;     /* a handle has needed all of its slot: no slot has a part of the hash */
    uint64_t seed; /* keys come from outside: their collisions must not be foreseeable */
    const char *(*key)(const void *owner, uint32_t handle);
};

/* `key` gives the key of a handle; its argument is the `owner` that the functions below are
 * given. */
void index_init(struct handle_index *x, const char *(*key)(const void *owner, uint32_t handle));
void index_done(struct handle_index *x);
uint32_t index_find(const struct handle_index *x, const void *owner, const char *key);
/* Adds a handle. Its key must not be in the index yet. */
void index_put(struct handle_index *x, const void *owner, uint32_t h);
/* Removes a handle, which must still have the key under which it was put. A handle that is not
 * there is left alone. */
void index_remove(struct handle_index *x, const void *owner, uint32_t h);
#endif
