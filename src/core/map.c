/* A hash map from strings to pointers. */
#include "core/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/rand.h"

struct slot {
    char *key; /* owned; NULL when the slot is free */
    uint64_t hash;
    void *value;
};

/* The map uses open addressing with linear probing. Removing a key shifts the following slots back,
 * so there are no tombstones. */
struct map {
    struct slot *slots;
    size_t cap; /* a power of two */
    size_t len;
    /* keys come from outside, and nobody outside may be able to foresee their collisions */
    uint64_t seed;
};

static uint64_t hash_of(const struct map *m, const char *key)
{
    uint64_t h = m->seed ^ 0xcbf29ce484222325U;

    for (; *key != '\0'; key++) {
        h = (h ^ (unsigned char)*key) * 0x100000001b3U;
    }
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15U;
    return h ^ h >> 29;
}

struct map *map_new(void)
{
    struct map *m = xcalloc(1, sizeof *m);

    m->cap = 16;
    m->slots = xcalloc(m->cap, sizeof *m->slots);
    rand_bytes(&m->seed, sizeof m->seed);
    return m;
}

void map_free(struct map *m, void (*free_value)(void *))
{
    if (m == NULL) {
        return;
    }
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slots[i].key != NULL) {
            free(m->slots[i].key);
            if (free_value != NULL) {
                free_value(m->slots[i].value);
            }
        }
    }
    free(m->slots);
    free(m);
}

/* The slot that holds the key, or the free slot where the key belongs. */
static size_t locate(const struct map *m, const char *key, uint64_t hash)
{
    size_t i = (size_t)hash & (m->cap - 1);

    while (m->slots[i].key != NULL &&
           (m->slots[i].hash != hash || strcmp(m->slots[i].key, key) != 0)) {
        i = (i + 1) & (m->cap - 1);
    }
    return i;
}

void *map_find(const struct map *m, const char *key)
{
    size_t i = locate(m, key, hash_of(m, key));

    return m->slots[i].key == NULL ? NULL : m->slots[i].value;
}

static void grow(struct map *m)
{
    struct slot *old = m->slots;
    size_t old_cap = m->cap;

    m->cap *= 2;
    m->slots = xcalloc(m->cap, sizeof *m->slots);
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].key != NULL) {
            m->slots[locate(m, old[i].key, old[i].hash)] = old[i];
        }
    }
    free(old);
}

void *map_put(struct map *m, const char *key, void *value)
{
    if ((m->len + 1) * 4 > m->cap * 3) {
        grow(m);
    }
    uint64_t hash = hash_of(m, key);
    struct slot *s = &m->slots[locate(m, key, hash)];
    void *old = NULL;
    if (s->key == NULL) {
        *s = (struct slot){xstrdup(key), hash, NULL};
        m->len++;
    } else {
        old = s->value;
    }
    s->value = value;
    return old;
}

void *map_remove(struct map *m, const char *key)
{
    size_t i = locate(m, key, hash_of(m, key));

    if (m->slots[i].key == NULL) {
        return NULL;
    }
    void *value = m->slots[i].value;
    free(m->slots[i].key);
    m->slots[i].key = NULL;
    m->len--;
    for (size_t j = (i + 1) & (m->cap - 1); m->slots[j].key != NULL; j = (j + 1) & (m->cap - 1)) {
        size_t home = (size_t)m->slots[j].hash & (m->cap - 1);
        if (((j - home) & (m->cap - 1)) >= ((j - i) & (m->cap - 1))) {
            m->slots[i] = m->slots[j];
            m->slots[j].key = NULL;
            i = j;
        }
    }
    return value;
}

size_t map_len(const struct map *m)
{
    return m->len;
}

bool map_next(const struct map *m, size_t *at, const char **key, void **value)
{
    while (*at < m->cap) {
        const struct slot *s = &m->slots[(*at)++];
        if (s->key != NULL) {
            *key = s->key;
            *value = s->value;
            return true;
        }
    }
    return false;
}
