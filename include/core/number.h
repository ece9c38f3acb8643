/* number.h: reads whole numbers that people, services and files write, and writes them. Pure. */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is the text one whole number from `least` to `most`? The text may hold decimal digits and nothing
 * else, with a '-' before them where `least` is negative: no blanks, no '+'. For NULL the answer is
 * false. After false `*out` is unchanged. */
bool number_parse(const char *text, int64_t least, int64_t most, int64_t *out);

/* Writes the number in decimal digits and returns their count. Faster than printf, for what is
 * drawn at every key; a signal handler may call it. */
enum { NUMBER_SIZE = 21 }; /* the digits of UINT64_MAX and a NUL */
size_t number_text(char out[NUMBER_SIZE], uint64_t n);
#endif
