/* delivery.h - the thread that carries matched events to their targets.
 *
 * Targets: a Batch job queue, an SQS queue, a log group, the state tracker. A delivery that fails
 * for good, or has used up its retry policy, goes to the target's dead letter queue with the
 * attributes that EventBridge gives, if that queue's policy lets the rule in. Facts: AWS-WIRE 2.3.
 */
#ifndef LOCAL_DELIVERY_H
#define LOCAL_DELIVERY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "local/svc.h"

struct delivery; /* opaque: the layout lives in src/local/delivery.c */

struct delivery *delivery_start(struct local *l, struct err *e); /* under the cloud's lock */
void delivery_stop(struct delivery *d); /* joins; the lock must not be held; NULL allowed */
void delivery_poke(struct delivery *d); /* there is something new; any thread; NULL allowed */

enum delivery_result { DELIVERY_DONE, DELIVERY_RETRY, DELIVERY_FAILED };

/* How one attempt ended; the texts are those of the dead letter's attributes. */
struct delivery_outcome {
    enum delivery_result result;
    char code[48]; /* "NO_PERMISSIONS" */
    char message[400];
};

/* Tries one delivery (src/local/delivery_targets.c). `event_text` is the event as it was sent,
 * which keeps its digits. Under the lock. */
void delivery_attempt(struct local *l, const char *rule_arn, const char *rule_name,
                      const cJSON *target, const cJSON *event, const char *event_text,
                      int64_t ingested_ms, struct delivery_outcome *out);

/* Wait before attempt `n` + 1 (n from 1): 1 s doubling to 60 s, of which `jitter` in [0,1) takes up
 * to half away. Pure. */
int64_t delivery_backoff_ms(int n, double jitter);
/* Whether a target with this document has no more attempts: `attempts` made, the first `age_ms`
 * ago. NULL while it may go on, else "MaximumRetryAttempts" or "MaximumEventAgeInSeconds". Pure. */
const char *delivery_exhausted(const cJSON *target, int attempts, int64_t age_ms);
#endif
