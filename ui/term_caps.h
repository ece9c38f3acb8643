/* term_caps.h - what the terminal at hand can do: terminfo, locale, colours. For term.c.
 *
 * UI thread only; call caps_has, caps_add and caps_colors only after curses is set up. */
#ifndef UI_TERM_CAPS_H
#define UI_TERM_CAPS_H

#include <stdbool.h>

#include "core/err.h"
#include "core/strbuf.h"
#include "jobs/doctor.h"

/* Is there a terminal that can show the dashboard? E_USAGE, E_CONFIG with the remedy. */
MUST_CHECK enum err_code caps_check(struct err *e);
/* Finds out what the doctor wants to know of the terminal, if there is one. Call it before curses
 * is set up; it leaves nothing changed. */
void caps_probe(struct doctor_terminal *out);
/* Sets LC_CTYPE and says whether characters outside ASCII may be sent. */
bool caps_utf8(void);
/* Turns colours on; 256, 16, 8 or 0, which NO_COLOR and `no_color` ask for. */
int caps_colors(bool no_color);
/* How many colours of its palette may be asked for where terminfo has this number: 256, 16, 8, 0.
 */
int caps_palette(int terminfo_colors);
bool caps_has(const char *name);
/* Appends a terminfo string without its padding marks ("$<5>"), which only tputs understands. */
void caps_add(struct strbuf *b, const char *name);
/* Does the same for a string that takes one or two numbers ("cup": row, column; "setaf":
 * colour). */
void caps_add_with(struct strbuf *b, const char *name, int first, int second);

/* "ncurses 6.4.20221231"; constant. */
const char *caps_library(void);
#endif
