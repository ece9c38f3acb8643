/* input.h - reads the terminal and tells what was typed, pasted and clicked (decode.h). Never
 * blocks. UI thread only. */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include <stdbool.h>

#include "ui/decode.h"
#include "ui/term.h"

struct input; /* opaque */

/* ESCDELAY, as curses programs know it, tells how many milliseconds an Esc waits for what
 * follows. */
struct input *input_new(struct terminal *t);
void input_free(struct input *in); /* NULL allowed */

/* Makes one read of a few hundred bytes at most, so that a screen is drawn between the parts of a
 * large paste. Call input_next after it until there are no more events. False when the terminal is
 * gone (the end of input, or an I/O error); input that is not understood, however odd its bytes
 * are, is no end. */
bool input_read(struct input *in);
/* The next event of what was read; false when there is none now. */
bool input_next(struct input *in, struct input_event *out);
/* How long until input_next has to be called although nothing was read (an Esc that stays alone);
 * -1: it need not be called. */
int input_wait_ms(const struct input *in);
#endif
