/* A proxy between client and service that loses, cuts or replaces replies. */
#include "fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/strbuf.h"

struct fault_proxy {
    int listener;
    int stop_pipe[2];
    uint16_t port, to;
    int percent;
    const char *only;
    pthread_t thread;
    pthread_mutex_t lock; /* guards random and live */
    pthread_cond_t idle;
    uint32_t random;
    int live; /* connections */
    atomic_bool down;
    const struct fault_step *steps; /* or NULL */
    size_t steps_len, step;         /* `lock` guards step and met */
    int met;                        /* requests that met the step */
    atomic_int counts[FAULT_SCRIPTED];
};

struct conn {
    struct fault_proxy *p;
    int fd;
};

static enum fault draw(struct fault_proxy *p, const char *head)
{
    pthread_mutex_lock(&p->lock);
    p->random = p->random * 1664525u + 1013904223u;
    uint32_t chance = p->random >> 16;
    p->random = p->random * 1664525u + 1013904223u;
    uint32_t kind = p->random >> 16;
    pthread_mutex_unlock(&p->lock);
    bool hit = (int)(chance % 100) < p->percent && (p->only == NULL || strstr(head, p->only));
    enum fault f = hit ? (enum fault)(1 + kind % (FAULT_KINDS - 1)) : FAULT_NONE;
    atomic_fetch_add(&p->counts[f], 1);
    return f;
}

/* The fate of the next request by the script. */
static enum fault follow_script(struct fault_proxy *p, const char *head, const char **body)
{
    enum fault f = FAULT_NONE;

    pthread_mutex_lock(&p->lock);
    const struct fault_step *s = p->step < p->steps_len ? &p->steps[p->step] : NULL;
    if (s != NULL && strstr(head, s->op) != NULL) {
        f = s->fault;
        *body = s->body;
        p->met++;
        if (p->met >= (s->times == 0 ? 1 : s->times)) {
            p->step++;
            p->met = 0;
        }
    }
    pthread_mutex_unlock(&p->lock);
    atomic_fetch_add(&p->counts[f], 1);
    return f;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* Reads one whole HTTP message (Content-Length framing, as both sides use); false at the end. */
static bool read_message(struct fault_proxy *p, int fd, struct strbuf *out)
{
    char buf[16384];

    strbuf_reset(out);
    for (;;) {
        const char *end = out->data == NULL ? NULL : strstr(out->data, "\r\n\r\n");
        if (end != NULL) {
            const char *cl = strcasestr(out->data, "content-length:");
            size_t body = cl != NULL && cl < end ? strtoul(cl + 15, NULL, 10) : 0;
            if (out->len >= (size_t)(end - out->data) + 4 + body) {
                return true;
            }
        }
        struct pollfd fds[2] = {
            {.fd = fd,              .events = POLLIN},
            {.fd = p->stop_pipe[0], .events = POLLIN}
        };
        if (poll(fds, 2, 30000) <= 0 || fds[1].revents != 0) {
            return false;
        }
        ssize_t n = recv(fd, buf, sizeof buf, 0);
        if (n <= 0) {
            return false;
        }
        strbuf_add(out, buf, (size_t)n);
    }
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool answer(int fd, const char *status, const char *body)
{
    char text[2000];

    (void)snprintf(text, sizeof text,
                   "HTTP/1.1 %s\r\nContent-Type: application/x-amz-json-1.0\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   status, strlen(body), body);
    return send_all(fd, text, strlen(text));
}

/* What is not passed on, and what is said instead. */
static const struct refusal {
    enum fault fault;
    const char *status, *code; /* code NULL: no reply of AWS's */
} refusals[] = {
    {FAULT_THROTTLED,   "400 Bad Request",                                         "ThrottlingException"                   },
    {FAULT_PROVISIONED, "400 Bad Request",                                         "ProvisionedThroughputExceededException"},
    {FAULT_EXPIRED,     "400 Bad Request",                                         "ExpiredTokenException"                 },
    {FAULT_DENIED,      "403 Forbidden",                                           "AccessDeniedException"                 },
    {FAULT_INVALID,     "400 Bad Request",                                         "ValidationException"                   },
    {FAULT_SIGNATURE,   "403 Forbidden",                                           "InvalidSignatureException"             },
    {FAULT_REDIRECT,    "307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/", NULL                                    },
    {FAULT_FOREIGN,     "403 Forbidden",                                           NULL                                    },
    {FAULT_503,         "503 Service Unavailable",                                 NULL                                    },
};

static const struct refusal *refusal_of(enum fault f)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (refusals[i].fault == f) {
            return &refusals[i];
        }
    }
    return NULL;
}

static bool refuse(int fd, const struct refusal *r)
{
    char body[200];

    (void)snprintf(body, sizeof body, "{\"__type\":\"com.amazon#%s\",\"message\":\"no\"}",
                   r->code == NULL ? "" : r->code);
    return answer(fd, r->status, r->code == NULL ? "<html>no</html>" : body);
}

/* One request and its fate; false when the connection is over. */
static bool serve(struct fault_proxy *p, int fd, int up, struct strbuf *req, struct strbuf *reply)
{
    static const char garbage[] = "\x16\x03\x01\x02 what is this\r\n\r\n";
    const char *body = NULL;
    enum fault f = p->steps != NULL ? follow_script(p, req->data, &body) : draw(p, req->data);
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    const struct refusal *no = refusal_of(f);

    if (no != NULL) {
        return refuse(fd, no);
    }
    switch (f) {
    case FAULT_CUT_BEFORE:
        return false;
    case FAULT_RESET:
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        return false;
    default:
        break;
    }
    if (atomic_load(&p->down) || !send_all(up, req->data, req->len) ||
        !read_message(p, up, reply)) {
        return false;
    }
    switch (f) {
    case FAULT_LINK_DOWN:
        atomic_store(&p->down, true);
        (void)shutdown(p->listener, SHUT_RDWR); /* refuses from now on */
        return false;
    case FAULT_ANSWER:
        return answer(fd, "200 OK", body);
    case FAULT_LOST_REPLY:
        return false;
    case FAULT_TRUNCATED:
        (void)send_all(fd, reply->data, reply->len - reply->len / 3);
        return false;
    case FAULT_GARBAGE:
        (void)send_all(fd, garbage, sizeof garbage - 1);
        return false;
    case FAULT_500_AFTER:
        return answer(fd, "500 Internal Server Error",
                      "{\"__type\":\"InternalFailure\",\"message\":\"oops\"}");
    default:
        return send_all(fd, reply->data, reply->len);
    }
}

static void *connection(void *arg)
{
    struct conn *c = arg;
    struct strbuf req = STRBUF_INIT;
    struct strbuf reply = STRBUF_INIT;
    int up = connect_to(c->p->to);

    while (up >= 0 && read_message(c->p, c->fd, &req) && serve(c->p, c->fd, up, &req, &reply)) {
    }
    (void)close(c->fd);
    if (up >= 0) {
        (void)close(up);
    }
    strbuf_clear(&req);
    strbuf_clear(&reply);
    pthread_mutex_lock(&c->p->lock);
    c->p->live--;
    pthread_cond_broadcast(&c->p->idle);
    pthread_mutex_unlock(&c->p->lock);
    free(c);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct fault_proxy *p = arg;

    for (;;) {
        struct pollfd fds[2] = {
            {.fd = atomic_load(&p->down) ? -1 : p->listener, .events = POLLIN},
            {.fd = p->stop_pipe[0],                          .events = POLLIN}
        };
        pthread_t t;
        if (poll(fds, 2, -1) < 0 || fds[1].revents != 0) {
            return NULL;
        }
        int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        struct conn *c = xcalloc(1, sizeof *c);
        *c = (struct conn){.p = p, .fd = fd};
        pthread_mutex_lock(&p->lock);
        p->live++;
        pthread_mutex_unlock(&p->lock);
        if (pthread_create(&t, NULL, connection, c) != 0) {
            abort();
        }
        (void)pthread_detach(t);
    }
}

/* Takes `p`, which says what is to happen. */
static struct fault_proxy *start(struct fault_proxy *p)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->idle, NULL);
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p->listener < 0 || bind(p->listener, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(p->listener, 64) != 0 ||
        getsockname(p->listener, (struct sockaddr *)&a, &len) != 0 || pipe(p->stop_pipe) != 0 ||
        pthread_create(&p->thread, NULL, accept_all, p) != 0) {
        abort();
    }
    p->port = ntohs(a.sin_port);
    return p;
}

struct fault_proxy *fault_proxy_start(uint16_t port, int percent, const char *only, uint32_t seed)
{
    struct fault_proxy *p = xcalloc(1, sizeof *p);

    *p = (struct fault_proxy){.to = port, .percent = percent, .only = only, .random = seed};
    return start(p);
}

struct fault_proxy *fault_proxy_start_script(uint16_t port, const struct fault_step *steps,
                                             size_t len)
{
    struct fault_proxy *p = xcalloc(1, sizeof *p);

    *p = (struct fault_proxy){.to = port, .steps = steps, .steps_len = len};
    return start(p);
}

uint16_t fault_proxy_port(const struct fault_proxy *p)
{
    return p->port;
}

int fault_proxy_count(const struct fault_proxy *p, enum fault f)
{
    return atomic_load(&p->counts[f]);
}

void fault_proxy_stop(struct fault_proxy *p)
{
    (void)!write(p->stop_pipe[1], "x", 1); /* readable for all, as nobody reads it */
    (void)pthread_join(p->thread, NULL);
    pthread_mutex_lock(&p->lock);
    while (p->live > 0) {
        pthread_cond_wait(&p->idle, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    (void)close(p->listener);
    (void)close(p->stop_pipe[0]);
    (void)close(p->stop_pipe[1]);
    free(p);
}
