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

/* Sets LC_CTYPE by the environment. It becomes C.UTF-8 when the environment names no locale at all
 * (cron, a bare ssh session: texts are in UTF-8 nowadays), or asks for UTF-8 in a locale that this
 * machine does not have (ssh brings the other machine's LANG along, or LC_CTYPE=UTF-8 of macOS). */
void text_set_locale(void);

/* Decodes one code point from at most `len` bytes. Returns its length 1-4 and fills `*cp`, or 0
 * when the bytes are not well-formed UTF-8 (overlong forms, surrogates and values over U+10FFFF are
 * not). */
size_t text_utf8_decode(const char *s, size_t len, uint32_t *cp);
bool text_utf8_valid(const char *s, size_t len);
size_t text_characters(const char *s); /* code points of UTF-8 */
/* Appends the code point as UTF-8 (U+FFFD for a value that is no Unicode scalar value). */
void text_utf8_encode(struct strbuf *out, uint32_t cp);

bool text_same(const char *a, const char *b); /* NULL is the same as NULL alone */
const char *text_plural(size_t n);            /* the ending of a regular noun: "" for 1, else "s" */

/* The length of the longest prefix of `s` that takes at most `max` bytes and ends between two
 * characters: the number for "%.*s". 0 for NULL. */
int text_cut(const char *s, int max);
/* Makes `s` well-formed UTF-8 in its place: malformed bytes become '?', and a character that was
 * cut at the end is removed. */
void text_mend(char *s);

/* The length of the blank at the start of `s`, 0 when there is none: space, tab, vertical tab, form
 * feed, and the blanks outside ASCII that spreadsheets, word processors and web pages leave around
 * a value (no-break, en, em, thin, ideographic space, byte order mark). Line breaks do not
 * count. */
size_t text_blank(const char *s, size_t len);
/* Removes the blanks and line breaks at both ends: moves `*s`, and returns what is left of
 * `len`. */
size_t text_trim(const char **s, size_t len);

/* The ranges of characters that must never be sent to a terminal as they are, in ascending order:
 * C0, DEL, C1, bidirectional controls, line/paragraph separators, zero-width no-break space,
 * deprecated format characters and tag characters. */
#define TEXT_DANGEROUS(X)                                                                          \
    X(0x00, 0x1f)                                                                                  \
    X(0x7f, 0x9f)                                                                                  \
    X(0x061c, 0x061c)                                                                              \
    X(0x180e, 0x180e)                                                                              \
    X(0x200e, 0x200f)                                                                              \
    X(0x2028, 0x202e)                                                                              \
    X(0x2066, 0x206f)                                                                              \
    X(0xfeff, 0xfeff)                                                                              \
    X(0xfff9, 0xfffb)                                                                              \
    X(0xe0000, 0xe007f)
bool text_is_dangerous(uint32_t cp);
/* Does the character draw nothing of its own, so that two texts with and without it look the same:
 * soft hyphen, joiners, zero-width space, variation selectors, invisible operators, Hangul
 * fillers? */
bool text_is_invisible(uint32_t cp);
/* Is the character a letter or symbol of the scripts that most texts are written in? Then it is
 * neither dangerous nor invisible nor a mark. A quick look that may say no to others as well. */
bool text_is_usual(uint32_t cp);
/* May terminals give the character (with its marks) in `len` bytes another width than
 * text_cp_width? False for one code point of a script or symbol block whose width has been the same
 * for decades. True for marks, emoji, regional indicators, Indic and Arabic letters, and newer
 * characters. */
bool text_width_disputed(const char *cell, size_t len);

/* The cells that a code point takes: 0, 1 or 2. Unprintable ones take 1, because they are shown as
 * a mark. */
int text_cp_width(uint32_t cp);
/* The cells that `s` takes after text_clean. */
int text_width(const char *s);

enum text_flags {
    TEXT_ONE_LINE = 0,     /* newline and tab become marks too */
    TEXT_KEEP_NEWLINE = 1, /* '\n' stays; tab becomes spaces to the next multiple of 8 */
    TEXT_ASCII = 2         /* every character outside ASCII becomes '?', unless it becomes a mark */
};

/* Appends `len` bytes of outside text with every dangerous or malformed part replaced by a visible
 * mark: control characters by ^X ("^[" for ESC, "^?" for DEL), C1 and bidirectional controls by
 * <U+XXXX>, malformed bytes by \xNN. Joiners and variation selectors, which only choose a form and
 * whose width terminals dispute, are left out after a character outside ASCII and before a keycap;
 * in other places they and all other invisible characters become <U+XXXX>. The result is
 * well-formed UTF-8 without control characters (except '
 * ' when it is kept). */
void text_clean(struct strbuf *out, const char *s, size_t len, unsigned flags);
/* Does the same for a NUL-terminated string, and returns a new string. Owned. */
char *text_cleaned(const char *s, unsigned flags);

/* The length of the longest prefix of `s` (clean text) that fits into `cells`; `*used` (may be
 * NULL) gets the cells that it takes. Never splits a base character from its combining marks. */
size_t text_fit(const char *s, int cells, int *used);
#endif
