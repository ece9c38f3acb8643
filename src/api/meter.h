/* meter.h - private to api: what is counted. Atomic counters; any thread. */
#ifndef API_METER_H
#define API_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/strbuf.h"
#include "httpd/httpd.h"
#include "ops/ops.h"
#include "route.h"

struct meter; /* opaque: src/api/meter.c */

struct meter *meter_new(void);
void meter_free(struct meter *m);

/* Counts one answered request; `r` is NULL when it fitted no route. */
void meter_request(struct meter *m, const struct route *r, int status, int64_t us);
/* counts an answer that was given again because of its Idempotency-Key */
void meter_replayed(struct meter *m);

/* Values of this moment, which the caller collects. */
struct meter_now {
    const struct ops *ops;
    bool outbox_known; /* false: the two members below are left out */
    int outbox;
    int outbox_broken; /* entries that are out of service until somebody deals with them */
    struct httpd_count http;
    int64_t scan_age_ms; /* TIME_NONE: no scan has ended yet, and scan_jobs is not known */
    size_t scan_jobs;
};
/* Appends all metrics in Prometheus's text format. */
void meter_print(const struct meter *m, const struct meter_now *now, struct strbuf *out);
#endif
