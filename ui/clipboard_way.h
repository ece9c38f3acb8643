/* clipboard_way.h - which way a text for the clipboard goes. UI thread only: it waits for small
 * programs, each for a second at most. */
#ifndef UI_CLIPBOARD_WAY_H
#define UI_CLIPBOARD_WAY_H

#include "app/event.h"
#include "ops/ops.h"

/* Gives the text to wl-copy, xclip or xsel, where there is a desktop: `*program` (static) then
 * names the one that took it. Else `*program` is NULL, and the answer tells what becomes of the
 * text by OSC 52 (clipboard_sequence): a tmux that this program runs in is asked what it passes on.
 */
enum copy_way clipboard_way(const struct ops *o, const char *text, const char **program);
#endif
