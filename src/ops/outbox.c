/* DESIGN
 * EventBridge has no idempotency token, so "exactly once" cannot be had from the bus: it is built
 * from two halves. Here: at least once, and as seldom as possible more than once. In the container:
 * the first Batch job that claims the record (a conditional update) does the work, any other one
 * ends at once; so a doubled event starts nothing twice.
 *
 * The stage is written before the step it names. A crash therefore leaves either the stage before
 * (the step was not begun: it is safe to do it) or the stage itself (the step may have been done:
 * look first). The stage "sent" is a few bytes at the start of the file, overwritten in place and
 * synced: a rename would give the file another inode, and flock is on the inode.
 *
 * The lock lives and dies with the descriptor, so a killed owner leaves no stale lock. Who opens an
 * entry locks it first and then makes sure that the name still leads to what it locked. */
#include "ops/outbox.h"

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

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/rand.h"

enum { ENTRY_MAX = 4 << 20, TEMP_KEPT_S = 60 };

/* The bytes that outbox_mark_sent overwrites: same length whatever the stage and the time. */
#define HEAD_FORMAT "{\"stage\":\"%s\",\"sentAt\":\"%013lld\""
static const char *const stage_words[] = {"kept", "sent", "dead"};

static char *outbox_dir(const struct ops *o)
{
    return path_join(o->state_dir, "outbox");
}

static char *entry_path(const struct ops *o, const char *job_id)
{
    return xasprintf("%s/outbox/%s.json", o->state_dir, job_id);
}

static enum err_code fail_io(struct err *e, const char *what, const char *path)
{
    return err_set(e, E_IO, "%s: %s: %s", path, what, strerror(errno));
}

static void sync_dir(const char *path)
{
    char *dir = xstrdup(path);
    char *slash = strrchr(dir, '/');

    if (slash != NULL) {
        *slash = '\0';
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0) {
            (void)fsync(fd);
            (void)close(fd);
        }
    }
    free(dir);
}

static bool write_at(int fd, const char *bytes, size_t len, off_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, at);
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

static void head_text(const struct outbox_entry *x, char out[80])
{
    long long at = x->sent_ms == TIME_NONE || x->sent_ms < 0 ? 0 : (long long)x->sent_ms;

    (void)snprintf(out, 80, HEAD_FORMAT, stage_words[x->stage], at);
}

/* The whole file: the head, then the rest of one JSON object. Holds the database URL. */
static void entry_text(const struct ops *o, const struct outbox_entry *x, struct strbuf *out)
{
    char head[80];
    cJSON *rest = json_new_object();

    head_text(x, head);
    json_set_int(rest, "v", 1);
    json_set_str(rest, "place", o->place);
    json_set_int(rest, "keptAt", x->kept_ms);
    json_set_str(rest, "requestId", x->request_id);
    json_set_str(rest, "why", x->why);
    json_set(rest, "detail", deploy_detail_json(&x->request, false));
    char *text = json_text(rest);
    strbuf_adds(out, head);
    strbuf_addc(out, ',');
    strbuf_adds(out, text + 1); /* without its opening brace */
    strbuf_addc(out, '\n');
    struct strbuf wipe = {.data = text, .len = strlen(text), .cap = strlen(text) + 1};
    strbuf_wipe(&wipe);
    cJSON_Delete(rest);
}

static enum err_code make_dir(const struct ops *o, struct err *e)
{
    char *dir = outbox_dir(o);
    enum err_code rc = path_mkdirs(dir, 0700, e);

    free(dir);
    return rc;
}

/* The folder is only made when it is missing: of a thousand deploys the first one does. */
static enum err_code create_temp(const struct ops *o, const char *path, int *fd, struct err *e)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

    *fd = open(path, flags, 0600);
    if (*fd < 0 && errno == ENOENT) {
        enum err_code rc = make_dir(o, e);
        if (rc != E_OK) {
            return rc;
        }
        *fd = open(path, flags, 0600);
    }
    return *fd < 0 ? fail_io(e, "cannot keep the request", path) : E_OK;
}

/* A locked, synced temporary file with the entry's text beside its place. */
static enum err_code write_temp(const struct ops *o, const struct outbox_entry *x, char **tmp,
                                int *fd, struct err *e)
{
    char uuid[UUID_SIZE];
    struct strbuf text = STRBUF_INIT;

    rand_uuid(uuid);
    *tmp = xasprintf("%s/outbox/.%s.tmp", o->state_dir, uuid);
    enum err_code rc = create_temp(o, *tmp, fd, e);
    if (rc != E_OK) {
        return rc;
    }
    entry_text(o, x, &text);
    if (flock(*fd, LOCK_EX | LOCK_NB) != 0 || !write_at(*fd, text.data, text.len, 0) ||
        fsync(*fd) != 0) {
        rc = fail_io(e, "cannot keep the request", *tmp);
        (void)unlink(*tmp);
        (void)close(*fd);
        *fd = -1;
    }
    strbuf_wipe(&text);
    return rc;
}

static void entry_clear(struct outbox_entry *x)
{
    if (x->fd >= 0) {
        (void)close(x->fd); /* lets go of the lock */
    }
    free(x->path);
    deploy_request_clear(&x->request);
    *x = (struct outbox_entry){.fd = -1, .sent_ms = TIME_NONE};
    deploy_request_init(&x->request);
}

enum err_code outbox_add(const struct ops *o, const struct deploy_request *r,
                         struct outbox_entry *out, struct err *e)
{
    char *tmp = NULL;

    *out = (struct outbox_entry){.fd = -1, .sent_ms = TIME_NONE};
    deploy_request_init(&out->request);
    if (!job_id_valid(r->job_id)) { /* it names a file */
        return err_set(e, E_INVALID, "jobId: must be 1-128 of letters, digits, '.', '_' and '-'");
    }
    (void)snprintf(out->job_id, sizeof out->job_id, "%s", r->job_id);
    out->stage = OUTBOX_KEPT;
    out->kept_ms = clock_wall_ms(o->clock);
    if (r->request_id[0] != '\0') {
        memcpy(out->request_id, r->request_id, sizeof out->request_id);
    } else {
        rand_uuid(out->request_id);
    }
    deploy_request_copy(&out->request, r);
    out->path = entry_path(o, r->job_id);
    enum err_code rc = write_temp(o, out, &tmp, &out->fd, e);
    /* link, not rename: it fails when the name is taken. */
    if (rc == E_OK && link(tmp, out->path) != 0) {
        rc = errno == EEXIST
                 ? err_set(e, E_CONFLICT,
                           "job %s waits in the outbox already: it is resumed by itself", r->job_id)
                 : fail_io(e, "cannot keep the request", out->path);
    }
    if (out->fd >= 0) {
        (void)unlink(tmp);
    }
    if (rc == E_OK) {
        sync_dir(out->path);
    } else {
        entry_clear(out);
    }
    free(tmp);
    return rc;
}

static bool still_named(int fd, const char *path)
{
    struct stat a;
    struct stat b;

    return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino && S_ISREG(a.st_mode);
}

static enum err_code read_all(int fd, const char *path, struct strbuf *out, struct err *e)
{
    char buf[8192];
    off_t at = 0;

    for (;;) {
        ssize_t n = pread(fd, buf, sizeof buf, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail_io(e, "cannot read", path);
        }
        if (n == 0) {
            break;
        }
        strbuf_add(out, buf, (size_t)n);
        at += n;
        if (out->overflow) {
            return err_set(e, E_PARSE, "%s: too large for an outbox entry", path);
        }
    }
    return E_OK;
}

static bool stage_parse(const char *word, enum outbox_stage *stage)
{
    for (size_t i = 0; i < sizeof stage_words / sizeof *stage_words; i++) {
        if (word != NULL && strcmp(word, stage_words[i]) == 0) {
            *stage = (enum outbox_stage)i;
            return true;
        }
    }
    return false;
}

/* Fills the entry from its document; E_NOT_FOUND when it belongs to another place. */
static enum err_code entry_read(const struct ops *o, const cJSON *doc, struct outbox_entry *x,
                                struct err *e)
{
    const char *place = json_str(doc, "place");
    const char *request_id = json_str(doc, "requestId");
    const cJSON *detail = json_object(doc, "detail");
    long long sent = strtoll(json_str_or(doc, "sentAt", "0"), NULL, 10);

    if (json_int(doc, "v", 0) != 1 || place == NULL || request_id == NULL || detail == NULL ||
        !stage_parse(json_str(doc, "stage"), &x->stage)) {
        return err_set(e, E_PARSE, "%s: not an outbox entry", x->path);
    }
    if (strcmp(place, o->place) != 0) {
        return err_set(e, E_NOT_FOUND, "%s: belongs to another account or region", x->path);
    }
    x->kept_ms = json_int(doc, "keptAt", 0);
    x->sent_ms = sent > 0 ? (int64_t)sent : TIME_NONE;
    (void)snprintf(x->request_id, sizeof x->request_id, "%s", request_id);
    (void)snprintf(x->why, sizeof x->why, "%s", json_str_or(doc, "why", ""));
    enum err_code rc = deploy_request_from_json(&x->request, detail, e);
    if (rc == E_OK && strcmp(x->request.job_id, x->job_id) != 0) {
        rc = err_set(e, E_PARSE, "%s: names job %s", x->path, x->request.job_id);
    }
    return rc == E_INVALID ? err_set(e, E_PARSE, "%s: not a valid request", x->path) : rc;
}

/* Damaged: put aside for a person to look at, so that it is not met again at every start. */
static void set_aside(const struct outbox_entry *x)
{
    char *bad = xasprintf("%s.bad", x->path);

    (void)rename(x->path, bad);
    free(bad);
}

enum err_code outbox_open(const struct ops *o, const char *job_id, struct outbox_entry *out,
                          struct err *e)
{
    struct strbuf text = STRBUF_LIMIT(ENTRY_MAX);
    cJSON *doc = NULL;
    enum err_code rc;

    *out = (struct outbox_entry){.fd = -1, .sent_ms = TIME_NONE};
    deploy_request_init(&out->request);
    if (!job_id_valid(job_id)) {
        return err_set(e, E_NOT_FOUND, "the outbox has no such job");
    }
    (void)snprintf(out->job_id, sizeof out->job_id, "%s", job_id);
    out->path = entry_path(o, job_id);
    out->fd = open(out->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (out->fd < 0) {
        rc = errno == ENOENT ? err_set(e, E_NOT_FOUND, "the outbox has no job %s", job_id)
                             : fail_io(e, "cannot open", out->path);
        goto out;
    }
    if (flock(out->fd, LOCK_EX | LOCK_NB) != 0) {
        rc = err_set(e, E_CONFLICT, "job %s is being sent by another mvpdash", job_id);
        goto out;
    }
    if (!still_named(out->fd, out->path)) {
        rc = err_set(e, E_NOT_FOUND, "the outbox has no job %s any more", job_id);
        goto out;
    }
    rc = read_all(out->fd, out->path, &text, e);
    if (rc == E_OK) {
        doc = json_parse(text.data == NULL ? "" : text.data, text.len, out->path, e);
        rc = doc == NULL ? E_PARSE : entry_read(o, doc, out, e);
    }
    if (rc == E_PARSE) {
        set_aside(out);
    }
out:
    cJSON_Delete(doc);
    strbuf_wipe(&text);
    if (rc != E_OK) {
        entry_clear(out);
    }
    return rc;
}

enum err_code outbox_mark_sent(struct outbox_entry *x, int64_t now_ms, struct err *e)
{
    struct outbox_entry now = {.stage = OUTBOX_SENT, .sent_ms = now_ms};
    char head[80];

    head_text(&now, head);
    if (!write_at(x->fd, head, strlen(head), 0) || fdatasync(x->fd) != 0) {
        return fail_io(e, "cannot note that the event is being sent", x->path);
    }
    x->stage = OUTBOX_SENT;
    x->sent_ms = now_ms;
    return E_OK;
}

enum err_code outbox_mark_kept(struct outbox_entry *x, struct err *e)
{
    struct outbox_entry now = {.stage = OUTBOX_KEPT, .sent_ms = TIME_NONE};
    char head[80];

    head_text(&now, head);
    if (!write_at(x->fd, head, strlen(head), 0) || fdatasync(x->fd) != 0) {
        return fail_io(e, "cannot note that the event was not sent", x->path);
    }
    x->stage = OUTBOX_KEPT;
    x->sent_ms = TIME_NONE;
    return E_OK;
}

enum err_code outbox_mark_dead(const struct ops *o, struct outbox_entry *x, const char *why,
                               struct err *e)
{
    char *tmp = NULL;
    int fd = -1;

    x->stage = OUTBOX_DEAD;
    (void)snprintf(x->why, sizeof x->why, "%s", why);
    enum err_code rc = write_temp(o, x, &tmp, &fd, e);
    if (rc == E_OK && rename(tmp, x->path) != 0) {
        rc = fail_io(e, "cannot replace", x->path);
        (void)unlink(tmp);
        (void)close(fd);
    }
    if (rc == E_OK) {
        /* The new file came locked: at no time was the name free for others. */
        (void)close(x->fd);
        x->fd = fd;
        sync_dir(x->path);
    }
    free(tmp);
    return rc;
}

void outbox_done(struct outbox_entry *x)
{
    if (x->path != NULL && x->fd >= 0) {
        (void)unlink(x->path);
    }
    entry_clear(x);
}

void outbox_leave(struct outbox_entry *x)
{
    entry_clear(x);
}

/* A temporary file that nobody holds: its owner died before the request was taken in. */
static void drop_stale_temp(int dir, const char *name)
{
    struct stat st;
    int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0) {
        return;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 &&
        time(NULL) - st.st_mtime > TEMP_KEPT_S) {
        (void)unlinkat(dir, name, 0);
    }
    (void)close(fd);
}

struct listed {
    char *id;
    int64_t kept_ms;
};

static int by_age(const void *a, const void *b)
{
    const struct listed *x = a;
    const struct listed *y = b;

    return x->kept_ms != y->kept_ms ? (x->kept_ms < y->kept_ms ? -1 : 1) : strcmp(x->id, y->id);
}

/* Of this place? Reads without the lock: an entry under way counts too. */
static bool peek(const struct ops *o, const char *job_id, int64_t *kept_ms)
{
    char *path = entry_path(o, job_id);
    char *text = NULL;
    size_t len = 0;
    bool ours = false;

    if (path_read(path, ENTRY_MAX, &text, &len, NULL) == E_OK) {
        cJSON *doc = json_parse(text, len, path, NULL);
        /* A damaged one is listed, so that opening it puts it aside. */
        ours = doc == NULL || strcmp(json_str_or(doc, "place", o->place), o->place) == 0;
        *kept_ms = json_int(doc, "keptAt", 0);
        cJSON_Delete(doc);
        struct strbuf wipe = {.data = text, .len = len, .cap = len + 1};
        strbuf_wipe(&wipe);
    }
    free(path);
    return ours;
}

size_t outbox_list(const struct ops *o, char ***ids)
{
    char *dir = outbox_dir(o);
    DIR *d = opendir(dir);
    struct listed *found = NULL;
    size_t len = 0;
    size_t cap = 0;
    const struct dirent *ent;

    *ids = NULL;
    free(dir);
    while (d != NULL && (ent = readdir(d)) != NULL) {
        size_t n = strlen(ent->d_name);
        if (ent->d_name[0] == '.' && n > 4 && strcmp(ent->d_name + n - 4, ".tmp") == 0) {
            drop_stale_temp(dirfd(d), ent->d_name);
        }
        if (n <= 5 || strcmp(ent->d_name + n - 5, ".json") != 0) {
            continue;
        }
        char *id = xstrndup(ent->d_name, n - 5);
        int64_t kept_ms = 0;
        if (job_id_valid(id) && peek(o, id, &kept_ms)) {
            found = xgrow(found, len, &cap, sizeof *found);
            found[len++] = (struct listed){.id = id, .kept_ms = kept_ms};
        } else {
            free(id);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    if (len > 0) {
        qsort(found, len, sizeof *found, by_age);
        *ids = xcalloc(len, sizeof **ids);
        for (size_t i = 0; i < len; i++) {
            (*ids)[i] = found[i].id;
        }
    }
    free(found);
    return len;
}

void outbox_list_free(char **ids, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        free(ids[i]);
    }
    free(ids);
}
