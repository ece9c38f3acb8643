/* The outbox: one file for each request that is on its way. How an entry is made, found and opened;
 * its steps from there on are in outbox_steps.c.
 *
 * DESIGN: EventBridge has no idempotency token, so "exactly once" cannot be had from the bus; two
 * halves make it. The outbox sends each event at least once, and as seldom as possible more than
 * once. In the container, the first Batch job that claims the record (a conditional update) does
 * the work, and any other one ends at once; so a doubled event starts nothing twice.
 *
 * The stage is written before the step that it names. A crash therefore leaves either the stage
 * before (the step was not begun, and can safely be done) or the stage itself (the step may have
 * been done, and has to be looked for first). The stage "sent" is a few bytes at the start of the
 * file, overwritten in place and synced: a rename would give the file another inode, and flock is
 * on the inode.
 *
 * A new entry and its marks are synced through a log that all deploys of this process share
 * (sync_log.c); its file is synced for itself only when it is left in the outbox. An entry that is
 * taken over from the outbox is synced as ever.
 *
 * The lock lives and dies with the descriptor, so an owner that was killed leaves no stale lock.
 * Whoever opens an entry locks it first and then makes sure that the name still leads to the file
 * that is locked. */
#include "ops/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/text.h"
#include "ops/sync_log.h"
#include "outbox_priv.h"

enum { ENTRY_MAX = 4 << 20 };

static char *outbox_dir(const struct ops *o)
{
    return path_join(o->state_dir, "outbox");
}

static char *entry_path(const struct ops *o, const char *job_id)
{
    return xasprintf("%s/outbox/%s.json", o->state_dir, job_id);
}

static enum err_code make_dir(const struct ops *o, struct err *e)
{
    char *dir = outbox_dir(o);
    enum err_code rc = path_mkdirs(dir, 0700, e);

    free(dir);
    return rc;
}

/* Creates a temporary file. The folder is made only when it is missing, as for the first of a
 * thousand deploys. The file is locked before a byte is in it: a killed run left each file that is
 * not locked and not empty. */
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
    if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        return outbox_fail_io(e, "cannot keep the request", path);
    }
    return E_OK;
}

/* Writes the entry's text into a locked temporary file in the outbox's folder. `text` gets the
 * text: the caller wipes it. */
static enum err_code write_temp(const struct ops *o, const struct outbox_entry *x, char **tmp,
                                int *fd, struct strbuf *text, struct err *e)
{
    char uuid[UUID_SIZE];

    rand_uuid(uuid);
    *tmp = xasprintf("%s/outbox/.%s.tmp", o->state_dir, uuid);
    *fd = -1;
    enum err_code rc = outbox_text(o, x, text, e);
    if (rc != E_OK) {
        return rc;
    }
    rc = create_temp(o, *tmp, fd, e);
    if (rc == E_OK && !path_write_at(*fd, text->data, text->len, 0)) {
        rc = outbox_fail_io(e, "cannot keep the request", *tmp);
    }
    if (rc != E_OK && *fd >= 0) {
        (void)unlink(*tmp);
        (void)close(*fd);
        *fd = -1;
    }
    return rc;
}

/* Syncs what was written into the temporary file; without that it is removed. */
static enum err_code sync_temp(const char *tmp, int *fd, struct err *e)
{
    if (fsync(*fd) == 0) {
        return E_OK;
    }
    enum err_code rc = outbox_fail_io(e, "cannot keep the request", tmp);
    (void)unlink(tmp);
    (void)close(*fd);
    *fd = -1;
    return rc;
}

static enum err_code taken_already(const struct ops *o, const char *job_id, struct err *e)
{
    struct outbox_entry x;
    cJSON *doc = NULL;
    enum err_code rc = outbox_peek(o, job_id, &x, &doc, NULL);
    bool ours = rc == E_OK && place_compare(o, doc, NULL) == PLACE_SAME;

    outbox_leave(&x);
    cJSON_Delete(doc);
    if (ours) {
        return err_set(e, E_CONFLICT, "job %s already waits in the outbox: mvpdash resumes it",
                       job_id);
    }
    (void)err_set(e, E_CONFLICT,
                  rc == E_OK ? "the outbox holds a job %s of another account or table"
                             : "the outbox holds a damaged job %s",
                  job_id);
    return err_hint_set(e, "`mvpdash outbox list` shows it; choose another job id");
}

enum err_code outbox_file_add(const struct ops *o, const struct deploy_request *r,
                              struct outbox_entry *out, struct err *e)
{
    char *tmp = NULL;
    struct strbuf text = STRBUF_INIT;

    outbox_entry_init(o, out);
    if (!job_id_valid(r->job_id)) { /* the job id names a file */
        return err_set(e, E_INVALID, "jobId must be 1-128 of letters, digits, '.', '_' and '-'");
    }
    outbox_entry_fill(out, r);
    out->path = entry_path(o, r->job_id);
    bool noting = sync_log_ready(o);
    enum err_code rc = write_temp(o, out, &tmp, &out->fd, &text, e);
    if (rc == E_OK && !noting) {
        rc = sync_temp(tmp, &out->fd, e);
    }
    /* link is used and not rename, because link fails when the name is taken. */
    if (rc == E_OK && link(tmp, out->path) != 0) {
        rc = errno == EEXIST ? taken_already(o, r->job_id, e)
                             : outbox_fail_io(e, "cannot keep the request", out->path);
    }
    if (out->fd >= 0) {
        (void)unlink(tmp);
    }
    if (rc == E_OK) {
        outbox_fault(o, "named");
        out->put = noting ? sync_log_put(o, out->job_id, text.data, text.len) : SYNC_NONE;
        out->note = out->put;
        out->unsynced = true;
    } else {
        outbox_entry_clear(out);
    }
    strbuf_wipe(&text);
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
            return outbox_fail_io(e, "cannot read", path);
        }
        if (n == 0) {
            break;
        }
        strbuf_add(out, buf, (size_t)n);
        at += n;
        if (out->overflow) {
            return err_set(e, E_PARSE, "%s is too large for an outbox entry", path);
        }
    }
    return E_OK;
}

/* Opens and reads the file. An entry that another process writes at this moment is locked, and a
 * damaged one is damaged the next time too. */
static enum err_code open_file(struct outbox_entry *x, int flags, struct err *e)
{
    x->fd = open(x->path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (x->fd < 0 && errno == ENOENT) {
        return err_set(e, E_NOT_FOUND, "the outbox has no job %s", x->job_id);
    }
    if (x->fd < 0 && (errno == ELOOP || errno == EISDIR)) {
        return err_set(e, E_PARSE, "%s is %s", x->path, errno == ELOOP ? "a link" : "a folder");
    }
    if (x->fd < 0) {
        return outbox_fail_io(e, "cannot open", x->path);
    }
    enum err_code rc = path_own_file(x->fd, x->path, e);
    return rc == E_INVALID ? err_set(e, E_PARSE, "%s", e == NULL ? "" : e->msg) : rc;
}

static enum err_code read_entry(struct outbox_entry *x, cJSON **doc, struct err *e)
{
    struct strbuf text = STRBUF_LIMIT(ENTRY_MAX);
    enum err_code rc = read_all(x->fd, x->path, &text, e);

    *doc = rc == E_OK ? json_parse(strbuf_str(&text), text.len, x->path, e) : NULL;
    if (rc == E_OK) {
        rc = *doc == NULL ? E_PARSE : outbox_parse(*doc, x, e);
    }
    strbuf_wipe(&text);
    return rc;
}

enum err_code outbox_peek(const struct ops *o, const char *job_id, struct outbox_entry *x,
                          cJSON **doc, struct err *e)
{
    enum { TRIES = 3 }; /* another process may be overwriting the head at this moment */
    struct err mine = {0};
    enum err_code rc = E_PARSE;

    *doc = NULL;
    e = e == NULL ? &mine : e;
    for (int i = 0; i < TRIES && rc == E_PARSE; i++) {
        cJSON_Delete(*doc);
        *doc = NULL;
        if (i > 0) {
            outbox_entry_clear(x);
        }
        outbox_entry_init(o, x);
        (void)snprintf(x->job_id, sizeof x->job_id, "%s", job_id);
        x->path = entry_path(o, job_id);
        rc = open_file(x, O_RDONLY, e);
        if (rc == E_OK) {
            rc = read_entry(x, doc, e);
        }
    }
    return rc;
}

/* Locks and reads an entry, whatever place it belongs to. */
static enum err_code open_any(const struct ops *o, const char *job_id, struct outbox_entry *out,
                              cJSON **doc, struct err *e)
{
    struct err mine = {0};

    *doc = NULL;
    e = e == NULL ? &mine : e;
    outbox_entry_init(o, out);
    if (!job_id_valid(job_id)) {
        return err_set(e, E_NOT_FOUND, "the outbox has no such job");
    }
    (void)snprintf(out->job_id, sizeof out->job_id, "%s", job_id);
    out->path = entry_path(o, job_id);
    enum err_code rc = sync_log_sweep(o, e);
    if (rc == E_OK) {
        rc = open_file(out, O_RDWR, e);
    }
    if (rc != E_OK) {
        return rc;
    }
    if (flock(out->fd, LOCK_EX | LOCK_NB) != 0) {
        return err_set(e, E_CONFLICT, "job %s is being sent by another mvpdash", job_id);
    }
    if (!still_named(out->fd, out->path)) {
        return err_set(e, E_NOT_FOUND, "job %s is no longer in the outbox", job_id);
    }
    rc = sync_log_sweep(o, e); /* its owner may have died since, and its log may still hold it */
    return rc == E_OK ? read_entry(out, doc, e) : rc;
}

static enum err_code not_ours(const char *path, enum place_match m, const struct err *why,
                              struct err *e)
{
    if (m != PLACE_UNPROVEN) {
        return err_set(e, E_NOT_FOUND, "%s is of another account, region, table or bus", path);
    }
    (void)err_set(e, E_NOT_FOUND, "%s: its account is not verified (%.*s)", path,
                  text_cut(why->msg, 200), why->msg);
    return err_hint_set(e, "`mvpdash outbox list` shows it");
}

enum err_code outbox_file_open(const struct ops *o, const char *job_id, struct outbox_entry *out,
                               struct err *e)
{
    cJSON *doc = NULL;
    struct err why = {0};
    enum err_code rc = open_any(o, job_id, out, &doc, e);

    if (rc == E_OK) {
        enum place_match m = place_compare(o, doc, &why);
        rc = m == PLACE_SAME ? E_OK : not_ours(out->path, m, &why, e);
        /* Its owner may have been killed before the file was synced, or noted in a log. */
        out->unsynced = out->stage == OUTBOX_KEPT;
    }
    if (rc != E_OK) {
        outbox_entry_clear(out);
    }
    cJSON_Delete(doc);
    return rc;
}

/* Writes the whole file anew, in the place of the old one. */
static enum err_code rewrite(const struct ops *o, struct outbox_entry *x, struct err *e)
{
    char *tmp = NULL;
    int fd = -1;
    struct strbuf text = STRBUF_INIT;
    enum err_code rc = write_temp(o, x, &tmp, &fd, &text, e);

    strbuf_wipe(&text);
    if (rc == E_OK) {
        rc = sync_temp(tmp, &fd, e);
    }
    if (rc == E_OK && rename(tmp, x->path) != 0) {
        rc = outbox_fail_io(e, "cannot replace", x->path);
        (void)unlink(tmp);
        (void)close(fd);
    }
    if (rc == E_OK) {
        /* The new file was locked before it got the name: at no time was the name free for
         * others. */
        if (x->fd >= 0) {
            (void)close(x->fd);
        }
        x->fd = fd;
        (void)outbox_sync_folder(x->path);
        outbox_settle(x);
    }
    free(tmp);
    return rc;
}

enum err_code outbox_file_dead(const struct ops *o, struct outbox_entry *x, const char *why,
                               struct err *e)
{
    x->stage = OUTBOX_DEAD;
    (void)snprintf(x->why, sizeof x->why, "%s", why);
    return rewrite(o, x, e);
}

enum err_code outbox_adopt(const struct ops *o, const char *job_id, struct err *e)
{
    struct outbox_entry x;
    cJSON *doc = NULL;
    struct err why = {0};
    enum err_code rc = open_any(o, job_id, &x, &doc, e);
    enum place_match m = rc == E_OK ? place_compare(o, doc, &why) : PLACE_SAME;

    if (rc == E_OK && m != PLACE_SAME && m != PLACE_UNPROVEN) {
        rc = err_set(e, E_CONFLICT, "job %s is of another account, region, table or bus", job_id);
    } else if (rc == E_OK && m == PLACE_UNPROVEN) {
        rc = rewrite(o, &x, e);
    }
    outbox_entry_clear(&x);
    cJSON_Delete(doc);
    return rc;
}

enum err_code outbox_file_replace(const struct ops *o, const struct deploy_request *r,
                                  int64_t sent_ms, struct err *e)
{
    struct outbox_entry x;

    outbox_entry_init(o, &x);
    (void)snprintf(x.job_id, sizeof x.job_id, "%s", r->job_id);
    memcpy(x.request_id, r->request_id, sizeof x.request_id);
    x.stage = OUTBOX_SENT;
    x.sent_ms = sent_ms;
    x.kept_ms = sent_ms;
    x.path = entry_path(o, r->job_id);
    deploy_request_copy(&x.request, r);
    enum err_code rc = sync_log_sweep(o, e);
    if (rc == E_OK) {
        rc = rewrite(o, &x, e);
    }
    outbox_entry_clear(&x);
    return rc;
}

/* Removes one of the two names; `*any` is set when it was there. */
static enum err_code drop_file(const char *path, const char *job_id, bool *any, struct err *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool busy =
        fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB) != 0;
    enum err_code rc = E_OK;

    if (busy) {
        rc = err_set(e, E_CONFLICT, "job %s is being sent by another mvpdash", job_id);
    } else if (unlink(path) == 0) {
        *any = true;
        (void)outbox_sync_folder(path);
    } else if (errno != ENOENT) {
        rc = outbox_fail_io(e, "cannot remove", path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return rc;
}

enum err_code outbox_file_drop(const struct ops *o, const char *job_id, struct err *e)
{
    bool any = false;

    if (!job_id_valid(job_id)) {
        return err_set(e, E_NOT_FOUND, "the outbox has no such job");
    }
    char *path = entry_path(o, job_id);
    /* earlier versions put damaged entries aside under this name */
    char *aside = xasprintf("%s.bad", path);
    enum err_code rc = sync_log_sweep(o, e); /* a log would bring the entry back */
    if (rc == E_OK) {
        rc = drop_file(path, job_id, &any, e);
    }
    if (rc == E_OK) {
        rc = drop_file(aside, job_id, &any, e);
    }
    free(aside);
    free(path);
    return rc == E_OK && !any ? err_set(e, E_NOT_FOUND, "the outbox has no job %s", job_id) : rc;
}
