/* utf16.h - files in UTF-16, as Excel ("Unicode text") and PowerShell (`>`) write them. Pure; any
 * thread. */
#ifndef CORE_UTF16_H
#define CORE_UTF16_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Does the text begin with the byte order mark of UTF-16, or else, without a mark, with two
 * characters of ASCII in UTF-16? */
bool utf16_is(const char *text, size_t len);
/* The same text as UTF-8 of `*out_len` bytes, without its mark; owned. It may hold secrets: wipe
 * it. NULL with `e` (E_INVALID) when the text is malformed. Only for a text for which utf16_is is
 * true. */
char *utf16_to_utf8(const char *text, size_t len, size_t *out_len, struct err *e);
#endif
