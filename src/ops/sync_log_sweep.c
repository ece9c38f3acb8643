/* The logs whose owners died.
 *
 * One at a time settles them, for all processes: who finds a log locked could not tell whether its
 * owner lives, or somebody is just now bringing back what it holds. So the file state_dir/sync/lock
 * is locked first. What is locked after that has a living owner. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/path.h"
#include "core/platform.h"
#include "ops/sync_log.h"
#include "sync_log_read.h"

enum { TURN_MS = 5000, STEP_MAX_MS = 50 };

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

/* ---- whose turn it is ---- */

static enum err_code fail(struct err *e, const char *path, const char *what)
{
    return err_set(e, E_IO, "%s: %s: %s", path, what, strerror(errno));
}

enum err_code sync_log_turn(const struct ops *o, const char *dir, int *fd, struct err *e)
{
    char *path = path_join(dir, "lock");
    int64_t until = clock_mono_ms(NULL) + TURN_MS;
    int step = 1;
    enum err_code rc = E_OK;

    *fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (*fd < 0) {
        rc = fail(e, path, "cannot be locked");
    }
    while (rc == E_OK && flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            rc = fail(e, path, "cannot be locked");
        } else if (clock_mono_ms(NULL) >= until || !ops_sleep(o, step)) {
            rc = err_set(e, E_CONFLICT, "another mvpdash is restoring the outbox");
        }
        step = step * 2 < STEP_MAX_MS ? step * 2 : STEP_MAX_MS;
    }
    if (rc != E_OK && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    free(path);
    return rc;
}

void sync_log_turn_over(int fd)
{
    if (fd >= 0) {
        (void)flock(fd, LOCK_UN); /* a child that was forked meanwhile may have the descriptor */
        (void)close(fd);
    }
}

/* ---- the sweep ---- */

static bool is_log(const char *name)
{
    size_t digits = strspn(name, "0123456789");

    return digits > 0 && digits < 3 && strcmp(name + digits, ".sync") == 0;
}

/* Can this file be a log of ours with something in it? */
static bool may_hold(int dir, const char *name)
{
    struct stat st;

    return is_log(name) && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_size > 0 &&
           st.st_size <= SYNC_LOG_MAX;
}

static enum err_code settle_dead(const struct ops *o, int dir, const char *name, const char *path,
                                 struct err *e)
{
    char boot[PLATFORM_BOOT_SIZE];
    enum err_code rc = E_OK;
    int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT ? E_OK : fail(e, path, "cannot be opened");
    }
    if (sync_log_lock(fd, path)) {
        platform_boot_name(boot);
        if (!sync_log_settle(o, fd, boot)) {
            rc = fail(e, path, "its contents cannot be written safely to disk");
        }
        (void)flock(fd, LOCK_UN);
    }
    (void)close(fd);
    return rc;
}

enum err_code sync_log_sweep_in_turn(const struct ops *o, const char *dir, struct err *e)
{
    DIR *d = opendir(dir);
    const struct dirent *ent;
    enum err_code rc = E_OK;

    while (d != NULL && (ent = readdir(d)) != NULL) {
        if (may_hold(dirfd(d), ent->d_name)) {
            struct err mine = {0};
            char *path = path_join(dir, ent->d_name);
            if (settle_dead(o, dirfd(d), ent->d_name, path, &mine) != E_OK) {
                log_line(o->log, LOG_LVL_WARN, "%s", mine.msg);
                rc = mine.code;
                if (e != NULL) {
                    *e = mine;
                }
            }
            free(path);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return rc;
}

static bool any_log(const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *ent;
    bool any = false;

    while (d != NULL && !any && (ent = readdir(d)) != NULL) {
        any = may_hold(dirfd(d), ent->d_name);
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return any;
}

enum err_code sync_log_sweep(const struct ops *o, struct err *e)
{
    char *dir = sync_log_dir(o);
    int turn = -1;
    enum err_code rc = any_log(dir) ? sync_log_turn(o, dir, &turn, e) : E_OK;

    if (turn >= 0) {
        rc = sync_log_sweep_in_turn(o, dir, e);
    }
    sync_log_turn_over(turn);
    free(dir);
    return rc;
}
