/* platform.h - what only Linux has, and what one C library has and another has not: in one place,
 * each with its reason. Everything else in the program is C17 and POSIX. Any thread.
 *
 * Functions marked (signal-safe) may be called between fork and exec, and in a signal handler. */
#ifndef CORE_PLATFORM_H
#define CORE_PLATFORM_H

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* The program's own file, to start the program again: the path is right also when the file was
 * renamed or deleted, or was started by a name that no longer leads to it. */
#define PLATFORM_SELF "/proc/self/exe"

/* The meaning of an errno in words. The text stands in `room` or is constant. strerror_r has two
 * forms: that of POSIX returns a number, that of glibc the text. */
const char *platform_errno_text(int number, char *room, size_t size);

/* The name of this boot of the machine: times of the monotonic clock can be compared only within
 * one boot, and what a program wrote is lost only with it. "" where the system does not tell it. */
enum { PLATFORM_BOOT_SIZE = 40 };
void platform_boot_name(char out[PLATFORM_BOOT_SIZE]);

/* The path that PLATFORM_SELF leads to; where /proc is not mounted, that of the name that the
 * program was started by. NULL when there is neither; the caller frees it. */
char *platform_program(void);

/* A file without a name, which lives in memory and ends with its last descriptor, so that a killed
 * program leaves nothing behind that can be read. `name` is for people. -1 and errno. */
int platform_memory_file(const char *name);

/* Opens the file of a descriptor once more, so that flags as O_NONBLOCK hold for the new descriptor
 * alone and not for those that other programs share with us. -1 and errno. */
int platform_reopen(int fd, int flags);

/* Writes all that is not on the disk yet of the file system that the descriptor's file is in, and
 * returns when it is there: one call for thousands of small files. POSIX only has sync(), which
 * need not wait. (An error of the disk is told since 5.8.) False and errno. */
bool platform_sync_files(int fd);

/* A stream for writing whose bytes go to a function, which returns as write() does. glibc and musl
 * have it in this form, the BSDs in another, POSIX not at all. NULL and errno. */
FILE *platform_write_stream(void *arg, ssize_t (*on_write)(void *arg, const char *s, size_t n));

/* A descriptor to wake poll() with: it is readable from a write of a uint64_t until it is read. It
 * is one descriptor instead of a pipe's two, and is never full. -1 and errno. */
int platform_wake_fd(void);

/* Gives free memory back to the system. glibc keeps it; other libraries need not be told. */
void platform_trim_memory(void);
/* Makes all threads share one heap: glibc's heap for each thread would keep what the thread once
 * needed. */
void platform_one_heap(void);

/* Makes the program that is started begin in `folder`. POSIX has it since 2024, under a name that C
 * libraries do not have yet. */
void platform_spawn_in(posix_spawn_file_actions_t *files, const char *folder);

/* The children of a process that the kernel lists, up to `max`; those of the calling thread for 0.
 * None where the kernel keeps no such list. (signal-safe) */
size_t platform_children(pid_t parent, pid_t *out, size_t max);
/* A descriptor that is readable when the process has ended; -1 where the kernel has none (before
 * 5.3). (signal-safe) */
int platform_process_fd(pid_t pid);
/* Sends a signal to the process of such a descriptor, so that it cannot reach another process that
 * was given the same number later. (signal-safe) */
bool platform_process_signal(int fd, int number);
/* Sets the name of this process in `ps`. (signal-safe) */
void platform_process_name(const char *name);
/* Makes this process get SIGKILL when its parent dies. (signal-safe) */
void platform_die_with_parent(void);
/* Makes what this process's children leave behind its own children. (signal-safe) */
void platform_adopt_orphans(void);
/* Closes all descriptors from `first` to `last`, both included; to the last descriptor for ~0U.
 * Does nothing where the kernel cannot (before 5.9). (signal-safe) */
void platform_close_range(unsigned first, unsigned last);
/* Does the same at exec instead of now (5.11). (signal-safe) */
void platform_close_on_exec(unsigned first, unsigned last);
#endif
