/* Which job repeats which: a job's retries are found by the id of the job that they repeat. */
#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

enum { CHAIN_MOST = 1000 /* records come from outside: a chain may be a circle */ };

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

bool store_retry_of(const struct store *s, const char *id, struct store_retry *out)
{
    const struct handles *all = id == NULL ? NULL : map_find(s->retries, id);
    const char *here = id == NULL ? NULL : map_find(s->retried, id);

    *out = (struct store_retry){.id = NULL};
    for (size_t i = 0; all != NULL && i < all->len; i++) {
        const struct entry *e = &s->entries[all->items[i]];
        if ((e->flags & ENTRY_PART) == 0 &&
            (out->entry == NULL || job_time(e->job, &e->state, NULL) >
                                       job_time(out->entry->job, &out->entry->state, NULL))) {
            out->entry = e;
        }
    }
    /* A retry that was sent from here is newer than any that the table showed, until it is in the
     * table itself. */
    if (here != NULL && store_find(s, here) == NULL) {
        out->id = here;
        out->entry = NULL;
    } else if (out->entry != NULL) {
        out->id = out->entry->job->id;
    }
    return out->id != NULL;
}

const char *store_retry_root(const struct store *s, const char *id)
{
    const struct entry *e = store_find(s, id);

    for (int i = 0; i < CHAIN_MOST && e != NULL && job_text(e->job, JOB_RETRY_OF) != NULL; i++) {
        id = job_text(e->job, JOB_RETRY_OF);
        e = store_find(s, id);
    }
    return id;
}
