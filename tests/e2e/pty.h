/* pty.h - a program on a terminal of our own, its screen read by libvterm.
 *
 * For the end-to-end tests: start, type, wait until the screen shows something, look. Every wait
 * has a deadline in milliseconds and reads what the program writes meanwhile; nothing sleeps. */
#ifndef TESTS_E2E_PTY_H
#define TESTS_E2E_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pty;

/* `env` are "NAME=value" over this process's environment ("NAME" alone removes it); both lists end
 * with NULL. It runs in $HOME, argv[0] is an absolute path. Aborts when a terminal cannot be
 * had. */
struct pty *pty_start(const char *const *argv, const char *const *env, int rows, int cols);
void pty_free(struct pty *p); /* kills what still runs */

void pty_send(struct pty *p, const char *bytes); /* as typed, once the keys before are taken */
void pty_send_n(struct pty *p, const void *bytes, size_t len);
/* Behaves like a slow link from now on: what is sent, and what the program writes, arrives `ms`
 * later. */
void pty_delay(struct pty *p, int ms);
void pty_resize(struct pty *p, int rows, int cols);
void pty_signal(struct pty *p, int number);
void pty_hang_up(struct pty *p); /* closes the terminal's other end, as a lost ssh does */

/* Waits until the screen has `text` in a row; false at the deadline. "a|b" means one of them. */
bool pty_wait(struct pty *p, const char *text, int deadline_ms);
bool pty_wait_gone(struct pty *p, const char *text, int deadline_ms);
/* Waits until the last bytes that the program wrote (pty_last) hold these. */
bool pty_wait_bytes(struct pty *p, const char *bytes, int deadline_ms);
/* Until nothing came for `quiet_ms` and the program waits for the next key. */
bool pty_wait_quiet(struct pty *p, int quiet_ms, int deadline_ms);
/* Waits until the program has ended; `*status` is that of waitpid. */
bool pty_wait_exit(struct pty *p, int deadline_ms, int *status);
/* Waits until the program is stopped (Ctrl-Z). */
bool pty_wait_stop(struct pty *p, int deadline_ms);

bool pty_has(const struct pty *p, const char *text);
char *pty_screen(const struct pty *p); /* rows without trailing blanks; owned */
char *pty_row(const struct pty *p, int row);
bool pty_alternate(const struct pty *p); /* the alternate screen is on */
bool pty_cursor_visible(const struct pty *p);
bool pty_modes_restored(const struct pty *p); /* termios are those from before the start */
bool pty_raw(const struct pty *p);            /* no echo, no signals from keys */
uint64_t pty_bytes(const struct pty *p);      /* read from the program so far */
/* The last bytes that the program wrote (at most 4096), for a look at what it left behind. */
const char *pty_last(const struct pty *p, size_t *len);
pid_t pty_pid(const struct pty *p);
/* libvterm's terminal, for a look at more than the text; borrowed. */
struct VTerm *pty_terminal(const struct pty *p);
int64_t pty_now_ms(void);
#endif
