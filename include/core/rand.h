/* rand.h - randomness from a cryptographic source (the kernel). Any thread. */
#ifndef CORE_RAND_H
#define CORE_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *out, size_t n);       /* aborts when the system has no entropy source */
uint32_t rand_below(uint32_t limit);        /* uniform in [0, limit); limit > 0 */
double rand_unit(void);                     /* uniform in [0, 1) */
void rand_base36(char *out, size_t digits); /* `digits` of [0-9a-z] and a NUL */
#define UUID_SIZE 37
void rand_uuid(char out[UUID_SIZE]); /* version 4, lower case */
#endif
