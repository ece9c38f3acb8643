/* DESIGN
 * Two appended lines, each synced. A crash leaves no line (nothing was sent), the first (the job id
 * is known, so what became of it can be found out), or both. A line cut short is no line. The file
 * is never replaced while it is in use, because flock is on the inode; who opens one locks it and
 * then makes sure that the name still leads to what it locked. */
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

enum { FILE_MAX = 64 * 1024, POLL_MS = 20 };

static char *idem_dir(const struct ops *o)
{
    return path_join(o->state_dir, "idempotency");
}

static char *entry_path(const struct ops *o, const char *client, const char *key)
{
    char hex[65];
    char *dir = idem_dir(o);
    char *name = xasprintf("%s\n%s\n%s", o->place, client, key);

    sigv4_sha256_hex(name, strlen(name), hex);
    char *path = xasprintf("%s/%s.jsonl", dir, hex);
    free(name);
    free(dir);
    return path;
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
        (void)close(x->fd); /* lets go of the lock */
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

/* Opens and locks, waiting for who holds it. E_CONFLICT when the time is over. */
static enum err_code lock_entry(const struct ops *o, struct idem *x, int wait_ms, struct err *e)
{
    int64_t until = clock_mono_ms(NULL) + wait_ms;

    for (;;) {
        int fd = open(x->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0) {
            return fail_io(e, "cannot keep the Idempotency-Key", x->path);
        }
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 && still_named(fd, x->path)) {
            x->fd = fd;
            return E_OK;
        }
        (void)close(fd);
        if (clock_mono_ms(NULL) >= until || !ops_sleep(o, POLL_MS)) {
            return err_set(e, E_CONFLICT, "the first request with this key is under way");
        }
    }
}

static bool sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

/* One line at the end, durable. Takes the document. */
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

static enum err_code begin_entry(const struct ops *o, const struct idem_request *q, struct idem *x,
                                 struct err *e)
{
    cJSON *doc = json_new_object();
    char *dir = idem_dir(o);

    json_set_int(doc, "v", 1);
    json_set_int(doc, "at", clock_wall_ms(NULL));
    json_set_str(doc, "digest", q->digest);
    json_set_str(doc, "jobId", q->job_id);
    json_set_str(doc, "requestId", q->request_id);
    enum err_code rc =
        ftruncate(x->fd, 0) != 0 ? fail_io(e, "cannot keep the Idempotency-Key", x->path) : E_OK;
    if (rc == E_OK) {
        rc = append(x, doc, e);
        doc = NULL; /* taken */
    }
    if (rc == E_OK && !sync_dir(dir)) {
        rc = fail_io(e, "cannot keep the Idempotency-Key", dir);
    }
    cJSON_Delete(doc);
    free(dir);
    (void)snprintf(x->job_id, sizeof x->job_id, "%s", q->job_id);
    (void)snprintf(x->request_id, sizeof x->request_id, "%s", q->request_id);
    return rc;
}

/* The next whole line as JSON, NULL when there is none. */
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

/* What an entry says; a damaged or old one is as good as none. */
static enum idem_state entry_state(const cJSON *first, const cJSON *second, const char *digest,
                                   struct idem *x)
{
    const char *id = json_str(first, "jobId");
    const char *request_id = json_str(first, "requestId");
    int64_t age_ms = clock_wall_ms(NULL) - json_int(first, "at", 0);

    if (json_int(first, "v", 0) != 1 || id == NULL || !job_id_valid(id) || request_id == NULL ||
        json_str(first, "digest") == NULL || age_ms / 1000 > IDEM_KEPT_S) {
        return IDEM_NEW;
    }
    if (strcmp(json_str(first, "digest"), digest) != 0) {
        return IDEM_OTHER_BODY;
    }
    (void)snprintf(x->job_id, sizeof x->job_id, "%s", id);
    (void)snprintf(x->request_id, sizeof x->request_id, "%s", request_id);
    const char *body = json_str(second, "body");
    x->status = (int)json_int(second, "status", 0);
    if (x->status < 100 || x->status > 599 || body == NULL) {
        return IDEM_BEGUN;
    }
    x->body = xstrdup(body);
    return IDEM_ANSWERED;
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
    *state = entry_state(first, second, digest, x);
    enum err_code rc = E_OK;
    if (*state == IDEM_BEGUN && ftruncate(x->fd, first_len) != 0) { /* half a second line */
        rc = fail_io(e, "cannot repair", x->path);
    }
    cJSON_Delete(first);
    cJSON_Delete(second);
    free(text);
    return rc;
}

enum err_code idem_open(const struct ops *o, const struct idem_request *q, struct idem *x,
                        enum idem_state *state, struct err *e)
{
    char *dir = idem_dir(o);

    *x = (struct idem){.fd = -1, .path = entry_path(o, q->client, q->key)};
    *state = IDEM_NEW;
    enum err_code rc = path_mkdirs(dir, 0700, e);
    free(dir);
    if (rc == E_OK) {
        rc = lock_entry(o, x, q->wait_ms, e);
    }
    if (rc == E_CONFLICT) {
        *state = IDEM_BUSY;
        return E_OK;
    }
    if (rc == E_OK) {
        rc = read_entry(x, q->digest, state, e);
    }
    bool fresh = rc == E_OK && *state == IDEM_NEW;
    if (fresh) {
        rc = begin_entry(o, q, x, e);
    }
    if (rc != E_OK && fresh) {
        idem_forget(x); /* nothing was sent yet */
    } else if (rc != E_OK) {
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

void idem_purge(const struct ops *o)
{
    char *path = idem_dir(o);
    DIR *d = opendir(path);
    const struct dirent *ent;
    struct stat st;

    free(path);
    while (d != NULL && (ent = readdir(d)) != NULL) {
        int fd = ent->d_name[0] == '.'
                     ? -1
                     : openat(dirfd(d), ent->d_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        if (fstat(fd, &st) == 0 && time(NULL) - st.st_mtime > IDEM_KEPT_S &&
            flock(fd, LOCK_EX | LOCK_NB) == 0) {
            (void)unlinkat(dirfd(d), ent->d_name, 0);
        }
        (void)close(fd);
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}
