/* What is decided about a request by its head.
 *
 * DESIGN: the questions come in this order: is there such a route; whose token is it; did the
 * client ask too often; may a web page ask; is the target of this host; is there room; are the
 * parameters and header fields right. A client without a token learns nothing more than the answers
 * up to that question. */
#include "admit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "browser.h"
#include "core/clock.h"
#include "core/faults.h"
#include "core/strbuf.h"
#include "impl.h"
#include "media.h"

static bool find_route(struct exchange *e)
{
    struct reply *r = &e->reply;
    struct err err = {0};

    if (target_parse(e->x->target, &e->target, &err) != E_OK) {
        reply_err(r, &err);
        return false;
    }
    switch (route_find(e->x->method, &e->target, e->a->o.read_only, &e->route, r->allow,
                       sizeof r->allow)) {
    case ROUTE_FOUND:
        return true;
    case ROUTE_NO_PATH:
        reply_fail(r, 404, "no_route", "there is no such route: see GET /openapi.json");
        break;
    case ROUTE_NO_METHOD:
        reply_fail(r, 405, "method_not_allowed", "%s is not allowed on this path: %s%s", e->method,
                   r->allow[0] == '\0' ? "the server is read-only" : "use ", r->allow);
        break;
    }
    return false;
}

static bool is_vital(const struct exchange *e)
{
    return e->route != NULL && (e->route->flags & ROUTE_VITAL) != 0;
}

/* Finds out whose token it is, into e->client, and whether a token is asked for, into `*needed`.
 * True when the client may use the route. */
static bool check_token(struct exchange *e, bool *needed)
{
    struct api *a = e->a;
    const char *given = tokens_bearer(exchange_header(e, "Authorization"));
    const char *name = NULL;

    (void)pthread_mutex_lock(&a->lock);
    *needed = tokens_len(a->tokens) > 0;
    name = given == NULL ? NULL : tokens_find(a->tokens, given);
    (void)snprintf(e->client, sizeof e->client, "%s", name == NULL ? "" : name);
    (void)pthread_mutex_unlock(&a->lock);
    e->x->known = name != NULL;
    if (name != NULL || !*needed || e->route == NULL || (e->route->flags & ROUTE_OPEN) != 0) {
        return true;
    }
    reply_fail(&e->reply, 401, "unauthorized",
               given == NULL ? "give a token: Authorization: Bearer TOKEN"
                             : "the server does not know this token");
    e->reply.auth = given == NULL ? "Bearer realm=\"mvpdash\""
                                  : "Bearer realm=\"mvpdash\", error=\"invalid_token\"";
    return false;
}

/* Checks the rate: by the token when there is a good one, else by the address. */
static bool check_rate(struct exchange *e)
{
    char who[sizeof e->client + 8];

    (void)snprintf(who, sizeof who, "%s %s", e->client[0] == '\0' ? "ip" : "token",
                   e->client[0] == '\0' ? e->address : e->client);
    int wait_s = limiter_ask(e->a->limiter, who, clock_mono_ms(NULL), &e->reply.rate);
    if (wait_s == 0) {
        return true;
    }
    reply_clear(&e->reply); /* in the place of a 401, which tells less */
    reply_fail(&e->reply, 429, "rate_limited", "more than %d requests a second: slow down",
               e->a->o.rate);
    e->reply.retry_after_s = wait_s;
    return false;
}

/* When no token is asked for: may the request be answered at all? */
static bool check_browser(struct exchange *e)
{
    /* When there are two Origin fields, neither is believed: joined they are no origin and no site
     * that is answered. */
    char *origin = http_fields_join(&e->x->fields, "Origin");
    char *site = http_fields_join(&e->x->fields, "Sec-Fetch-Site");
    const struct browser_ask ask = {.host = e->target.host != NULL ? e->target.host
                                                                   : exchange_header(e, "Host"),
                                    .origin = origin,
                                    .site = site,
                                    .secure = e->x->secure};
    const char *code = "";
    const char *why = browser_refusal(&ask, e->a->o.cors, e->a->o.cors_len, &code);

    free(origin);
    free(site);
    if (why != NULL) {
        reply_clear(&e->reply); /* in the place of a 404, which tells less */
        reply_fail(&e->reply, 403, code, "%s", why);
    }
    return why == NULL;
}

/* Checks a target that is a whole URL: it must name this server as Host does. */
static bool check_target_host(struct exchange *e)
{
    const char *host = exchange_header(e, "Host");

    if (e->target.host == NULL || host == NULL || strcasecmp(host, e->target.host) == 0 ||
        browser_is_loopback(e->target.host)) {
        return true;
    }
    reply_fail(
        &e->reply, 400, "bad_request",
        "the request target is a URL of another host than Host names: this server is not a proxy");
    return false;
}

/* Is this a browser's question whether a page that --cors names may ask? */
static bool is_preflight(const struct exchange *e)
{
    return strcmp(e->x->method, "OPTIONS") == 0 && e->target.segments_len > 0 &&
           exchange_header(e, "Access-Control-Request-Method") != NULL &&
           browser_is_allowed(exchange_header(e, "Origin"), e->a->o.cors, e->a->o.cors_len);
}

/* Checks who asks this server, and whether that client may. */
static bool check_whom(struct exchange *e)
{
    bool found = find_route(e);
    bool needed = false;
    bool known = check_token(e, &needed);

    e->preflight = is_preflight(e);
    if (e->preflight) {
        reply_clear(&e->reply);
        found = true;
    }
    if (!(known && is_vital(e)) && !check_rate(e)) {
        return false;
    }
    if (!needed && !check_browser(e)) {
        return false;
    }
    return found && known && check_target_host(e);
}

static bool check_room(struct exchange *e)
{
    if (!e->x->crowded || is_vital(e)) {
        return true;
    }
    reply_fail(&e->reply, 503, "too_many_connections",
               "there are more connections than the server has room for: nothing was done");
    e->reply.retry_after_s = 1;
    return false;
}

/* Adds what the message about an unknown parameter says: the parameters that the route has. */
static void add_parameter(struct faults *f, const struct route *route, const char *name)
{
    struct strbuf b = STRBUF_INIT;
    const struct route_query *q = route->query;

    strbuf_adds(&b, "is not a parameter of this route: ");
    for (size_t i = 0; q != NULL && q[i].name != NULL; i++) {
        strbuf_addf(&b, "%s%s",
                    i == 0                  ? "give "
                    : q[i + 1].name == NULL ? " or "
                                            : ", ",
                    q[i].name);
    }
    strbuf_adds(&b, q == NULL ? "it has none" : "");
    faults_add(f, name, strbuf_str(&b));
    strbuf_clear(&b);
}

/* Puts unknown parameters, and those given twice, into e->wrong, because the handler adds what is
 * wrong with the others. */
static bool check_query(struct exchange *e)
{
    struct err err = {0};

    if ((e->route->flags & ROUTE_ANY_QUERY) != 0) {
        return true;
    }
    if (target_parse_query(e->x->target, &e->target, &err) != E_OK) {
        reply_err(&e->reply, &err);
        return false;
    }
    for (size_t i = 0; i < e->target.queries_len; i++) {
        const struct target_query *given = &e->target.queries[i];
        const struct route_query *q = e->route->query;
        while (q != NULL && q->name != NULL && strcmp(q->name, given->name) != 0) {
            q++;
        }
        if (q == NULL || q->name == NULL) {
            add_parameter(&e->wrong, e->route, given->name);
        } else if (given->again) {
            faults_add(&e->wrong, given->name, "is given more than once: give it once");
        }
    }
    if (e->route->query == NULL) {
        reply_faults(&e->reply, &e->wrong);
    }
    return e->reply.status == 0;
}

/* Checks that a header field comes once: which of two counts would be a guess. */
static bool check_once(struct exchange *e)
{
    static const char *const once[] = {"Authorization", "Content-Type", "Idempotency-Key"};
    struct faults twice = {.len = 0};

    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        if (http_fields_count(&e->x->fields, once[i]) > 1) {
            faults_add(&twice, once[i], "is given more than once: give it once");
        }
    }
    reply_faults(&e->reply, &twice);
    faults_clear(&twice);
    return e->reply.status == 0;
}

static bool check_media(struct exchange *e)
{
    char *coding = http_fields_join(&e->x->fields, "Content-Encoding");
    bool plain = media_is_plain(coding);

    free(coding);
    if (!plain) {
        reply_fail(&e->reply, 415, "encoded",
                   "Content-Encoding is not accepted: send the body uncompressed");
    } else if ((e->route->flags & ROUTE_BODY) != 0 &&
               !media_is_json(exchange_header(e, "Content-Type"))) {
        reply_fail(&e->reply, 415, "not_json", "Content-Type %s: give application/json",
                   exchange_header(e, "Content-Type") == NULL ? "is missing"
                                                              : "is not JSON in UTF-8");
    }
    return e->reply.status == 0;
}

bool admit(struct exchange *e)
{
    if (!check_whom(e)) {
        return false;
    }
    if (e->preflight) {
        e->reply.status = 204;
        return false;
    }
    return check_room(e) && check_once(e) && check_query(e) && check_media(e);
}
