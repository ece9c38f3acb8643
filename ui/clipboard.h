/* clipboard.h - text to the clipboard of whoever sits at the terminal, over ssh too (OSC 52). Pure
 * but for reading TERM, TMUX and STY. */
#ifndef UI_CLIPBOARD_H
#define UI_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/strbuf.h"

/* Terminals cut longer ones off without a word (xterm's limit counts base64: 74 kB). */
#define CLIPBOARD_MAX 74000

/* Appends the sequence that puts `len` bytes on the clipboard, wrapped for tmux or screen where
 * they stand between. False, and nothing appended, when the text is too long or the terminal is one
 * that has no clipboard (linux, vt100...): save to a file then. */
bool clipboard_sequence(struct strbuf *out, const char *text, size_t len);
/* Appends the sequence that sets the terminal's title; nothing where that would show as garbage.
 * NULL puts back what stood there before. */
void title_sequence(struct strbuf *out, const char *text);
#endif
