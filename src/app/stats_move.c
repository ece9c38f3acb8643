/* The cursor in the statistics: it stands on causes and groups alone, and the text scrolls where
 * none of them shows. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "rows.h"
#include "stats_priv.h"

bool stats_has_item(const struct stats_view *v, size_t line)
{
    return line < v->list.len && v->list.items[line].what != STATS_TEXT;
}

static bool in_window(const struct stats_view *v, size_t line)
{
    return line >= v->top && line - v->top < v->page;
}

const char *stats_text_of(const struct stats_view *v, const struct stats_line *l)
{
    return l->what == STATS_CAUSE   ? v->x->causes[l->item].text
           : l->what == STATS_GROUP ? v->x->groups[l->item].key
                                    : NULL;
}

/* What a line tells of, in a form that the lines of the next count have too. Owned. */
static char *name_of(const struct stats_view *v, size_t line)
{
    const struct stats_line *l = &v->list.items[line];
    const char *text = stats_text_of(v, l);

    return xasprintf("%d%s%s", (int)l->what, text == NULL ? "-" : "+", text == NULL ? "" : text);
}

void stats_set_cursor(struct stats_view *v, size_t line)
{
    free(v->here);
    v->at = stats_has_item(v, line) ? line : SIZE_MAX;
    v->here = v->at == SIZE_MAX ? NULL : name_of(v, line);
}

static void scroll_to(struct stats_view *v, size_t top)
{
    size_t most = v->list.len > v->page ? v->list.len - v->page : 0;

    v->top = top < most ? top : most;
}

/* Puts the cursor on the first item that shows, or on the last one; on none when none shows. */
static void cursor_in(struct stats_view *v, bool last)
{
    size_t found = SIZE_MAX;

    for (size_t i = v->top; in_window(v, i) && i < v->list.len && (last || found == SIZE_MAX);
         i++) {
        found = stats_has_item(v, i) ? i : found;
    }
    stats_set_cursor(v, found);
}

/* Moves to the next item; where it does not show, the text moves by a line. */
static void step(struct stats_view *v, int by)
{
    size_t from = v->at != SIZE_MAX ? v->at : by > 0 ? v->top - 1 : v->top + v->page;
    size_t next = from + (size_t)by;
    size_t top = v->top;

    while (next < v->list.len && !stats_has_item(v, next)) {
        next += (size_t)by;
    }
    if (next >= v->list.len || !in_window(v, next)) {
        scroll_to(v, by > 0 ? top + 1 : top == 0 ? 0 : top - 1);
    }
    if (next < v->list.len && in_window(v, next)) {
        stats_set_cursor(v, next);
        if (v->list.items[next].what == STATS_CAUSE && !in_window(v, next + 1)) {
            scroll_to(v, v->top + 1); /* a cause has two lines */
        }
    } else if (v->at != SIZE_MAX && !in_window(v, v->at)) {
        stats_set_cursor(v, SIZE_MAX);
    }
}

void stats_page(struct stats_view *v, long by)
{
    size_t top = v->top;

    scroll_to(v, by >= 0 ? top + (size_t)by : top > (size_t)-by ? top - (size_t)-by : 0);
    if (top == v->top || v->at == SIZE_MAX || !in_window(v, v->at)) {
        cursor_in(v, top == v->top && by > 0);
    }
}

bool stats_move(struct stats_view *v, enum action a)
{
    long by = rows_distance(a, v->page);

    if (by == 1 || by == -1) {
        step(v, (int)by);
    } else if (by != 0) {
        stats_page(v, by);
    }
    if (a == ACT_TOP || a == ACT_BOTTOM) { /* also where the item before still shows */
        cursor_in(v, a == ACT_BOTTOM);
    }
    return by != 0;
}

void stats_find_cursor(struct stats_view *v)
{
    size_t first = SIZE_MAX;
    size_t found = SIZE_MAX;

    for (size_t i = v->list.len; i-- > 0;) {
        if (!stats_has_item(v, i) || (v->to_groups && v->list.items[i].what != STATS_GROUP)) {
            continue;
        }
        first = i;
        char *name = name_of(v, i);
        found = v->here != NULL && !v->to_groups && strcmp(v->here, name) == 0 ? i : found;
        free(name);
    }
    bool groups = v->to_groups && first != SIZE_MAX;
    v->to_groups = false;
    scroll_to(v, groups && first >= 2 ? first - 2 : v->top);
    if (found == SIZE_MAX && v->placed && !groups) {
        cursor_in(v, false); /* what is being read stays in its place */
        return;
    }
    v->placed = true;
    stats_set_cursor(v, found != SIZE_MAX ? found : first);
    if (v->at != SIZE_MAX && !in_window(v, v->at)) {
        scroll_to(v, v->at < v->top ? v->at : v->at + 2 > v->page ? v->at + 2 - v->page : 0);
    }
}
