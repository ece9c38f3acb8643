/* The system's syncs and pwrite, counted and failing. */
#include "sync_calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sync_calls sync_calls;

static bool is_log(int fd)
{
    char link[64];
    char path[512];

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n < 0 ? 0 : n] = '\0';
    return strstr(path, ".sync") != NULL;
}

static int sync_by(long number, int fd)
{
    bool log = is_log(fd);
    void (*before)(void) = log ? sync_calls.before : sync_calls.before_any;

    sync_calls.syncs++;
    if (before != NULL) {
        before();
    }
    if (log && sync_calls.fail_log > 0) {
        sync_calls.fail_log--;
        errno = EIO;
        return -1;
    }
    return sync_calls.skip ? 0 : (int)syscall(number, fd);
}

int fsync(int fd)
{
    return sync_by(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_by(SYS_fdatasync, fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (sync_calls.log_full && is_log(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}
