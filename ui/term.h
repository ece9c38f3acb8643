/* term.h - the terminal: opening it, its size, what it can do, giving it back.
 *
 * Only this and what reads terminfo (term_caps.c, pen_caps.c) see curses. UI thread only; one
 * terminal per process (curses and signals belong to the whole process).
 *
 * Output does not block: a frame is made in memory (flush.c), and term_send gives it to the
 * terminal in as few writes as the terminal takes. While something waits to be sent (a slow link)
 * the caller draws no new frame, so a slow terminal skips frames and keys are served meanwhile. */
#ifndef UI_TERM_H
#define UI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct terminal; /* opaque: the layout lives in ui/term.c */

struct term_options {
    bool no_color; /* --no-color; NO_COLOR is looked at as well */
    bool ascii;    /* --ascii: no character outside ASCII, no line drawing */
    bool mouse;    /* --mouse */
};

/* Enters the alternate screen in raw mode. E_USAGE when stdin or stdout is no terminal, E_CONFIG
 * when TERM is unset, unknown or cannot place the cursor; the message names the remedy and nothing
 * was written to the terminal. Call signals_open first. NULL with `e`. */
struct terminal *term_open(const struct term_options *o, struct err *e);
/* Puts the terminal back and frees; NULL allowed. */
void term_close(struct terminal *t);

int term_rows(const struct terminal *t);
int term_cols(const struct terminal *t);
bool term_utf8(const struct terminal *t); /* characters outside ASCII may be sent */
/* without UTF-8: the terminal's own line drawing may be used */
bool term_acs(const struct terminal *t);
bool term_plain_newline(const struct terminal *t); /* a LF that is sent arrives as a LF alone */
int term_colors(const struct terminal *t);         /* 256, 16, 8 or 0 */

/* Reads the size again; true when it changed (then draw everything). */
bool term_update_size(struct terminal *t);
/* Puts the terminal back but keeps `t`; term_resume takes it again (then draw everything). */
void term_suspend(struct terminal *t);
void term_resume(struct terminal *t);

/* the descriptor for input; reading it does not block */
int term_in_fd(const struct terminal *t);
unsigned char term_erase(const struct terminal *t); /* what the erase key sends (stty); 0: none */
int term_out_fd(const struct terminal *t);
bool term_waiting(const struct terminal *t); /* bytes of a frame still wait for a slow terminal */
/* Writes the bytes that wait, as far as that goes without blocking. E_NET when the terminal is
 * gone. */
MUST_CHECK enum err_code term_send(struct terminal *t);
/* Adds bytes that belong to no frame: bell, clipboard, title. term_send sends them. */
void term_add(struct terminal *t, const void *bytes, size_t len);

uint64_t
term_bytes(const struct terminal *t); /* sent since the start, for the tests and `--debug` */
uint64_t term_writes(const struct terminal *t); /* write(2) calls that sent them */
#endif
