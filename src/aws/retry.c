/* The retry policy: which failures are retried, the quota, the delays. */
#include "retry.h"

#include <string.h>

enum {
    QUOTA = 500,
    COST_THROTTLE = 5,
    COST_OTHER = 14,
    BASE_THROTTLE_MS = 1000,
    BASE_OTHER_MS = 50,
    BASE_DYNAMODB_MS = 25,
    DELAY_MAX_MS = 20000,
    HINT_OVER_MS = 5000
};

enum retry_kind retry_classify(int status, const char *code)
{
    const struct aws_code *row = aws_code_find(code);

    if (status >= 200 && status < 300) {
        return RETRY_NO;
    }
    /* services make up further codes with this word in them */
    if (status == 429 || strstr(code, "Throttl") != NULL) {
        return RETRY_THROTTLE;
    }
    if (row != NULL && row->retry != RETRY_NO) {
        return row->retry;
    }
    return status == 500 || status == 502 || status == 503 || status == 504 ? RETRY_TRANSIENT
                                                                            : RETRY_NO;
}

void retry_quota_init(struct retry_quota *q)
{
    (void)pthread_mutex_init(&q->lock, NULL);
    q->tokens = QUOTA;
}

void retry_quota_clear(struct retry_quota *q)
{
    (void)pthread_mutex_destroy(&q->lock);
}

int retry_quota_take(struct retry_quota *q, enum retry_kind kind)
{
    int cost = kind == RETRY_THROTTLE ? COST_THROTTLE : COST_OTHER;

    (void)pthread_mutex_lock(&q->lock);
    if (q->tokens < cost) {
        cost = 0;
    }
    q->tokens -= cost;
    (void)pthread_mutex_unlock(&q->lock);
    return cost;
}

void retry_quota_give(struct retry_quota *q, int last_cost)
{
    (void)pthread_mutex_lock(&q->lock);
    q->tokens += last_cost == 0 ? 1 : last_cost;
    if (q->tokens > QUOTA) {
        q->tokens = QUOTA;
    }
    (void)pthread_mutex_unlock(&q->lock);
}

int retry_delay_ms(enum retry_kind kind, bool dynamodb, int attempt, double unit, int64_t hint_ms)
{
    int64_t top = dynamodb ? BASE_DYNAMODB_MS : BASE_OTHER_MS;

    if (kind == RETRY_THROTTLE) {
        top = BASE_THROTTLE_MS;
    }
    for (int i = 1; i < attempt && top < DELAY_MAX_MS; i++) {
        top *= 2;
    }
    if (top > DELAY_MAX_MS) {
        top = DELAY_MAX_MS;
    }
    int64_t t = (int64_t)(unit * (double)top);
    if (hint_ms > t) {
        t = hint_ms < t + HINT_OVER_MS ? hint_ms : t + HINT_OVER_MS;
    }
    return (int)t;
}
