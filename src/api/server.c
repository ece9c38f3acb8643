/* The REST API as the owner of an httpd: its hooks.
 *
 * DESIGN: httpd.h says which thread each hook runs on.
 *
 *   on_head    decides by the head alone (admit.c); what it refuses is answered at once
 *   on_run     the handler, on a thread of the pool; of the vital routes, whose handlers wait for
 *              nothing, on the thread of all connections, however busy the pool is
 *   on_refuse  words what httpd refuses
 *   on_done    counts and logs */
#include <stdatomic.h>
#include <stdlib.h>

#include "admit.h"
#include "exchange.h"
#include "impl.h"

enum { BUSY_AGAIN_S = 5 };

/* Does the request run on the thread of all connections? GET /readyz finds an answer nearly always;
 * when it does not, it waits for one on the pool, as long as a thread is sure to be free. When no
 * thread is free, the server is not ready. */
static bool runs_here(const struct exchange *e)
{
    const struct api *a = e->a;

    if ((e->route->flags & ROUTE_VITAL) == 0) {
        return false;
    }
    return (e->route->flags & ROUTE_NO_AWS) != 0 || ready_known(a->ready) ||
           a->in_pool >= a->limits.at_once;
}

static enum http_way on_head(void *arg, struct http_exchange *x)
{
    struct api *a = arg;
    struct exchange *e = exchange_new(a, x);

    x->state = e;
    if (!admit(e)) {
        e->refused = e->reply.status >= 400;
        exchange_answer(e);
        return HTTP_REPLY;
    }
    e->here = runs_here(e);
    e->in_pool = !e->here;
    a->in_pool += e->in_pool;
    return e->here ? HTTP_RUN_HERE : HTTP_RUN;
}

static void on_run(void *arg, struct http_exchange *x)
{
    (void)arg;
    exchange_run(x->state);
    exchange_answer(x->state);
}

/* The code and the words for what httpd refuses, by its status. */
static const struct {
    int status;
    const char *code;
} refusals[] = {
    {400, "bad_request"      },
    {408, "request_timeout"  },
    {413, "too_large"        },
    {414, "target_too_long"  },
    {417, "expectation"      },
    {431, "headers_too_large"},
    {501, "not_implemented"  },
    {503, "busy"             },
    {505, "http_version"     },
};

static void on_refuse(void *arg, struct http_exchange *x, int status, const char *why)
{
    struct api *a = arg;
    struct exchange *e = x->state == NULL ? exchange_new(a, x) : x->state;
    size_t i = 0;

    x->state = e;
    while (i + 1 < sizeof refusals / sizeof *refusals && refusals[i].status != status) {
        i++;
    }
    reply_clear(&e->reply);
    if (status == 413) {
        reply_fail(&e->reply, status, refusals[i].code, "the body is over %d bytes", BODY_MAX);
    } else if (status == 503) {
        reply_fail(&e->reply, status, refusals[i].code,
                   "the server works on %d requests at once, and this one waited too long for its "
                   "turn: nothing was done",
                   a->limits.at_once);
        e->reply.retry_after_s = BUSY_AGAIN_S;
    } else {
        reply_fail(&e->reply, status, refusals[i].code, "%s", why);
    }
    e->refused = true;
    exchange_answer(e);
}

static void on_done(void *arg, struct http_exchange *x)
{
    struct api *a = arg;
    struct exchange *e = x->state;

    if (e != NULL) {
        a->in_pool -= e->in_pool;
        exchange_record(e);
        exchange_free(e);
        x->state = NULL;
    }
}

static bool is_proxy(void *arg, const char *peer)
{
    const struct api *a = arg;

    return proxies_trust(a->proxies, peer);
}

enum err_code server_start(struct api *a, struct err *e)
{
    static const struct httpd_hooks hooks = {
        .head = on_head, .run = on_run, .refuse = on_refuse, .done = on_done, .exempt = is_proxy};
    const struct httpd_options o = {.fd = a->fd,
                                    .hooks = &hooks,
                                    .arg = a,
                                    .cert = a->tls_cert,
                                    .key = a->tls_key,
                                    .head_max = HEAD_MAX,
                                    .target_max = TARGET_MAX,
                                    .body_max = BODY_MAX,
                                    .connections = a->limits.connections,
                                    .reserve = VITAL_CONNECTIONS,
                                    .per_address = a->o.per_address,
                                    .threads = a->limits.at_once,
                                    .queue = a->limits.connections + VITAL_CONNECTIONS,
                                    .idle_ms = a->o.patience_ms,
                                    .body_ms = a->o.patience_ms,
                                    .send_ms = a->o.patience_ms,
                                    .deadline_ms = a->o.timeout_ms,
                                    .log = a->o.log};
    struct err why = {0};

    a->fd = -1; /* httpd has taken it */
    struct httpd *h = httpd_start(&o, &why);
    if (h == NULL) {
        enum err_code rc = why.code == E_OK ? E_IO : why.code;
        (void)err_set(e, rc, "cannot serve on %s: %s", a->url, why.msg);
        return why.hint[0] == '\0' ? rc : err_hint_set(e, "%s", why.hint);
    }
    atomic_store(&a->httpd, h);
    return E_OK;
}

void server_count(struct api *a, struct httpd_count *out)
{
    struct httpd *h = atomic_load(&a->httpd);

    *out = (struct httpd_count){.connections_max = a->limits.connections};
    /* without it this is the very first request, and server_start has not returned yet */
    if (h != NULL) {
        httpd_count(h, out);
    }
}
