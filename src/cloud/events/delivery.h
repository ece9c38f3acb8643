/* delivery.h - the thread that carries matched events to their targets.
 *
 * Targets are a Batch job queue, an SQS queue, a log group and the state tracker. A delivery that
 * fails for good, or has used up its retry policy, goes to the target's dead letter queue with the
 * attributes that EventBridge gives, if that queue's policy lets the rule in. Facts: AWS-WIRE
 * 2.3. */
#ifndef CLOUD_EVENTS_DELIVERY_H
#define CLOUD_EVENTS_DELIVERY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/cloud/store/service.h"

struct cloud_events_delivery; /* opaque: the layout lives in src/cloud/events/delivery.c */

struct cloud_events_delivery *
cloud_events_delivery_start(struct cloud *cloud, struct err *e); /* under the cloud's lock */
void cloud_events_delivery_stop(
    /* joins the thread; the lock must not be held; NULL allowed */
    struct cloud_events_delivery *d);
void cloud_events_delivery_poke(
    /* tells that there is something new; any thread; NULL allowed */
    struct cloud_events_delivery *d);

enum cloud_events_delivery_result { DELIVERY_DONE, DELIVERY_RETRY, DELIVERY_FAILED };

/* How one attempt ended; the texts are those of the dead letter's attributes. */
struct cloud_events_delivery_outcome {
    enum cloud_events_delivery_result result;
    char code[48]; /* "NO_PERMISSIONS" */
    char message[400];
};

/* Tries one delivery (delivery_targets.c). `event_text` is the event as it was sent, which keeps
 * the digits of its numbers. Under the lock. */
void cloud_events_delivery_attempt(struct cloud *cloud, const char *rule_arn, const char *rule_name,
                                   const cJSON *target, const cJSON *event, const char *event_text,
                                   int64_t ingested_ms, struct cloud_events_delivery_outcome *out);

/* Tries the delivery that is due next, and keeps, ends or buries it; false when none is due. This
 * is what the thread does; it takes the lock itself. */
bool cloud_events_delivery_next(struct cloud *cloud);

/* The time to wait before attempt `n` + 1 (n from 1): 1 s, doubling to 60 s, of which `jitter` in
 * [0,1) takes up to half away. Pure. */
int64_t cloud_events_delivery_backoff_ms(int n, double jitter);
/* Has a target with this document no more attempts, after `attempts` attempts of which the first
 * was made `age_ms` ago? NULL while it may go on, else "MaximumRetryAttempts" or
 * "MaximumEventAgeInSeconds". Pure. */
const char *cloud_events_delivery_exhausted(const cJSON *target, int attempts, int64_t age_ms);
#endif
