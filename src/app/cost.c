/* What following the jobs has cost in the last hour. */
#include "cost.h"

enum { EVERY_MS = 60000 };

void cost_note(struct cost *c, uint64_t requests, double read_units, bool loading, int64_t mono_ms)
{
    const struct cost_sample *newest = &c->samples[(c->at + COST_SAMPLES - 1) % COST_SAMPLES];

    if (requests < c->last.requests) {
        return; /* an answer that was overtaken */
    }
    c->last = (struct cost_sample){mono_ms, requests, read_units};
    if (loading) {
        c->len = 0;
        return;
    }
    if (c->len == 0) {
        c->load_units = read_units;
    } else if (mono_ms - newest->mono_ms < EVERY_MS) {
        return;
    }
    c->samples[c->at] = c->last;
    c->at = (c->at + 1) % COST_SAMPLES;
    c->len += c->len < COST_SAMPLES;
}

bool cost_an_hour(const struct cost *c, struct cost_rate *out)
{
    const struct cost_sample *oldest =
        &c->samples[(c->at + COST_SAMPLES - (c->len == 0 ? 1 : c->len)) % COST_SAMPLES];
    int64_t ms = c->len == 0 ? 0 : c->last.mono_ms - oldest->mono_ms;

    if (ms < EVERY_MS) {
        return false;
    }
    double hours = (double)ms / (60.0 * (double)EVERY_MS);
    *out = (struct cost_rate){.requests = (double)(c->last.requests - oldest->requests) / hours,
                              .read_units = (c->last.read_units - oldest->read_units) / hours,
                              .over_ms = ms};
    return true;
}
