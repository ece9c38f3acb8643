/* Reading which job repeats which: the last retry of a job, and the job that its retries go back
 * to. */
#include "store_priv.h"

enum { CHAIN_MOST = 1000 /* records come from outside: a chain may be a circle */ };

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
