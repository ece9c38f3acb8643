/* price.h - what a job costs: what it was given to run on, times how long it ran, times the price.
 * Pure.
 *
 * The result is an estimate: AWS also bills what Batch does not tell (the time in which the image
 * is fetched, logs, traffic), discounts are not known, and the price of Spot capacity varies. What
 * is not known is never taken for 0. */
#ifndef JOBS_PRICE_H
#define JOBS_PRICE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "jobs/batch.h"

/* USD; 0: not known. */
struct price_pair {
    double vcpu_hour, gb_hour;
};

struct job_prices {
    struct price_pair fargate, fargate_spot, arm, arm_spot;
    struct price_pair ec2;
    double disk_gb_hour; /* Fargate's ephemeral storage above 20 GB */
};

/* Below 0: the cost is not known. */
#define PRICE_NOT_KNOWN (-1.0)

struct job_price {
    double usd;        /* of all attempts */
    const char *why;   /* why it is not known, without a full stop; "" when it is */
    int64_t billed_ms; /* how long all attempts ran, each to the second and at least a minute on
                          Fargate */
    bool so_far;       /* the job is not over: `usd` is what it has cost until now */
};
/* The cost of a Batch job until `now_ms`. A job that failed before it ever started costs 0. The
 * parent of an array is not priced: its children are. `b` NULL: not known. */
struct job_price job_price(const struct batch_job *b, const struct job_prices *p, int64_t now_ms);

double price_rounded(double usd); /* to a millionth of a dollar; what is above 0 stays so */
cJSON *price_json(double usd);    /* that as a number; null below 0; owned */
/* "$0.0123", "$12.30", "less than $0.0001"; returns out. */
enum { PRICE_SIZE = 40 };
const char *price_text(double usd, char out[PRICE_SIZE]);
/* "about $0.0123 (estimate: 2 vCPU and 4 GB for 13m 20s on Fargate)", and so far for a job that is
 * not over; "not known: WHY" for a job that ran, or may have; "" when Batch does not know the job,
 * has not started it, or was not asked for its details. Returns out. */
enum { PRICE_TEXT_SIZE = 240 };
const char *job_price_text(const struct batch_job *b, const struct job_prices *p, int64_t now_ms,
                           char out[PRICE_TEXT_SIZE]);
#endif
