/* Requests with an Idempotency-Key, one file for each key.
 *
 * DESIGN: a file is blank or has one line or two. Nothing was sent for a key whose file is blank:
 * empty, with the mode of a file that was never written (BLANK), because one that somebody emptied
 * says nothing of what was done; with the first line the job id is known, so that what became of
 * the job can be found out; the second is the answer. A line stands in the file only when it is
 * certain to stay: its bytes are in the log that many requests sync together (ops/sync_log.h)
 * before they are in the file. Where there is no log, the first line comes with a synced file that
 * takes the empty one's name, and the second one is synced by itself.
 *
 * A second line that is cut short counts as no line; a file with bytes but without a complete first
 * line is damaged, and its key is refused, because nobody can tell what was done with it. flock is
 * on the inode: whoever opens a file locks it and then makes sure that the name still leads to the
 * file that is locked. */
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
enum { BLANK = 0700, WRITTEN = 0600 }; /* the modes of the files */
#define SUFFIX ".jsonl"

static char *idem_dir(const struct ops *o)
{
    return path_join(o->state_dir, SYNC_KEY_DIR);
}

/* The name of a key's file in the log. */
static char *log_name(const struct idem *x)
{
    const char *base = strrchr(x->path, '/') + 1;

    return xasprintf(SYNC_KEY "%.*s", (int)(strlen(base) - strlen(SUFFIX)), base);
}

static void fault(const struct ops *o, const char *step)
{
    if (o->fault != NULL) {
        o->fault(step);
    }
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
    *path = xasprintf("%s/%s" SUFFIX, dir, hex);
    free(name);
    free(dir);
    free(place);
    return E_OK;
}

static enum err_code fail_io(struct err *e, const char *what, const char *path)
{
    return err_set(e, E_IO, "%s: %s: %s", path, what, strerror(errno));
}

static enum err_code not_kept(struct err *e, const char *path)
{
    return fail_io(e, "cannot keep the Idempotency-Key", path);
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

/* What the file says stands: the log need not be waited for any more. */
static void rest(struct idem *x)
{
    if (x->put != SYNC_NONE) {
        sync_log_rest(x->ops, x->put);
        x->put = SYNC_NONE;
    }
}

void idem_leave(struct idem *x)
{
    rest(x);
    if (x->fd >= 0) {
        (void)close(x->fd); /* closing gives the lock back */
    }
    free(x->path);
    free(x->body);
    *x = (struct idem){.fd = -1};
}

/* Removes the file: nothing was done. */
static void withdraw(struct idem *x)
{
    if (x->put != SYNC_NONE) { /* before the file goes: the log would bring it back */
        char *name = log_name(x);
        (void)sync_log_end(x->ops, x->put, name, SYNC_END_REMOVED);
        free(name);
    }
    (void)unlink(x->path);
}

void idem_forget(struct idem *x)
{
    if (x->fd >= 0) {
        withdraw(x);
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
    (void)err_set(
        e, E_CONFLICT,
        "what is kept of this Idempotency-Key %s (%s): whether its request was done is not known",
        what, path);
    return err_hint_set(e, "check whether the job exists, then use another key");
}

/* Opens and locks the key's file, makes it when there is none, and waits for the holder of the
 * lock. Sets `*busy` when the time is over. */
static enum err_code lock_entry(const struct ops *o, struct idem *x, int wait_ms, bool *busy,
                                struct err *e)
{
    int64_t until = clock_mono_ms(NULL) + wait_ms;

    for (;;) {
        int fd = open(x->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, BLANK);
        if (fd < 0 && (errno == ELOOP || errno == EISDIR)) {
            return refuse_key(x->path, "is not a plain file", e);
        }
        if (fd < 0) {
            return not_kept(e, x->path);
        }
        if (path_own_file(fd, x->path, NULL) != E_OK) {
            (void)close(fd);
            return refuse_key(x->path, "is not a plain file of this user", e);
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

/* ---- writing ---- */

/* The line of a document; takes the document. */
static char *line_of(cJSON *doc)
{
    char *text = json_text(doc);
    char *line = xasprintf("%s\n", text);

    free(text);
    cJSON_Delete(doc);
    return line;
}

static char *first_line(const struct idem_request *q)
{
    cJSON *doc = json_new_object();

    json_set_int(doc, "v", 1);
    json_set_int(doc, "at", clock_wall_ms(NULL));
    json_set_str(doc, "digest", q->digest);
    json_set_str(doc, "jobId", q->job_id);
    json_set_str(doc, "requestId", q->request_id);
    return line_of(doc);
}

/* Notes the first line in the log and waits for the disk. False: there is no log. */
static bool note_first(struct idem *x, const char *line)
{
    if (!sync_log_ready(x->ops)) {
        return false;
    }
    char *name = log_name(x);
    x->put = sync_log_put(x->ops, name, line, strlen(line));
    free(name);
    fault(x->ops, "key noted");
    if (x->put != SYNC_NONE && !sync_log_wait(x->ops, x->put)) {
        x->put = SYNC_NONE; /* the log is left, and holds nothing */
    }
    return x->put != SYNC_NONE;
}

/* Puts a synced file in the place of the empty one. It is locked before it gets the name: at no
 * time is the name free for others. */
static bool replace_empty(struct idem *x, const char *line)
{
    char uuid[UUID_SIZE];
    char *dir = idem_dir(x->ops);

    rand_uuid(uuid);
    char *tmp = xasprintf("%s/.%s.tmp", dir, uuid);
    int fd = open(tmp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
              path_write_all(fd, line, strlen(line)) && fsync(fd) == 0 && rename(tmp, x->path) == 0;
    if (ok) {
        (void)close(x->fd);
        x->fd = fd;
        ok = x->named = shared_sync_folder(x->folder, dir);
    } else if (fd >= 0) {
        int why = errno;
        (void)unlink(tmp);
        (void)close(fd);
        errno = why;
    }
    free(tmp);
    free(dir);
    return ok;
}

/* Writes the first line into a blank file, or in the place of lines that are forgotten. */
static bool write_first(int fd, const char *line)
{
    return fchmod(fd, BLANK) == 0 && ftruncate(fd, 0) == 0 &&
           path_write_at(fd, line, strlen(line), 0) && fchmod(fd, WRITTEN) == 0;
}

static bool is_blank(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_size == 0 && (st.st_mode & 0777) == BLANK;
}

/* Fixes the ids of a request whose key was never seen, or is forgotten. */
static enum err_code begin_entry(struct idem *x, const struct idem_request *q, struct err *e)
{
    char *line = first_line(q);

    bool ok = note_first(x, line) ? write_first(x->fd, line) : replace_empty(x, line);
    enum err_code rc = ok ? E_OK : not_kept(e, x->path);
    fault(x->ops, "key written");
    free(line);
    (void)snprintf(x->job_id, sizeof x->job_id, "%s", q->job_id);
    (void)snprintf(x->request_id, sizeof x->request_id, "%s", q->request_id);
    if (rc != E_OK) {
        withdraw(x);
    }
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
    if (n == 0 && is_blank(x->fd)) { /* nobody got further than the name */
        *state = IDEM_NEW;
        free(text);
        return E_OK;
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

/* Opens the entry, whatever state it is in. */
static enum err_code open_entry(const struct ops *o, const struct idem_request *q, struct idem *x,
                                enum idem_state *state, struct err *e)
{
    bool busy = false;
    enum err_code rc = lock_entry(o, x, q->wait_ms, &busy, e);

    if (rc == E_OK && busy) {
        *state = IDEM_BUSY;
    } else if (rc == E_OK) {
        rc = read_entry(x, q->digest, state, e);
    }
    return rc == E_OK && *state == IDEM_NEW ? begin_entry(x, q, e) : rc;
}

enum err_code idem_open(const struct ops *o, const struct idem_request *q, struct idem *x,
                        enum idem_state *state, struct err *e)
{
    char *dir = idem_dir(o);

    *x = (struct idem){.fd = -1, .ops = o, .folder = q->folder};
    *state = IDEM_NEW;
    enum err_code rc = path_mkdirs(dir, 0700, e);
    free(dir);
    if (rc == E_OK) {
        rc = entry_path(o, q, &x->path, e);
    }
    if (rc == E_OK) { /* what only a log holds is in its file first */
        rc = sync_log_swept(o, e);
    }
    if (rc == E_OK) {
        rc = open_entry(o, q, x, state, e);
    }
    if (rc != E_OK) {
        idem_leave(x);
    }
    return rc;
}

/* Notes the answer in the log and waits for the disk. False: the log does not hold the file. */
static bool note_answer(struct idem *x, const char *line)
{
    if (x->put == SYNC_NONE) {
        return false;
    }
    char *name = log_name(x);
    sync_note note = sync_log_more(x->ops, x->put, name, line, strlen(line));
    free(name);
    fault(x->ops, "answer noted");
    return note != SYNC_NONE && sync_log_wait(x->ops, note);
}

/* Syncs the file, and its name where that may only be in a log. */
static bool sync_entry(struct idem *x)
{
    char *dir = idem_dir(x->ops);
    bool ok = fsync(x->fd) == 0 && (x->named || shared_sync_folder(x->folder, dir));

    free(dir);
    return ok;
}

enum err_code idem_answer(struct idem *x, int status, const char *body, struct err *e)
{
    cJSON *doc = json_new_object();
    enum err_code rc = E_OK;

    json_set_int(doc, "status", status);
    json_set_str(doc, "body", body);
    char *line = line_of(doc);
    bool noted = note_answer(x, line);
    if (lseek(x->fd, 0, SEEK_END) < 0 || !path_write_all(x->fd, line, strlen(line)) ||
        (!noted && !sync_entry(x))) {
        rc = not_kept(e, x->path);
    }
    fault(x->ops, "answered");
    free(line);
    return rc;
}

/* Is this a key's file, or the temporary file of a run that was killed? Any other file is left
 * alone. */
static bool is_ours(const char *name, bool *temporary)
{
    static const char hex[] = "0123456789abcdef";
    size_t n = strlen(name);

    *temporary = n == 41 && name[0] == '.' && strspn(name + 1, "0123456789abcdef-") == 36 &&
                 strcmp(name + 37, ".tmp") == 0;
    return *temporary || (n == 70 && strspn(name, hex) == 64 && strcmp(name + 64, SUFFIX) == 0);
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
