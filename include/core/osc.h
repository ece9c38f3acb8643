/* osc.h - control sequences to the terminal that draw nothing: a notification, and the wrapping
 * that any such sequence needs to get through tmux or screen. Pure, except for reading TERM, TMUX
 * and STY. */
#ifndef CORE_OSC_H
#define CORE_OSC_H

#include <stdbool.h>

#include "core/strbuf.h"

/* Does TERM's value name a terminal of DEC's (vt100, vt220), with no UTF-8, no colours, nothing but
 * ECMA-48? "vte", as GNOME's terminal calls itself, does not. NULL is allowed. */
bool term_is_dec(const char *term);
/* Does the terminal take OSC sequences, or at least swallow those that it does not know? False for
 * linux, vt100 and similar terminals, which would print them. */
bool osc_taken(void);
/* Appends `seq`, wrapped so that tmux or screen hands it on to the terminal outside. When screen
 * shall pass it, it must not hold the string terminator ESC \: end it with BEL. */
void osc_wrap(struct strbuf *out, const char *seq, size_t len);
/* The same for a screen that stands elsewhere, before ssh, so that STY does not tell of it. */
void osc_wrap_screen(struct strbuf *out, const char *seq, size_t len);

enum { OSC_NOTIFY_MAX = 200 }; /* bytes of a notification's text */

struct osc_notice {
    const char *title, *text; /* text from outside is allowed, because it is cleaned and cut here */
    bool osc9, osc777;        /* which forms may be used */
    bool utf8;                /* false: only ASCII is sent */
};
/* Appends a desktop notification by OSC 9 and OSC 777; only one of them where TERM tells that the
 * terminal knows both. Appends nothing where they would show as garbage. */
void osc_notify(struct strbuf *out, const struct osc_notice *n);
#endif
