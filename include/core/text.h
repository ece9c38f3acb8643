/* text.h - UTF-8, display width, and making outside text harmless.
 *
 * Everything that came from a record, an event, a log or a server passes text_clean before it can
 * reach a terminal. Width is that of wcwidth(3) in the current locale for printable characters; the
 * program calls setlocale(LC_CTYPE) once in main. Any thread. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"

/* Sets LC_CTYPE by the environment. One that asks for UTF-8 in a language that this machine has no
 * locale of (an ssh session brings its own LANG along) gets C.UTF-8. */
void text_set_locale(void);

/* Decodes one code point from at most `len` bytes. Returns its length 1-4 and fills `*cp`, or 0
 * when the bytes are not well-formed UTF-8 (overlong forms, surrogates and > U+10FFFF included). */
size_t text_utf8_decode(const char *s, size_t len, uint32_t *cp);
bool text_utf8_valid(const char *s, size_t len);
/* Appends the code point as UTF-8 (U+FFFD for what is not a scalar value). */
void text_utf8_encode(struct strbuf *out, uint32_t cp);

/* True for what must never be sent to a terminal as it is: C0, DEL, C1, bidirectional controls
 * (U+061C, U+200E/F, U+202A-E, U+2066-9), line/paragraph separators, zero-width no-break space,
 * deprecated format characters and tag characters (U+E0000-E007F). */
bool text_is_dangerous(uint32_t cp);

/* Cells that a code point takes: 0, 1 or 2. Unprintable ones take 1 (they are shown as a mark). */
int text_cp_width(uint32_t cp);
/* Cells that `s` takes after text_clean. */
int text_width(const char *s);

enum text_flags {
    TEXT_ONE_LINE = 0,     /* newline and tab become marks too */
    TEXT_KEEP_NEWLINE = 1, /* '\n' stays; tab becomes spaces to the next multiple of 8 */
    TEXT_ASCII = 2         /* everything outside ASCII becomes '?' or \u{...} */
};

/* Appends `len` bytes of outside text with every dangerous or malformed part replaced by a visible
 * mark: control characters as ^X ("^[" for ESC, "^?" for DEL), C1 and bidirectional controls as
 * <U+XXXX>, malformed bytes as \xNN. The result is well-formed UTF-8 with no control character
 * (but '\n' when kept). */
void text_clean(struct strbuf *out, const char *s, size_t len, unsigned flags);
/* The same for a NUL-terminated string, as a new string. Owned. */
char *text_cleaned(const char *s, unsigned flags);

/* Byte length of the longest prefix of `s` (clean text) that fits into `cells`; `*used` (may be
 * NULL) gets the cells it takes. Never splits a base character from its combining marks. */
size_t text_fit(const char *s, int cells, int *used);
#endif
