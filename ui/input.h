/* input.h - from bytes of the terminal to key names (app/event.h), pasted text and mouse events.
 * UI thread only. */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/event.h"
#include "ui/term.h"

struct input; /* opaque */

enum input_kind {
    INPUT_NONE, /* nothing more for now */
    INPUT_KEY,
    INPUT_PASTE,
    INPUT_MOUSE
};

struct input_event {
    char key[KEY_NAME_SIZE]; /* INPUT_KEY */
    const char *paste;       /* INPUT_PASTE: borrowed until the next call */
    size_t paste_len;
    int row, col; /* INPUT_MOUSE */
    enum mouse_button button;
};

struct input *input_new(struct terminal *t);
void input_free(struct input *in); /* NULL allowed */

/* The next event without blocking (an Esc alone takes ESCDELAY, 25 ms). With `editing` Esc followed
 * at once by b, f, d or Backspace is the Meta key; otherwise Esc is always a key of its own. */
enum input_kind input_next(struct input *in, bool editing, struct input_event *out);
/* After poll said that there is input and input_next gave INPUT_NONE at once: true when the
 * terminal has ended (its end shows as "readable, but no bytes"). */
bool input_gone(const struct input *in);
#endif
