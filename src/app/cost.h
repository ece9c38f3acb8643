/* cost.h - what following the jobs has cost in the last hour, by what AWS counted. Pure; UI thread
 * only. */
#ifndef APP_COST_H
#define APP_COST_H

#include <stdbool.h>
#include <stdint.h>

struct cost_sample {
    int64_t mono_ms;
    uint64_t requests;
    double read_units;
};

enum { COST_SAMPLES = 61 /* one a minute */ };

struct cost {
    struct cost_sample samples[COST_SAMPLES]; /* a ring */
    unsigned len, at;                         /* at: where the next one goes */
    struct cost_sample last;
    double load_units; /* what the first load took, with all before it */
};

/* Notes the client's counters. What comes while the first load runs is its cost alone. */
void cost_note(struct cost *c, uint64_t requests, double read_units, bool loading, int64_t mono_ms);

/* What an hour takes, by the time since the first load, at most the last hour. False: that is
 * shorter than a minute. */
struct cost_rate {
    double requests, read_units; /* an hour */
    int64_t over_ms;             /* measured for this long */
};
bool cost_an_hour(const struct cost *c, struct cost_rate *out);
#endif
