/* do_metrics.c - GET /metrics. */
#include "handlers.h"
#include "impl.h"
#include "ops/job_ops.h"

void do_metrics(const struct call *c, struct reply *r)
{
    struct api *a = c->api;
    struct scan_view scan;
    struct strbuf b = STRBUF_INIT;

    scan_look(a->scan, &scan);
    struct meter_now now = {.ops = a->ops,
                            .outbox = ops_outbox_len(a->ops),
                            .connections = watch_connections(a->watch),
                            .busy = watch_busy(a->watch),
                            .scan_age_ms = scan.age_ms,
                            .scan_jobs = scan.jobs};
    meter_print(a->meter, &now, &b);
    r->status = 200;
    r->type = "text/plain; version=0.0.4; charset=utf-8";
    r->body = strbuf_take(&b);
}
