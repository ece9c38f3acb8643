/* hash.h: the hash FNV-1a, for tables and for names of files. Files on disk are named and sorted by
 * their hash, so the function never changes. It is no protection against a sender who wants
 * collisions: against such a sender, begin with a random number instead of HASH_START, and mix the
 * result. Pure. */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* `from` is HASH_START, or the hash of the bytes before these. */
uint64_t hash_bytes(uint64_t from, const void *bytes, size_t len);
uint64_t hash_text(uint64_t from, const char *text);
#endif
