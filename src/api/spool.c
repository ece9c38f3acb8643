/* A list of lines that a thread of its own writes.
 *
 * DESIGN: the lines stand in the order of their arrival, in a list of limited size; the writer
 * takes all of them in one move and writes without the lock. A plain file gets many lines in one
 * write. Anything else gets each line by itself, because others may write there too, and only when
 * poll says that it takes bytes, so that the writer notices that it has to end although nobody
 * reads. Another program that writes into the same pipe may still make a write wait: then the
 * writer is left behind at the end, with the lines that it holds. */
#include "spool.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/cond.h"
#include "core/strbuf.h"

enum {
    ROOM = 1024 * 1024, /* bytes of the lines that wait */
    CHUNK = 64 * 1024,  /* bytes of one write to a file */
    LOOK_MS = 100,
    LAST_MS = 2000, /* the time at the end for the lines that wait */
    LEAVE_MS = 3000 /* the time for the writer to notice the end */
};

struct entry {
    struct entry *next;
    int fd; /* the descriptor that the following lines go to; -1: this entry is a line */
    size_t len;
    char bytes[];
};

struct spool {
    int fd; /* the writer's descriptor */
    bool own;
    pthread_t thread;
    pthread_mutex_t lock; /* guards the members below */
    pthread_cond_t changed;
    struct entry *first;
    struct entry **end;
    struct entry *turn; /* the entry that changes the descriptor; NULL: there is none */
    size_t bytes;       /* bytes of the lines that are not written yet */
    uint64_t lost;
    bool closing;
    bool ended; /* the writer has ended */
    int64_t give_up_ms;
};

/* ---- the writer ---- */

static bool may_wait(struct spool *s)
{
    (void)pthread_mutex_lock(&s->lock);
    bool may = !s->closing || clock_mono_ms(NULL) < s->give_up_ms;
    (void)pthread_mutex_unlock(&s->lock);
    return may;
}

/* Waits until the descriptor takes bytes; false: the time for that is over. */
static bool await_taker(struct spool *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};
    int n = poll(&p, 1, 0);

    while (n <= 0 && may_wait(s)) {
        n = poll(&p, 1, LOOK_MS);
    }
    return n > 0;
}

static bool is_plain(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool write_out(struct spool *s, const char *bytes, size_t len)
{
    bool plain = is_plain(s->fd);

    while (len > 0) {
        if (!plain && !await_taker(s)) {
            return false;
        }
        ssize_t n = write(s->fd, bytes, plain || len < PIPE_BUF ? len : PIPE_BUF);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return false;
        }
        bytes += n < 0 ? 0 : n;
        len -= n < 0 ? 0 : (size_t)n;
    }
    return true;
}

/* The bytes of one write, and how many lines they are. */
struct chunk {
    struct strbuf text;
    uint64_t lines;
};

static void write_chunk(struct spool *s, struct chunk *b)
{
    if (b->lines > 0) {
        bool written = write_out(s, b->text.data, b->text.len);
        (void)pthread_mutex_lock(&s->lock);
        s->bytes -= b->text.len;
        s->lost += written ? 0 : b->lines;
        (void)pthread_mutex_unlock(&s->lock);
    }
    strbuf_reset(&b->text);
    b->lines = 0;
}

static void write_entries(struct spool *s, struct entry *all)
{
    struct chunk b = {.lines = 0};
    bool plain = is_plain(s->fd);

    while (all != NULL) {
        struct entry *x = all;
        all = x->next;
        if (x->fd >= 0) {
            write_chunk(s, &b);
            (void)close(s->fd);
            s->fd = x->fd;
            plain = is_plain(s->fd);
        } else {
            strbuf_add(&b.text, x->bytes, x->len);
            b.lines++;
        }
        if (!plain || b.text.len >= CHUNK) {
            write_chunk(s, &b);
        }
        free(x);
    }
    write_chunk(s, &b);
    strbuf_clear(&b.text);
}

static void *run(void *arg)
{
    struct spool *s = arg;
    bool on = true;

    while (on) {
        (void)pthread_mutex_lock(&s->lock);
        while (s->first == NULL && !s->closing) {
            (void)pthread_cond_wait(&s->changed, &s->lock);
        }
        struct entry *all = s->first;
        s->first = s->turn = NULL;
        s->end = &s->first;
        (void)pthread_mutex_unlock(&s->lock);
        on = all != NULL;
        write_entries(s, all);
    }
    (void)pthread_mutex_lock(&s->lock);
    s->ended = true;
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* ---- the others ---- */

static void destroy(struct spool *s)
{
    if (s->own) {
        (void)close(s->fd);
    }
    (void)pthread_cond_destroy(&s->changed);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

struct spool *spool_new(int fd, bool own, struct err *e)
{
    struct spool *s = xcalloc(1, sizeof *s);

    s->fd = fd;
    s->own = own;
    s->end = &s->first;
    (void)pthread_mutex_init(&s->lock, NULL);
    cond_init(&s->changed);
    int rc = pthread_create(&s->thread, NULL, run, s);
    if (rc != 0) {
        (void)err_no_thread(e, rc, "the thread that writes the log");
        destroy(s);
        return NULL;
    }
    return s;
}

/* Waits for the writer's end. False: the writer still writes, and nobody takes the bytes. */
static bool await_end(struct spool *s)
{
    const struct timespec until = cond_until(LEAVE_MS);
    int rc = 0;

    (void)pthread_mutex_lock(&s->lock);
    s->closing = true;
    s->give_up_ms = clock_mono_ms(NULL) + LAST_MS;
    (void)pthread_cond_broadcast(&s->changed);
    while (!s->ended && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&s->changed, &s->lock, &until);
    }
    bool ended = s->ended;
    (void)pthread_mutex_unlock(&s->lock);
    return ended;
}

void spool_free(struct spool *s)
{
    if (s == NULL) {
        return;
    }
    if (await_end(s)) {
        (void)pthread_join(s->thread, NULL);
        destroy(s);
    } else {
        (void)pthread_detach(s->thread); /* the process ends, and the writer and `s` end with it */
    }
}

/* Appends an entry, which is taken. The lock is held. */
static void append(struct spool *s, struct entry *x)
{
    *s->end = x;
    s->end = &x->next;
    s->bytes += x->len;
    (void)pthread_cond_broadcast(&s->changed);
}

bool spool_put(struct spool *s, const char *line, size_t len, uint64_t told)
{
    struct entry *x = xmalloc(sizeof *x + len);

    *x = (struct entry){.fd = -1, .len = len};
    memcpy(x->bytes, line, len);
    (void)pthread_mutex_lock(&s->lock);
    bool room = s->bytes + len <= ROOM;
    if (room) {
        append(s, x);
    } else {
        s->lost += 1 + told;
    }
    (void)pthread_mutex_unlock(&s->lock);
    if (!room) {
        free(x);
    }
    return room;
}

void spool_switch(struct spool *s, int fd)
{
    struct entry *x = xmalloc(sizeof *x);
    int unused = -1;

    *x = (struct entry){.fd = fd};
    (void)pthread_mutex_lock(&s->lock);
    if (s->turn == NULL) {
        s->turn = x;
        append(s, x);
        x = NULL;
    } else { /* one change of descriptor is enough, however long nobody reads the lines before it */
        unused = s->turn->fd;
        s->turn->fd = fd;
    }
    (void)pthread_mutex_unlock(&s->lock);
    free(x);
    if (unused >= 0) {
        (void)close(unused);
    }
}

uint64_t spool_lost(struct spool *s)
{
    (void)pthread_mutex_lock(&s->lock);
    uint64_t lost = s->lost;
    s->lost = 0;
    (void)pthread_mutex_unlock(&s->lock);
    return lost;
}
