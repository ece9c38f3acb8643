/* forecast_learn.c - what is remembered of the jobs that completed, and its form as bytes. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "forecast_priv.h"

uint64_t forecast_product(const struct job *j)
{
    const char *product = job_text(j, JOB_PRODUCT_ID);

    return product == NULL || product[0] == '\0' ? 0 : hash_text(HASH_START, product) | 1;
}

uint32_t forecast_step(const char *step)
{
    uint64_t h = hash_text(HASH_START, step);

    return (uint32_t)(h ^ h >> 32) | 1; /* never FORECAST_WHOLE */
}

struct forecast *forecast_new(void)
{
    return xcalloc(1, sizeof(struct forecast));
}

void forecast_free(struct forecast *f)
{
    if (f != NULL) {
        free(f->cells);
        free(f->cuts);
        free(f);
    }
}

size_t forecast_len(const struct forecast *f)
{
    return f == NULL ? 0 : f->len;
}

bool forecast_stale(const struct forecast *f)
{
    return f->stale;
}

/* ---- one job ---- */

/* How long before the end; FORECAST_UNKNOWN: not known, not before it, or absurdly long. */
static uint32_t before(int64_t at_ms, int64_t end_ms)
{
    int64_t ms = 0;

    return at_ms == TIME_NONE || __builtin_sub_overflow(end_ms, at_ms, &ms) || ms < 0 ||
                   ms >= FORECAST_UNKNOWN
               ? FORECAST_UNKNOWN
               : (uint32_t)ms;
}

static void past_steps(struct past *p, const struct job_step *at)
{
    for (; at != NULL && at->step != NULL; at++) {
        uint32_t ms = before(at->at_ms, p->end_ms);
        if (strcmp(at->step, job_status_word(JOB_COMPLETED)) == 0) {
            continue; /* that is the end, no step */
        }
        if (ms == FORECAST_UNKNOWN || p->steps_len == FORECAST_STEPS) {
            p->steps_len = 0; /* with some of them only, the step before would seem longer */
            return;
        }
        p->step[p->steps_len] = forecast_step(at->step);
        p->began[p->steps_len++] = ms;
    }
}

static bool past_of(struct past *p, const struct job *j)
{
    *p = (struct past){.id = hash_text(HASH_START, j->id),
                       .product = forecast_product(j),
                       .end_ms = job_ms(j, JOB_ENDED)};
    p->started = before(job_ms(j, JOB_STARTED), p->end_ms);
    past_steps(p, job_steps(j));
    return p->steps_len > 0 || p->started != FORECAST_UNKNOWN;
}

/* ---- all of them ---- */

static void find_oldest(struct forecast *f)
{
    f->oldest = 0;
    for (size_t i = 1; i < f->len; i++) {
        if (f->ends[i] < f->ends[f->oldest]) {
            f->oldest = i;
        }
    }
}

static void put(struct forecast *f, size_t at, const struct past *p)
{
    f->past[at] = *p;
    f->ids[at] = p->id;
    f->ends[at] = p->end_ms;
    f->stale = true;
    find_oldest(f);
}

/* Is a job that ended then too old to be remembered? */
static bool too_old(const struct forecast *f, int64_t end_ms)
{
    return f->len == FORECAST_JOBS && end_ms < f->ends[f->oldest];
}

static bool remember(struct forecast *f, const struct past *p)
{
    if (too_old(f, p->end_ms)) {
        return false;
    }
    for (size_t i = 0; i < f->len; i++) {
        if (f->ids[i] == p->id) {
            /* The same job may have been learned before its record had all its times. */
            bool news = p->steps_len > f->past[i].steps_len || p->end_ms > f->ends[i];
            if (news) {
                put(f, i, p);
            }
            return news;
        }
    }
    if (f->len == FORECAST_JOBS) {
        put(f, f->oldest, p);
    } else {
        put(f, f->len++, p);
    }
    return true;
}

bool forecast_learn(struct forecast *f, const struct job *j)
{
    struct past p;

    if (j->status != JOB_COMPLETED || job_ms(j, JOB_ENDED) == TIME_NONE ||
        too_old(f, job_ms(j, JOB_ENDED))) {
        return false;
    }
    return past_of(&p, j) && remember(f, &p);
}

size_t forecast_merge(struct forecast *to, const struct forecast *from)
{
    size_t added = 0;

    for (size_t i = 0; i < from->len; i++) {
        added += remember(to, &from->past[i]);
    }
    return added;
}

/* ---- as bytes ----
 *
 * A mark, the number of jobs, their checksum; then for each job its numbers, little endian. */

static const char mark[8] = {'m', 'v', 'p', 'h', 'i', 's', 't', '1'};
enum { HEAD = 20, PAST_HEAD = 32, PAST_STEP = 8 };

_Static_assert(HEAD + (int)FORECAST_JOBS * (PAST_HEAD + (int)FORECAST_STEPS * PAST_STEP) <=
                   (int)FORECAST_BYTES,
               "the bytes have an end");

static void put_u(struct strbuf *b, uint64_t v, int bytes)
{
    char raw[8];

    for (int i = 0; i < bytes; i++) {
        raw[i] = (char)(v >> (8 * i));
    }
    strbuf_add(b, raw, (size_t)bytes);
}

static void put_past(struct strbuf *b, const struct past *p)
{
    put_u(b, p->id, 8);
    put_u(b, p->product, 8);
    put_u(b, (uint64_t)p->end_ms, 8);
    put_u(b, p->started, 4);
    put_u(b, p->steps_len, 4);
    for (size_t i = 0; i < p->steps_len; i++) {
        put_u(b, p->step[i], 4);
        put_u(b, p->began[i], 4);
    }
}

void forecast_bytes(const struct forecast *f, struct strbuf *out)
{
    struct strbuf all = STRBUF_INIT;

    for (size_t i = 0; i < f->len; i++) {
        put_past(&all, &f->past[i]);
    }
    strbuf_add(out, mark, sizeof mark);
    put_u(out, f->len, 4);
    put_u(out, hash_bytes(HASH_START, all.data, all.len), 8);
    strbuf_add(out, strbuf_str(&all), all.len);
    strbuf_clear(&all);
}

/* What is left to be read. */
struct reader {
    const unsigned char *at, *end;
};

static uint64_t get_u(struct reader *r, int bytes)
{
    uint64_t v = 0;

    for (int i = 0; i < bytes; i++) {
        v |= (uint64_t)r->at[i] << (8 * i);
    }
    r->at += bytes;
    return v;
}

static bool get_past(struct reader *r, struct past *p)
{
    if (r->end - r->at < PAST_HEAD) {
        return false;
    }
    *p = (struct past){.id = get_u(r, 8)};
    p->product = get_u(r, 8);
    p->end_ms = (int64_t)get_u(r, 8);
    p->started = (uint32_t)get_u(r, 4);
    p->steps_len = (uint32_t)get_u(r, 4);
    if (p->steps_len > FORECAST_STEPS || r->end - r->at < (int64_t)p->steps_len * PAST_STEP) {
        return false;
    }
    for (size_t i = 0; i < p->steps_len; i++) {
        p->step[i] = (uint32_t)get_u(r, 4);
        p->began[i] = (uint32_t)get_u(r, 4);
        if (p->began[i] == FORECAST_UNKNOWN || (i > 0 && p->began[i] > p->began[i - 1])) {
            return false; /* the steps come one after the other */
        }
    }
    return true;
}

bool forecast_from(struct forecast *f, const void *bytes, size_t len)
{
    struct reader r = {.at = bytes};

    r.end = r.at + len;
    if (len < HEAD || len > FORECAST_BYTES || memcmp(bytes, mark, sizeof mark) != 0) {
        return false;
    }
    r.at += sizeof mark;
    uint64_t n = get_u(&r, 4), sum = get_u(&r, 8);
    if (n > FORECAST_JOBS || sum != hash_bytes(HASH_START, r.at, (size_t)(r.end - r.at))) {
        return false;
    }
    struct past *all = xcalloc(n + 1, sizeof *all);
    bool good = true;
    for (uint64_t i = 0; i < n && good; i++) {
        good = get_past(&r, &all[i]);
    }
    good = good && r.at == r.end;
    for (uint64_t i = 0; i < n && good; i++) {
        (void)remember(f, &all[i]);
    }
    free(all);
    return good;
}
