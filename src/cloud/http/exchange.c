/* One request to the local cloud: its signature, its operation, its reply.
 *
 * DESIGN: what a request asks for is understood once: its signature is checked, its operation
 * found, its document read. The operation may then be called several times: while a long poll finds
 * nothing, httpd keeps the request and calls again, when something changed in the cloud
 * (cloud_poke) or after LOOK_MS, because a message can become visible by time alone. */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/crc32.h"
#include "core/rand.h"
#include "core/strbuf.h"
#include "protocol.h"
#include "src/cloud/store/store.h"
#include "verify.h"

enum { LOOK_MS = 1000 };

struct cloud_http_exchange {
    struct cloud *cloud;     /* borrowed */
    struct http_exchange *x; /* httpd's part of the exchange */
    struct cloud_http_route route;
    cJSON *in;        /* owned; the document, once the request is understood */
    char *caller;     /* owned; the access key that signed the request; NULL: none did */
    int64_t began_ms; /* monotonic: when the request was understood */
};

struct cloud_http_exchange *cloud_http_exchange_new(struct cloud *cloud, struct http_exchange *x)
{
    struct cloud_http_exchange *e = xcalloc(1, sizeof *e);

    e->cloud = cloud;
    e->x = x;
    e->route = (struct cloud_http_route){.protocol = AWS_JSON_1_0, .op = AWS_OP_COUNT};
    return e;
}

void cloud_http_exchange_free(struct cloud_http_exchange *e)
{
    if (e != NULL) {
        cJSON_Delete(e->in);
        free(e->caller);
        free(e);
    }
}

/* ---- the reply -------------------------------------------------------------------------- */

static void send_reply(struct http_exchange *x, const struct cloud_http_route *route,
                       const struct cloud_reply *r)
{
    struct http_fields *f = &x->reply.fields;
    struct cloud_http_reply p;
    char id[UUID_SIZE], crc[16];

    rand_uuid(id);
    cloud_http_write_reply(route, r, id, &p);
    http_fields_set(f, "Content-Type", p.content_type);
    http_fields_set(f, "x-amzn-RequestId", id);
    if (p.crc32) {
        (void)snprintf(crc, sizeof crc, "%u", crc32_of(p.body.data, p.body.len));
        http_fields_set(f, "x-amz-crc32", crc);
    }
    if (p.error_type[0] != '\0') {
        http_fields_set(f, "x-amzn-errortype", p.error_type);
    }
    if (p.query_error[0] != '\0') {
        http_fields_set(f, "x-amzn-query-error", p.query_error);
    }
    x->reply.status = r->status;
    x->reply.body_len = p.body.len;
    x->reply.body = strbuf_take(&p.body);
}

/* ---- what is asked for ------------------------------------------------------------------ */

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

/* Checks the signature and fills e->caller. */
static bool authenticate(struct cloud_http_exchange *e, const struct cloud_http_verify_request *v,
                         struct cloud_reply *r)
{
    const struct cloud_http_route *route = &e->route;
    struct cloud_http_verify_fault fault = {0};
    struct cloud_http_verify_auth auth;
    struct cloud_store_session session = {0};
    bool genuine = false;

    if (cloud_http_verify_parse(cloud_http_verify_header(v, "authorization"), &auth, &fault)) {
        struct cloud_http_verify_expect x = {
            .region = cloud_region(e->cloud),
            .service = route->known ? aws_service_get(route->service)->signing_name : auth.service,
            .now_ms = cloud_now(e->cloud)};
        find_key(e->cloud, auth.access_key, &session, &x);
        genuine = cloud_http_verify_check(v, &auth, &x, &fault);
        cloud_store_session_clear(&session);
        e->caller = genuine ? xstrdup(auth.access_key) : NULL;
        cloud_http_verify_auth_clear(&auth);
    }
    if (!genuine) {
        int status = 403;
        const char *code = cloud_http_verify_code(fault.kind, route->protocol, &status);
        cloud_fail(r, status, code, "%s", fault.message);
    }
    return genuine;
}

/* Finds the operation of the request and its document. */
static bool find_document(struct cloud_http_exchange *e, const struct cloud_http_verify_request *v,
                          struct cloud_reply *r)
{
    const struct cloud_http_request q = {.method = v->method,
                                         .path = v->path,
                                         .target = cloud_http_verify_header(v, "x-amz-target"),
                                         .type = cloud_http_verify_header(v, "content-type"),
                                         .body = v->body,
                                         .body_len = v->body_len};
    struct cloud_http_route *route = &e->route;

    cloud_http_find_route(cloud_services(e->cloud), &q, route);
    /* The one call that AWS takes unsigned: its token is the proof (AWS-WIRE 1.2). */
    bool unsigned_call = route->op == AWS_OP_STS_ASSUME_ROLE_WITH_WEB_IDENTITY &&
                         cloud_http_verify_header(v, "authorization") == NULL;
    if (!unsigned_call && !authenticate(e, v, r)) {
        return false;
    }
    if (route->op == AWS_OP_COUNT) {
        cloud_http_refuse_unknown(route, r);
        return false;
    }
    return cloud_http_read_body(route, &q, &e->in, r);
}

/* Fills route, caller and in. False with `r` failed. */
static bool understand(struct cloud_http_exchange *e, struct cloud_reply *r)
{
    const struct http_exchange *x = e->x;

    if (x->target[0] != '/') {
        cloud_fail(r, 400, "SerializationException", "The request line or headers are malformed");
        return false;
    }
    size_t path_len = strcspn(x->target, "?");
    char *path = xstrndup(x->target, path_len);
    struct sigv4_header *headers = xcalloc(x->fields.len + 1, sizeof *headers);
    for (size_t i = 0; i < x->fields.len; i++) {
        headers[i] = (struct sigv4_header){.name = x->fields.items[i].name,
                                           .value = x->fields.items[i].value};
    }
    const struct cloud_http_verify_request v = {
        .method = x->method,
        .path = path,
        .query = x->target[path_len] == '?' ? x->target + path_len + 1 : "",
        .headers = headers,
        .headers_len = x->fields.len,
        .body = x->body,
        .body_len = x->body_len};
    bool is_good = find_document(e, &v, r);
    free(headers);
    free(path);
    return is_good;
}

/* ---- the operation ---------------------------------------------------------------------- */

/* Does `r` say that there is nothing yet, while its time is not over? */
static bool waits(struct cloud_http_exchange *e, const struct cloud_reply *r)
{
    int64_t left = e->began_ms + r->wait_ms - clock_mono_ms(NULL);

    if (r->wait_ms <= 0 || left <= 0) {
        return false;
    }
    e->x->again_ms = (int)(left < LOOK_MS ? left : LOOK_MS);
    return true;
}

static void answer(struct cloud_http_exchange *e, const struct cloud_reply *r)
{
    struct log *log = cloud_log(e->cloud);
    const struct cloud_http_route *route = &e->route;

    if (log_on(log, LOG_LVL_DEBUG)) {
        log_line(log, LOG_LVL_DEBUG, "local: %s %s %d %s %lld ms",
                 route->known ? aws_service_get(route->service)->name : "?", route->name, r->status,
                 r->code, (long long)(clock_mono_ms(NULL) - e->began_ms));
    }
    send_reply(e->x, route, r);
}

void cloud_http_exchange_run(struct cloud_http_exchange *e)
{
    struct cloud_reply r = {.status = 200};

    if (e->began_ms == 0) {
        e->began_ms = clock_mono_ms(NULL);
    }
    if (e->in != NULL || understand(e, &r)) {
        cloud_dispatch_signed(e->cloud, e->route.op, e->in, e->caller, &r);
    }
    if (!waits(e, &r)) {
        answer(e, &r);
    }
    cloud_reply_clear(&r);
}

/* ---- what httpd refuses ----------------------------------------------------------------- */

void cloud_http_exchange_refuse(struct cloud *cloud, struct http_exchange *x, int status,
                                const char *why)
{
    const struct cloud_http_route route = {.protocol = AWS_JSON_1_0, .op = AWS_OP_COUNT};
    struct cloud_reply r = {.status = 200};

    if (status == 413) {
        cloud_fail(&r, status, "RequestEntityTooLargeException", "Request body is over %d bytes",
                   CLOUD_HTTP_BODY_MAX);
    } else if (status == 408) {
        cloud_fail(&r, status, "RequestTimeoutException", "The request did not arrive within %d s",
                   CLOUD_HTTP_PATIENCE_MS / 1000);
    } else if (status == 503) {
        cloud_fail(&r, status, "ServiceUnavailable", "Too many requests at once");
    } else {
        cloud_fail(&r, status, "SerializationException", "The request is malformed: %s", why);
    }
    log_line(cloud_log(cloud), LOG_LVL_DEBUG, "local: http: %d %s", status, why);
    send_reply(x, &route, &r);
    cloud_reply_clear(&r);
}
