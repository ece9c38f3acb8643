/* Watched jobs: which they are, and what there is to tell about them. A change is noted where the
 * merged state changes (store_entry.c), and store_next_news tells it. */
#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

static bool may_end(const struct store *s, const char *id)
{
    const struct entry *e = store_find(s, id);

    return e == NULL || !job_status_final((enum job_status)e->state.status);
}

/* Lets go of the jobs that have ended and whose end was told. */
static void drop_ended(struct store *s)
{
    char **ids = xcalloc(map_len(s->watched) + 1, sizeof *ids);
    size_t at = 0, len = 0;
    const char *id;
    void *value;

    while (map_next(s->watched, &at, &id, &value)) {
        if (!may_end(s, id)) {
            ids[len++] = xstrdup(id);
        }
    }
    for (size_t i = 0; i < len; i++) {
        (void)store_watch(s, ids[i], false);
        free(ids[i]);
    }
    free(ids);
}

bool store_watch(struct store *s, const char *id, bool on)
{
    uint32_t h = index_find(&s->by_id, s, id);

    if (!on) {
        free(map_remove(s->watched, id));
    } else if (map_find(s->watched, id) == NULL) {
        if (map_len(s->watched) >= STORE_WATCH_MAX) {
            drop_ended(s);
        }
        if (map_len(s->watched) >= STORE_WATCH_MAX) {
            return false;
        }
        (void)map_put(s->watched, id, xcalloc(1, sizeof(struct alert_seen)));
        if (h != STORE_NOWHERE) {
            store_news_note(s, h); /* the present state is no news */
        }
    }
    if (h != STORE_NOWHERE) {
        entry_set_flag(&s->entries[h], ENTRY_WATCHED, on);
        if (!on) {
            store_news_drop(s, h);
        }
    }
    return true;
}

bool store_is_watched(const struct store *s, const char *id)
{
    return map_find(s->watched, id) != NULL;
}

size_t store_watched(const struct store *s)
{
    const char *id;
    void *value;
    size_t at = 0, n = 0;

    while (map_next(s->watched, &at, &id, &value)) {
        n += may_end(s, id);
    }
    return n;
}

char **store_watched_ids(const struct store *s, size_t *len)
{
    char **ids = xcalloc(map_len(s->watched) + 1, sizeof *ids);
    const char *id;
    void *value;
    size_t at = 0;

    *len = 0;
    while (map_next(s->watched, &at, &id, &value)) {
        if (may_end(s, id)) {
            ids[(*len)++] = xstrdup(id);
        }
    }
    return ids;
}

void store_watch_prune(struct store *s)
{
    size_t len = 0;
    char **ids = map_len(s->watched) == 0 ? NULL : store_watched_ids(s, &len);

    for (size_t i = 0; i < len; i++) {
        if (index_find(&s->by_id, s, ids[i]) == STORE_NOWHERE) {
            (void)store_watch(s, ids[i], false);
        }
        free(ids[i]);
    }
    free(ids);
}

bool store_next_news(struct store *s, struct store_news *out)
{
    while (s->news.len > 0) {
        const struct entry *e = &s->entries[s->news.items[0]];
        handles_remove_at(&s->news, 0);
        struct alert_seen *seen = map_find(s->watched, e->job->id);
        if (seen == NULL || (e->flags & ENTRY_STALE) != 0) {
            continue; /* what an earlier run kept tells nothing: only the first load does */
        }
        bool first = !seen->known;
        *out = (struct store_news){.entry = e, .kind = alert_step(seen, &e->state)};
        if (first && out->kind == ALERT_NONE &&
            job_status_final((enum job_status)e->state.status)) {
            out->ended_before = true;
            return true;
        }
        if (out->kind != ALERT_NONE) {
            return true;
        }
    }
    return false;
}
