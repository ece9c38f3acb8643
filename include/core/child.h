/* child.h - programs that this one starts: each has an end, and so has everything that it started
 * (Linux).
 *
 * A program that is led here leads a process group of its own (POSIX_SPAWN_SETPGROUP or _SETSID).
 * Nothing is kept between calls; any thread may call, one thread for one program. */
#ifndef CORE_CHILD_H
#define CORE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor that becomes readable when the program has ended; -1 where the kernel has none
 * (before 5.3): the caller then looks with child_ended. The caller closes it. */
int child_fd(pid_t pid);
/* Has the program ended? Its number stays taken, because this function does not reap it. */
bool child_ended(pid_t pid);

/* Waits at most `ms` for the program's end and reaps it. False at the deadline; `*status` is
 * unchanged then. `status` may be NULL. */
bool child_wait(pid_t pid, int ms, int *status);
/* Sends SIGKILL to the program's whole group, then waits as child_wait does, for two seconds: false
 * for a program that may not be killed (set-user-ID) or hangs in the kernel; it is left behind. */
bool child_end(pid_t pid, int *status);
/* Ends a program that leads no group, such as a pager: sends SIGTERM to it and to all processes
 * that descend from it, and SIGKILL to those that are alive `grace_ms` later. */
bool child_end_tree(pid_t pid, int grace_ms, int *status);

/* Starts a small process that ends the group of `pid` when `ms` have passed, whatever has become of
 * this program by then; that process goes away by itself once the group is empty. With `lease` it
 * also ends the group when this program dies before it has closed `*lease` (-1: there is no guard).
 * A failure to start the process is no error: only the caller's own limits hold then. */
void child_guard(pid_t pid, int64_t ms, int *lease);
#endif
