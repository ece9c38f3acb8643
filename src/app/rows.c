/* Moving in a list of rows: cursor, window, range. */
#include "rows.h"

static size_t page_of(const struct rows *r)
{
    return r->page < 1 ? 1 : r->page;
}

long rows_distance(enum action a, size_t page)
{
    long all = page < 1 ? 1 : (long)page, half = all / 2 + all % 2, whole = all > 1 ? all - 1 : 1;

    switch (a) {
    case ACT_UP:
        return -1;
    case ACT_DOWN:
        return 1;
    case ACT_PAGE_UP:
        return -whole;
    case ACT_PAGE_DOWN:
        return whole;
    case ACT_HALF_UP:
        return -half;
    case ACT_HALF_DOWN:
        return half;
    case ACT_TOP:
        return -ROWS_ALL;
    case ACT_BOTTOM:
        return ROWS_ALL;
    default:
        return 0;
    }
}

/* Puts the window around the cursor, never past the end. */
static void settle_top(struct rows *r)
{
    size_t page = page_of(r);

    if (r->at < r->top) {
        r->top = r->at;
    } else if (r->at >= r->top + page) {
        r->top = r->at - page + 1;
    }
    if (r->len <= page) {
        r->top = 0;
    } else if (r->top > r->len - page) {
        r->top = r->len - page;
    }
}

void rows_to(struct rows *r, size_t row)
{
    r->at = row < r->len ? row : r->len == 0 ? 0 : r->len - 1;
    settle_top(r);
}

void rows_step(struct rows *r, long by)
{
    if (by < 0) {
        rows_to(r, r->at > (size_t)-by ? r->at - (size_t)-by : 0);
    } else {
        rows_to(r, r->at + (size_t)by);
    }
}

void rows_turn(struct rows *r, enum action a, long by)
{
    if (a == ACT_PAGE_UP || a == ACT_PAGE_DOWN) {
        rows_scroll(r, by);
    }
}

bool rows_action(struct rows *r, enum action a)
{
    long by = rows_distance(a, r->page);

    if (by != 0) {
        rows_turn(r, a, by);
        rows_step(r, by);
    }
    return by != 0;
}

void rows_settle(struct rows *r, size_t len, size_t page)
{
    r->len = len;
    r->page = page;
    r->ranging = r->ranging && r->anchor < len;
    rows_to(r, r->at);
}

void rows_scroll(struct rows *r, long by)
{
    size_t page = page_of(r), most = r->len > page ? r->len - page : 0;

    if (by < 0) {
        r->top = r->top > (size_t)-by ? r->top - (size_t)-by : 0;
    } else {
        r->top = r->top + (size_t)by < most ? r->top + (size_t)by : most;
    }
}

bool rows_shown(const struct rows *r, int below, size_t *row)
{
    if (below < 0 || (size_t)below >= page_of(r) || r->top + (size_t)below >= r->len) {
        return false;
    }
    *row = r->top + (size_t)below;
    return true;
}

void rows_range(struct rows *r)
{
    r->ranging = r->len > 0;
    r->anchor = r->at;
}

void rows_span(const struct rows *r, size_t *from, size_t *to)
{
    size_t other = r->ranging ? r->anchor : r->at;

    *from = other < r->at ? other : r->at;
    *to = other < r->at ? r->at : other;
}

bool rows_chosen(const struct rows *r, size_t row)
{
    size_t from = 0, to = 0;

    rows_span(r, &from, &to);
    return r->ranging && row >= from && row <= to;
}
