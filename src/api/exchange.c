/* One request on its way: reading it, running its handler, handing over the answer, counting and
 * logging. */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "browser.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/deadline.h"
#include "core/rand.h"
#include "core/text.h"
#include "impl.h"

const char *exchange_header(const struct exchange *e, const char *name)
{
    return http_fields_get(&e->x->fields, name);
}

/* Takes the client's own id of the request when it can be logged as it is, else makes one. */
static void take_request_id(struct exchange *e)
{
    const char *given = exchange_header(e, "X-Request-Id");
    size_t len = given == NULL ? 0 : strnlen(given, EXCHANGE_ID_SIZE);

    if (len > 0 && len < EXCHANGE_ID_SIZE &&
        strspn(given, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len) {
        memcpy(e->request_id, given, len + 1);
    } else {
        rand_uuid(e->request_id);
    }
}

static void take_address(struct exchange *e)
{
    (void)snprintf(e->address, sizeof e->address, "%s", e->x->peer);
    if (proxies_trust(e->a->proxies, e->x->peer)) {
        char *forwarded_for = http_fields_join(&e->x->fields, "X-Forwarded-For");
        char *forwarded = http_fields_join(&e->x->fields, "Forwarded");
        proxies_client(e->a->proxies, e->x->peer, forwarded_for, forwarded, e->address);
        free(forwarded_for);
        free(forwarded);
    }
}

struct exchange *exchange_new(struct api *a, struct http_exchange *x)
{
    struct exchange *e = xcalloc(1, sizeof *e);

    e->a = a;
    e->x = x;
    (void)snprintf(e->method, sizeof e->method, "%s", x->method);
    text_mend(e->method);
    take_request_id(e);
    take_address(e);
    return e;
}

void exchange_free(struct exchange *e)
{
    if (e != NULL) {
        reply_clear(&e->reply);
        faults_clear(&e->wrong);
        target_clear(&e->target);
        free(e);
    }
}

/* ---- the handler ---- */

/* Is the body empty? Some clients send {} where there is nothing to say. */
static bool says_nothing(const char *body, size_t len)
{
    return strspn(body, " \t\r\n{}") == len && (len == 0 || strchr(body, '{') != NULL);
}

/* Refuses a bad parameter of the path under the name that people see: "/jobs/{jobId}". */
static void refuse_id(struct exchange *e)
{
    const char *name = strchr(e->route->shown, '{') + 1;
    char field[32];
    char reason[64];

    (void)snprintf(field, sizeof field, "%.*s", (int)strcspn(name, "}"), name);
    (void)snprintf(reason, sizeof reason, "is longer than %d characters", ID_MAX);
    faults_add(&e->wrong, field, reason);
    reply_faults(&e->reply, &e->wrong);
}

void exchange_run(struct exchange *e)
{
    const struct route *route = e->route;
    struct http_exchange *x = e->x;
    char *none_match = http_fields_join(&x->fields, "If-None-Match");
    struct call call = {
        .api = e->a,
        .route = route,
        .target = &e->target,
        .id = route->id_help == NULL ? "" : e->target.segments[1],
        .body = x->body,
        .body_len = x->body_len,
        .client = e->client,
        .key = (route->flags & ROUTE_KEY) != 0 ? exchange_header(e, "Idempotency-Key") : NULL,
        .none_match = none_match,
        .wrong = &e->wrong,
        .here = e->here};

    if ((route->flags & ROUTE_BODY) == 0 && !says_nothing(x->body, x->body_len)) {
        reply_fail(&e->reply, 400, "bad_request", "this route accepts no body: leave it out");
    } else if (text_characters(call.id) > ID_MAX) {
        refuse_id(e);
    } else {
        int64_t before = deadline_set(x->until_ms);
        route->run(&call, &e->reply);
        (void)deadline_set(before);
    }
    free(none_match);
}

/* ---- the answer ---- */

static void add(void *arg, const char *name, const char *value)
{
    http_fields_set(arg, name, value);
}

/* Adds the fields that a browser needs to give the answer to a page that --cors lets in. */
static void add_for_page(const struct exchange *e, struct http_fields *f)
{
    const char *origin = exchange_header(e, "Origin");

    if (e->a->o.cors_len == 0) {
        return;
    }
    add(f, "Vary", "Origin");
    if (!browser_is_allowed(origin, e->a->o.cors, e->a->o.cors_len)) {
        return;
    }
    add(f, "Access-Control-Allow-Origin", origin);
    if (!e->preflight) {
        add(f, "Access-Control-Expose-Headers", REPLY_EXPOSED);
        return;
    }
    add(f, "Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE");
    add(f, "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id");
    add(f, "Access-Control-Max-Age", "600");
    if (exchange_header(e, "Access-Control-Request-Private-Network") != NULL) {
        add(f, "Access-Control-Allow-Private-Network", "true");
    }
}

void exchange_answer(struct exchange *e)
{
    struct http_exchange *x = e->x;
    struct reply *r = &e->reply;
    int64_t from = x->complete_us != 0 ? x->complete_us : x->head_us;

    if (r->untold != NULL) {
        log_line(e->a->o.log, LOG_LVL_WARN, "request %s: %s", e->request_id, r->untold);
    }
    e->us = from == 0 ? 0 : clock_mono_us() - from;
    free(x->reply.body);
    http_fields_clear(&x->reply.fields);
    x->reply.status = r->status;
    x->reply.body = r->body;
    x->reply.body_len = r->body == NULL ? 0 : strlen(r->body);
    r->body = NULL; /* moved */
    x->reply.close =
        x->crowded; /* when all connections are taken, this one closes after its answer */
    add(&x->reply.fields, "X-Request-Id", e->request_id);
    reply_headers(r, add, &x->reply.fields);
    add_for_page(e, &x->reply.fields);
}

/* The decoded path, or the path as it came when it cannot be decoded; without the query. Owned. */
static char *shown_path(const struct exchange *e)
{
    struct strbuf b = STRBUF_LIMIT(1024);

    for (size_t i = 0; i < e->target.segments_len; i++) {
        strbuf_addf(&b, "/%.*s", text_cut(e->target.segments[i], 256), e->target.segments[i]);
    }
    if (e->target.segments_len == 0) {
        size_t len = strcspn(e->x->target, "?");
        strbuf_add(&b, e->x->target, len < 1000 ? len : 1000);
    }
    return strbuf_take(&b);
}

void exchange_record(const struct exchange *e)
{
    const struct reply *r = &e->reply;

    if (r->status == 0) {
        return; /* the client was gone before there was an answer */
    }
    char *path = shown_path(e);
    bool no_body = strcmp(e->x->method, "HEAD") == 0;
    meter_request(e->a->meter, e->route, r->status, e->us);
    access_write(e->a->access,
                 &(struct access_line){.request_id = e->request_id,
                                       .address = e->address,
                                       .client = e->client,
                                       .method = e->method,
                                       .path = path,
                                       .route = e->route == NULL ? "" : e->route->shown,
                                       .status = r->status,
                                       .code = r->code,
                                       .job_id = r->job_id,
                                       .us = e->us,
                                       .in_bytes = e->x->received,
                                       .out_bytes = no_body ? 0 : e->x->reply.body_len,
                                       .replayed = r->replayed,
                                       .refused = e->refused,
                                       .cut = e->x->cut});
    free(path);
}
