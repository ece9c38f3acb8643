/* id_set.h - private to ops: a set of ids, kept as hashes of 64 bits: 16 to 32 bytes for each id.
 *
 * Two ids with the same hash count as one: with a million ids that is a chance of one in thirty
 * million. The set only grows. Not for several threads. */
#ifndef OPS_ID_SET_H
#define OPS_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is an empty one. */
struct id_set {
    uint64_t *slots; /* owned; a slot of 0 is free */
    size_t len, cap;
};
void id_set_clear(struct id_set *s);
void id_set_add(struct id_set *s, const char *id); /* NULL and "" add nothing */
bool id_set_has(const struct id_set *s, const char *id);
#endif
