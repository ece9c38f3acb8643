/* meter.h - private to api: what is counted. Atomic counters; any thread. */
#ifndef API_METER_H
#define API_METER_H

#include <stdint.h>

#include "core/strbuf.h"
#include "ops/ops.h"
#include "route.h"

struct meter; /* opaque: src/api/meter.c */

struct meter *meter_new(void);
void meter_free(struct meter *m);

/* One answered request; `r` is NULL when it fitted no route. */
void meter_request(struct meter *m, const struct route *r, int status, int64_t us);
void meter_replayed(struct meter *m); /* an answer given again by its Idempotency-Key */

/* What the moment is like, gathered by who knows. */
struct meter_now {
    const struct ops *ops;
    int outbox;
    int connections;
    int busy;            /* requests being answered */
    int64_t scan_age_ms; /* TIME_NONE: none yet */
    size_t scan_jobs;
};
/* Appends all of it in Prometheus's text format. */
void meter_print(const struct meter *m, const struct meter_now *now, struct strbuf *out);
#endif
