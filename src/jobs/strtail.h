/* strtail.h - strings copied into the tail of one allocation: private to src/jobs.
 *
 * Make the sizes first (strtail_size), allocate once, then place each string (strtail_place). Text
 * over its limit is cut at a character's end and marked with U+2026, so that one hostile record
 * cannot fill the memory. */
#ifndef JOBS_STRTAIL_H
#define JOBS_STRTAIL_H

#include <stddef.h>

/* Room for the first `len` bytes of `s` within `limit`, with the NUL; 0 for NULL. */
size_t strtail_size(const char *s, size_t len, size_t limit);
/* Copies `s` to *at, moves *at past the copy and returns the copy's place; NULL for NULL. */
const char *strtail_place(char **at, const char *s, size_t len, size_t limit);
#endif
