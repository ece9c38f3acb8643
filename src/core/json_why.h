/* json_why.h - private to core: the best guess at what is wrong in a text that is not JSON. */
#ifndef CORE_JSON_WHY_H
#define CORE_JSON_WHY_H

#include <stdbool.h>
#include <stddef.h>

/* Writes what is wrong with a text that the parser refused, such as "a comma is missing after byte
 * 12": so many bytes stand before the place. False: no cause is known, and `buf` is "". */
bool json_why(const char *text, size_t len, char *buf, size_t size);
#endif
