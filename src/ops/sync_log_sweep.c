/* The logs whose owners died. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/path.h"
#include "ops/sync_log.h"
#include "sync_log_read.h"

char *sync_log_dir(const struct ops *o)
{
    return path_join(o->state_dir, "sync");
}

bool sync_log_lock(int fd, const char *path)
{
    struct stat a;
    struct stat b;

    return path_own_file(fd, path, NULL) == E_OK && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
           fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool is_log(const char *name)
{
    size_t digits = strspn(name, "0123456789");

    return digits > 0 && digits < 3 && strcmp(name + digits, ".sync") == 0;
}

static void settle_dead(const struct ops *o, int dir, const char *name, const char *path)
{
    char boot[PLATFORM_BOOT_SIZE];
    struct stat st;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_size == 0) {
        return;
    }
    int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (sync_log_lock(fd, path)) {
        platform_boot_name(boot);
        if (!sync_log_settle(o, fd, boot)) {
            log_line(o->log, LOG_LVL_WARN, "%s: what it holds cannot be made safe: %s", path,
                     strerror(errno));
        }
        (void)flock(fd, LOCK_UN);
    }
    (void)close(fd);
}

void sync_log_sweep(const struct ops *o)
{
    char *dir = sync_log_dir(o);
    DIR *d = opendir(dir);
    const struct dirent *ent;

    while (d != NULL && (ent = readdir(d)) != NULL) {
        if (is_log(ent->d_name)) {
            char *path = path_join(dir, ent->d_name);
            settle_dead(o, dirfd(d), ent->d_name, path);
            free(path);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    free(dir);
}
