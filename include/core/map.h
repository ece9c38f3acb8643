/* map.h - a hash map from strings to pointers. Keys are copied, values borrowed. Not shared between
 * threads without a lock. */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map; /* opaque: the layout lives in src/core/map.c */

struct map *map_new(void);
void map_free(struct map *m, void (*free_value)(void *)); /* NULL is allowed for both */
void *map_find(const struct map *m, const char *key);     /* NULL when absent */
/* Stores a value (not NULL); returns the value that it replaced, or NULL. */
void *map_put(struct map *m, const char *key, void *value);
void *map_remove(struct map *m, const char *key); /* the value that was there, or NULL */
size_t map_len(const struct map *m);
/* Goes through the map in no particular order; start with *at = 0; false at the end. The map must
 * not change meanwhile. */
bool map_next(const struct map *m, size_t *at, const char **key, void **value);
#endif
