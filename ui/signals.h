/* signals.h - signals as bytes in a pipe, and the terminal put back when the program crashes.
 *
 * Handlers only write(2) to a pipe or, after a crash, write the bytes that put the terminal back
 * and restore its modes; the loop does the rest. One at a time per process; UI thread only, except
 * for signals_emergency_reset, which may be called anywhere, also by a signal handler. */
#ifndef UI_SIGNALS_H
#define UI_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "core/err.h"

enum signal_event {
    SIGNAL_RESIZED = 1,   /* SIGWINCH */
    SIGNAL_QUIT = 2,      /* SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM */
    SIGNAL_STOP = 4,      /* SIGTSTP from outside */
    SIGNAL_CONTINUED = 8, /* SIGCONT */
};

/* Takes over the signals above, the crash signals, and SIGPIPE (ignored). */
MUST_CHECK enum err_code signals_open(struct err *e);
/* Gives every signal back to its former owner. */
void signals_close(void);

int signals_fd(void); /* readable while signals wait; -1 when closed */
/* Empties the pipe and returns the set of enum signal_event that was seen; `*number` (may be NULL)
 * gets the signal that asked to quit. */
unsigned signals_take(int *number);

/* Sets what puts the terminal back: bytes that are written to `fd` after a crash, and the modes
 * that are set then. The bytes are copied (cut at 512). Call signals_guard_off after the terminal
 * was put back in the normal way. */
void signals_guard(int fd, const void *reset, size_t len, const struct termios *modes);
void signals_guard_off(void);
/* Puts the terminal back now, if it is guarded. Async-signal-safe; does it once. For
 * alloc_on_failure. */
void signals_emergency_reset(void);

/* Stops this process's whole group as Ctrl-Z does in a shell (so that `make run` stops with it) and
 * returns when it goes on, with the set of events seen meanwhile, as signals_take. In a group that
 * nobody could continue the system refuses to stop it, and this returns after a moment. */
unsigned signals_stop_self(int *number);

/* Call it while another program has the terminal (a pager): Ctrl-C and Ctrl-\ are for that program
 * alone, Ctrl-Z stops this program together with it. */
void signals_lend(bool on);
#endif
