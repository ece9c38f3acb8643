/* The access log: one JSON object for each request. */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "spool.h"

enum { REFUSED_MAX = 10 }; /* lines about refused requests in one second */

struct access {
    struct spool *out;    /* NULL: there is no access log */
    char *path;           /* owned; NULL: stderr, or no access log */
    pthread_mutex_t lock; /* guards the members below */
    int64_t second;       /* the second that `refused` counts for */
    int refused;
    uint64_t left_out; /* lines that were left out and not told of yet */
};

static int open_file(const char *path, struct err *e)
{
    /* The pipe is opened without waiting for its reader: without a reader it cannot be opened. */
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);

    if (fd < 0) {
        (void)err_set(e, E_CONFIG, "%s: cannot open the access log: %s", path, strerror(errno));
    }
    return fd;
}

struct access *access_new(const char *path, struct err *e)
{
    struct access *a = xcalloc(1, sizeof *a);
    bool file = path != NULL && path[0] != '\0';
    int fd = path == NULL ? STDERR_FILENO : file ? open_file(path, e) : -1;

    (void)pthread_mutex_init(&a->lock, NULL);
    a->path = file ? xstrdup(path) : NULL;
    a->out = fd < 0 ? NULL : spool_new(fd, file, e);
    if (a->out == NULL && (path == NULL || file)) {
        access_free(a);
        return NULL;
    }
    return a;
}

void access_free(struct access *a)
{
    if (a == NULL) {
        return;
    }
    spool_free(a->out);
    (void)pthread_mutex_destroy(&a->lock);
    free(a->path);
    free(a);
}

static void text(struct strbuf *b, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        char *clean =
            text_cleaned(value, TEXT_ONE_LINE); /* somebody may look at the log in a terminal */
        strbuf_addf(b, ",\"%s\":", key);
        json_quote(b, clean);
        free(clean);
    }
}

/* May the line be written? False: it is about one refused request too many. Otherwise `*left_out`
 * lines have to be told of. */
static bool may_write(struct access *a, bool refused, uint64_t *left_out)
{
    int64_t second = clock_mono_ms(NULL) / 1000;

    *left_out = 0;
    (void)pthread_mutex_lock(&a->lock);
    if (second != a->second) {
        a->second = second;
        a->refused = 0;
        *left_out = a->left_out;
        a->left_out = 0;
    }
    bool may = !refused || a->refused < REFUSED_MAX;
    a->refused += refused && may;
    a->left_out += !may;
    (void)pthread_mutex_unlock(&a->lock);
    return may;
}

void access_write(struct access *a, const struct access_line *l)
{
    struct strbuf b = STRBUF_INIT;
    char at[TIME_ISO_SIZE];
    uint64_t left_out = 0;

    if (a->out == NULL || !may_write(a, l->refused, &left_out)) {
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
    if (left_out > 0) {
        strbuf_addf(&b, ",\"refusedNotLogged\":%llu", (unsigned long long)left_out);
    }
    uint64_t lost = spool_lost(a->out);
    if (lost > 0) {
        strbuf_addf(&b, ",\"notLogged\":%llu", (unsigned long long)lost);
    }
    strbuf_adds(&b, "}\n");
    if (!spool_put(a->out, b.data, b.len, lost)) {
        (void)pthread_mutex_lock(&a->lock);
        a->left_out += left_out; /* nothing has told of these lines yet */
        (void)pthread_mutex_unlock(&a->lock);
    }
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
    spool_switch(a->out, fd);
    return E_OK;
}
