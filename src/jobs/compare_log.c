/* compare_log.c - the difference of two logs, line by line.
 *
 * DESIGN: what both begin and end with is set aside; the middle is compared by Myers' greedy
 * algorithm ("An O(ND) Difference Algorithm", 1986): for each number of edits, how far each
 * diagonal gets. The ends of each round are kept, so that the way can be walked back. More than
 * EDITS_MAX edits are not looked for: memory and time stay bounded, whatever the logs are. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "jobs/cause.h"
#include "jobs/compare.h"

enum { LINE_SIZE = 1024, EDITS_MAX = 600 };

uint64_t compare_line_key(const char *line, size_t len)
{
    char plain[LINE_SIZE];
    size_t n = cause_normalise(line, len, plain, sizeof plain);

    return hash_bytes(HASH_START, plain, n);
}

void compare_diff_clear(struct compare_diff *d)
{
    free(d->items);
    *d = (struct compare_diff){0};
}

static void add(struct compare_diff *d, enum compare_op op, size_t a, size_t b, size_t len)
{
    struct compare_part *last = d->len == 0 ? NULL : &d->items[d->len - 1];

    if (len == 0) {
        return;
    }
    if (last != NULL && last->op == op) {
        last->len += len;
        return;
    }
    d->items = xgrow(d->items, d->len, &d->cap, sizeof *d->items);
    d->items[d->len++] = (struct compare_part){
        op, {a, b},
         len
    };
}

/* The two logs without what they begin and end with. */
struct middle {
    const uint64_t *key[2];
    int len[2];
    size_t from; /* how many lines stand before it, in both */
    int *ends;   /* owned: the ends of round `edits` begin at edits * edits */
    size_t ends_room;
};

/* Where round `edits` ends on diagonal `k` (place in the first - place in the second). */
static int *end_of(const struct middle *m, int edits, int k)
{
    return &m->ends[(size_t)edits * (size_t)edits + (size_t)(k + edits)];
}

/* The first place on diagonal `k` with so many edits, before what is the same is gone along. */
static int begin_of(const struct middle *m, int edits, int k, bool *down)
{
    if (edits == 0) {
        *down = false;
        return 0;
    }
    *down =
        k == -edits || (k != edits && *end_of(m, edits - 1, k - 1) < *end_of(m, edits - 1, k + 1));
    return *down ? *end_of(m, edits - 1, k + 1) : *end_of(m, edits - 1, k - 1) + 1;
}

/* The number of edits and the diagonal that lead to both ends; -1: more than EDITS_MAX. */
static int search(struct middle *m)
{
    int goal = m->len[0] - m->len[1];

    for (int edits = 0; edits <= EDITS_MAX; edits++) {
        size_t need = ((size_t)edits + 1) * ((size_t)edits + 1);
        if (need > m->ends_room) {
            m->ends_room = need * 2;
            m->ends = xrealloc(m->ends, m->ends_room * sizeof *m->ends);
        }
        for (int k = -edits; k <= edits; k++) {
            *end_of(m, edits, k) = -1; /* every other diagonal is not reached */
        }
        for (int k = -edits; k <= edits; k += 2) {
            bool down;
            int x = begin_of(m, edits, k, &down);
            while (x < m->len[0] && x - k < m->len[1] && x - k >= 0 &&
                   m->key[0][x] == m->key[1][x - k]) {
                x++;
            }
            *end_of(m, edits, k) = x;
            if (k == goal && x >= m->len[0] && x - k >= m->len[1]) {
                return edits;
            }
        }
    }
    return -1;
}

/* Walks back from both ends and writes for each edit, first to last, whether it takes from the
 * second log, and how many lines of the first stand before it. */
static void walk_back(const struct middle *m, int edits, bool *down, int *before)
{
    int k = m->len[0] - m->len[1];

    for (int e = edits; e > 0; e--) {
        int x = begin_of(m, e, k, &down[e - 1]);
        before[e - 1] = down[e - 1] ? x : x - 1;
        k += down[e - 1] ? 1 : -1;
    }
}

static void add_middle(struct compare_diff *d, const struct middle *m, int edits)
{
    bool *down = xcalloc((size_t)edits + 1, sizeof *down);
    int *before = xcalloc((size_t)edits + 1, sizeof *before);
    size_t a = m->from;
    size_t b = m->from;

    walk_back(m, edits, down, before);
    for (int e = 0; e <= edits; e++) {
        size_t upto = m->from + (size_t)(e < edits ? before[e] : m->len[0]);
        size_t same = upto - a;
        add(d, COMPARE_SAME, a, b, same);
        a += same;
        b += same;
        if (e < edits) {
            add(d, down[e] ? COMPARE_SECOND : COMPARE_FIRST, a, b, 1);
            a += !down[e];
            b += down[e];
        }
    }
    free(down);
    free(before);
}

/* Puts what goes before what comes, where the two follow each other without a line that is the
 * same. */
static void settle(struct compare_diff *d)
{
    struct compare_diff out = {.coarse = d->coarse};

    for (size_t i = 0; i < d->len;) {
        size_t n[2] = {0, 0};
        size_t at[2] = {d->items[i].at[0], d->items[i].at[1]};
        if (d->items[i].op == COMPARE_SAME) {
            add(&out, COMPARE_SAME, at[0], at[1], d->items[i].len);
            i++;
            continue;
        }
        for (; i < d->len && d->items[i].op != COMPARE_SAME; i++) {
            n[d->items[i].op == COMPARE_FIRST ? 0 : 1] += d->items[i].len;
        }
        add(&out, COMPARE_FIRST, at[0], at[1], n[0]);
        add(&out, COMPARE_SECOND, at[0] + n[0], at[1], n[1]);
    }
    free(d->items);
    *d = out;
}

void compare_logs(const uint64_t *first, size_t first_len, const uint64_t *second,
                  size_t second_len, struct compare_diff *out)
{
    size_t least = first_len < second_len ? first_len : second_len;
    size_t head = 0;
    size_t tail = 0;

    *out = (struct compare_diff){0};
    while (head < least && first[head] == second[head]) {
        head++;
    }
    while (tail < least - head && first[first_len - 1 - tail] == second[second_len - 1 - tail]) {
        tail++;
    }
    struct middle m = {
        .key = {first == NULL ? NULL : first + head, second == NULL ? NULL : second + head},
        .len = {(int)(first_len - head - tail),      (int)(second_len - head - tail)      },
        .from = head
    };
    add(out, COMPARE_SAME, 0, 0, head);
    int edits = search(&m);
    if (edits >= 0) {
        add_middle(out, &m, edits);
    } else {
        out->coarse = true;
        add(out, COMPARE_FIRST, head, head, (size_t)m.len[0]);
        add(out, COMPARE_SECOND, head + (size_t)m.len[0], head, (size_t)m.len[1]);
    }
    add(out, COMPARE_SAME, first_len - tail, second_len - tail, tail);
    free(m.ends);
    settle(out);
}
