/* Results that must be told, whatever stdout does.
 *
 * DESIGN: a command that changes something must tell what it did, also when stdout cannot take it
 * (a full disk, a reader that went away, a descriptor that the caller closed). Its results go
 * through a stream of our own: as long as stdout takes them they go there; from the first failure
 * on they go to stderr, from the beginning of the line that stdout did not get completely. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/platform.h"
#include "core/strbuf.h"
#include "src/cli/cli_priv.h"

struct cli_out {
    struct cli *c;      /* borrowed */
    struct strbuf line; /* the part of the unfinished line that stdout has taken */
    int error;          /* why stdout takes no more, as an errno; 0: it takes more */
    bool lost;          /* stderr did not take it either */
};

static const char *why_text(int error)
{
    return error == EBADF   ? "it is closed"
           : error == EPIPE ? "nobody reads it now"
                            : strerror(error);
}

static void to_stderr(struct cli_out *o, const char *buf, size_t size)
{
    FILE *err = o->c->err;

    o->lost = fwrite(buf, 1, size, err) != size || fflush(err) != 0 || o->lost;
}

static void turn_to_stderr(struct cli_out *o, int error)
{
    o->error = error;
    cli_warn(o->c, "stdout cannot take the results (%s): they follow here", why_text(error));
    to_stderr(o, strbuf_str(&o->line), o->line.len);
    strbuf_clear(&o->line);
}

/* Remembers the beginning of the unfinished line that stdout took. */
static void took(struct cli_out *o, const char *buf, size_t size)
{
    size_t whole = size; /* up to the end of the last line that is complete */

    while (whole > 0 && buf[whole - 1] != '\n') {
        whole--;
    }
    if (whole > 0) {
        strbuf_clear(&o->line);
    }
    strbuf_add(&o->line, buf + whole, size - whole);
}

static ssize_t on_write(void *cookie, const char *buf, size_t size)
{
    struct cli_out *o = cookie;
    size_t at = 0;

    while (o->error == 0 && at < size) {
        ssize_t n = write(STDOUT_FILENO, buf + at, size - at);
        if (n > 0) {
            took(o, buf + at, (size_t)n);
            at += (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            /* Another program that shares the terminal or pipe made it non-blocking. */
            (void)poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            turn_to_stderr(o, n == 0 ? EIO : errno);
        }
    }
    if (at < size) {
        to_stderr(o, buf + at, size - at);
    }
    return (ssize_t)size;
}

void cli_guard_out(struct cli *c)
{
    struct cli_out *o = xcalloc(1, sizeof *o);
    FILE *f = NULL;

    if (c->guard == NULL) {
        o->c = c;
        o->line = STRBUF_INIT;
        f = platform_write_stream(o, on_write);
    }
    if (f == NULL) { /* there is no memory: the command works as well without a guard */
        free(o);
        return;
    }
    if (c->out_tty) {
        (void)setvbuf(f, NULL, _IOLBF, 0);
    }
    (void)fflush(c->out);
    c->guard = o;
    c->out = f;
}

int cli_guard_end(struct cli *c, bool *lost)
{
    struct cli_out *o = c->guard;

    *lost = false;
    if (o == NULL) {
        return 0;
    }
    (void)fclose(c->out);
    c->out = stdout;
    c->guard = NULL;
    /* Some file systems say only now that they did not keep what they took. */
    int copy = o->error == 0 ? dup(STDOUT_FILENO) : -1;
    if (copy >= 0 && close(copy) != 0 && errno != EINTR) {
        o->error = errno;
        *lost = true;
    }
    int error = o->error;
    *lost = *lost || o->lost;
    strbuf_clear(&o->line);
    free(o);
    return error;
}
