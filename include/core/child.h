/* child.h - every program that is started has an end, and what it started with it (Linux).
 *
 * A program that is led here leads a process group of its own (POSIX_SPAWN_SETPGROUP or _SETSID).
 * Nothing is kept between calls; any thread may call, one thread for one program. */
#ifndef CORE_CHILD_H
#define CORE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Readable when the program has ended; -1 where the kernel has no such descriptor (before 5.3): the
 * caller then looks with child_ended. The caller closes it. */
int child_fd(pid_t pid);
/* Has it ended? Its number stays taken: nothing is reaped. */
bool child_ended(pid_t pid);

/* Waits at most `ms` for its end and reaps it. False at the deadline; `*status` is then as it was.
 * `status` may be NULL. */
bool child_wait(pid_t pid, int ms, int *status);
/* SIGKILL to its whole group, then as child_wait with two seconds: false for a program that may not
 * be killed (set-user-ID) or hangs in the kernel; it is left behind. */
bool child_end(pid_t pid, int *status);
/* The same for one that leads no group, such as a pager: SIGTERM to it and to all that descend from
 * it, SIGKILL to those that live `grace_ms` later. */
bool child_end_tree(pid_t pid, int grace_ms, int *status);

/* Starts a small process that ends the group of `pid` when `ms` have passed, whatever has become of
 * this program by then; it goes away by itself once the group is empty. With `lease`: also when
 * this program dies before it has closed `*lease` (-1: there is no guard). A failure to start it is
 * no error: then only the caller's own limits hold. */
void child_guard(pid_t pid, int64_t ms, int *lease);
#endif
