/* number.h - whole numbers that people, services and files write. Pure. */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Is all of the text one whole number from `least` to `most`? Decimal digits and nothing else, with
 * a
 * '-' before them where `least` is negative: no blanks, no '+'. False for NULL; `*out` is left
 * alone then. */
bool number_parse(const char *text, int64_t least, int64_t most, int64_t *out);
#endif
