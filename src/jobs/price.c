/* price.c - what a job costs. Fargate bills each task by the second, rounded up, and at least a
 * minute; GB of memory are GiB. */
#include "jobs/price.h"

#include <math.h>
#include <stdio.h>

#include "fixbuf.h"
#include "jobs/age.h"

#define HOUR_MS 3600000.0
enum { FREE_DISK_GIB = 20, SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS };

static bool is_over(const struct batch_job *b)
{
    return b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED;
}

static bool runs(const struct batch_job *b)
{
    return b->status == BATCH_STARTING || b->status == BATCH_RUNNING;
}

/* The time that is billed for one attempt; below 0 when its times are not known. */
static int64_t billed(const struct batch_job *b, int64_t from_ms, int64_t to_ms)
{
    int64_t ms = 0;

    if (from_ms == TIME_NONE || to_ms == TIME_NONE || __builtin_sub_overflow(to_ms, from_ms, &ms) ||
        ms < 0 || ms > INT64_MAX / 1024) {
        return -1;
    }
    if (b->size.platform == PLATFORM_EC2) {
        return ms;
    }
    ms = (ms + SECOND_MS - 1) / SECOND_MS * SECOND_MS;
    return ms < MINUTE_MS ? MINUTE_MS : ms;
}

/* The time that is billed for all attempts, the one under way included; below 0: not known. */
static int64_t billed_all(const struct batch_job *b, int64_t now_ms)
{
    int64_t sum = 0;

    for (size_t i = 0; i < b->attempts_len; i++) {
        int64_t ms = billed(b, b->attempts[i].started_ms, b->attempts[i].stopped_ms);
        if (ms < 0) {
            return -1;
        }
        sum += ms;
    }
    if (is_over(b) ? b->attempts_len == 0 : b->status == BATCH_RUNNING) {
        /* a clock that is behind Batch's does not make the run unknown */
        int64_t end = is_over(b) ? b->stopped_ms : now_ms < b->started_ms ? b->started_ms : now_ms;
        int64_t ms = billed(b, b->started_ms, end);
        if (ms < 0) {
            return -1;
        }
        sum += ms;
    }
    return sum;
}

static const struct price_pair *pair_of(const struct batch_size *s, const struct job_prices *p)
{
    bool spot = s->capacity == CAPACITY_SPOT;

    if (s->platform == PLATFORM_EC2) {
        return &p->ec2;
    }
    return s->arm ? (spot ? &p->arm_spot : &p->arm) : (spot ? &p->fargate_spot : &p->fargate);
}

/* USD for an hour; 0 when a price is not known. */
static double hourly(const struct batch_size *s, const struct job_prices *p)
{
    const struct price_pair *pair = pair_of(s, p);
    int more = s->platform == PLATFORM_FARGATE && s->disk_gib > FREE_DISK_GIB
                   ? s->disk_gib - FREE_DISK_GIB
                   : 0;

    if (pair->vcpu_hour <= 0 || pair->gb_hour <= 0 || (more > 0 && p->disk_gb_hour <= 0)) {
        return 0;
    }
    return pair->vcpu_hour * s->millivcpus / 1000 + pair->gb_hour * s->memory_mib / 1024 +
           p->disk_gb_hour * more;
}

/* Why no price can be told, whatever the job's times are; "": nothing stands against it. */
static const char *unpriced(const struct batch_job *b, const struct job_prices *p)
{
    const struct batch_size *s = &b->size;

    return !b->detailed                        ? "Batch was not asked for its vCPUs and memory"
           : b->array.size > 0                 ? "each child of an array job has its own price"
           : s->platform == PLATFORM_NOT_KNOWN ? "its platform is not known"
           : s->other                          ? "there is no price for its kind of machine"
           : s->millivcpus == 0 || s->memory_mib == 0 ? "Batch does not show its vCPUs and memory"
           : hourly(s, p) > 0                         ? ""
           : s->platform == PLATFORM_EC2 ? "no price for EC2: set ec2_vcpu and ec2_gb in [cost]"
                                         : "no price in [cost] of config.ini";
}

struct job_price job_price(const struct batch_job *b, const struct job_prices *p, int64_t now_ms)
{
    struct job_price out = {.usd = PRICE_NOT_KNOWN, .why = "Batch does not know the job"};

    if (b == NULL) {
        return out;
    }
    out.so_far = !is_over(b);
    if (b->status == BATCH_FAILED && b->detailed && b->array.size == 0 && b->attempts_len == 0 &&
        b->started_ms == TIME_NONE) {
        out.usd = 0;
        out.why = "";
        return out;
    }
    if (!is_over(b) && !runs(b) && b->attempts_len == 0) {
        out.why = "it has not started";
        return out;
    }
    out.why = unpriced(b, p);
    if (out.why[0] != '\0') {
        return out;
    }
    out.billed_ms = billed_all(b, now_ms);
    if (out.billed_ms < 0) {
        out.why = "Batch does not show when it ran";
        out.billed_ms = 0;
        return out;
    }
    out.usd = hourly(&b->size, p) * (double)out.billed_ms / HOUR_MS;
    return out;
}

/* ---- in words ---- */

double price_rounded(double usd)
{
    double near = round(usd * 1e6) / 1e6;

    return near > 0 ? near : usd;
}

cJSON *price_json(double usd)
{
    return usd < 0 ? cJSON_CreateNull() : cJSON_CreateNumber(price_rounded(usd));
}

const char *price_text(double usd, char out[PRICE_SIZE])
{
    if (usd > 0 && usd < 0.0001) {
        (void)snprintf(out, PRICE_SIZE, "less than $0.0001");
    } else {
        (void)snprintf(out, PRICE_SIZE, usd > 0 && usd < 1 ? "$%.4f" : "$%.2f", usd);
    }
    return out;
}

static const char *place_of(const struct batch_size *s)
{
    return s->platform == PLATFORM_EC2    ? "on EC2"
           : s->capacity == CAPACITY_SPOT ? "on Fargate Spot"
           : s->capacity == CAPACITY_NOT_KNOWN
               ? "at Fargate's on-demand price: whether it was Spot is not known"
               : "on Fargate";
}

const char *job_price_text(const struct batch_job *b, const struct job_prices *p, int64_t now_ms,
                           char out[PRICE_TEXT_SIZE])
{
    struct job_price x = job_price(b, p, now_ms);
    struct fixbuf text = fixbuf_start(out, PRICE_TEXT_SIZE);
    char usd[PRICE_SIZE];
    char took[AGE_SIZE];

    if (b == NULL || !b->detailed || (x.so_far && !runs(b) && b->attempts_len == 0)) {
        return out;
    }
    if (x.usd < 0) {
        fixbuf_add(&text, "not known: %s", x.why);
    } else if (x.usd <= 0 && x.billed_ms == 0) {
        fixbuf_add(&text, "nothing: it never started");
    } else {
        fixbuf_add(&text, "%sabout %s (estimate: %g vCPU%s and %g GB for %s %s)",
                   x.so_far ? "so far " : "", price_text(x.usd, usd), b->size.millivcpus / 1000.0,
                   b->size.arm ? " ARM" : "", b->size.memory_mib / 1024.0,
                   duration_long(x.billed_ms, took), place_of(&b->size));
    }
    return out;
}
