/* The server: its parts, its start, its stop, its counters. */
#include "httpd/httpd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/cond.h"
#include "core/platform.h"
#include "core/secret.h"
#include "pool.h"
#include "server.h"
#include "tls.h"

static void put_default(int *value, int by_default)
{
    *value = *value == 0 ? by_default : *value;
}

static void put_default_size(size_t *value, size_t by_default)
{
    *value = *value == 0 ? by_default : *value;
}

static void put_defaults(struct httpd_options *o)
{
    put_default_size(&o->head_max, 32 * 1024);
    put_default_size(&o->target_max, 8 * 1024);
    put_default_size(&o->body_max, 256 * 1024);
    put_default(&o->connections, 256);
    put_default(&o->reserve, 16);
    put_default(&o->threads, 16);
    put_default(&o->queue, 1024);
    put_default(&o->idle_ms, 30000);
    put_default(&o->body_ms, 30000);
    put_default(&o->send_ms, 30000);
    put_default(&o->deadline_ms, 10000);
    o->cert = o->key = NULL;
}

/* ---- between the threads ---- */

void httpd_wake(struct httpd *h)
{
    const uint64_t one = 1;

    /* epoll tells of each write, so nobody has to read the value */
    (void)!write(h->wake, &one, sizeof one);
}

void httpd_count_add(struct httpd *h, int connections, int busy)
{
    (void)pthread_mutex_lock(&h->lock);
    h->count.connections += connections;
    h->count.busy += busy;
    if (h->count.busy == 0) {
        (void)pthread_cond_broadcast(&h->changed);
    }
    (void)pthread_mutex_unlock(&h->lock);
}

void httpd_count_one(struct httpd *h, uint64_t *which)
{
    (void)pthread_mutex_lock(&h->lock);
    ++*which;
    (void)pthread_mutex_unlock(&h->lock);
}

void httpd_count(struct httpd *h, struct httpd_count *out)
{
    int waiting = httpd_pool_waiting(h->pool);

    (void)pthread_mutex_lock(&h->lock);
    *out = h->count;
    (void)pthread_mutex_unlock(&h->lock);
    out->connections_max = h->o.connections;
    out->waiting = waiting;
}

void httpd_again(struct httpd *h)
{
    (void)atomic_fetch_add(&h->again, 1);
    httpd_wake(h);
}

/* ---- start ---- */

static bool watch(struct httpd *h, int fd, uint32_t events, void *pointer)
{
    struct epoll_event ev = {.events = events, .data.ptr = pointer};

    return epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static enum err_code open_loop(struct httpd *h, struct err *e)
{
    h->epoll = epoll_create1(EPOLL_CLOEXEC);
    h->wake = platform_wake_fd();
    int flags = fcntl(h->fd, F_GETFL);
    if (h->epoll < 0 || h->wake < 0 || flags < 0 || fcntl(h->fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        !watch(h, h->wake, EPOLLIN | EPOLLET, NULL) || !watch(h, h->fd, EPOLLIN, h)) {
        return err_set(e, E_IO, "cannot set up the HTTP server's loop: %s", strerror(errno));
    }
    const int on = 1; /* a reply goes out at once; accepted connections inherit this option */
    (void)setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    h->accepting = true;
    return E_OK;
}

static enum err_code start_loop(struct httpd *h, struct err *e)
{
    sigset_t all, old;

    (void)sigfillset(&all); /* signals are for the program's own threads; nobody gets SIGPIPE */
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(&h->thread, NULL, httpd_loop_run, h);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc == 0 ? E_OK : err_no_thread(e, rc, "the HTTP server's thread");
}

static void init_locks(struct httpd *h)
{
    (void)pthread_mutex_init(&h->lock, NULL);
    cond_init(&h->changed);
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* Frees everything, after all threads have ended. */
static void free_parts(struct httpd *h)
{
    httpd_pool_free(h->pool);
    httpd_tls_free(h->tls);
    close_if_open(h->fd);
    close_if_open(h->epoll);
    close_if_open(h->wake);
    secret_wipe(h->scratch, SCRATCH_SIZE);
    free(h->scratch);
    (void)pthread_cond_destroy(&h->changed);
    (void)pthread_mutex_destroy(&h->lock);
    free(h);
}

struct httpd *httpd_start(const struct httpd_options *o, struct err *e)
{
    struct httpd *h = xcalloc(1, sizeof *h);

    h->o = *o;
    put_defaults(&h->o);
    h->fd = o->fd;
    h->epoll = h->wake = -1;
    h->next_ms = NEVER_MS;
    h->full_ms = h->starved_ms = TIME_NONE;
    h->now_ms = clock_mono_ms(NULL);
    h->scratch = xmalloc(SCRATCH_SIZE);
    init_locks(h);
    if ((o->cert != NULL && (h->tls = httpd_tls_new(o->cert, o->key, e)) == NULL) ||
        open_loop(h, e) != E_OK || (h->pool = httpd_pool_new(h, e)) == NULL ||
        start_loop(h, e) != E_OK) {
        free_parts(h);
        return NULL;
    }
    return h;
}

enum err_code httpd_set_tls(struct httpd *h, const char *cert, const char *key, struct err *e)
{
    if (h->tls == NULL) {
        return err_set(e, E_CONFIG, "the server was started without TLS: start it again");
    }
    return httpd_tls_set(h->tls, cert, key, e);
}

/* ---- stop ---- */

void httpd_quiesce(struct httpd *h)
{
    atomic_store(&h->quiesce, true);
    httpd_wake(h);
    (void)pthread_mutex_lock(&h->lock);
    while (!h->quiesced) {
        (void)pthread_cond_wait(&h->changed, &h->lock);
    }
    (void)pthread_mutex_unlock(&h->lock);
}

/* Is nothing under way? After quiesce a connection is open only while something is under way on it:
 * a head that is coming, a request, or a client that reads the reply. The lock is held. */
static bool is_quiet(const struct httpd *h)
{
    return h->count.busy == 0 && (!h->quiesced || h->count.connections == 0);
}

int httpd_wait(struct httpd *h, int timeout_ms)
{
    const struct timespec until = cond_until(timeout_ms);
    int rc = 0;

    (void)pthread_mutex_lock(&h->lock);
    while (!is_quiet(h) && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&h->changed, &h->lock, &until);
    }
    int busy = h->count.busy;
    (void)pthread_mutex_unlock(&h->lock);
    return busy;
}

void httpd_free(struct httpd *h)
{
    if (h == NULL) {
        return;
    }
    atomic_store(&h->end, true);
    httpd_wake(h);
    (void)pthread_join(h->thread, NULL);
    free_parts(h);
}
