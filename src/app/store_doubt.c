/* Jobs in doubt: a job of which two words are known, and nothing tells which one is newer; and jobs
 * that left, so that a read which was behind does not bring them back. A strongly consistent read
 * settles a doubt (store_judge.c). */
#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

enum {
    LEFT_MS = 5 * 60000,  /* longer than anybody waits for a read */
    LEFT_PRUNE_MS = 60000 /* how often the list of jobs that left is looked at */
};

void store_doubt(struct store *s, const char *id)
{
    (void)map_put(s->doubts, id, s); /* any value that is not NULL will do */
}

void store_doubt_end(struct store *s, const char *id)
{
    if (map_len(s->doubts) > 0) {
        (void)map_remove(s->doubts, id);
    }
}

size_t store_doubts_len(const struct store *s)
{
    return map_len(s->doubts);
}

size_t store_doubts(struct store *s, const char *const **ids)
{
    const char *id;
    void *value;
    size_t at = 0, n = 0;

    while (map_next(s->doubts, &at, &id, &value)) {
        s->doubt_ids = xgrow(s->doubt_ids, n, &s->doubt_ids_cap, sizeof *s->doubt_ids);
        s->doubt_ids[n++] = id;
    }
    *ids = s->doubt_ids;
    return n;
}

/* Forgets the jobs that no read under way can bring back any more. */
static void prune(struct store *s, int64_t at_ms)
{
    struct map *keep;
    const char *id;
    void *value;
    size_t at = 0;

    if (at_ms - s->left_prune_ms < LEFT_PRUNE_MS) {
        return;
    }
    s->left_prune_ms = at_ms;
    keep = map_new();
    while (map_next(s->left, &at, &id, &value)) {
        if (at_ms - *(const int64_t *)value < LEFT_MS) {
            (void)map_put(keep, id, value);
        } else {
            free(value);
        }
    }
    map_free(s->left, NULL);
    s->left = keep;
}

void store_left_note(struct store *s, const char *id, int64_t at_ms)
{
    int64_t *at = map_find(s->left, id);

    if (at == NULL) {
        prune(s, at_ms);
        at = xmalloc(sizeof *at);
        *at = at_ms;
        (void)map_put(s->left, id, at);
    } else if (at_ms > *at) {
        *at = at_ms;
    }
}

int64_t store_left_at(const struct store *s, const char *id)
{
    const int64_t *at = map_len(s->left) == 0 ? NULL : map_find(s->left, id);

    return at == NULL ? TIME_NONE : *at;
}

void store_doubt_free(struct store *s)
{
    map_free(s->doubts, NULL);
    map_free(s->left, free);
    free(s->doubt_ids);
}
