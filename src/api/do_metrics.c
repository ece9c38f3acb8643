/* do_metrics.c - GET /metrics. Everything that it tells is in memory: it waits for nothing. */
#include "handlers.h"
#include "impl.h"

void do_metrics(const struct call *c, struct reply *r)
{
    struct api *a = c->api;
    struct scan_view scan;
    struct strbuf b = STRBUF_INIT;
    struct backlog_view backlog;
    struct httpd_count count;

    server_count(a, &count);
    scan_look(a->scan, &scan);
    bool known = backlog_look(a->backlog, &backlog);
    struct meter_now now = {.ops = a->ops,
                            .outbox_known = known,
                            .outbox = backlog.entries,
                            .outbox_broken = backlog.broken,
                            .http = count,
                            .scan_age_ms = scan.age_ms,
                            .scan_jobs = scan.jobs};
    meter_print(a->meter, &now, &b);
    r->status = 200;
    r->type = "text/plain; version=0.0.4; charset=utf-8";
    r->body = strbuf_take(&b);
}
