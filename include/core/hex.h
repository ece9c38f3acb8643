/* hex.h - bytes as hexadecimal digits. Pure; any thread. */
#ifndef CORE_HEX_H
#define CORE_HEX_H

#include <stddef.h>

/* Writes two lower-case digits for each byte, and a NUL: `out` has room for 2 * len + 1. */
void hex_text(const void *bytes, size_t len, char *out);
#endif
