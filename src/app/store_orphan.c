/* Orphans: Batch jobs whose record is not known. They wait here for their record; once the whole
 * table was read, the ids under which such a record could stand are in doubt, so the table is asked
 * for them. */
#include "store_priv.h"

static void ask_orphan(struct store *s, const struct batch_job *b)
{
    if (s->whole) {
        store_doubt(s, b->id);
        if (b->job_id != NULL) {
            store_doubt(s, b->job_id);
        }
    }
}

void store_ask_orphans(struct store *s)
{
    const char *id;
    void *value;
    size_t at = 0;

    while (map_next(s->orphans, &at, &id, &value)) {
        ask_orphan(s, value);
    }
}

enum { ORPHANS_MAX = 4096 };

struct batch_job *store_take_orphan(struct store *s, const char *batch_id)
{
    struct batch_job *b = map_remove(s->orphans, batch_id);

    if (b != NULL && b->job_id != NULL && map_find(s->orphans_by_job, b->job_id) == b) {
        map_remove(s->orphans_by_job, b->job_id);
    }
    return b;
}

void store_keep_orphan(struct store *s, struct batch_job *b)
{
    batch_job_free(store_take_orphan(s, b->id));
    if (map_len(s->orphans) >= ORPHANS_MAX) {
        batch_job_free(b);
        return;
    }
    (void)map_put(s->orphans, b->id, b);
    const struct batch_job *other =
        b->job_id == NULL ? NULL : map_find(s->orphans_by_job, b->job_id);
    if (b->job_id != NULL && (other == NULL || other->created_ms <= b->created_ms)) {
        (void)map_put(s->orphans_by_job, b->job_id, b);
    }
    ask_orphan(s, b);
}
