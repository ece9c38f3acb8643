/* The system's syncs and pwrite, counted and failing. */
#include "sync_calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sync_calls sync_calls;

static bool path_has(int fd, const char *what)
{
    char link[64];
    char path[512];

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 2);
    path[n < 0 ? 0 : n] = '/'; /* a folder's path ends like that of what is in it */
    path[n < 0 ? 1 : n + 1] = '\0';
    return strstr(path, what) != NULL;
}

static int sync_by(long number, int fd)
{
    void (*before)(void) = sync_calls.before;

    sync_calls.syncs += path_has(fd, "/state/mvpdash/");
    if (before != NULL && path_has(fd, sync_calls.before_what)) {
        before();
    }
    if (sync_calls.fail_outbox && path_has(fd, "/outbox/")) {
        errno = ENOSPC;
        return -1;
    }
    if (sync_calls.fail_log > 0 && path_has(fd, ".sync/")) {
        sync_calls.fail_log--;
        errno = EIO;
        return -1;
    }
    if (sync_calls.fail_keys && number == SYS_syncfs) {
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

int syncfs(int fd)
{
    return sync_by(SYS_syncfs, fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (sync_calls.log_full && path_has(fd, ".sync/")) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}
