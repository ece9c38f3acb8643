/* How a job queue of Batch stands. */
#include "jobs/queue_facts.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"
#include "fixbuf.h"

/* A text of the document with secrets masked; owned; "" when there is none. */
static char *own_text(const cJSON *o, const char *key)
{
    char *text = xstrdup(json_str_or(o, key, ""));

    secret_mask_in_place(text); /* a reason may quote an address */
    return text;
}

static struct queue_environment environment_of(const cJSON *doc)
{
    const cJSON *resources = json_object(doc, "computeResources");
    const char *type = json_str(resources, "type");

    return (struct queue_environment){
        .name = own_text(doc, "computeEnvironmentName"),
        .type = xstrdup(type != NULL ? type : json_str_or(doc, "type", "")),
        .state = own_text(doc, "state"),
        .status = own_text(doc, "status"),
        .reason = own_text(doc, "statusReason"),
        .max_vcpus = json_int(resources, "maxvCpus", -1),
    };
}

struct queue_facts *queue_facts_new(const cJSON *queue, const cJSON *environments)
{
    struct queue_facts *f = xcalloc(1, sizeof *f);
    int n = cJSON_GetArraySize(environments);
    const char *policy = json_str_or(queue, "schedulingPolicyArn", "");
    const cJSON *v;

    f->name = own_text(queue, "jobQueueName");
    f->state = own_text(queue, "state");
    f->status = own_text(queue, "status");
    f->reason = own_text(queue, "statusReason");
    f->fair = policy[0] != '\0';
    f->environments_all = n == cJSON_GetArraySize(json_array(queue, "computeEnvironmentOrder"));
    f->environments = xcalloc((size_t)n + 1, sizeof *f->environments);
    cJSON_ArrayForEach(v, environments)
    {
        f->environments[f->environments_len++] = environment_of(v);
    }
    return f;
}

void queue_facts_free(struct queue_facts *f)
{
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < f->environments_len; i++) {
        struct queue_environment *e = &f->environments[i];
        free(e->name);
        free(e->type);
        free(e->state);
        free(e->status);
        free(e->reason);
    }
    for (size_t i = 0; i < f->waiting_len; i++) {
        free(f->waiting[i].id);
        free(f->waiting[i].reason);
    }
    free(f->environments);
    free(f->waiting);
    free(f->name);
    free(f->state);
    free(f->status);
    free(f->reason);
    free(f);
}

/* ---- jobs ---- */

void queue_facts_add(struct queue_facts *f, enum batch_status state, struct batch_job *const *jobs,
                     size_t len, bool more)
{
    f->by_state[state].jobs += len;
    f->by_state[state].more = f->by_state[state].more || more;
    f->placed += state == BATCH_STARTING || state == BATCH_RUNNING ? len : 0;
    for (size_t i = 0; i < len; i++) {
        f->arrays = f->arrays || jobs[i]->array.size > 0;
    }
    for (size_t i = 0; state == BATCH_RUNNABLE && i < len; i++) {
        const char *reason = jobs[i]->status_reason;
        f->waiting = xgrow(f->waiting, f->waiting_len, &f->waiting_cap, sizeof *f->waiting);
        f->waiting[f->waiting_len++] =
            (struct queue_waiting){.id = xstrdup(jobs[i]->id),
                                   .reason = xstrdup(reason == NULL ? "" : reason),
                                   .created_ms = jobs[i]->created_ms};
    }
}

void queue_facts_add_size(struct queue_facts *f, const struct batch_job *b)
{
    if (b->size.millivcpus > 0) {
        f->placed_sized++;
        f->used_millivcpus += b->size.millivcpus;
    }
}

static int by_age(const void *a, const void *b)
{
    const struct queue_waiting *x = a;
    const struct queue_waiting *y = b;

    return x->created_ms != y->created_ms ? (x->created_ms < y->created_ms ? -1 : 1)
                                          : strcmp(x->id, y->id);
}

void queue_facts_order(struct queue_facts *f)
{
    if (f->waiting_len > 0) {
        qsort(f->waiting, f->waiting_len, sizeof *f->waiting, by_age);
    }
}

/* ---- reading them ---- */

/* The most vCPUs that the environments can have together which are switched on and valid; -1: not
 * known. */
static int64_t max_vcpus(const struct queue_facts *f)
{
    int64_t all = 0;

    for (size_t i = 0; i < f->environments_len; i++) {
        const struct queue_environment *e = &f->environments[i];
        int64_t max = e->max_vcpus;
        if (strcmp(e->state, "DISABLED") == 0 || strcmp(e->status, "INVALID") == 0) {
            continue;
        }
        if (max < 0 || max > INT32_MAX) {
            return -1;
        }
        all += max;
    }
    return f->environments_len > 0 && f->environments_all ? all : -1;
}

bool queue_ahead(const struct queue_facts *f, const char *batch_id, size_t *ahead, bool *at_least)
{
    for (size_t i = 0; !f->fair && i < f->waiting_len; i++) {
        if (strcmp(f->waiting[i].id, batch_id) == 0) {
            *ahead = i;
            /* ListJobs gives the newest first: those that were not read are older */
            *at_least = f->by_state[BATCH_RUNNABLE].more || f->arrays;
            return f->waiting[i].created_ms != TIME_NONE;
        }
    }
    return false;
}

/* Are there jobs that run, or may run, and are not in the sum? */
static bool more_in_use(const struct queue_facts *f)
{
    return f->arrays || f->placed_sized < f->placed || f->by_state[BATCH_STARTING].more ||
           f->by_state[BATCH_RUNNING].more;
}

const char *queue_vcpus_text(const struct queue_facts *f, char out[QUEUE_TEXT_SIZE])
{
    struct fixbuf text = fixbuf_start(out, QUEUE_TEXT_SIZE);
    int64_t max = max_vcpus(f);
    double used = (double)f->used_millivcpus / 1000;

    if (f->placed > 0 && f->placed_sized == 0) {
        fixbuf_add(&text, "vCPUs in use not known");
        if (max >= 0) {
            fixbuf_add(&text, " (of %lld)", (long long)max);
        }
        return out;
    }
    fixbuf_add(&text, "%s%g", more_in_use(f) ? "at least " : "", used);
    if (max >= 0) {
        fixbuf_add(&text, " of %lld", (long long)max);
    }
    fixbuf_add(&text, " vCPUs in use");
    return out;
}

const char *queue_wait_text(const struct queue_facts *f, const char *batch_id,
                            char out[QUEUE_TEXT_SIZE])
{
    struct fixbuf text = fixbuf_start(out, QUEUE_TEXT_SIZE);
    char vcpus[QUEUE_TEXT_SIZE];
    size_t ahead = 0;
    bool at_least = false, waits = false;

    for (size_t i = 0; i < f->waiting_len && !waits; i++) {
        waits = strcmp(f->waiting[i].id, batch_id) == 0;
    }
    if (!waits || f->placed == 0) {
        return out;
    }
    fixbuf_add(&text, "%s, ", queue_vcpus_text(f, vcpus));
    if (queue_ahead(f, batch_id, &ahead, &at_least)) {
        fixbuf_add(&text, "%s%zu job%s ahead", at_least ? "at least " : "", ahead,
                   text_plural(ahead));
    } else {
        fixbuf_add(&text, "%s",
                   f->fair ? "a scheduling policy decides its turn" : "its place is not known");
    }
    return out;
}

const char *queue_type_word(const char *type)
{
    static const struct {
        const char *word, *text;
    } words[] = {
        {"FARGATE",      "Fargate"     },
        {"FARGATE_SPOT", "Fargate Spot"},
        {"SPOT",         "EC2 Spot"    },
        {"UNMANAGED",    "unmanaged"   },
        {"",             "not known"   },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(type, words[i].word) == 0) {
            return words[i].text;
        }
    }
    return type;
}
