/* hash.c: FNV-1a, the one hash of short keys. */
#include "core/hash.h"

#define PRIME UINT64_C(0x100000001b3)

uint64_t hash_bytes(uint64_t from, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t h = from;

    for (size_t i = 0; i < len; i++) {
        h = (h ^ p[i]) * PRIME;
    }
    return h;
}

uint64_t hash_text(uint64_t from, const char *text)
{
    uint64_t h = from;

    for (; *text != '\0'; text++) {
        h = (h ^ (unsigned char)*text) * PRIME;
    }
    return h;
}
