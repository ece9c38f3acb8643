/* The journals that fix the job ids of the lines of each run. */
#include "bulk_journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/crc32.h"
#include "core/json.h"
#include "core/map.h"
#include "core/path.h"
#include "ops/place.h"

enum { JOURNAL_MAX = 128 << 20, LOCK_WAIT_MS = 60000, LOCK_STEP_MS = 50 };
/* Journals that are older only save asking the records, which know the lines as well. */
static const int64_t KEPT_MS = 90LL * 24 * 60 * 60 * 1000;

static enum err_code fail_io(struct err *e, const char *what, const char *path)
{
    return err_set(e, E_IO, "%s: %s: %s", path, what, strerror(errno));
}

/* The name of the folder of this place: a run belongs to its account, region, endpoint, table and
 * bus. */
static enum err_code place_name(const struct ops *o, char out[33], struct err *e)
{
    char hex[65];
    char *place = NULL;
    enum err_code rc = place_text(o, PLACE_ASK, &place, e);

    out[0] = '\0';
    if (rc != E_OK) {
        (void)err_wrap(e, "nothing was sent");
        return rc;
    }
    sigv4_sha256_hex(place, strlen(place), hex);
    memcpy(out, hex, 32);
    out[32] = '\0';
    free(place);
    return E_OK;
}

static enum err_code journal_dir(const struct ops *o, char **dir, struct err *e)
{
    char place[33];
    enum err_code rc = place_name(o, place, e);

    *dir = rc == E_OK ? xasprintf("%s/batch/%s", o->state_dir, place) : NULL;
    return rc;
}

/* ---- the lock ---- */

enum err_code journal_lock(const struct ops *o, int *fd, struct err *e)
{
    char *dir = NULL;
    enum err_code rc = journal_dir(o, &dir, e);

    *fd = -1;
    if (rc != E_OK) {
        return rc;
    }
    char *path = path_join(dir, "lock");
    rc = path_mkdirs(dir, 0700, e);
    if (rc == E_OK) {
        *fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        rc = *fd < 0 ? fail_io(e, "cannot open", path) : E_OK;
    }
    for (int waited = 0; rc == E_OK && flock(*fd, LOCK_EX | LOCK_NB) != 0; waited += LOCK_STEP_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            rc = fail_io(e, "cannot lock", path);
        } else if (waited >= LOCK_WAIT_MS) {
            rc = err_set(e, E_CONFLICT, "another mvpdash is starting to send a file");
        } else if (!ops_sleep(o, LOCK_STEP_MS)) {
            rc = err_set(e, E_CANCELLED, "stopped: nothing was sent");
        }
    }
    if (rc != E_OK && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    free(path);
    free(dir);
    return rc;
}

/* A child that was forked meanwhile may have the descriptor, and would keep the lock with it: the
 * lock is given back before the descriptor is closed. */
void journal_unlock(int fd)
{
    if (fd >= 0) {
        (void)flock(fd, LOCK_UN);
        (void)close(fd);
    }
}

/* ---- writing ---- */

static void add_line(struct strbuf *out, const struct journal_line *l)
{
    /* Tokens, job ids and request ids consist of characters that need no escape. */
    strbuf_addf(out, "{\"token\":\"%s\",\"jobId\":\"%s\",\"run\":\"%s\",\"line\":%zu", l->token,
                l->job_id, l->request_id, l->line);
    if (l->event_id != NULL) {
        strbuf_adds(out, ",\"eventId\":");
        json_quote(out, l->event_id);
    }
    strbuf_adds(out, "}\n");
}

static void add_head(const char *place, const struct journal_head *h, uint32_t sum,
                     struct strbuf *out)
{
    strbuf_addf(out,
                "{\"v\":2,\"run\":\"%s\",\"place\":\"%s\",\"at\":%" PRId64
                ",\"again\":%s,\"lines\":%zu,\"sum\":%" PRIu32 ",\"file\":",
                h->run, place, h->at_ms, h->again ? "true" : "false", h->lines, sum);
    json_quote(out, h->file);
    strbuf_adds(out, "}\n");
}

static enum err_code sync_dir(const char *dir, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err_code rc = fd >= 0 && fsync(fd) == 0 ? E_OK : fail_io(e, "cannot keep", dir);

    if (fd >= 0) {
        (void)close(fd);
    }
    return rc;
}

static enum err_code write_whole(struct journal *j, const char *dir, const struct strbuf *text,
                                 struct err *e)
{
    char *tmp = xasprintf("%s/.%s.tmp", dir, j->run);
    enum err_code rc = E_OK;

    j->fd = open(tmp, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (j->fd < 0) {
        rc = fail_io(e, "cannot keep the job ids", tmp);
    } else if (flock(j->fd, LOCK_EX | LOCK_NB) != 0 ||
               !path_write_all(j->fd, text->data, text->len) || fsync(j->fd) != 0 ||
               rename(tmp, j->path) != 0) {
        rc = fail_io(e, "cannot keep the job ids", j->path);
        (void)unlink(tmp);
    } else {
        rc = sync_dir(dir, e);
    }
    free(tmp);
    return rc;
}

enum err_code journal_make(const struct ops *o, struct journal_head *head,
                           const struct journal_line *lines, struct journal *out, struct err *e)
{
    struct strbuf body = STRBUF_INIT;
    struct strbuf text = STRBUF_INIT;
    char *dir = NULL;
    char place[33];

    *out = (struct journal)JOURNAL_INIT;
    enum err_code rc = journal_dir(o, &dir, e);
    if (rc == E_OK) {
        rc = place_name(o, place, e);
    }
    if (rc != E_OK) {
        free(dir);
        return rc;
    }
    rand_uuid(head->run);
    memcpy(out->run, head->run, UUID_SIZE);
    out->path = xasprintf("%s/%s.jsonl", dir, head->run);
    for (size_t i = 0; i < head->lines; i++) {
        struct journal_line l = lines[i];
        l.request_id = l.request_id == NULL ? head->run : l.request_id;
        add_line(&body, &l);
    }
    add_head(place, head, crc32_of(strbuf_str(&body), body.len), &text);
    strbuf_add(&text, strbuf_str(&body), body.len);
    rc = write_whole(out, dir, &text, e);
    if (rc != E_OK) {
        journal_close(out);
    }
    strbuf_clear(&body);
    strbuf_clear(&text);
    free(dir);
    return rc;
}

void journal_sent(const struct journal *j, const char *job_id, const char *event_id)
{
    struct strbuf line = STRBUF_INIT;

    if (j->fd < 0) {
        return;
    }
    strbuf_addf(&line, "{\"sent\":\"%s\",\"eventId\":", job_id);
    json_quote(&line, event_id);
    strbuf_adds(&line, "}\n");
    (void)!path_write_all(j->fd, line.data, line.len);
    strbuf_clear(&line);
}

void journal_close(struct journal *j)
{
    journal_unlock(j->fd);
    free(j->path);
    *j = (struct journal)JOURNAL_INIT;
}

/* ---- reading ---- */

/* The next complete line as JSON; NULL at the end, and for a line that is no JSON. */
static cJSON *next_line(const char **at, const char *end)
{
    const char *nl = *at >= end ? NULL : memchr(*at, '\n', (size_t)(end - *at));

    if (nl == NULL) {
        *at = end;
        return NULL;
    }
    cJSON *doc = json_parse(*at, (size_t)(nl - *at), "journal", NULL);
    *at = nl + 1;
    return doc;
}

static bool take_head(const char *place, const cJSON *doc, struct journal_head *h, uint32_t *sum)
{
    const char *run = json_str(doc, "run");
    if (run == NULL || strlen(run) != UUID_SIZE - 1 || json_int(doc, "v", 0) != 2 ||
        strcmp(json_str_or(doc, "place", ""), place) != 0 || json_int(doc, "lines", -1) < 0) {
        return false;
    }
    memcpy(h->run, run, UUID_SIZE);
    (void)snprintf(h->file, sizeof h->file, "%s", json_str_or(doc, "file", ""));
    h->at_ms = json_int(doc, "at", 0);
    h->again = json_bool(doc, "again", false);
    h->lines = (size_t)json_int(doc, "lines", 0);
    *sum = (uint32_t)json_int(doc, "sum", 0);
    return true;
}

/* The place where the lines end; NULL when not all of them are there, or not as they were
 * written. */
static const char *lines_end(const char *at, const char *end, size_t lines, uint32_t sum)
{
    const char *body = at;

    for (size_t i = 0; i < lines; i++) {
        const char *nl = at >= end ? NULL : memchr(at, '\n', (size_t)(end - at));
        if (nl == NULL) {
            return NULL;
        }
        at = nl + 1;
    }
    return crc32_of(body, (size_t)(at - body)) == sum ? at : NULL;
}

/* The event ids of the lines that were sent, by job id. Where a note is cut off or damaged, the
 * line only counts as not known to be sent. */
static struct map *read_notes(const char *at, const char *end)
{
    struct map *notes = map_new();

    while (at < end) {
        cJSON *doc = next_line(&at, end);
        const char *job_id = json_str(doc, "sent");
        if (job_id != NULL) {
            free(map_put(notes, job_id, xstrdup(json_str_or(doc, "eventId", ""))));
        }
        cJSON_Delete(doc);
    }
    return notes;
}

/* Visits the lines, which the checksum has proven. */
static void visit_lines(const char *at, const char *end, const struct journal_head *h,
                        const struct map *notes, bool live, const struct journal_visitor *v)
{
    while (at < end) {
        cJSON *doc = next_line(&at, end);
        struct journal_line l = {.token = json_str(doc, "token"),
                                 .job_id = json_str(doc, "jobId"),
                                 .request_id = json_str(doc, "run"),
                                 .event_id = json_str(doc, "eventId"),
                                 .line = (size_t)json_int(doc, "line", 0)};
        if (l.token != NULL && l.job_id != NULL && job_id_valid(l.job_id) && l.request_id != NULL) {
            const char *note = map_find(notes, l.job_id);
            l.event_id = note != NULL ? note : l.event_id;
            v->line(v->arg, h, &l, live);
        }
        cJSON_Delete(doc);
    }
}

/* Visits a journal's text; false when it is not a complete journal of this place. */
static bool visit_text(const char *place, const char *text, size_t len, bool live,
                       const struct journal_visitor *v)
{
    const char *at = text;
    const char *end = text + len;
    struct journal_head h = {0};
    uint32_t sum = 0;
    cJSON *doc = next_line(&at, end);
    bool whole = take_head(place, doc, &h, &sum);

    cJSON_Delete(doc);
    const char *notes_at = whole ? lines_end(at, end, h.lines, sum) : NULL;
    if (notes_at == NULL) {
        return false;
    }
    struct map *notes = read_notes(notes_at, end);
    visit_lines(at, notes_at, &h, notes, live, v);
    map_free(notes, free);
    return true;
}

static bool read_all(int fd, struct strbuf *out)
{
    char buf[16384];
    ssize_t n;

    while ((n = read(fd, buf, sizeof buf)) != 0) {
        if (n < 0 && errno != EINTR) {
            return false;
        }
        strbuf_add(out, buf, n > 0 ? (size_t)n : 0);
        if (out->overflow) {
            return false;
        }
    }
    return true;
}

/* Reads a journal without waiting for anything: a file that is not a plain one counts as
 * damaged. */
static void visit_file(const char *place, const char *path, const struct journal_visitor *v)
{
    struct strbuf text = STRBUF_LIMIT(JOURNAL_MAX);
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        return; /* the journal was put aside or tidied away meanwhile */
    }
    bool whole = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    bool live = whole && flock(fd, LOCK_SH | LOCK_NB) != 0;
    if (whole && !live) {
        (void)flock(fd, LOCK_UN);
    }
    whole = whole && st.st_size <= JOURNAL_MAX && read_all(fd, &text) &&
            visit_text(place, strbuf_str(&text), text.len, live, v);
    if (!whole) {
        v->damaged(v->arg, path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    strbuf_clear(&text);
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s);
    size_t m = strlen(end);

    return n > m && strcmp(s + n - m, end) == 0;
}

enum err_code journal_visit(const struct ops *o, const struct journal_visitor *v, struct err *e)
{
    char *dir = NULL;
    char place[33];
    enum err_code rc = place_name(o, place, e);

    if (rc != E_OK || (rc = journal_dir(o, &dir, e)) != E_OK) {
        return rc;
    }
    DIR *d = opendir(dir);
    const struct dirent *ent;
    rc = d != NULL || errno == ENOENT ? E_OK : fail_io(e, "cannot read", dir);

    while (d != NULL && (ent = readdir(d)) != NULL) {
        if (ent->d_name[0] != '.' && ends_with(ent->d_name, ".jsonl")) {
            char *path = path_join(dir, ent->d_name);
            visit_file(place, path, v);
            free(path);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    free(dir);
    return rc;
}

/* ---- tidying ---- */

static bool over(int dir, const char *name, int64_t now_ms)
{
    struct stat st;

    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           now_ms - (int64_t)st.st_mtime * 1000 > KEPT_MS;
}

void journal_tidy(const struct ops *o, int64_t now_ms)
{
    char *path = NULL;
    const struct dirent *ent;

    if (journal_dir(o, &path, NULL) != E_OK) {
        return;
    }
    DIR *d = opendir(path);

    while (d != NULL && (ent = readdir(d)) != NULL) {
        /* Temporary files exist only while the lock is held: one that is seen here belongs to a
         * killed run. */
        if (ends_with(ent->d_name, ".tmp") ||
            ((ends_with(ent->d_name, ".jsonl") || ends_with(ent->d_name, ".bad")) &&
             over(dirfd(d), ent->d_name, now_ms))) {
            (void)unlinkat(dirfd(d), ent->d_name, 0);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    free(path);
}

void journal_set_aside(const char *path)
{
    char *bad = xasprintf("%s.bad", path);

    (void)rename(path, bad);
    free(bad);
}
