/* retry.h - the one retry policy (standard mode, 2026 rules; AWS-WIRE 3.2 and 3.3).
 *
 * Pure, except for the quota, which all threads of a client share, and the pause. */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/client.h"
#include "codes.h"
#include "core/err.h"

/* What kind of failure an HTTP status and a normalised error code mean. */
enum retry_kind retry_classify(int status, const char *code);

/* The quota of 500 tokens; `lock` guards `tokens`. */
struct retry_quota {
    pthread_mutex_t lock;
    int tokens;
};
void retry_quota_init(struct retry_quota *q);
void retry_quota_clear(struct retry_quota *q);
/* Takes the cost of one retry; 0 when there are not enough tokens (none is taken then). */
int retry_quota_take(struct retry_quota *q, enum retry_kind kind);
/* Gives tokens back after a success: `last_cost` (the cost of that call's last retry), or 1 when it
 * is 0. */
void retry_quota_give(struct retry_quota *q, int last_cost);

/* The delay before attempt n+1 in ms: unit (0-1) x min(base x 2^(n-1), 20 s); base is 1 s for
 * throttling, 50 ms for other failures (25 ms for DynamoDB and its streams). `hint_ms` is
 * x-amz-retry-after or -1. */
int retry_delay_ms(enum retry_kind kind, bool dynamodb, int attempt, double unit, int64_t hint_ms);

/* Waits before the next try of what a reply left undone (keys that were not processed, entries that
 * failed), with the base of 50 ms. E_CANCELLED when the client is stopped meanwhile. */
MUST_CHECK enum err_code retry_pause(struct aws_client *c, int attempt, struct err *e);
#endif
