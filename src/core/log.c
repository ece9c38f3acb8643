/* The debug and session log: lines to a file, to stderr, or to a function. */
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/platform.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"

enum { LOG_MAX_BYTES = 8 << 20 };

struct log {
    int fd;
    bool own_fd;
    enum log_level level;
    /* the function that gets the lines; NULL: they go to `fd` */
    void (*to)(void *arg, const char *line, size_t len);
    void *to_arg;
};

struct log *log_new(const char *path, enum log_level level, struct err *e)
{
    int fd = STDERR_FILENO;

    if (path != NULL) {
        struct stat st;
        /* O_NONBLOCK: opening a pipe does not wait for its reader, which would stop the program. */
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
        if (fd < 0) {
            char why[96];
            (void)err_set(e, E_IO, "%s: cannot open the log: %s", path,
                          platform_errno_text(errno, why, sizeof why));
            return NULL;
        }
        if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
            (void)close(fd);
            (void)err_set(e, E_IO, "%s: cannot open the log: it is not a plain file", path);
            return NULL;
        }
        if (st.st_size > LOG_MAX_BYTES) {
            (void)!ftruncate(fd, 0);
        }
    }
    struct log *l = xcalloc(1, sizeof *l);
    *l = (struct log){.fd = fd, .own_fd = path != NULL, .level = level};
    return l;
}

void log_free(struct log *l)
{
    if (l != NULL && l->own_fd) {
        (void)close(l->fd);
    }
    free(l);
}

int log_fd(const struct log *l)
{
    return l->fd;
}

void log_divert(struct log *l, void (*to)(void *arg, const char *line, size_t len), void *arg)
{
    l->to = to;
    l->to_arg = arg;
}

bool log_on(const struct log *l, enum log_level level)
{
    return l != NULL && level <= l->level;
}

void log_line(struct log *l, enum log_level level, const char *fmt, ...)
{
    static const char *const names[] = {"ERROR", "WARN", "INFO", "DEBUG"};
    char text[2048];
    char when[TIME_ISO_SIZE];
    va_list ap;

    if (!log_on(l, level)) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b, "%s %-5s ", time_iso(clock_wall_ms(NULL), when), names[level]);
    char *masked = secret_masked(text);
    text_clean(&b, masked, strlen(masked), TEXT_ONE_LINE);
    free(masked);
    strbuf_addc(&b, '\n');
    if (l->to != NULL) {
        l->to(l->to_arg, b.data, b.len);
    } else {
        /* each line is one write, so that the lines of several threads do not mix */
        (void)!write(l->fd, b.data, b.len);
    }
    strbuf_clear(&b);
}
