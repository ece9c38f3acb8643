/* map.c - a map: an array of pairs without gaps, and an index over it. */
#include "core/map.h"

#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/handle_index.h"

struct pair {
    char *key; /* owned */
    void *value;
};

struct map {
    struct handle_index index; /* the index of places in `pairs` */
    struct pair *pairs;
    size_t len, cap;
};

static const char *pair_key(const void *owner, uint32_t handle)
{
    const struct map *m = owner;

    return m->pairs[handle].key;
}

struct map *map_new(void)
{
    struct map *m = xcalloc(1, sizeof *m);

    index_init(&m->index, pair_key);
    return m;
}

void map_free(struct map *m, void (*free_value)(void *))
{
    if (m == NULL) {
        return;
    }
    for (size_t i = 0; i < m->len; i++) {
        free(m->pairs[i].key);
        if (free_value != NULL) {
            free_value(m->pairs[i].value);
        }
    }
    index_done(&m->index);
    free(m->pairs);
    free(m);
}

void *map_find(const struct map *m, const char *key)
{
    uint32_t at = index_find(&m->index, m, key);

    return at == HANDLE_NONE ? NULL : m->pairs[at].value;
}

void *map_put(struct map *m, const char *key, void *value)
{
    uint32_t at = index_find(&m->index, m, key);

    if (at != HANDLE_NONE) {
        void *old = m->pairs[at].value;
        m->pairs[at].value = value;
        return old;
    }
    m->pairs = xgrow(m->pairs, m->len, &m->cap, sizeof *m->pairs);
    m->pairs[m->len] = (struct pair){xstrdup(key), value};
    index_put(&m->index, m, (uint32_t)m->len++);
    return NULL;
}

void *map_remove(struct map *m, const char *key)
{
    uint32_t at = index_find(&m->index, m, key);

    if (at == HANDLE_NONE) {
        return NULL;
    }
    struct pair gone = m->pairs[at];
    uint32_t last = (uint32_t)m->len - 1;
    index_remove(&m->index, m, at);
    if (at != last) { /* the last pair fills the gap */
        index_remove(&m->index, m, last);
        m->pairs[at] = m->pairs[last];
        index_put(&m->index, m, at);
    }
    m->len--;
    free(gone.key);
    return gone.value;
}

size_t map_len(const struct map *m)
{
    return m->len;
}

bool map_next(const struct map *m, size_t *at, const char **key, void **value)
{
    if (*at >= m->len) {
        return false;
    }
    *key = m->pairs[*at].key;
    *value = m->pairs[*at].value;
    ++*at;
    return true;
}
