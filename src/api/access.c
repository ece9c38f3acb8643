#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/path.h"
#include "core/text.h"

struct access {
    int fd;     /* the number stays, whatever file it leads to; -1: none */
    char *path; /* owned; NULL: stderr or none */
};

static int open_file(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd < 0) {
        (void)err_set(e, E_CONFIG, "%s: cannot open the access log: %s", path, strerror(errno));
    }
    return fd;
}

struct access *access_new(const char *path, struct err *e)
{
    struct access *a = xcalloc(1, sizeof *a);

    a->fd = path == NULL ? STDERR_FILENO : -1;
    if (path != NULL && path[0] != '\0') {
        a->fd = open_file(path, e);
        a->path = xstrdup(path);
        if (a->fd < 0) {
            access_free(a);
            return NULL;
        }
    }
    return a;
}

void access_free(struct access *a)
{
    if (a == NULL) {
        return;
    }
    if (a->path != NULL && a->fd >= 0) {
        (void)close(a->fd);
    }
    free(a->path);
    free(a);
}

static void text(struct strbuf *b, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        char *clean =
            text_cleaned(value, TEXT_ONE_LINE); /* somebody may look at it in a terminal */
        strbuf_addf(b, ",\"%s\":", key);
        json_quote(b, clean);
        free(clean);
    }
}

void access_write(struct access *a, const struct access_line *l)
{
    struct strbuf b = STRBUF_INIT;
    char at[TIME_ISO_SIZE];

    if (a->fd < 0) {
        return;
    }
    strbuf_addf(&b, "{\"time\":\"%s\"", time_iso(clock_wall_ms(NULL), at));
    text(&b, "requestId", l->request_id);
    text(&b, "address", l->address);
    text(&b, "client", l->client);
    text(&b, "method", l->method);
    text(&b, "path", l->path);
    text(&b, "route", l->route);
    strbuf_addf(&b, ",\"status\":%d", l->status);
    text(&b, "code", l->code);
    text(&b, "jobId", l->job_id);
    strbuf_addf(&b, ",\"ms\":%.3f,\"in\":%zu,\"out\":%zu", (double)l->us / 1000, l->in_bytes,
                l->out_bytes);
    strbuf_adds(&b, l->replayed ? ",\"replayed\":true" : "");
    strbuf_adds(&b, l->cut ? ",\"cut\":true" : "");
    strbuf_adds(&b, "}\n");
    (void)!path_write_all(a->fd, b.data, b.len);
    strbuf_clear(&b);
}

enum err_code access_reopen(struct access *a, struct err *e)
{
    if (a->path == NULL) {
        return E_OK;
    }
    int fd = open_file(a->path, e);
    if (fd < 0) {
        return E_CONFIG;
    }
    /* The old number leads to the new file from one write to the next: no lock is needed. */
    int rc = dup3(fd, a->fd, O_CLOEXEC);
    (void)close(fd);
    return rc < 0 ? err_set(e, E_CONFIG, "%s: %s", a->path, strerror(errno)) : E_OK;
}
