/* Raw bytes to a running httpd, over loopback, cut at places that the input chooses. The readers of
 * heads and bodies, fed with the whole, say beforehand which replies there may be; the server, fed
 * in parts by a network, must give just these, each a whole message of HTTP/1.1 with its owner's
 * body, and end the connection where nothing more may be served. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/strbuf.h"
#include "httpd/httpd.h"
#include "src/httpd/body.h"
#include "src/httpd/head.h"

enum { HEAD_MAX = 512, TARGET_MAX = 64, BODY_MAX = 48, REPLIES_MAX = 600, WAIT_MS = 8000 };

static struct httpd *server;
static uint16_t port;
static atomic_int started, ended; /* exchanges */

static void must_(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "it is not so: %s\n", what);
        abort();
    }
}
#define must(x) must_(x, #x)

/* ---- the owner ---- */

enum deed { ECHO, ECHO_HERE, REFUSED, CLOSED, EMPTY };

static enum deed deed_of(const char *target)
{
    return strncmp(target, "/h", 2) == 0   ? ECHO_HERE
           : strncmp(target, "/n", 2) == 0 ? REFUSED
           : strncmp(target, "/c", 2) == 0 ? CLOSED
           : strncmp(target, "/4", 2) == 0 ? EMPTY
                                           : ECHO;
}

/* Owned. */
static char *echo(const char *method, const char *target, const char *body, size_t len, size_t *out)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b, "%s %s ", method, target);
    strbuf_add(&b, body, len);
    *out = b.len;
    return strbuf_take(&b);
}

static enum http_way on_head(void *arg, struct http_exchange *x)
{
    (void)arg;
    (void)atomic_fetch_add(&started, 1);
    x->state = xstrdup("the owner's");
    if (deed_of(x->target) == REFUSED) {
        x->reply = (struct http_reply){.status = 403, .body = xstrdup("no"), .body_len = 2};
        return HTTP_REPLY;
    }
    return deed_of(x->target) == ECHO_HERE ? HTTP_RUN_HERE : HTTP_RUN;
}

static void on_run(void *arg, struct http_exchange *x)
{
    (void)arg;
    must(x->body[x->body_len] == '\0' && x->body_len <= BODY_MAX);
    x->reply.status = deed_of(x->target) == EMPTY ? 204 : 200;
    x->reply.close = deed_of(x->target) == CLOSED;
    x->reply.body = echo(x->method, x->target, x->body, x->body_len, &x->reply.body_len);
}

static void on_refuse(void *arg, struct http_exchange *x, int status, const char *why)
{
    (void)arg;
    if (x->state == NULL) {
        (void)atomic_fetch_add(&started, 1);
    }
    must(why != NULL && status >= 400);
    x->reply.status = status;
    free(x->reply.body);
    x->reply.body = xstrdup("refused");
    x->reply.body_len = strlen(x->reply.body);
}

static void on_done(void *arg, struct http_exchange *x)
{
    (void)arg;
    free(x->state);
    x->state = NULL;
    (void)atomic_fetch_add(&ended, 1);
}

static void stop(void)
{
    httpd_free(server);
}

static void start(void)
{
    static const struct httpd_hooks hooks = {on_head, on_run, on_refuse, on_done, NULL};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct httpd_options o = {.fd = fd,
                                    .hooks = &hooks,
                                    .head_max = HEAD_MAX,
                                    .target_max = TARGET_MAX,
                                    .body_max = BODY_MAX,
                                    .threads = 2};

    must(bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0);
    must(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    port = ntohs(at.sin_port);
    server = httpd_start(&o, NULL);
    must(server != NULL);
    (void)atexit(stop);
}

/* ---- which replies there may be ---- */

struct expected {
    int status, or_status; /* the second one too, when it is not 0 */
    bool to_head;
    bool close;     /* the connection ends after this request, whatever the client does */
    bool may_close; /* the server may answer 100: the client asked whether to send its body */
    char *body;     /* owned */
    size_t body_len;
};

struct plan {
    struct expected items[REPLIES_MAX];
    size_t len;
    bool waits; /* the server waits for more after the last request */
    /* the client asked for the end: bytes that the client sends later may cut the connection */
    bool asked;
};

static struct expected *expect(struct plan *p, int status, bool close)
{
    must(p->len < REPLIES_MAX);
    p->items[p->len] = (struct expected){.status = status, .close = close};
    if (status >= 400) {
        p->items[p->len].body = xstrdup("refused");
        p->items[p->len].body_len = 7;
    }
    return &p->items[p->len++];
}

/* The owner refuses the request at its head. Returns the bytes of the body, 0 at the end of the
 * connection. */
static size_t plan_refused(struct plan *p, const struct http_head *h, const char *bytes, size_t len,
                           bool *more)
{
    struct http_body b;
    size_t used = 0;

    http_body_init(&b, h->chunked, h->length, 0);
    bool whole = !h->chunked && http_body_take(&b, bytes, len, &used) == HTTP_BODY_END;
    http_body_clear(&b);
    struct expected *x = expect(p, 403, !whole || !h->keep);
    free(x->body);
    x->body = xstrdup("no");
    x->body_len = 2;
    x->may_close = h->expects;
    *more = !x->close;
    /* The server waits for a body that does not come to its end, unless the body is not read at
     * all. */
    p->waits = !whole && !h->chunked && !(h->expects);
    return used;
}

static size_t plan_run(struct plan *p, const struct http_head *h, const char *bytes, size_t len,
                       bool *more)
{
    struct http_body b;
    size_t used = 0;

    *more = false;
    http_body_init(&b, h->chunked, h->length, BODY_MAX);
    enum http_body_state state = http_body_take(&b, bytes, len, &used);
    if (b.too_big) { /* and in doubt, perhaps: it depends on the parts which is seen first */
        expect(p, 413, true)->or_status = state == HTTP_BODY_BAD ? 400 : 0;
    } else if (state != HTTP_BODY_END) {
        (void)expect(p, 400, true);
        p->waits = state == HTTP_BODY_MORE;
    } else {
        bool empty = deed_of(h->target) == EMPTY;
        struct expected *x = expect(p, empty ? 204 : 200, deed_of(h->target) == CLOSED || !h->keep);
        x->body = echo(h->method, h->target, strbuf_str(&b.data), b.data.len, &x->body_len);
        *more = !x->close;
        p->asked = !h->keep;
    }
    http_body_clear(&b);
    return used;
}

static bool is_line_ends(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\r' && bytes[i] != '\n') {
            return false;
        }
    }
    return true;
}

static void make_plan(struct plan *p, const char *bytes, size_t len)
{
    static const struct http_head_limits limits = {HEAD_MAX, TARGET_MAX};
    bool more = true;

    for (size_t at = 0; more;) {
        struct http_head_scan scan = {.at = 0};
        struct http_head h;
        size_t n = http_head_read(&scan, bytes + at, len - at, &limits, &h);
        if (n == 0) {
            p->waits = true;
            if (!is_line_ends(bytes + at, len - at)) {
                (void)expect(p, 400, true);
            }
            more = false;
        } else if (h.status != 0) {
            (void)expect(p, h.status, true);
            more = false;
        } else {
            at += n;
            at += deed_of(h.target) == REFUSED ? plan_refused(p, &h, bytes + at, len - at, &more)
                                               : plan_run(p, &h, bytes + at, len - at, &more);
        }
        if (n > 0 && p->len > 0) {
            p->items[p->len - 1].to_head = h.method != NULL && strcmp(h.method, "HEAD") == 0;
        }
        http_head_clear(&h);
    }
}

/* ---- the client ---- */

static int dial(uint8_t turn)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK + turn % 250)};
    const struct timeval limit = {.tv_sec = WAIT_MS / 1000};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* Clients come from many addresses, for one address would run out of ports. */
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    must(bind(fd, (struct sockaddr *)&from, sizeof from) == 0);
    must(connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

static void send_parts(int fd, const char *bytes, size_t len, size_t step)
{
    for (size_t at = 0; at < len;) {
        size_t want = len - at < step ? len - at : step;
        ssize_t n = send(fd, bytes + at, want, MSG_NOSIGNAL);
        if (n <= 0) {
            return; /* the connection has ended: its replies say whether it should */
        }
        at += (size_t)n;
        for (int i = 0; i < 3; i++) {
            (void)sched_yield();
        }
    }
}

/* A whole message of HTTP/1.1 at `text`; returns its length. 100 Continue is one of its own. */
static size_t check_reply(const char *text, size_t len, const struct expected *x)
{
    const char *end = memmem(text, len, "\r\n\r\n", 4);
    int status = 0;

    must(end != NULL && sscanf(text, "HTTP/1.1 %3d ", &status) == 1);
    size_t head_len = (size_t)(end + 4 - text);
    if (status == 100) {
        must(head_len == 25);
        return head_len;
    }
    must(x != NULL);
    must(status == x->status || (x->or_status != 0 && status == x->or_status));
    char *head = xstrndup(text, head_len);
    const char *length = strcasestr(head, "\r\nContent-Length: ");
    bool close = strcasestr(head, "\r\nConnection: close\r\n") != NULL;
    must(close == x->close || (close && x->may_close));
    must((length == NULL) == (status == 204));
    must(length == NULL || strtoul(length + 18, NULL, 10) == x->body_len);
    free(head);
    if (status == 204 || x->to_head) {
        return head_len;
    }
    must(len - head_len >= x->body_len && memcmp(end + 4, x->body, x->body_len) == 0);
    return head_len + x->body_len;
}

static void check_all(const struct plan *p, const char *text, size_t len)
{
    size_t n = 0;

    for (size_t at = 0; at < len;) {
        const struct expected *x = n < p->len ? &p->items[n] : NULL;
        bool interim = len - at >= 12 && memcmp(text + at, "HTTP/1.1 100", 12) == 0;
        at += check_reply(text + at, len - at, x);
        n += !interim;
    }
    if (n < p->len) { /* fewer only where the connection might have ended before */
        must(n > 0 && p->items[n - 1].may_close);
    }
}

/* Each reply to a request that is served needs a version that is spoken here; one refusal may be.
 */
static size_t count_simply(const char *bytes, size_t len)
{
    size_t n = 1;

    for (const char *at = bytes; (at = memmem(at, (size_t)(bytes + len - at), " HTTP/1.", 8));) {
        at += 8;
        n++;
    }
    return n;
}

static void wait_for_the_end(int exchanges)
{
    int64_t until_ms = clock_mono_ms(NULL) + WAIT_MS;
    struct httpd_count count;

    do {
        (void)sched_yield();
        httpd_count(server, &count);
    } while ((count.connections > 0 || count.busy > 0) && clock_mono_ms(NULL) < until_ms);
    must(count.connections == 0 && count.busy == 0 && count.waiting == 0);
    must(atomic_load(&started) == atomic_load(&ended));
    must(atomic_load(&ended) <= exchanges);
}

/* The first byte: of how many bytes a part is, and whether the client ends its side in any case. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t turn;
    static struct plan p;
    struct strbuf in = STRBUF_INIT;
    char buf[8192];
    ssize_t n;

    if (server == NULL) {
        start();
    }
    if (size < 1) {
        return 0;
    }
    const char *bytes = (const char *)data + 1;
    p.len = 0;
    p.waits = p.asked = false;
    make_plan(&p, bytes, size - 1);
    must(p.len <= count_simply(bytes, size - 1));
    atomic_store(&started, 0);
    atomic_store(&ended, 0);
    int fd = dial(turn++);
    send_parts(fd, bytes, size - 1, data[0] % 4 == 0 ? size : (size_t)data[0] / 4 + 1);
    bool may_wait = p.waits || (p.len > 0 && p.items[p.len - 1].may_close);
    if (data[0] % 2 == 1 || may_wait || p.len == 0 || !p.items[p.len - 1].close) {
        (void)shutdown(fd, SHUT_WR);
    }
    while ((n = recv(fd, buf, sizeof buf, 0)) > 0) {
        strbuf_add(&in, buf, (size_t)n);
    }
    must(n == 0 || (errno == ECONNRESET && p.asked));
    (void)close(fd);
    check_all(&p, strbuf_str(&in), in.len);
    wait_for_the_end((int)p.len);
    strbuf_clear(&in);
    for (size_t i = 0; i < p.len; i++) {
        free(p.items[i].body);
    }
    return 0;
}
