#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/crc32.h"
#include "core/rand.h"
#include "core/strbuf.h"
#include "protocol.h"
#include "src/cloud/store/store.h"
#include "verify.h"

enum {
    CONNECTIONS_MAX = 256,
    IDLE_S = 60,                   /* a silent connection is closed */
    REQUEST_MS = 60 * 1000,        /* a whole request must arrive within this */
    BODY_MAX = 17 * 1024 * 1024,   /* BatchWriteItem takes 16 MB */
    BODIES_MAX = 96 * 1024 * 1024, /* all requests being received together */
    CONNECTION_MEMORY = 64 * 1024, /* request line and headers */
    THREAD_STACK = 1024 * 1024,    /* a thread a connection: a long poll keeps its own waiting */
    HEADERS_MAX = 100,
    HTTP_DATE_SIZE = 40
};

struct cloud_http {
    struct MHD_Daemon *daemon;
    struct cloud *cloud; /* borrowed */
    int fd;              /* listening; the daemon's once it runs */
    uint16_t port;
    char url[80];
    atomic_size_t bodies; /* bytes of bodies held at the moment */
};

/* One HTTP request on its way in. */
struct exchange {
    struct cloud_http *s;
    char *target; /* raw request target: path, '?', query */
    struct strbuf body;
    int64_t began_ms;
    int refused; /* HTTP status decided before the body was complete; 0: none */
};

/* ---- address ---------------------------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool loopback_address(const char *host, uint16_t port, union address *out, socklen_t *len)
{
    *out = (union address){.v6 = {0}};
    if (host == NULL || strcmp(host, "localhost") == 0) {
        host = "127.0.0.1";
    }
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        *len = sizeof out->v4;
        return ntohl(out->v4.sin_addr.s_addr) >> 24 == 127;
    }
    if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        *len = sizeof out->v6;
        return IN6_IS_ADDR_LOOPBACK(&out->v6.sin6_addr) != 0;
    }
    return false;
}

static void note_address(struct cloud_http *s)
{
    union address a = {.v6 = {0}};
    socklen_t len = sizeof a;
    char text[INET6_ADDRSTRLEN] = "";

    if (getsockname(s->fd, &a.any, &len) != 0) {
        return;
    }
    if (a.any.sa_family == AF_INET) {
        s->port = ntohs(a.v4.sin_port);
        (void)inet_ntop(AF_INET, &a.v4.sin_addr, text, sizeof text);
        (void)snprintf(s->url, sizeof s->url, "http://%s:%u", text, (unsigned)s->port);
    } else {
        s->port = ntohs(a.v6.sin6_port);
        (void)inet_ntop(AF_INET6, &a.v6.sin6_addr, text, sizeof text);
        (void)snprintf(s->url, sizeof s->url, "http://[%s]:%u", text, (unsigned)s->port);
    }
}

struct cloud_http *cloud_http_bind(const char *host, uint16_t port, struct err *e)
{
    union address a = {.v6 = {0}};
    socklen_t len = 0;
    int on = 1;

    if (!loopback_address(host, port, &a, &len)) {
        (void)err_set(e, E_CONFIG, "%s is not a loopback address", host);
        (void)err_hint_set(e, "listen on 127.0.0.1 or ::1: the local cloud is for this machine");
        return NULL;
    }
    struct cloud_http *s = xcalloc(1, sizeof *s);
    s->fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(s->fd, &a.any, len) != 0 || listen(s->fd, 128) != 0) {
        (void)err_set(e, E_CONFIG, "cannot listen on %s port %u: %s",
                      host == NULL ? "127.0.0.1" : host, (unsigned)port, strerror(errno));
        if (errno == EADDRINUSE) {
            (void)err_hint_set(e, "choose another port with --listen, or port 0 for a free one");
        }
        cloud_http_free(s);
        return NULL;
    }
    note_address(s);
    return s;
}

uint16_t cloud_http_port(const struct cloud_http *s)
{
    return s->port;
}

const char *cloud_http_url(const struct cloud_http *s)
{
    return s->url;
}

/* ---- replies ---------------------------------------------------------------------------- */

/* "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale. */
static void http_date(int64_t ms, char out[HTTP_DATE_SIZE])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(ms / 1000);
    struct tm t;

    (void)gmtime_r(&seconds, &t);
    (void)snprintf(out, HTTP_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[t.tm_wday % 7],
                   t.tm_mday, months[t.tm_mon % 12], t.tm_year + 1900, t.tm_hour, t.tm_min,
                   t.tm_sec);
}

/* Sends `r`; takes nothing. The Date header is the cloud's clock, so that a client's skew
 * correction sees the time that its signature is checked against. */
static enum MHD_Result send_reply(struct cloud_http *s, struct MHD_Connection *c,
                                  const struct cloud_http_route *route, const struct cloud_reply *r)
{
    struct cloud_http_reply p;
    char id[UUID_SIZE], date[HTTP_DATE_SIZE], crc[16];

    rand_uuid(id);
    http_date(cloud_now(s->cloud), date);
    cloud_http_write_reply(route, r, id, &p);
    (void)snprintf(crc, sizeof crc, "%u", crc32_of(p.body.data, p.body.len));
    size_t len = p.body.len;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, strbuf_take(&p.body), MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "Content-Type", p.content_type);
    (void)MHD_add_response_header(response, "x-amzn-RequestId", id);
    (void)MHD_add_response_header(response, "Date", date);
    if (p.crc32) {
        (void)MHD_add_response_header(response, "x-amz-crc32", crc);
    }
    if (p.error_type[0] != '\0') {
        (void)MHD_add_response_header(response, "x-amzn-errortype", p.error_type);
    }
    if (p.query_error[0] != '\0') {
        (void)MHD_add_response_header(response, "x-amzn-query-error", p.query_error);
    }
    enum MHD_Result rc = MHD_queue_response(c, (unsigned)r->status, response);
    MHD_destroy_response(response);
    return rc;
}

/* ---- one request ------------------------------------------------------------------------ */

struct header_list {
    struct sigv4_header items[HEADERS_MAX];
    size_t len;
    bool overflow;
};

static enum MHD_Result add_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    struct header_list *list = arg;

    (void)kind;
    if (list->len == HEADERS_MAX) {
        list->overflow = true;
        return MHD_NO;
    }
    list->items[list->len++] =
        (struct sigv4_header){.name = name, .value = value == NULL ? "" : value};
    return MHD_YES;
}

/* The key material for an access key id; the caller clears `session` after use. */
static void find_key(struct cloud *cloud, const char *access_key,
                     struct cloud_store_session *session, struct cloud_http_verify_expect *x)
{
    if (strcmp(access_key, cloud_access_key(cloud)) == 0) {
        x->secret_key = cloud_secret_key(cloud);
    } else if (cloud_session_find(cloud, access_key, session)) {
        x->secret_key = secret_str(&session->secret_key);
        x->token = secret_str(&session->token);
        x->token_expires_ms = session->expires_ms;
    }
}

/* `*caller` becomes the access key, owned. */
static bool authenticate(struct cloud_http *s, const struct cloud_http_route *route,
                         const struct cloud_http_verify_request *v, char **caller,
                         struct cloud_reply *r)
{
    struct cloud_http_verify_fault fault = {0};
    struct cloud_http_verify_auth auth;
    struct cloud_store_session session = {0};
    bool genuine = false;

    if (cloud_http_verify_parse(cloud_http_verify_header(v, "authorization"), &auth, &fault)) {
        struct cloud_http_verify_expect x = {
            .region = cloud_region(s->cloud),
            .service = route->known ? aws_service_get(route->service)->signing_name : auth.service,
            .now_ms = cloud_now(s->cloud)};
        find_key(s->cloud, auth.access_key, &session, &x);
        genuine = cloud_http_verify_check(v, &auth, &x, &fault);
        cloud_store_session_clear(&session);
        *caller = genuine ? xstrdup(auth.access_key) : NULL;
        cloud_http_verify_auth_clear(&auth);
    }
    if (!genuine) {
        int status = 403;
        const char *code = cloud_http_verify_code(fault.kind, route->protocol, &status);
        cloud_fail(r, status, code, "%s", fault.message);
    }
    return genuine;
}

/* Everything between a complete request and its reply. */
static void answer(struct cloud_http *s, const struct cloud_http_request *q,
                   const struct cloud_http_verify_request *v, struct cloud_http_route *route,
                   struct cloud_reply *r)
{
    cJSON *in = NULL;
    char *caller = NULL;

    cloud_http_find_route(cloud_services(s->cloud), q, route);
    /* The one call that AWS takes unsigned: its token is the proof (AWS-WIRE 1.2). */
    bool unsigned_call = route->op == AWS_OP_STS_ASSUME_ROLE_WITH_WEB_IDENTITY &&
                         cloud_http_verify_header(v, "authorization") == NULL;
    if (!unsigned_call && !authenticate(s, route, v, &caller, r)) {
        return;
    }
    if (route->op == AWS_OP_COUNT) {
        cloud_http_refuse_unknown(route, r);
    } else if (cloud_http_read_body(route, q, &in, r)) {
        cloud_dispatch_wait(s->cloud, route->op, in, caller, r);
    }
    free(caller);
    cJSON_Delete(in);
}

static enum MHD_Result finish(struct exchange *x, struct MHD_Connection *c, const char *method)
{
    struct cloud_http *s = x->s;
    struct header_list headers = {.len = 0};
    struct cloud_http_route route = {.protocol = AWS_JSON_1_0, .op = AWS_OP_COUNT};
    struct cloud_reply r = {.status = 200};
    int64_t began = clock_mono_ms(cloud_clock(s->cloud));

    (void)MHD_get_connection_values(c, MHD_HEADER_KIND, add_header, &headers);
    char *query = strchr(x->target, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    struct cloud_http_verify_request v = {.method = method,
                                          .path = x->target,
                                          .query = query == NULL ? "" : query,
                                          .headers = headers.items,
                                          .headers_len = headers.len,
                                          .body = strbuf_str(&x->body),
                                          .body_len = x->body.len};
    struct cloud_http_request q = {.method = method,
                                   .path = x->target,
                                   .target = cloud_http_verify_header(&v, "x-amz-target"),
                                   .type = cloud_http_verify_header(&v, "content-type"),
                                   .body = strbuf_str(&x->body),
                                   .body_len = x->body.len};
    if (headers.overflow || x->target[0] != '/') {
        cloud_fail(&r, 400, "SerializationException", "The request line or headers are malformed");
    } else {
        answer(s, &q, &v, &route, &r);
    }
    if (log_on(cloud_log(s->cloud), LOG_LVL_DEBUG)) {
        log_line(cloud_log(s->cloud), LOG_LVL_DEBUG, "local: %s %s %d %s %lld ms",
                 route.known ? aws_service_get(route.service)->name : "?", route.name, r.status,
                 r.code, (long long)(clock_mono_ms(cloud_clock(s->cloud)) - began));
    }
    enum MHD_Result rc = send_reply(s, c, &route, &r);
    cloud_reply_clear(&r);
    return rc;
}

/* ---- libmicrohttpd's callbacks ---------------------------------------------------------- */

/* Called with the request target as it came, before libmicrohttpd decodes it: the signature is over
 * these bytes. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *c)
{
    struct exchange *x = xcalloc(1, sizeof *x);

    (void)c;
    x->s = arg;
    x->target = xstrdup(target);
    x->body.max = BODY_MAX;
    return x;
}

static void on_completed(void *arg, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *x = *state;

    (void)arg;
    (void)c;
    (void)why;
    if (x != NULL) {
        (void)atomic_fetch_sub(&x->s->bodies, x->body.len);
        strbuf_clear(&x->body);
        free(x->target);
        free(x);
        *state = NULL;
    }
}

static void take_body(struct exchange *x, const char *bytes, size_t len)
{
    size_t before = x->body.len;

    if (x->refused != 0) {
        return; /* drained, so that the client reads the answer */
    }
    if (atomic_load(&x->s->bodies) + len > BODIES_MAX) {
        x->refused = MHD_HTTP_SERVICE_UNAVAILABLE;
        return;
    }
    strbuf_add(&x->body, bytes, len);
    (void)atomic_fetch_add(&x->s->bodies, x->body.len - before);
    if (x->body.overflow) {
        x->refused = MHD_HTTP_CONTENT_TOO_LARGE;
    } else if (clock_mono_ms(NULL) - x->began_ms > REQUEST_MS) {
        x->refused = MHD_HTTP_REQUEST_TIMEOUT;
    }
}

static enum MHD_Result refuse(struct exchange *x, struct MHD_Connection *c)
{
    struct cloud_http_route route = {.protocol = AWS_JSON_1_0, .op = AWS_OP_COUNT};
    struct cloud_reply r = {.status = 200};

    if (x->refused == MHD_HTTP_CONTENT_TOO_LARGE) {
        cloud_fail(&r, x->refused, "RequestEntityTooLargeException",
                   "Request body is over %d bytes", BODY_MAX);
    } else if (x->refused == MHD_HTTP_REQUEST_TIMEOUT) {
        cloud_fail(&r, x->refused, "RequestTimeoutException",
                   "The request did not arrive within %d s", REQUEST_MS / 1000);
    } else {
        cloud_fail(&r, x->refused, "ServiceUnavailable", "Too many requests at once");
    }
    enum MHD_Result rc = send_reply(x->s, c, &route, &r);
    cloud_reply_clear(&r);
    return rc;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **state)
{
    struct exchange *x = *state;

    (void)arg;
    (void)url;
    (void)version;
    if (x == NULL) {
        return MHD_NO;
    }
    if (x->began_ms == 0) { /* first call: the headers are in, the body is not */
        x->began_ms = clock_mono_ms(NULL);
        const char *length =
            MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
        if (length != NULL && strtoull(length, NULL, 10) > BODY_MAX) {
            x->refused = MHD_HTTP_CONTENT_TOO_LARGE;
            return refuse(x, c); /* answered before the body is sent; the connection closes */
        }
        return MHD_YES;
    }
    if (*upload_len > 0) {
        take_body(x, upload, *upload_len);
        *upload_len = 0;
        return x->refused == MHD_HTTP_REQUEST_TIMEOUT ? MHD_NO : MHD_YES;
    }
    return x->refused != 0 ? refuse(x, c) : finish(x, c, method);
}

static void on_log(void *arg, const char *fmt, va_list args)
{
    struct cloud_http *s = arg;
    char text[256];

    (void)vsnprintf(text, sizeof text, fmt, args);
    log_line(cloud_log(s->cloud), LOG_LVL_DEBUG, "local: http: %s", text);
}

enum err_code cloud_http_run(struct cloud_http *s, struct cloud *cloud, struct err *e)
{
    s->cloud = cloud;
    s->daemon = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
            MHD_USE_ERROR_LOG | MHD_USE_SUPPRESS_DATE_NO_CLOCK,
        0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s,
        MHD_OPTION_LISTEN_SOCKET, s->fd, MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
        MHD_OPTION_END);
    if (s->daemon == NULL) {
        return err_set(e, E_IO, "cannot start the HTTP server on %s", s->url);
    }
    s->fd = -1; /* closed by MHD_stop_daemon */
    return E_OK;
}

void cloud_http_free(struct cloud_http *s)
{
    if (s == NULL) {
        return;
    }
    if (s->daemon != NULL) {
        MHD_stop_daemon(s->daemon);
    }
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    free(s);
}
