/* Requests with an Idempotency-Key, one file for each key.
 *
 * DESIGN: a file has two lines, each synced. It gets its name only together with its first line, so
 * a crash leaves no file (nothing was sent), the first line (the job id is known, so what became of
 * the job can be found out), or both lines. A second line that is cut short counts as no line; a
 * file without a complete first line is damaged, and its key is refused, because nobody can tell
 * what was done with it. The file is never replaced while it is in use, because flock is on the
 * inode; whoever opens a file locks it and then makes sure that the name still leads to the file
 * that is locked. */
#include "idem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/shared_sync.h"
#include "ops/place.h"

enum { FILE_MAX = 64 * 1024, POLL_MS = 20 };

static char *idem_dir(const struct ops *o)
{
    return path_join(o->state_dir, "idempotency");
}

static enum err_code entry_path(const struct ops *o, const struct idem_request *q, char **path,
                                struct err *e)
{
    char hex[65];
    char *place = NULL;
    enum err_code rc = place_text(o, PLACE_ASK, &place, e);

    if (rc != E_OK) {
        (void)err_wrap(e, "nothing was done");
        return rc;
    }
    char *dir = idem_dir(o);
    char *name = xasprintf("%s\n%s\n%s", place, q->client, q->key);
    sigv4_sha256_hex(name, strlen(name), hex);
    *path = xasprintf("%s/%s.jsonl", dir, hex);
    free(name);
    free(dir);
    free(place);
    return E_OK;
}

static enum err_code fail_io(struct err *e, const char *what, const char *path)
{
    return err_set(e, E_IO, "%s: %s: %s", path, what, strerror(errno));
}

enum err_code idem_check_key(const char *key, struct err *e)
{
    size_t len = strnlen(key, IDEM_KEY_MAX + 1);

    for (size_t i = 0; i < len; i++) {
        if (key[i] < 0x20 || key[i] > 0x7e) {
            len = 0;
        }
    }
    if (len == 0 || len > IDEM_KEY_MAX) {
        return err_set(e, E_INVALID, "Idempotency-Key: give 1 to %d printable ASCII characters",
                       IDEM_KEY_MAX);
    }
    return E_OK;
}

void idem_leave(struct idem *x)
{
    if (x->fd >= 0) {
        (void)close(x->fd); /* closing gives the lock back */
    }
    free(x->path);
    free(x->body);
    *x = (struct idem){.fd = -1};
}

void idem_forget(struct idem *x)
{
    if (x->fd >= 0) {
        (void)unlink(x->path);
    }
    idem_leave(x);
}

static bool still_named(int fd, const char *path)
{
    struct stat a;
    struct stat b;

    return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino && S_ISREG(a.st_mode);
}

/* Refuses a key whose file is damaged or not one of ours: nobody can tell whether the request was
 * done. */
static enum err_code refuse_key(const char *path, const char *what, struct err *e)
{
    (void)err_set(e, E_CONFLICT,
                  "what is kept of this Idempotency-Key %s (%s): whether its request was done "
                  "cannot be told",
                  what, path);
    return err_hint_set(e, "look whether the job is there, then use another key");
}

/* Opens and locks the key's file, and waits for the holder of the lock. Sets `*busy` when the time
 * is over; E_NOT_FOUND when there is no file. */
static enum err_code lock_entry(const struct ops *o, struct idem *x, int wait_ms, bool *busy,
                                struct err *e)
{
    int64_t until = clock_mono_ms(NULL) + wait_ms;

    for (;;) {
        int fd = open(x->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) {
            return E_NOT_FOUND;
        }
        if (fd < 0 && (errno == ELOOP || errno == EISDIR)) {
            return refuse_key(x->path, "is no plain file", e);
        }
        if (fd < 0) {
            return fail_io(e, "cannot keep the Idempotency-Key", x->path);
        }
        if (path_own_file(fd, x->path, NULL) != E_OK) {
            (void)close(fd);
            return refuse_key(x->path, "is no plain file of this user", e);
        }
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 && still_named(fd, x->path)) {
            x->fd = fd;
            return E_OK;
        }
        (void)close(fd);
        if (clock_mono_ms(NULL) >= until || !ops_sleep(o, POLL_MS)) {
            *busy = true;
            return E_OK;
        }
    }
}

/* Appends one line, synced. Takes the document. */
static enum err_code append(struct idem *x, cJSON *doc, struct err *e)
{
    char *text = json_text(doc);
    char *line = xasprintf("%s\n", text);
    enum err_code rc = E_OK;

    if (lseek(x->fd, 0, SEEK_END) < 0 || !path_write_all(x->fd, line, strlen(line)) ||
        fsync(x->fd) != 0) {
        rc = fail_io(e, "cannot keep the Idempotency-Key", x->path);
    }
    free(line);
    free(text);
    cJSON_Delete(doc);
    return rc;
}

/* Makes a new file under a name that nobody has, locked; E_CONFLICT when another request was
 * faster. */
static enum err_code begin_entry(const struct ops *o, const struct idem_request *q, struct idem *x,
                                 struct err *e)
{
    char uuid[UUID_SIZE];
    char *dir = idem_dir(o);
    cJSON *doc = json_new_object();
    enum err_code rc = E_OK;

    rand_uuid(uuid);
    char *tmp = xasprintf("%s/.%s.tmp", dir, uuid);
    json_set_int(doc, "v", 1);
    json_set_int(doc, "at", clock_wall_ms(NULL));
    json_set_str(doc, "digest", q->digest);
    json_set_str(doc, "jobId", q->job_id);
    json_set_str(doc, "requestId", q->request_id);
    x->fd = open(tmp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (x->fd < 0 || flock(x->fd, LOCK_EX | LOCK_NB) != 0) {
        rc = fail_io(e, "cannot keep the Idempotency-Key", x->path);
        cJSON_Delete(doc);
    } else {
        rc = append(x, doc, e);
    }
    if (rc == E_OK && link(tmp, x->path) != 0) {
        rc = errno == EEXIST ? E_CONFLICT : fail_io(e, "cannot keep the Idempotency-Key", x->path);
    }
    if (rc == E_OK && !shared_sync_folder(q->folder, dir)) {
        rc = fail_io(e, "cannot keep the Idempotency-Key", dir);
        (void)unlink(x->path);
    }
    if (x->fd >= 0) {
        (void)unlink(tmp);
    }
    if (rc != E_OK && x->fd >= 0) {
        (void)close(x->fd);
        x->fd = -1;
    }
    free(tmp);
    free(dir);
    (void)snprintf(x->job_id, sizeof x->job_id, "%s", q->job_id);
    (void)snprintf(x->request_id, sizeof x->request_id, "%s", q->request_id);
    return rc;
}

/* The next complete line as JSON, NULL when there is none. */
static cJSON *next_line(const char **at, const char *end)
{
    const char *nl = *at >= end ? NULL : memchr(*at, '\n', (size_t)(end - *at));

    if (nl == NULL) {
        return NULL;
    }
    cJSON *doc = json_parse(*at, (size_t)(nl - *at), "idempotency", NULL);
    *at = nl + 1;
    return doc;
}

/* Reads what an entry says. False when it is damaged. */
static bool entry_state(const cJSON *first, const cJSON *second, const char *digest, struct idem *x,
                        enum idem_state *state)
{
    const char *id = json_str(first, "jobId");
    const char *request_id = json_str(first, "requestId");
    const char *body = json_str(second, "body");
    int64_t at = json_int(first, "at", 0);
    int64_t age_ms = clock_wall_ms(NULL) - at;

    if (json_int(first, "v", 0) != 1 || id == NULL || !job_id_valid(id) || request_id == NULL ||
        json_str(first, "digest") == NULL || at <= 0) {
        return false;
    }
    if (age_ms / 1000 > IDEM_KEPT_S) {
        *state = IDEM_NEW;
        return true;
    }
    if (strcmp(json_str(first, "digest"), digest) != 0) {
        *state = IDEM_OTHER_BODY;
        return true;
    }
    (void)snprintf(x->job_id, sizeof x->job_id, "%s", id);
    (void)snprintf(x->request_id, sizeof x->request_id, "%s", request_id);
    x->status = (int)json_int(second, "status", 0);
    *state = x->status < 100 || x->status > 599 || body == NULL ? IDEM_BEGUN : IDEM_ANSWERED;
    x->body = *state == IDEM_ANSWERED ? xstrdup(body) : NULL;
    return true;
}

static enum err_code read_entry(struct idem *x, const char *digest, enum idem_state *state,
                                struct err *e)
{
    char *text = xcalloc(1, FILE_MAX + 1);
    ssize_t n = pread(x->fd, text, FILE_MAX, 0);

    if (n < 0) {
        free(text);
        return fail_io(e, "cannot read", x->path);
    }
    const char *at = text;
    cJSON *first = next_line(&at, text + n);
    off_t first_len = at - text;
    cJSON *second = first == NULL ? NULL : next_line(&at, text + n);
    enum err_code rc = E_OK;
    if (!entry_state(first, second, digest, x, state)) {
        rc = refuse_key(x->path, "is damaged", e);
        /* the second line is cut short */
    } else if (*state == IDEM_BEGUN && ftruncate(x->fd, first_len) != 0) {
        rc = fail_io(e, "cannot repair", x->path);
    }
    cJSON_Delete(first);
    cJSON_Delete(second);
    free(text);
    return rc;
}

/* Tries once: `*again` when another request made or removed the file meanwhile. */
static enum err_code try_open(const struct ops *o, const struct idem_request *q, struct idem *x,
                              enum idem_state *state, bool *again, struct err *e)
{
    bool busy = false;
    enum err_code rc = lock_entry(o, x, q->wait_ms, &busy, e);

    *again = false;
    if (busy) {
        *state = IDEM_BUSY;
        return E_OK;
    }
    *state = IDEM_NEW;
    if (rc == E_OK) {
        rc = read_entry(x, q->digest, state, e);
        if (rc != E_OK || *state != IDEM_NEW) {
            return rc;
        }
        (void)unlink(x->path); /* the file is a day old: its key is forgotten */
        (void)close(x->fd);
        x->fd = -1;
    } else if (rc != E_NOT_FOUND) {
        return rc;
    }
    rc = begin_entry(o, q, x, e);
    *again = rc == E_CONFLICT;
    return rc;
}

enum err_code idem_open(const struct ops *o, const struct idem_request *q, struct idem *x,
                        enum idem_state *state, struct err *e)
{
    char *dir = idem_dir(o);
    bool again = true;

    *x = (struct idem){.fd = -1};
    *state = IDEM_NEW;
    enum err_code rc = path_mkdirs(dir, 0700, e);
    free(dir);
    if (rc == E_OK) {
        rc = entry_path(o, q, &x->path, e);
    }
    while (rc == E_OK && again) {
        rc = try_open(o, q, x, state, &again, e);
        rc = again ? E_OK : rc;
    }
    if (rc != E_OK) {
        idem_leave(x);
    }
    return rc;
}

enum err_code idem_answer(struct idem *x, int status, const char *body, struct err *e)
{
    cJSON *doc = json_new_object();

    json_set_int(doc, "status", status);
    json_set_str(doc, "body", body);
    return append(x, doc, e);
}

/* Is this a key's file, or the temporary file of a run that was killed? Any other file is left
 * alone. */
static bool is_ours(const char *name, bool *temporary)
{
    static const char hex[] = "0123456789abcdef";
    size_t n = strlen(name);

    *temporary = n == 41 && name[0] == '.' && strspn(name + 1, "0123456789abcdef-") == 36 &&
                 strcmp(name + 37, ".tmp") == 0;
    return *temporary || (n == 70 && strspn(name, hex) == 64 && strcmp(name + 64, ".jsonl") == 0);
}

void idem_purge(const struct ops *o)
{
    char *path = idem_dir(o);
    DIR *d = opendir(path);
    const struct dirent *ent;
    struct stat st;
    bool temporary = false;

    free(path);
    while (d != NULL && (ent = readdir(d)) != NULL) {
        int fd =
            !is_ours(ent->d_name, &temporary)
                ? -1
                : openat(dirfd(d), ent->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        if (path_own_file(fd, ent->d_name, NULL) == E_OK && fstat(fd, &st) == 0 &&
            (time(NULL) - st.st_mtime > IDEM_KEPT_S || (temporary && st.st_size > 0)) &&
            flock(fd, LOCK_EX | LOCK_NB) == 0) {
            (void)unlinkat(dirfd(d), ent->d_name, 0);
        }
        (void)close(fd);
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}
