/* clipboard.h - text to the clipboard of the person at the terminal, over ssh too (OSC 52). Pure,
 * except for reading TERM, TMUX and STY. */
#ifndef UI_CLIPBOARD_H
#define UI_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/strbuf.h"

/* Terminals silently cut longer texts off (xterm's limit counts base64: 74 kB). */
#define CLIPBOARD_MAX 74000

/* Appends the sequence that puts `len` bytes on the clipboard, wrapped for tmux or screen where
 * they are in between. False, with nothing appended, when the text is too long or the terminal has
 * no clipboard (linux, vt100...): save the text to a file then. */
bool clipboard_sequence(struct strbuf *out, const char *text, size_t len);
/* Appends the sequence that sets the terminal's title; appends nothing where the sequence would
 * show as garbage. NULL puts the former title back. */
void title_sequence(struct strbuf *out, const char *text);
#endif
