/* What only Linux has, and what one C library has and another does not. */
#include "core/platform.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "core/alloc.h"
#include "core/number.h"
#include "core/path.h"

const char *platform_errno_text(int number, char *room, size_t size)
{
#ifdef __GLIBC__
    return strerror_r(number, room, size);
#else
    if (strerror_r(number, room, size) != 0) {
        (void)snprintf(room, size, "error %d", number);
    }
    return room;
#endif
}

char *platform_program(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink(PLATFORM_SELF, path, sizeof path - 1);

    if (n > 0) {
        return xstrndup(path, (size_t)n);
    }
    const char *started = (const char *)getauxval(AT_EXECFN);
    return started == NULL ? NULL : realpath(started, NULL);
}

static char boot_name[PLATFORM_BOOT_SIZE];

static void read_boot_name(void)
{
    char *text = NULL;
    size_t len = 0;

    if (path_read("/proc/sys/kernel/random/boot_id", 128, &text, &len, NULL) == E_OK) {
        (void)snprintf(boot_name, sizeof boot_name, "%.36s", text);
        boot_name[strcspn(boot_name, "\r\n \"\\")] = '\0';
    }
    free(text);
}

void platform_boot_name(char out[PLATFORM_BOOT_SIZE])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT; /* a process lives in one boot */

    (void)pthread_once(&once, read_boot_name);
    memcpy(out, boot_name, PLATFORM_BOOT_SIZE);
}

int platform_memory_file(const char *name)
{
    return memfd_create(name, MFD_CLOEXEC);
}

bool platform_sync_files(int fd)
{
    return syncfs(fd) == 0;
}

int platform_reopen(int fd, int flags)
{
    char path[64];

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, flags);
}

FILE *platform_write_stream(void *arg, ssize_t (*on_write)(void *arg, const char *s, size_t n))
{
    const cookie_io_functions_t functions = {.write = on_write};

    return fopencookie(arg, "w", functions);
}

int platform_wake_fd(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

void platform_trim_memory(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

void platform_one_heap(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 1);
#endif
}

void platform_spawn_in(posix_spawn_file_actions_t *files, const char *folder)
{
    (void)posix_spawn_file_actions_addchdir_np(files, folder);
}

/* "/proc/PID/task/PID/children", of the main thread. snprintf is not signal-safe. */
static void children_path(pid_t parent, char out[64])
{
    static const char *const parts[] = {"/proc/", "/task/", "/children"};
    char number[NUMBER_SIZE];
    char *to = out;

    (void)number_text(number, (uint64_t)parent);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        to = stpcpy(to, parts[i]);
        to = i < 2 ? stpcpy(to, number) : to;
    }
}

size_t platform_children(pid_t parent, pid_t *out, size_t max)
{
    char path[64] = "/proc/thread-self/children";
    char list[4096];
    size_t len = 0;
    pid_t child = 0;

    if (parent != 0) {
        children_path(parent, path);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, list, sizeof list);
    if (fd >= 0) {
        (void)close(fd);
    }
    for (ssize_t i = 0; i < n && len < max; i++) { /* a blank stands behind each number */
        if (list[i] >= '0' && list[i] <= '9') {
            out[len] = child = child * 10 + (list[i] - '0');
        } else {
            len += child > 1;
            child = 0;
        }
    }
    return len;
}

/* From here on the bare system calls are made: libraries that are older than the kernel have no
 * functions for some of them, and after a fork a sanitizer's wrapper can wait for ever for a lock
 * that another thread holds. */

int platform_process_fd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

bool platform_process_signal(int fd, int number)
{
    return syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) == 0;
}

void platform_process_name(const char *name)
{
    (void)syscall(SYS_prctl, PR_SET_NAME, name, 0, 0, 0);
}

void platform_die_with_parent(void)
{
    (void)syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

void platform_adopt_orphans(void)
{
    (void)syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void platform_close_range(unsigned first, unsigned last)
{
    (void)syscall(SYS_close_range, first, last, 0);
}

void platform_close_on_exec(unsigned first, unsigned last)
{
    (void)syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC);
}
