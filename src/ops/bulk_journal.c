#include "bulk_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"

enum { JOURNAL_MAX = 64 << 20 };

static enum err_code fail_io(struct err *e, const char *what, const char *path)
{
    return err_set(e, E_IO, "%s: %s: %s", path, what, strerror(errno));
}

static char *journal_dir(const struct ops *o)
{
    return path_join(o->state_dir, "batch");
}

/* The same file sent to another account, region, table or bus is another bulk. */
static char *journal_path(const struct ops *o, const struct bulk *b)
{
    char input[65];
    char name[65];
    char *dir = journal_dir(o);

    sigv4_sha256_hex(b->input, b->input_len, input);
    char *both = xasprintf("%s\n%s", o->place, input);
    sigv4_sha256_hex(both, strlen(both), name);
    char *path = xasprintf("%s/%s.jsonl", dir, name);
    free(both);
    free(dir);
    return path;
}

static enum err_code read_all(const struct bulk_journal *j, struct strbuf *out, struct err *e)
{
    char buf[16384];
    off_t at = 0;
    ssize_t n;

    while ((n = pread(j->fd, buf, sizeof buf, at)) != 0) {
        if (n < 0 && errno != EINTR) {
            return fail_io(e, "cannot read", j->path);
        }
        if (n > 0) {
            strbuf_add(out, buf, (size_t)n);
            at += n;
        }
        if (out->overflow) {
            return err_set(e, E_IO, "%s: is too large for a journal", j->path);
        }
    }
    return E_OK;
}

/* The next whole line as JSON; NULL at the end. One that is no JSON gives an empty object. */
static cJSON *next_line(const char **at, const char *end)
{
    const char *nl = *at >= end ? NULL : memchr(*at, '\n', (size_t)(end - *at));

    if (nl == NULL) {
        return NULL;
    }
    cJSON *doc = json_parse(*at, (size_t)(nl - *at), "journal", NULL);
    *at = nl + 1;
    return doc == NULL ? json_new_object() : doc;
}

/* False when not all ids are there: the run that made it sent nothing. */
static bool take_ids(struct bulk_journal *j, const struct bulk *b, const char **at, const char *end)
{
    cJSON *head = next_line(at, end);
    const char *run = json_str(head, "run");
    bool good = run != NULL && strlen(run) == UUID_SIZE - 1 && json_int(head, "v", 0) == 1 &&
                json_int(head, "lines", -1) == (int64_t)b->len;

    if (good) {
        memcpy(j->run, run, UUID_SIZE);
    }
    cJSON_Delete(head);
    for (size_t i = 0; i < b->len && good; i++) {
        cJSON *line = next_line(at, end);
        const char *id = json_str(line, "jobId");
        const char *own = b->requests[i].job_id;
        good = id != NULL && job_id_valid(id) && (own[0] == '\0' || strcmp(own, id) == 0);
        if (good) {
            j->ids[i] = xstrdup(id);
        }
        cJSON_Delete(line);
    }
    return good;
}

static void take_sent(struct bulk_journal *j, const char *at, const char *end)
{
    cJSON *line;

    while ((line = next_line(&at, end)) != NULL) {
        int64_t i = json_int(line, "sent", -1);
        if (i >= 0 && i < (int64_t)j->len && j->event_ids[i] == NULL) {
            j->event_ids[i] = xstrdup(json_str_or(line, "eventId", ""));
            j->sent++;
        }
        cJSON_Delete(line);
    }
}

static void drop_lines(struct bulk_journal *j)
{
    for (size_t i = 0; i < j->len; i++) {
        free(j->ids[i]);
        free(j->event_ids[i]);
        j->ids[i] = NULL;
        j->event_ids[i] = NULL;
    }
    j->sent = 0;
}

static enum err_code sync_dir(const struct ops *o, struct err *e)
{
    char *dir = journal_dir(o);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err_code rc = fd >= 0 && fsync(fd) == 0 ? E_OK : fail_io(e, "cannot keep", dir);

    if (fd >= 0) {
        (void)close(fd);
    }
    free(dir);
    return rc;
}

static enum err_code make(const struct ops *o, const struct bulk *b, struct bulk_journal *j,
                          struct err *e)
{
    struct strbuf text = STRBUF_INIT;
    enum err_code rc = E_OK;

    rand_uuid(j->run);
    strbuf_addf(&text, "{\"v\":1,\"run\":\"%s\",\"lines\":%zu}\n", j->run, b->len);
    for (size_t i = 0; i < b->len; i++) {
        struct deploy_request draft;
        deploy_request_init(&draft);
        memcpy(draft.job_id, b->requests[i].job_id, sizeof draft.job_id);
        deploy_request_seal(&draft, clock_wall_ms(o->clock));
        j->ids[i] = xstrdup(draft.job_id);
        strbuf_addf(&text, "{\"jobId\":\"%s\"}\n", draft.job_id); /* of safe characters only */
        deploy_request_clear(&draft);
    }
    if (ftruncate(j->fd, 0) != 0 || !path_write_all(j->fd, text.data, text.len) ||
        fsync(j->fd) != 0) {
        rc = fail_io(e, "cannot keep the job ids", j->path);
        (void)!ftruncate(j->fd, 0);
    }
    strbuf_clear(&text);
    return rc == E_OK ? sync_dir(o, e) : rc;
}

static enum err_code unfinished(const struct bulk_journal *j, struct err *e)
{
    (void)err_set(e, E_CONFLICT,
                  "an earlier run of this input sent %zu of %zu deploys and did not end: nothing "
                  "was sent now",
                  j->sent, j->len);
    return err_hint_set(e, "--resume goes on with the rest, --new makes all of them new jobs");
}

static enum err_code open_locked(const struct ops *o, struct bulk_journal *j, struct err *e)
{
    char *dir = journal_dir(o);
    enum err_code rc = path_mkdirs(dir, 0700, e);

    free(dir);
    if (rc != E_OK) {
        return rc;
    }
    j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (j->fd < 0) {
        return fail_io(e, "cannot open", j->path);
    }
    if (flock(j->fd, LOCK_EX | LOCK_NB) != 0) {
        return err_set(e, E_CONFLICT, "another mvpdash is sending this input just now");
    }
    return E_OK;
}

enum err_code bulk_journal_open(const struct ops *o, const struct bulk *b, struct bulk_journal *j,
                                struct err *e)
{
    struct strbuf text = STRBUF_LIMIT(JOURNAL_MAX);

    *j = (struct bulk_journal){.fd = -1, .len = b->len, .path = journal_path(o, b)};
    j->ids = xcalloc(b->len, sizeof *j->ids);
    j->event_ids = xcalloc(b->len, sizeof *j->event_ids);
    enum err_code rc = open_locked(o, j, e);
    if (rc == E_OK) {
        rc = read_all(j, &text, e);
    }
    const char *at = strbuf_str(&text);
    const char *end = at + text.len;
    if (rc == E_OK && b->mode != BULK_ANEW && take_ids(j, b, &at, end)) {
        take_sent(j, at, end);
        j->resumed = b->mode == BULK_RESUME;
        rc = j->resumed || j->sent == j->len ? E_OK : unfinished(j, e);
        if (rc == E_OK && j->resumed && end[-1] != '\n') {
            (void)!write(j->fd, "\n", 1); /* behind a line that was cut off */
        }
    }
    if (rc == E_OK && !j->resumed) {
        drop_lines(j);
        rc = make(o, b, j, e);
    }
    for (size_t i = 0; i < b->len && rc == E_OK; i++) {
        struct deploy_request *r = &b->requests[i];
        (void)snprintf(r->job_id, sizeof r->job_id, "%s", j->ids[i]);
        (void)snprintf(r->request_id, sizeof r->request_id, "%s", j->run);
    }
    strbuf_clear(&text);
    if (rc != E_OK) {
        bulk_journal_close(j);
    }
    return rc;
}

/* Without the lock: another process may be writing it, and then less is seen. */
bool bulk_journal_look(const struct ops *o, const struct bulk *b, size_t *sent)
{
    struct strbuf text = STRBUF_LIMIT(JOURNAL_MAX);
    struct bulk_journal j = {.len = b->len, .path = journal_path(o, b)};
    bool there = false;

    *sent = 0;
    j.ids = xcalloc(b->len, sizeof *j.ids);
    j.event_ids = xcalloc(b->len, sizeof *j.event_ids);
    j.fd = open(j.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (j.fd >= 0 && read_all(&j, &text, NULL) == E_OK) {
        const char *at = strbuf_str(&text);
        const char *end = at + text.len;
        there = take_ids(&j, b, &at, end);
        if (there) {
            take_sent(&j, at, end);
            *sent = j.sent;
        }
    }
    strbuf_clear(&text);
    bulk_journal_close(&j);
    return there;
}

void bulk_journal_sent(struct bulk_journal *j, size_t index, const char *event_id)
{
    struct strbuf line = STRBUF_INIT;

    if (j->event_ids[index] != NULL) {
        return;
    }
    j->event_ids[index] = xstrdup(event_id);
    j->sent++;
    strbuf_addf(&line, "{\"sent\":%zu,\"eventId\":", index);
    json_quote(&line, event_id);
    strbuf_adds(&line, "}\n");
    (void)!path_write_all(j->fd, line.data, line.len);
    strbuf_clear(&line);
}

void bulk_journal_close(struct bulk_journal *j)
{
    drop_lines(j);
    free(j->ids);
    free(j->event_ids);
    free(j->path);
    if (j->fd >= 0) {
        /* A child that was forked meanwhile may have the descriptor, and with it the lock. */
        (void)flock(j->fd, LOCK_UN);
        (void)close(j->fd);
    }
    *j = (struct bulk_journal){.fd = -1};
}
