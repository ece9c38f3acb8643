/* forecast.c - the answers: when a job should end, and how long its steps usually take. */
#include "jobs/forecast.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "forecast_priv.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

/* ---- what a running job tells ---- */

int64_t forecast_step_began(const struct job *j)
{
    const struct job_step *at = job_steps(j);
    const char *step = job_text(j, JOB_STEP);

    if (at == NULL || step == NULL) {
        return TIME_NONE;
    }
    while (at[1].step != NULL) {
        at++;
    }
    /* A job that went back to an earlier step has only the time when it first came to it. */
    return strcmp(at->step, step) == 0 ? at->at_ms : TIME_NONE;
}

/* How long ago; 0 when it is still to come, because two clocks differ. */
static int64_t since(int64_t at_ms, int64_t now_ms)
{
    int64_t ms = 0;

    return __builtin_sub_overflow(now_ms, at_ms, &ms) || ms < 0 ? 0 : ms;
}

/* ---- figures ---- */

/* NULL: fewer than FORECAST_FEW jobs tell it. */
static const struct cell *cell_find(const struct forecast *f, uint64_t product, uint32_t step)
{
    size_t low = 0;
    size_t high = f == NULL ? 0 : f->cells_len;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct cell *c = &f->cells[mid];
        if (c->product == product && c->step == step) {
            return c;
        }
        if (c->product < product || (c->product == product && c->step < step)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

/* The figures of the product, where `least` of its jobs tell them, else those of all. */
static const struct cell *cell_of(const struct forecast *f, uint64_t product, uint32_t step,
                                  size_t least)
{
    const struct cell *own = product == 0 ? NULL : cell_find(f, product, step);

    if (own != NULL && own->len >= least) {
        return own;
    }
    const struct cell *all = cell_find(f, 0, step);
    return all != NULL && all->len >= least ? all : NULL;
}

/* By the nearest rank. */
static int64_t took(const struct forecast *f, const struct cell *c, size_t percent)
{
    return f->cuts[c->from + (c->len * percent + 99) / 100 - 1].took;
}

bool forecast_usual(const struct forecast *f, const struct job *j, const char *step,
                    struct usual *out)
{
    const struct cell *c = cell_of(f, forecast_product(j), forecast_step(step), FORECAST_FEW);

    if (c == NULL) {
        return false;
    }
    *out = (struct usual){c->len, took(f, c, 50), took(f, c, 90), c->product == 0};
    return true;
}

/* The interval of the jobs that were in it for longer than `ms`. */
static bool interval(const struct forecast *f, const struct cell *c, int64_t began_ms,
                     int64_t now_ms, struct eta *out)
{
    int64_t ms = since(began_ms, now_ms);
    size_t low = 0;
    size_t high = c == NULL ? 0 : c->len;

    if (c == NULL) {
        return false;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if ((int64_t)f->cuts[c->from + mid].took > ms) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    const struct cut *cut = &f->cuts[c->from + low];
    if (low == c->len || cut->low == FORECAST_UNKNOWN) {
        return false;
    }
    *out = (struct eta){began_ms + (int64_t)cut->low, began_ms + (int64_t)cut->high};
    return true;
}

bool forecast_eta(const struct forecast *f, const struct job *j, const struct job_state *s,
                  int64_t now_ms, struct eta *out)
{
    if (s->status != JOB_IN_PROGRESS || f == NULL || f->cells_len == 0) {
        return false;
    }
    int64_t step_at = forecast_step_began(j), start = s->started_ms;
    uint64_t own = forecast_product(j);
    uint32_t step = step_at == TIME_NONE ? FORECAST_WHOLE : forecast_step(job_text(j, JOB_STEP));
    const struct cell *of_step = own == 0 || step_at == TIME_NONE ? NULL : cell_find(f, own, step);
    const struct cell *whole =
        own == 0 || start == TIME_NONE ? NULL : cell_find(f, own, FORECAST_WHOLE);

    if (interval(f, of_step, step_at, now_ms, out)) {
        return true;
    }
    if (of_step != NULL && since(step_at, now_ms) > took(f, of_step, 90)) {
        return false; /* it is late in its step, which its whole time does not know */
    }
    if (interval(f, whole, start, now_ms, out)) {
        return true;
    }
    if (of_step != NULL || (step_at == TIME_NONE && whole != NULL)) {
        return false; /* nearly all of its product were faster: others do not tell more */
    }
    return (step_at != TIME_NONE && interval(f, cell_find(f, 0, step), step_at, now_ms, out)) ||
           (start != TIME_NONE && interval(f, cell_find(f, 0, FORECAST_WHOLE), start, now_ms, out));
}

bool forecast_slow(const struct forecast *f, const struct job *j, const struct job_state *s,
                   int64_t now_ms)
{
    if (s->status != JOB_IN_PROGRESS || f == NULL || f->cells_len == 0) {
        return false;
    }
    int64_t began = forecast_step_began(j);
    const struct cell *c =
        began == TIME_NONE
            ? NULL
            : cell_of(f, forecast_product(j), forecast_step(job_text(j, JOB_STEP)), FORECAST_SLOW);

    return c != NULL && since(began, now_ms) > took(f, c, 95);
}

/* ---- words ---- */

/* From now to both ends, in whole minutes: the first rounded down, the second up. */
static void minutes(const struct eta *x, int64_t now_ms, int64_t *low, int64_t *high)
{
    *low = since(now_ms, x->low_ms) / MINUTE * MINUTE;
    *high = (since(now_ms, x->high_ms) + MINUTE - 1) / MINUTE * MINUTE;
}

const char *eta_short(const struct eta *x, int64_t now_ms, char buf[AGE_SIZE])
{
    char from[AGE_SIZE], to[AGE_SIZE];
    int64_t low, high;

    minutes(x, now_ms, &low, &high);
    (void)duration_text(high, to);
    if (high <= MINUTE) {
        (void)snprintf(buf, AGE_SIZE, "<1m");
    } else if (high < HOUR) {
        (void)snprintf(buf, AGE_SIZE, "%" PRId64 "-%s", low / MINUTE, to);
    } else {
        (void)snprintf(buf, AGE_SIZE, "%.10s-%.10s", low == 0 ? "0" : duration_text(low, from), to);
    }
    return buf;
}

const char *eta_long(const struct eta *x, int64_t now_ms, char buf[ETA_LONG_SIZE])
{
    char from[AGE_SIZE], to[AGE_SIZE];
    int64_t low, high;

    minutes(x, now_ms, &low, &high);
    if (high <= MINUTE) {
        (void)snprintf(buf, ETA_LONG_SIZE, "within a minute");
    } else if (low == 0) {
        (void)snprintf(buf, ETA_LONG_SIZE, "within %s", duration_text(high, to));
    } else if (high < HOUR) {
        (void)snprintf(buf, ETA_LONG_SIZE, "in %" PRId64 " to %" PRId64 " min", low / MINUTE,
                       high / MINUTE);
    } else {
        (void)snprintf(buf, ETA_LONG_SIZE, "in %s to %s", duration_text(low, from),
                       duration_text(high, to));
    }
    return buf;
}
