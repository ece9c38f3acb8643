/* osc.h - control sequences to the terminal that draw nothing: a notification, and what any such
 * sequence needs to get through tmux or screen. Pure but for reading TERM, TMUX and STY. */
#ifndef CORE_OSC_H
#define CORE_OSC_H

#include <stdbool.h>

#include "core/strbuf.h"

/* Does TERM's value name a terminal of DEC's (vt100, vt220): no UTF-8, no colours, nothing but
 * ECMA-48? "vte", which GNOME's terminal calls itself, is none. NULL is allowed. */
bool term_is_dec(const char *term);
/* Is the terminal one that takes OSC sequences, or swallows those it does not know? False on linux,
 * vt100 and the like, which would print them. */
bool osc_taken(void);
/* Appends `seq`, so wrapped that tmux or screen hands it on to the terminal outside. It must not
 * hold the string terminator ESC \ when screen is to pass it: end it with BEL. */
void osc_wrap(struct strbuf *out, const char *seq, size_t len);

enum { OSC_NOTIFY_MAX = 200 }; /* bytes of a notification's text */

struct osc_notice {
    const char *title, *text; /* outside text is allowed: it is cleaned and cut here */
    bool osc9, osc777;        /* which forms may be used */
    bool utf8;                /* else only ASCII is sent */
};
/* Appends a desktop notification by OSC 9 and OSC 777; where TERM tells that the terminal knows
 * both, only one of them. Nothing where they would show as garbage. */
void osc_notify(struct strbuf *out, const struct osc_notice *n);
#endif
