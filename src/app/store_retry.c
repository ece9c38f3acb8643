/* Which job repeats which: a job's retries are found by the id of the job that they repeat. */
#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

void store_retry_init(struct store *s)
{
    s->retries = map_new();
    s->retried = map_new();
}

static void free_handles(void *of)
{
    struct handles *h = of;

    free(h->items);
    free(h);
}

void store_retry_done(struct store *s)
{
    map_free(s->retries, free_handles);
    map_free(s->retried, free);
}

void store_retry_add(struct store *s, uint32_t h)
{
    const char *of = job_text(s->entries[h].job, JOB_RETRY_OF);

    if (of == NULL) {
        return;
    }
    struct handles *all = map_find(s->retries, of);
    if (all == NULL) {
        all = xcalloc(1, sizeof *all);
        (void)map_put(s->retries, of, all);
    }
    handles_push(all, h);
}

void store_retry_drop(struct store *s, uint32_t h)
{
    const char *of = job_text(s->entries[h].job, JOB_RETRY_OF);
    struct handles *all = of == NULL ? NULL : map_find(s->retries, of);

    for (size_t i = 0; all != NULL && i < all->len; i++) {
        if (all->items[i] == h) {
            handles_remove_at(all, i);
            break;
        }
    }
    if (all != NULL && all->len == 0) {
        (void)map_remove(s->retries, of);
        free_handles(all);
    }
}

void store_retried(struct store *s, const char *id, const char *as)
{
    free(map_put(s->retried, id, xstrdup(as)));
}

void store_retried_forget(struct store *s)
{
    map_free(s->retried, free);
    s->retried = map_new();
}
