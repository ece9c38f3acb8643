/* DESIGN: one request from libmicrohttpd's callbacks to its handler and back.
 *
 *   on_target    the request line is there: keeps the target as it came
 *   on_request   called when the headers are complete: everything that can refuse the request does
 *                so now, before a byte of the body is kept; then for each piece of the body; then
 *                once more when it is complete: the handler runs, on this connection's thread
 *   on_completed the reply was sent, or the client is gone: counted and logged
 *
 * A refused request's body is read and dropped up to DRAIN_MAX, so that the client gets to read the
 * answer; past that, the connection closes. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/rand.h"
#include "idem.h"
#include "impl.h"

enum {
    DRAIN_MAX = 1024 * 1024,
    CONNECTION_MEMORY = 32 * 1024, /* request line and headers */
    THREAD_STACK = 1024 * 1024,
    ALLOW_SIZE = 64,
    ID_SIZE = 129
};

struct exchange {
    struct api *a;
    struct conn *conn;
    char *raw; /* the target as it came; owned */
    struct target target;
    const struct route *route; /* NULL: none fits */
    char request_id[ID_SIZE];
    char method[16];
    char address[INET6_ADDRSTRLEN];
    char client[TOKEN_NAME_SIZE];
    char allow[ALLOW_SIZE];
    struct strbuf body;
    size_t received;
    bool begun;
    bool answered;
    int64_t began_us;
    int64_t us; /* until the answer was ready */
    size_t out_bytes;
    struct reply reply; /* status 0: not refused so far */
};

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- replies ---- */

static void add(struct MHD_Response *r, const char *name, const char *value)
{
    (void)MHD_add_response_header(r, name, value);
}

static enum MHD_Result send_reply(struct exchange *x, struct MHD_Connection *c)
{
    struct reply *r = &x->reply;
    char seconds[16];

    x->us = now_us() - x->began_us;
    x->out_bytes = r->body == NULL ? 0 : strlen(r->body);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(x->out_bytes, r->body, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        return MHD_NO;
    }
    r->body = NULL; /* taken */
    add(response, "Content-Type", r->type);
    add(response, "X-Request-Id", x->request_id);
    add(response, "Cache-Control", "no-store");
    add(response, "X-Content-Type-Options", "nosniff");
    if (r->retry_after_s > 0) {
        (void)snprintf(seconds, sizeof seconds, "%d", r->retry_after_s);
        add(response, "Retry-After", seconds);
    }
    if (r->status == 405) {
        add(response, "Allow", x->allow);
    }
    if (r->auth != NULL) {
        add(response, "WWW-Authenticate", r->auth);
    }
    if (r->replayed) {
        add(response, "Idempotent-Replayed", "true");
    }
    if (atomic_load(&x->a->draining)) {
        add(response, "Connection", "close");
    }
    x->answered = true;
    watch_send(x->a->watch, x->conn);
    enum MHD_Result rc = MHD_queue_response(c, (unsigned)r->status, response);
    MHD_destroy_response(response);
    return rc;
}

/* ---- what may be told from the headers ---- */

static const char *header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

struct header_count {
    const char *name;
    int n;
};

static enum MHD_Result count_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct header_count *k = arg;

    (void)kind;
    (void)value;
    k->n += strcasecmp(name, k->name) == 0;
    return MHD_YES;
}

static int headers_named(struct MHD_Connection *c, const char *name)
{
    struct header_count k = {.name = name};

    (void)MHD_get_connection_values(c, MHD_HEADER_KIND, count_header, &k);
    return k.n;
}

/* The client's own id of the request when it can be logged as it is, else one of ours. */
static void take_request_id(struct exchange *x, struct MHD_Connection *c)
{
    const char *given = header(c, "X-Request-Id");
    size_t len = given == NULL ? 0 : strnlen(given, ID_SIZE);

    if (len > 0 && len < ID_SIZE &&
        strspn(given, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len) {
        memcpy(x->request_id, given, len + 1);
    } else {
        rand_uuid(x->request_id);
    }
}

static void take_address(struct exchange *x, struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *from = info == NULL ? NULL : info->client_addr;

    if (from != NULL && from->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)from;
        (void)inet_ntop(AF_INET, &v4->sin_addr, x->address, sizeof x->address);
    } else if (from != NULL && from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)from;
        (void)inet_ntop(AF_INET6, &v6->sin6_addr, x->address, sizeof x->address);
    }
}

static bool find_route(struct exchange *x)
{
    struct err e = {0};

    if (target_parse(x->raw, &x->target, &e) != E_OK) {
        reply_err(&x->reply, &e);
        return false;
    }
    switch (route_find(x->method, &x->target, x->a->o.read_only, &x->route, x->allow,
                       sizeof x->allow)) {
    case ROUTE_FOUND:
        return true;
    case ROUTE_NO_PATH:
        reply_fail(&x->reply, 404, "no_route", "there is no such route: see GET /openapi.json");
        break;
    case ROUTE_NO_METHOD:
        reply_fail(&x->reply, 405, "method_not_allowed", "%s does not go here%s%s", x->method,
                   x->allow[0] == '\0' ? ": the server is read-only" : "; what does: ", x->allow);
        break;
    }
    return false;
}

/* Whose token it is, into x->client. True when the route may be used. */
static bool check_token(struct exchange *x, struct MHD_Connection *c)
{
    struct api *a = x->a;
    const char *given = tokens_bearer(header(c, "Authorization"));
    const char *name = NULL;

    (void)pthread_mutex_lock(&a->lock);
    bool needed = tokens_len(a->tokens) > 0;
    name = given == NULL ? NULL : tokens_find(a->tokens, given);
    (void)snprintf(x->client, sizeof x->client, "%s", name == NULL ? "" : name);
    (void)pthread_mutex_unlock(&a->lock);
    if (name != NULL || !needed || (x->route != NULL && (x->route->flags & ROUTE_OPEN) != 0)) {
        return true;
    }
    reply_fail(&x->reply, 401, "unauthorized",
               given == NULL ? "give a token: Authorization: Bearer TOKEN"
                             : "the token is not known here");
    x->reply.auth = given == NULL ? "Bearer realm=\"mvpdash\""
                                  : "Bearer realm=\"mvpdash\", error=\"invalid_token\"";
    return false;
}

/* By token where there is a good one, else by address. */
static bool check_rate(struct exchange *x)
{
    char who[sizeof x->client + 8];

    (void)snprintf(who, sizeof who, "%s %s", x->client[0] == '\0' ? "ip" : "token",
                   x->client[0] == '\0' ? x->address : x->client);
    int wait_s = limiter_ask(x->a->limiter, who, clock_mono_ms(NULL));
    if (wait_s == 0) {
        return true;
    }
    reply_clear(&x->reply); /* a 401 before it tells less */
    reply_fail(&x->reply, 429, "rate_limited", "more than %d requests a second: slow down",
               x->a->o.rate);
    x->reply.retry_after_s = wait_s;
    return false;
}

static bool check_query(struct exchange *x)
{
    for (size_t i = 0; i < x->target.queries_len; i++) {
        const struct route_query *q = x->route->query;
        while (q != NULL && q->name != NULL && strcmp(q->name, x->target.queries[i].name) != 0) {
            q++;
        }
        if (q == NULL || q->name == NULL) {
            reply_fail(&x->reply, 400, "bad_request", "%.60s: is not a parameter of this route",
                       x->target.queries[i].name);
            return false;
        }
    }
    return true;
}

/* "application/json", with or without a charset, which can only be UTF-8. */
static bool is_json(const char *type)
{
    size_t n = strlen("application/json");

    if (type == NULL || strncasecmp(type, "application/json", n) != 0) {
        return false;
    }
    type += n + strspn(type + n, " \t");
    if (*type == '\0') {
        return true;
    }
    type += *type == ';' ? 1 : 0;
    type += strspn(type, " \t");
    return strcasecmp(type, "charset=utf-8") == 0 || strcasecmp(type, "charset=\"utf-8\"") == 0;
}

/* How long the body is, as far as the headers say; false when they contradict each other. */
static bool body_length(struct MHD_Connection *c, size_t *out)
{
    const char *length = header(c, "Content-Length");
    bool chunked = header(c, "Transfer-Encoding") != NULL;

    *out = length == NULL ? 0 : strtoull(length, NULL, 10);
    return (length == NULL || !chunked) && headers_named(c, "Content-Length") <= 1 &&
           headers_named(c, "Transfer-Encoding") <= 1;
}

static void check_headers(struct exchange *x, struct MHD_Connection *c)
{
    struct reply *r = &x->reply;
    size_t length = 0;
    bool sound = body_length(c, &length);
    bool found = find_route(x);

    bool known = found ? check_token(x, c) : true;
    if (!check_rate(x) || !found || !known) {
        return;
    }
    if (!sound) {
        reply_fail(r, 400, "bad_request", "the headers give the body's length twice");
    } else if (headers_named(c, "Idempotency-Key") > 1) {
        reply_fail(r, 400, "bad_request", "Idempotency-Key: is given more than once");
    } else if (!check_query(x)) {
        return;
    } else if (length > BODY_MAX) {
        reply_fail(r, 413, "too_large", "the body is over %d bytes", BODY_MAX);
    } else if ((x->route->flags & ROUTE_BODY) != 0 && !is_json(header(c, "Content-Type"))) {
        reply_fail(r, 415, "not_json", "Content-Type: give application/json");
    }
}

/* ---- the way of a request ---- */

static enum MHD_Result begin(struct exchange *x, struct MHD_Connection *c, const char *method)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    size_t length = 0;

    x->begun = true;
    x->began_us = now_us();
    x->conn = info == NULL ? NULL : info->socket_context;
    if (x->conn == NULL || !watch_begin(x->a->watch, x->conn)) {
        x->conn = NULL; /* being shut down: nothing is answered any more */
        return MHD_NO;
    }
    x->body.max = BODY_MAX;
    (void)snprintf(x->method, sizeof x->method, "%s", method);
    take_request_id(x, c);
    take_address(x, c);
    check_headers(x, c);
    bool refused = x->reply.status != 0;
    (void)body_length(c, &length);
    /* Who asked first gets the answer before it sends the body; a huge body is not waited for. */
    if (refused && (length > DRAIN_MAX || header(c, "Expect") != NULL)) {
        return send_reply(x, c);
    }
    return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *x, const char *bytes, size_t len)
{
    x->received += len;
    if (x->reply.status == 0) {
        strbuf_add(&x->body, bytes, len);
        if (x->body.overflow) {
            reply_fail(&x->reply, 413, "too_large", "the body is over %d bytes", BODY_MAX);
        }
    }
    return x->received > DRAIN_MAX ? MHD_NO : MHD_YES;
}

/* Some clients send {} where there is nothing to say. */
static bool says_nothing(const struct strbuf *b)
{
    const char *s = strbuf_str(b);

    return strspn(s, " \t\r\n{}") == b->len && (b->len == 0 || strchr(s, '{') != NULL);
}

static void run_route(struct exchange *x, struct MHD_Connection *c)
{
    const struct route *route = x->route;
    struct call call = {.api = x->a,
                        .route = route,
                        .target = &x->target,
                        .id = route->id_help == NULL ? "" : x->target.segments[1],
                        .body = strbuf_str(&x->body),
                        .body_len = x->body.len,
                        .client = x->client,
                        .key =
                            (route->flags & ROUTE_KEY) != 0 ? header(c, "Idempotency-Key") : NULL};

    if ((route->flags & ROUTE_BODY) == 0 && !says_nothing(&x->body)) {
        reply_fail(&x->reply, 400, "bad_request", "this route takes no body");
    } else if (strlen(call.id) > 256) {
        reply_fail(&x->reply, 400, "bad_request", "the id is longer than 256 bytes");
    } else {
        watch_work(x->a->watch, x->conn);
        route->run(&call, &x->reply);
    }
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
    if (!x->begun) {
        return begin(x, c, method);
    }
    if (*upload_len > 0) {
        enum MHD_Result rc = take_body(x, upload, *upload_len);
        *upload_len = 0;
        return rc;
    }
    if (x->reply.status == 0) {
        run_route(x, c);
    }
    return send_reply(x, c);
}

static void *on_target(void *arg, const char *target, struct MHD_Connection *c)
{
    struct exchange *x = xcalloc(1, sizeof *x);

    (void)c;
    x->a = arg;
    x->raw = xstrdup(target);
    return x;
}

/* The path as decoded, or as it came when it cannot be; without the query. */
static char *shown_path(const struct exchange *x)
{
    struct strbuf b = STRBUF_LIMIT(1024);

    for (size_t i = 0; i < x->target.segments_len; i++) {
        strbuf_addf(&b, "/%.256s", x->target.segments[i]);
    }
    if (x->target.segments_len == 0) {
        strbuf_add(&b, x->raw, strcspn(x->raw, "?"));
    }
    return strbuf_take(&b);
}

static void finished(struct exchange *x, enum MHD_RequestTerminationCode why)
{
    struct api *a = x->a;
    const struct reply *r = &x->reply;

    if (x->answered) {
        char *path = shown_path(x);
        meter_request(a->meter, x->route, r->status, x->us);
        access_write(a->access,
                     &(struct access_line){.request_id = x->request_id,
                                           .address = x->address,
                                           .client = x->client,
                                           .method = x->method,
                                           .path = path,
                                           .route = x->route == NULL ? "" : x->route->path,
                                           .status = r->status,
                                           .code = r->code,
                                           .job_id = r->job_id,
                                           .us = x->us,
                                           .in_bytes = x->received,
                                           .out_bytes = x->out_bytes,
                                           .replayed = r->replayed,
                                           .cut = why != MHD_REQUEST_TERMINATED_COMPLETED_OK});
        free(path);
    }
    if (x->conn != NULL) {
        watch_idle(a->watch, x->conn);
    }
}

static void on_completed(void *arg, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *x = *state;

    (void)arg;
    (void)c;
    if (x == NULL) {
        return;
    }
    finished(x, why);
    strbuf_wipe(&x->body); /* it may hold the database URL */
    reply_clear(&x->reply);
    target_clear(&x->target);
    free(x->raw);
    free(x);
    *state = NULL;
}

static void on_connection(void *arg, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct api *a = arg;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context = info == NULL ? NULL : watch_open(a->watch, info->connect_fd);
    } else if (*context != NULL) {
        watch_close(a->watch, *context);
        *context = NULL;
    }
}

static void on_log(void *arg, const char *fmt, va_list args)
{
    struct api *a = arg;
    char text[256];

    (void)vsnprintf(text, sizeof text, fmt, args);
    log_line(a->o.log, LOG_LVL_DEBUG, "http: %s", text);
}

/* ---- start ---- */

static struct MHD_Daemon *start_daemon(struct api *a, int fd)
{
    static const char tls[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    bool secure = a->tls_cert != NULL;
    const struct MHD_OptionItem of_tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT,   0, a->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY,    0, a->tls_key },
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)tls},
        {MHD_OPTION_END,              0, NULL       },
    };
    const struct MHD_OptionItem none[] = {
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
            MHD_USE_ITC | MHD_USE_ERROR_LOG | (secure ? (unsigned)MHD_USE_TLS : 0U),
        0, NULL, NULL, on_request, a, MHD_OPTION_EXTERNAL_LOGGER, on_log, a,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)a->o.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_URI_LOG_CALLBACK, on_target, a, MHD_OPTION_NOTIFY_COMPLETED, on_completed, a,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, a, MHD_OPTION_ARRAY, secure ? of_tls : none,
        MHD_OPTION_END);
}

void server_quiesce(struct MHD_Daemon *d)
{
    MHD_socket fd = MHD_quiesce_daemon(d);

    if (fd >= 0) {
        (void)close(fd);
    }
}

/* Lets go of those before that have no connection any more; of the oldest in any case when there is
 * no room. */
static void retire(struct api *a, struct MHD_Daemon *d)
{
    size_t kept = 0;

    for (size_t i = 0; i < a->retired_len; i++) {
        const union MHD_DaemonInfo *info =
            MHD_get_daemon_info(a->retired[i], MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
        bool idle = info == NULL || info->num_connections == 0;
        if (idle || (i == 0 && a->retired_len == RETIRED_MAX)) {
            MHD_stop_daemon(a->retired[i]);
        } else {
            a->retired[kept++] = a->retired[i];
        }
    }
    server_quiesce(d);
    a->retired[kept++] = d;
    a->retired_len = kept;
}

enum err_code server_start(struct api *a, struct err *e)
{
    if (a->tls_cert != NULL && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
        return err_set(e, E_CONFIG, "the libmicrohttpd of this system has no TLS");
    }
    int fd = fcntl(a->fd, F_DUPFD_CLOEXEC, 0);
    struct MHD_Daemon *d = fd < 0 ? NULL : start_daemon(a, fd);
    if (d == NULL) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return a->tls_cert != NULL
                   ? err_set(e, E_CONFIG,
                             "cannot start the HTTPS server on %s: do the certificate (%s) and the "
                             "key (%s) belong together?",
                             a->url, a->o.tls_cert, a->o.tls_key)
                   : err_set(e, E_IO, "cannot start the HTTP server on %s", a->url);
    }
    if (a->daemon != NULL) {
        retire(a, a->daemon);
    }
    a->daemon = d;
    return E_OK;
}

void server_stop(struct api *a)
{
    for (size_t i = 0; i < a->retired_len; i++) {
        MHD_stop_daemon(a->retired[i]);
    }
    if (a->daemon != NULL) {
        MHD_stop_daemon(a->daemon);
    }
    a->daemon = NULL;
    a->retired_len = 0;
}
