/* Files and folders: the XDG places, reading whole files, writing atomically. */
#include "core/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/platform.h"

static enum err_code fail_errno(struct err *e, const char *what, const char *path)
{
    char why[96];
    int saved = errno;
    const char *text = platform_errno_text(saved, why, sizeof why);

    return err_set(e, saved == ENOENT ? E_NOT_FOUND : E_IO, "%s: %s: %s", path, what, text);
}

char *path_join(const char *a, const char *b)
{
    size_t n = strlen(a);
    bool slash = n > 0 && a[n - 1] == '/';

    return xasprintf("%s%s%s", a, slash ? "" : "/", b[0] == '/' ? b + 1 : b);
}

char *path_home(void)
{
    const char *home = getenv("HOME");
    if (home != NULL && home[0] == '/') {
        return xstrdup(home);
    }
    struct passwd pw;
    struct passwd *found = NULL;
    char room[4096];
    if (getpwuid_r(getuid(), &pw, room, sizeof room, &found) == 0 && found != NULL) {
        return xstrdup(found->pw_dir);
    }
    return xstrdup("/");
}

static char *xdg_dir(const char *variable, const char *fallback)
{
    const char *base = getenv(variable);
    if (base != NULL && base[0] == '/') {
        return path_join(base, "mvpdash");
    }
    char *home = path_home();
    char *dir = xasprintf("%s/%s/mvpdash", strcmp(home, "/") == 0 ? "" : home, fallback);
    free(home);
    return dir;
}

char *path_config_dir(void)
{
    return xdg_dir("XDG_CONFIG_HOME", ".config");
}

char *path_state_dir(void)
{
    return xdg_dir("XDG_STATE_HOME", ".local/state");
}

bool path_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

enum err_code path_mkdirs(const char *path, unsigned mode, struct err *e)
{
    char *p = xstrdup(path);
    enum err_code rc = E_OK;

    for (char *s = p + 1;; s++) {
        if (*s != '/' && *s != '\0') {
            continue;
        }
        char keep = *s;
        *s = '\0';
        if (mkdir(p, (mode_t)mode) != 0 && errno != EEXIST) {
            (void)fail_errno(e, "cannot create the folder", p);
            rc = E_IO; /* for a folder that it does not let us see, /proc says "no such file" */
            if (e != NULL) {
                e->code = rc;
            }
            break;
        }
        *s = keep;
        if (keep == '\0') {
            break;
        }
    }
    free(p);
    return rc;
}

static enum err_code remove_at(int dir, const char *name, const char *path, int depth,
                               struct err *e)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT) {
        return E_OK;
    }
    if (errno != EISDIR && errno != EPERM) {
        return fail_errno(e, "cannot remove", path);
    }
    int fd = depth > 64 ? -1 : openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (d == NULL) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return fail_errno(e, "cannot open the folder", path);
    }
    enum err_code rc = E_OK;
    struct dirent *ent;
    while (rc == E_OK && (ent = readdir(d)) != NULL) {
        if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0) {
            rc = remove_at(dirfd(d), ent->d_name, path, depth + 1, e);
        }
    }
    (void)closedir(d);
    if (rc == E_OK && unlinkat(dir, name, AT_REMOVEDIR) != 0) {
        rc = fail_errno(e, "cannot remove", path);
    }
    return rc;
}

enum err_code path_remove_tree(const char *path, struct err *e)
{
    return remove_at(AT_FDCWD, path, path, 0, e);
}

static const char *not_plain(const struct stat *st)
{
    return S_ISDIR(st->st_mode) ? "a folder" : "not a plain file";
}

enum err_code path_is_file(const char *path, struct err *e)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return fail_errno(e, "cannot open", path);
    }
    return S_ISREG(st.st_mode) ? E_OK : err_set(e, E_INVALID, "%s is %s", path, not_plain(&st));
}

/* Reads the whole file and closes it. */
static enum err_code read_fd(int fd, const char *path, size_t limit, char **out, size_t *len,
                             struct err *e)
{
    enum err_code rc = E_OK;
    size_t cap = 4096;
    size_t n = 0;
    char *buf = xmalloc(cap + 1);
    for (;;) {
        if (n == cap) {
            cap *= 2;
            buf = xrealloc(buf, cap + 1);
        }
        ssize_t got = read(fd, buf + n, cap - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            rc = fail_errno(e, "cannot read", path);
            goto out;
        }
        if (got == 0) {
            break;
        }
        n += (size_t)got;
        if (n > limit) {
            rc = err_set(e, E_TOO_BIG, "%s: over %zu bytes", path, limit);
            goto out;
        }
    }
    buf[n] = '\0';
    *out = buf;
    buf = NULL; /* the caller owns the buffer from now on */
    if (len != NULL) {
        *len = n;
    }
out:
    free(buf);
    (void)close(fd);
    return rc;
}

enum err_code path_read(const char *path, size_t limit, char **out, size_t *len, struct err *e)
{
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? fail_errno(e, "cannot open", path) : read_fd(fd, path, limit, out, len, e);
}

static enum err_code plain_file(int fd, const char *path, struct stat *st, struct err *e)
{
    if (fstat(fd, st) != 0) {
        return fail_errno(e, "cannot read the state of", path);
    }
    return S_ISREG(st->st_mode) ? E_OK : err_set(e, E_INVALID, "%s is %s", path, not_plain(st));
}

enum err_code path_own_file(int fd, const char *path, struct err *e)
{
    struct stat st;
    enum err_code rc = plain_file(fd, path, &st, e);

    if (rc == E_OK && st.st_uid != geteuid()) {
        return err_set(e, E_INVALID, "%s belongs to another user (uid %lu)", path,
                       (unsigned long)st.st_uid);
    }
    return rc;
}

/* Opens the file, looks what it is, and reads it. It waits for nothing, neither for the writer of a
 * pipe nor for a terminal. */
static enum err_code read_plain(const char *path, bool own, size_t limit, char **out, size_t *len,
                                struct err *e)
{
    struct stat st;

    *out = NULL;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (own ? O_NOFOLLOW : 0));
    if (fd < 0) {
        return own && errno == ELOOP ? err_set(e, E_INVALID, "%s is a link", path)
                                     : fail_errno(e, "cannot open", path);
    }
    enum err_code rc = own ? path_own_file(fd, path, e) : plain_file(fd, path, &st, e);
    if (rc != E_OK) {
        (void)close(fd);
        return rc;
    }
    return read_fd(fd, path, limit, out, len, e);
}

enum err_code path_read_own(const char *path, size_t limit, char **out, size_t *len, struct err *e)
{
    return read_plain(path, true, limit, out, len, e);
}

enum err_code path_read_plain(const char *path, size_t limit, char **out, size_t *len,
                              struct err *e)
{
    return read_plain(path, false, limit, out, len, e);
}

bool path_write_all(int fd, const void *data, size_t len)
{
    const char *bytes = data;

    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

bool path_write_at(int fd, const void *data, size_t len, int64_t at)
{
    const char *bytes = data;

    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool path_sync_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

static void sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == NULL ? xstrdup(".") : xstrndup(path, (size_t)(slash - path) + 1);

    (void)path_sync_folder(dir);
    free(dir);
}

enum err_code path_write_atomic(const char *path, const void *bytes, size_t len, unsigned mode,
                                struct err *e)
{
    enum err_code rc = E_OK;
    char *tmp = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(tmp, O_CLOEXEC);

    if (fd < 0) {
        rc = fail_errno(e, "cannot create a temporary file beside it", path);
        goto out;
    }
    if (fchmod(fd, (mode_t)mode) != 0 || !path_write_all(fd, bytes, len) || fsync(fd) != 0) {
        rc = fail_errno(e, "cannot write", path);
        (void)close(fd);
        (void)unlink(tmp);
        goto out;
    }
    (void)close(fd);
    if (rename(tmp, path) != 0) {
        rc = fail_errno(e, "cannot replace", path);
        (void)unlink(tmp);
        goto out;
    }
    sync_folder_of(path);
out:
    free(tmp);
    return rc;
}
