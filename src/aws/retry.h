/* retry.h - the one retry policy (standard mode, 2026 rules; AWS-WIRE 3.2 and 3.3).
 *
 * Pure but for the quota, which is shared by all threads of a client, and the pause. */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/client.h"
#include "codes.h"
#include "core/err.h"

/* What kind of failure an HTTP status and a normalised error code are. */
enum retry_kind retry_classify(int status, const char *code);

/* 500 tokens; `lock` guards `tokens`. */
struct retry_quota {
    pthread_mutex_t lock;
    int tokens;
};
void retry_quota_init(struct retry_quota *q);
void retry_quota_clear(struct retry_quota *q);
/* Takes the cost of one retry; 0 when there is not enough (nothing is taken then). */
int retry_quota_take(struct retry_quota *q, enum retry_kind kind);
/* After a success: gives back `last_cost` (of the last retry of that call), or 1 when 0. */
void retry_quota_give(struct retry_quota *q, int last_cost);

/* Delay before attempt n+1 in ms: unit (0-1) x min(base x 2^(n-1), 20 s); base 1 s for throttling,
 * 50 ms for others (25 ms for DynamoDB and its streams). `hint_ms` is x-amz-retry-after or -1. */
int retry_delay_ms(enum retry_kind kind, bool dynamodb, int attempt, double unit, int64_t hint_ms);

/* Waits before the next try of what a reply left undone (unprocessed keys, failed entries), with
 * the base of 50 ms. E_CANCELLED when the client is stopped meanwhile. */
MUST_CHECK enum err_code retry_pause(struct aws_client *c, int attempt, struct err *e);
#endif
