/* insight_json.c - the figures as the document of SPEC 12. */
#include <math.h>

#include "core/json.h"
#include "jobs/insight.h"

static cJSON *seconds(int64_t ms)
{
    return ms == TIME_NONE ? cJSON_CreateNull() : cJSON_CreateNumber((double)ms / 1000);
}

/* A share to four digits behind the point; null below 0. */
static cJSON *share(double x)
{
    return x < 0 ? cJSON_CreateNull() : cJSON_CreateNumber(round(x * 10000) / 10000);
}

static void set_time(cJSON *o, const char *key, int64_t ms)
{
    char iso[TIME_ISO_SIZE];

    (void)time_iso(ms, iso);
    json_set_str(o, key, iso[0] == '\0' ? NULL : iso);
}

static cJSON *figures(const struct insight_figures *f)
{
    cJSON *o = json_new_object();

    json_set_int(o, "count", (int64_t)f->count);
    json_set(o, "p50", seconds(f->p50));
    json_set(o, "p90", seconds(f->p90));
    json_set(o, "p99", seconds(f->p99));
    return o;
}

static cJSON *statuses(const struct insight *x)
{
    cJSON *o = json_new_object();

    for (size_t i = 0; i < x->statuses_len; i++) {
        json_set_int(o, x->statuses[i].word, (int64_t)x->statuses[i].jobs);
    }
    return o;
}

static cJSON *steps(const struct insight *x)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < x->steps_len; i++) {
        const struct insight_step *s = &x->steps[i];
        cJSON *o = json_new_object();
        json_set_str(o, "step", s->step);
        json_set_int(o, "count", (int64_t)s->took.count);
        json_set(o, "p50", seconds(s->took.p50));
        json_set(o, "p90", seconds(s->took.p90));
        json_push(list, o);
    }
    return list;
}

static cJSON *texts(char *const *list, size_t len)
{
    cJSON *out = json_new_array();

    for (size_t i = 0; i < len; i++) {
        json_push_str(out, list[i]);
    }
    return out;
}

static cJSON *failures(const struct insight *x)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < x->causes_len; i++) {
        const struct insight_cause *c = &x->causes[i];
        cJSON *o = json_new_object();
        json_set_str(o, "cause", c->text);
        json_set_int(o, "count", (int64_t)c->count);
        json_set(o, "share", share((double)c->count / (double)x->failed));
        set_time(o, "firstSeen", c->first_ms);
        set_time(o, "lastSeen", c->last_ms);
        json_set_bool(o, "new", c->fresh);
        json_set(o, "steps", texts(c->steps, c->steps_len));
        json_set_int(o, "users", (int64_t)c->users);
        json_set(o, "jobIds", texts(c->ids, c->ids_len));
        json_push(list, o);
    }
    return list;
}

/* Null when it is known of no job. */
static cJSON *usd(const struct insight_cost *c)
{
    return price_json(c->jobs == 0 ? PRICE_NOT_KNOWN : c->usd);
}

static cJSON *groups(const struct insight *x)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < x->groups_len; i++) {
        const struct insight_group *g = &x->groups[i];
        cJSON *o = json_new_object();
        json_set_str(o, "key", g->key);
        json_set_int(o, "jobs", (int64_t)g->jobs);
        json_set(o, "successRate", share(insight_rate(g->completed, g->failed)));
        json_set(o, "p50", seconds(g->took.p50));
        json_set(o, "usd", usd(&g->cost));
        json_push(list, o);
    }
    return list;
}

static cJSON *cost(const struct insight *x)
{
    cJSON *o = json_new_object();

    json_set(o, "usd", usd(&x->cost));
    json_set_int(o, "jobs", (int64_t)x->cost.jobs);
    json_set_int(o, "unknown", (int64_t)(x->jobs - x->cost.jobs));
    return o;
}

static cJSON *throughput(const struct insight *x)
{
    cJSON *o = json_new_object();
    cJSON *list = json_new_array();

    for (size_t i = 0; i < x->buckets_len; i++) {
        const struct insight_bucket *b = &x->buckets[i];
        cJSON *one = json_new_object();
        set_time(one, "at", x->buckets_from_ms + (int64_t)i * x->query.bucket_ms);
        json_set_int(one, "jobs", b->jobs);
        json_set_int(one, "completed", b->completed);
        json_set_int(one, "failed", b->failed);
        json_set_int(one, "cancelled", b->cancelled);
        json_push(list, one);
    }
    json_set(o, "seconds", seconds(x->query.bucket_ms));
    json_set(o, "buckets", list);
    return o;
}

cJSON *insight_json(const struct insight *x)
{
    cJSON *o = json_new_object();
    cJSON *hours = json_new_array();

    set_time(o, "since", x->query.since_ms);
    set_time(o, "until", x->query.until_ms);
    json_set_int(o, "jobs", (int64_t)x->jobs);
    json_set(o, "byStatus", statuses(x));
    json_set(o, "successRate", share(insight_rate(x->completed, x->failed)));
    json_set(o, "duration", figures(&x->took));
    json_set(o, "waiting", figures(&x->waited));
    json_set(o, "steps", steps(x));
    json_set_int(o, "stepJobs", (int64_t)x->step_jobs);
    json_set(o, "failures", failures(x));
    json_set(o, "cost", cost(x));
    json_set_str(o, "by", insight_by_word(x->query.by));
    json_set(o, "groups", groups(x));
    json_set(o, "throughput", throughput(x));
    for (int i = 0; i < 24; i++) {
        json_push(hours, json_new_int(x->hours[i]));
    }
    json_set(o, "hours", hours);
    return o;
}
