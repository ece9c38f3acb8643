/* queue_capacity.c - what kind of capacity the queue's jobs run on, asked for rarely. */
#include "queue_capacity.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "core/alloc.h"
#include "core/json.h"

enum { KEPT_MS = 10 * 60 * 1000, AGAIN_MS = 60 * 1000, ENVIRONMENTS_MAX = 10 };

struct queue_capacity {
    pthread_mutex_t lock;  /* guards all members below */
    pthread_cond_t answer; /* signalled when `asking` ends */
    bool asking;
    int64_t due_ms; /* monotonic: when to ask again; TIME_NONE: nobody asked yet */
    enum batch_capacity is;
    char *arn; /* of the queue; owned; NULL: not known */
};

struct queue_capacity *queue_capacity_new(void)
{
    struct queue_capacity *q = xcalloc(1, sizeof *q);

    (void)pthread_mutex_init(&q->lock, NULL);
    (void)pthread_cond_init(&q->answer, NULL);
    q->due_ms = TIME_NONE;
    return q;
}

void queue_capacity_free(struct queue_capacity *q)
{
    if (q == NULL) {
        return;
    }
    (void)pthread_cond_destroy(&q->answer);
    (void)pthread_mutex_destroy(&q->lock);
    free(q->arn);
    free(q);
}

/* ---- asking ---- */

/* The environments as the queue uses them: Batch gives them in any order. */
static cJSON *in_order(const char *const *arns, size_t n, const cJSON *list)
{
    cJSON *out = json_new_array();
    const cJSON *v;

    for (size_t i = 0; i < n; i++) {
        cJSON_ArrayForEach(v, list)
        {
            if (strcmp(json_str_or(v, "computeEnvironmentArn", ""), arns[i]) == 0 ||
                strcmp(json_str_or(v, "computeEnvironmentName", ""), arns[i]) == 0) {
                json_push(out, json_copy(v));
                break;
            }
        }
    }
    return out;
}

enum err_code queue_environments(const struct ops *o, cJSON **queue, cJSON **environments,
                                 struct err *e)
{
    const char *arns[ENVIRONMENTS_MAX];
    int64_t orders[ENVIRONMENTS_MAX];
    cJSON *list = NULL;
    size_t n = 0;
    const cJSON *v;

    *environments = NULL;
    enum err_code rc = batch_describe_queue(o->aws, o->queue, queue, e);
    cJSON_ArrayForEach(v, json_array(*queue, "computeEnvironmentOrder"))
    {
        const char *arn = json_str(v, "computeEnvironment");
        int64_t order = json_int(v, "order", 0);
        size_t at = n;
        if (arn == NULL || n == ENVIRONMENTS_MAX) {
            continue;
        }
        for (; at > 0 && orders[at - 1] > order; at--) {
            arns[at] = arns[at - 1];
            orders[at] = orders[at - 1];
        }
        arns[at] = arn;
        orders[at] = order;
        n++;
    }
    if (rc == E_OK && n > 0) {
        rc = batch_describe_environments(o->aws, arns, n, &list, e);
    }
    if (rc == E_OK) {
        *environments = in_order(arns, n, list);
    } else {
        cJSON_Delete(*queue);
        *queue = NULL;
    }
    cJSON_Delete(list);
    return rc;
}

/* The kind that all environments are of; not known when they are of several or Batch does not tell
 * one of them. */
static enum batch_capacity kind_of(const cJSON *queue, const cJSON *environments)
{
    int spot = 0, on_demand = 0;
    int all = cJSON_GetArraySize(json_array(queue, "computeEnvironmentOrder"));
    const cJSON *v;

    cJSON_ArrayForEach(v, environments)
    {
        const char *type = json_str_or(json_object(v, "computeResources"), "type", "");
        spot += strcmp(type, "FARGATE_SPOT") == 0;
        on_demand += strcmp(type, "FARGATE") == 0;
    }
    return all > 0 && spot == all        ? CAPACITY_SPOT
           : all > 0 && on_demand == all ? CAPACITY_ON_DEMAND
                                         : CAPACITY_NOT_KNOWN;
}

/* Asks, unless the answer is there; another thread's question is waited for. Returns under the
 * lock. */
static void lock_answered(const struct ops *o, struct queue_capacity *q)
{
    (void)pthread_mutex_lock(&q->lock);
    while (q->asking) {
        (void)pthread_cond_wait(&q->answer, &q->lock);
    }
    int64_t now = clock_mono_ms(o->clock);
    if (q->due_ms != TIME_NONE && now < q->due_ms) {
        return;
    }
    q->asking = true;
    (void)pthread_mutex_unlock(&q->lock);

    cJSON *queue = NULL, *environments = NULL;
    enum batch_capacity is = CAPACITY_NOT_KNOWN;
    char *arn = NULL;
    enum err_code rc = queue_environments(o, &queue, &environments, NULL);
    if (rc == E_OK) {
        is = kind_of(queue, environments);
        arn = xstrdup(json_str_or(queue, "jobQueueArn", ""));
    }
    cJSON_Delete(environments);
    cJSON_Delete(queue);

    (void)pthread_mutex_lock(&q->lock);
    free(q->arn);
    q->arn = arn;
    q->is = is;
    q->due_ms = now + (rc == E_OK || rc == E_DENIED ? KEPT_MS : AGAIN_MS);
    q->asking = false;
    (void)pthread_cond_broadcast(&q->answer);
}

static bool wants(const struct batch_job *b, bool begun)
{
    bool over = b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED;
    bool ran = b->started_ms != TIME_NONE || b->attempts_len > 0;

    return (over || (begun && ran)) && b->queue != NULL && b->size.platform == PLATFORM_FARGATE &&
           b->size.millivcpus > 0 && !b->size.other;
}

void queue_capacity_tell(const struct ops *o, struct batch_job *const *jobs, size_t len, bool begun)
{
    struct queue_capacity *q = o->capacity;
    bool any = false;

    for (size_t i = 0; q != NULL && i < len && !any; i++) {
        any = wants(jobs[i], begun);
    }
    if (!any) {
        return;
    }
    lock_answered(o, q);
    for (size_t i = 0; i < len; i++) {
        if (wants(jobs[i], begun) && q->arn != NULL && strcmp(jobs[i]->queue, q->arn) == 0) {
            jobs[i]->size.capacity = (uint8_t)q->is;
        }
    }
    (void)pthread_mutex_unlock(&q->lock);
}
