/* The sorted lists of the store. Their order is total (sort column, newest first, id), so that
 * binary search finds a handle as long as its entry has not changed since it was put there. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "store_priv.h"

static bool failing(const struct entry *e)
{
    return e->state.status == JOB_FAILED || e->state.stuck != STUCK_NO;
}

/* The key of an entry. What comes above the column gives the key's higher bits; compare settles the
 * order of entries with the same key. */
static uint64_t key_of_entry(const struct store *s, const struct entry *e)
{
    uint64_t key = column_key(&job_columns[s->sort.column], e, s->sort_ms);

    key = s->sort.descending ? ~key : key;
    if (s->sort.failing_first) {
        key = key >> 1 | (failing(e) ? 0 : UINT64_C(1) << 63);
    }
    return key;
}

static uint64_t key_of(const struct store *s, uint32_t h)
{
    return key_of_entry(s, &s->entries[h]);
}

/* Compares entries with the same key. */
static int compare_more(const struct store *s, const struct entry *a, const struct entry *b)
{
    int c = column_compare(&job_columns[s->sort.column], a, b, s->sort_ms);

    if (c != 0) {
        return s->sort.descending ? -c : c;
    }
    int64_t at = job_time(a->job, &a->state, NULL), bt = job_time(b->job, &b->state, NULL);
    if (at != bt) {
        return at > bt ? -1 : 1;
    }
    return strcmp(a->job->id, b->job->id);
}

static int compare(struct store *s, const struct order_slot *a, const struct order_slot *b)
{
    s->work.compares++;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    return a->h == b->h ? 0 : compare_more(s, &s->entries[a->h], &s->entries[b->h]);
}

int store_compare(const struct store *s, const struct entry *a, const struct entry *b)
{
    uint64_t ka = key_of_entry(s, a), kb = key_of_entry(s, b);

    return ka != kb ? (ka < kb ? -1 : 1) : compare_more(s, a, b);
}

void handles_push(struct handles *l, uint32_t h)
{
    l->items = xgrow(l->items, l->len, &l->cap, sizeof *l->items);
    l->items[l->len++] = h;
}

void handles_remove_at(struct handles *l, size_t at)
{
    l->len--;
    memmove(l->items + at, l->items + at + 1, (l->len - at) * sizeof *l->items);
}

static void reserve(struct order *o, size_t more)
{
    if (o->len + more > o->cap) {
        o->cap = o->len + more + (o->len + more) / 2 + 16;
        o->items = xrealloc(o->items, o->cap * sizeof *o->items);
    }
}

/* The first position in [0, end) whose entry does not come before `slot`. */
static size_t lower_bound(struct store *s, const struct order *o, const struct order_slot *slot,
                          size_t end)
{
    size_t low = 0;

    while (low < end) {
        size_t mid = low + (end - low) / 2;
        if (compare(s, &o->items[mid], slot) < 0) {
            low = mid + 1;
        } else {
            end = mid;
        }
    }
    return low;
}

size_t order_find(struct store *s, const struct order *o, uint32_t h)
{
    struct order_slot slot = {key_of(s, h), h};
    size_t at = lower_bound(s, o, &slot, o->len);

    if (at < o->len && o->items[at].h == h) {
        return at;
    }
    for (at = 0; at < o->len && o->items[at].h != h; at++) {
    }
    return at; /* this is reached only when a compare function gives no total order */
}

void order_insert(struct store *s, struct order *o, uint32_t h)
{
    struct order_slot slot = {key_of(s, h), h};
    size_t at = lower_bound(s, o, &slot, o->len);

    reserve(o, 1);
    memmove(o->items + at + 1, o->items + at, (o->len - at) * sizeof *o->items);
    o->items[at] = slot;
    o->len++;
    s->work.moved++;
}

void order_remove_at(struct order *o, size_t at)
{
    if (at >= o->len) {
        return;
    }
    memmove(o->items + at, o->items + at + 1, (o->len - at - 1) * sizeof *o->items);
    o->len--;
}

bool order_fits(struct store *s, struct order *o, size_t at)
{
    if (at >= o->len) {
        return false;
    }
    o->items[at].key = key_of(s, o->items[at].h);
    return (at == 0 || compare(s, &o->items[at - 1], &o->items[at]) < 0) &&
           (at + 1 >= o->len || compare(s, &o->items[at], &o->items[at + 1]) < 0);
}

/* Sorts by merging; `room` holds half of the slots. qsort has no place for the store, older C
 * libraries have no qsort_r, and musl's takes more comparisons. */
static void sort_slots(struct store *s, struct order_slot *slots, size_t len,
                       struct order_slot *room)
{
    size_t half = len / 2;

    if (half == 0) {
        return;
    }
    sort_slots(s, slots, half, room);
    sort_slots(s, slots + half, len - half, room);
    if (compare(s, &slots[half - 1], &slots[half]) <= 0) {
        return; /* the order was right, as it often is after a small change */
    }
    memcpy(room, slots, half * sizeof *slots);
    size_t left = 0, right = half;
    for (size_t at = 0; left < half; at++) { /* what is right of the last left one stands already */
        bool first = right == len || compare(s, &room[left], &slots[right]) <= 0;
        slots[at] = first ? room[left++] : slots[right++];
    }
}

static void sort_all(struct store *s, struct order_slot *slots, size_t len)
{
    struct order_slot *room = xcalloc(len / 2, sizeof *room);

    sort_slots(s, slots, len, room);
    free(room);
}

void order_merge(struct store *s, struct order *o, const uint32_t *handles, size_t len)
{
    size_t end = o->len;

    if (len == 0) {
        return;
    }
    struct order_slot *slots = xcalloc(len, sizeof *slots);
    for (size_t i = 0; i < len; i++) {
        slots[i] = (struct order_slot){key_of(s, handles[i]), handles[i]};
    }
    sort_all(s, slots, len);
    reserve(o, len);
    for (size_t i = len; i-- > 0;) { /* from the back, so that the entries behind move only once */
        size_t at = lower_bound(s, o, &slots[i], end);
        memmove(o->items + at + i + 1, o->items + at, (end - at) * sizeof *o->items);
        o->items[at + i] = slots[i];
        end = at;
    }
    free(slots);
    o->len += len;
    s->work.moved += len;
}

void order_pull(const struct store *s, struct order *o)
{
    size_t n = 0;

    for (size_t i = 0; i < o->len; i++) {
        if ((s->entries[o->items[i].h].flags & ENTRY_MOVING) == 0) {
            o->items[n++] = o->items[i];
        }
    }
    o->len = n;
}

static void order_sort(struct store *s, struct order *o)
{
    for (size_t i = 0; i < o->len; i++) {
        o->items[i].key = key_of(s, o->items[i].h);
    }
    if (o->len > 1) {
        sort_all(s, o->items, o->len);
    }
}

bool store_shows(struct store *s, const struct entry *e, int64_t now_ms)
{
    bool chip = s->chips.statuses == 0 && !s->chips.stuck;

    if ((s->chips.statuses & 1U << e->state.status) != 0 ||
        (s->chips.stuck && e->state.stuck != STUCK_NO)) {
        chip = true;
    }
    if (!chip || s->none || (s->picks && (e->flags & ENTRY_PICKED) == 0)) {
        return false;
    }
    if (s->filter == NULL) {
        return true;
    }
    s->work.matches++;
    return filter_match(s->filter, e->job, e->batch, &e->state, now_ms);
}

const struct order *store_list(const struct store *s)
{
    return s->filtered ? &s->rows : &s->all;
}

static void store_filter_all(struct store *s, int64_t now_ms)
{
    s->filtered =
        s->none || s->filter != NULL || s->chips.statuses != 0 || s->chips.stuck || s->picks;
    s->rows.len = 0;
    s->marked_shown = 0;
    for (size_t i = 0; i < s->all.len; i++) {
        struct entry *e = &s->entries[s->all.items[i].h];
        bool shows = !s->filtered || store_shows(s, e, now_ms);
        e->flags = (uint16_t)(shows ? e->flags | ENTRY_SHOWN : e->flags & ~ENTRY_SHOWN);
        if (shows && s->filtered) {
            reserve(&s->rows, 1);
            s->rows.items[s->rows.len++] = s->all.items[i];
        }
        if (shows && (e->flags & ENTRY_MARKED) != 0) {
            s->marked_shown++;
        }
    }
}

void store_set_sort(struct store *s, struct sort_order order, int64_t now_ms)
{
    s->sort = order;
    s->sort_ms = now_ms;
    order_sort(s, &s->all);
    if (s->filtered) {
        order_sort(s, &s->rows);
    }
}

struct sort_order store_sort(const struct store *s)
{
    return s->sort;
}

void store_set_filter(struct store *s, struct filter *f, int64_t now_ms)
{
    filter_free(s->filter);
    s->filter = f;
    store_filter_all(s, now_ms);
}

void store_set_none(struct store *s, bool none, int64_t now_ms)
{
    if (s->none != none) {
        s->none = none;
        store_filter_all(s, now_ms);
    }
}

void store_set_chips(struct store *s, struct chips c, int64_t now_ms)
{
    s->chips = c;
    store_filter_all(s, now_ms);
}

struct chips store_chips(const struct store *s)
{
    return s->chips;
}

size_t store_pick(struct store *s, bool (*fits)(const void *arg, const struct entry *e),
                  const void *arg, int64_t now_ms)
{
    size_t n = 0;

    for (size_t i = 0; i < s->all.len; i++) {
        struct entry *e = &s->entries[s->all.items[i].h];
        bool picked = fits != NULL && fits(arg, e);
        entry_set_flag(e, ENTRY_PICKED, picked);
        n += picked;
    }
    s->picks = fits != NULL;
    store_filter_all(s, now_ms);
    return n;
}

bool store_picks(const struct store *s)
{
    return s->picks;
}
