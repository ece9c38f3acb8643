/* slab.h - memory for objects of which there are hundreds of thousands: without the bytes that
 * malloc needs beside each, and not between what lives for a short time, whose holes would stay.
 * Blocks are aligned to 8 bytes and freed one by one, with their size. Any thread. */
#ifndef CORE_SLAB_H
#define CORE_SLAB_H

#include <stddef.h>

void *slab_alloc(size_t size) __attribute__((malloc)); /* out of memory aborts, as xmalloc */
void slab_free(void *p, size_t size);                  /* NULL allowed */
size_t slab_size(size_t size); /* the bytes that a block of this size takes */
#endif
