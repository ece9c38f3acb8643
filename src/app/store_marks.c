/* Marks in the job list. A mark belongs to a job, so it stays when rows move and goes when the job
 * goes. */
#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

static void mark(struct store *s, struct entry *e, bool on)
{
    bool was = (e->flags & ENTRY_MARKED) != 0;

    if (was == on) {
        return;
    }
    e->flags = (uint16_t)(on ? e->flags | ENTRY_MARKED : e->flags & ~ENTRY_MARKED);
    s->marked += on ? 1 : (size_t)-1;
    if ((e->flags & ENTRY_SHOWN) != 0) {
        s->marked_shown += on ? 1 : (size_t)-1;
    }
}

void store_mark(struct store *s, const char *id, bool on)
{
    uint32_t h = store_handle(s, id);

    if (h != STORE_NOWHERE) {
        mark(s, &s->entries[h], on);
    }
}

void store_mark_rows(struct store *s, size_t from, size_t to, bool on)
{
    const struct order *o = store_list(s);

    for (size_t i = from; i <= to && i < o->len; i++) {
        mark(s, &s->entries[o->items[i].h], on);
    }
}

void store_mark_none(struct store *s)
{
    for (size_t i = 0; i < s->len && s->marked > 0; i++) {
        if (s->entries[i].job != NULL) {
            mark(s, &s->entries[i], false);
        }
    }
}

size_t store_marked(const struct store *s)
{
    return s->marked;
}

size_t store_marked_hidden(const struct store *s)
{
    return s->marked - s->marked_shown;
}

char **store_marked_ids(const struct store *s, size_t *len)
{
    char **ids = xcalloc(s->marked + 1, sizeof *ids);

    *len = 0;
    for (int hidden = 0; hidden < 2; hidden++) {
        for (size_t i = 0; i < s->all.len && *len < s->marked; i++) {
            const struct entry *e = &s->entries[s->all.items[i].h];
            if ((e->flags & ENTRY_MARKED) != 0 && ((e->flags & ENTRY_SHOWN) == 0) == hidden) {
                ids[(*len)++] = xstrdup(e->job->id);
            }
        }
    }
    return ids;
}

char **store_row_ids(const struct store *s, size_t *len)
{
    char **ids = xcalloc(store_rows(s) + 1, sizeof *ids);

    for (*len = 0; *len < store_rows(s); ++*len) {
        ids[*len] = xstrdup(store_row(s, *len)->job->id);
    }
    return ids;
}

void store_set_acting(struct store *s, const char *id, bool on)
{
    uint32_t h = store_handle(s, id);

    if (h != STORE_NOWHERE) {
        struct entry *e = &s->entries[h];
        e->flags = (uint16_t)(on ? e->flags | ENTRY_ACTING : e->flags & ~ENTRY_ACTING);
        store_ask_changed(s, h, true, s->now_ms); /* it is expected to change */
    }
}
