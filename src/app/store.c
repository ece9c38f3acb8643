/* The store of jobs: making entries, merging their states, moving them in the sorted lists. */
#include "store.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "store_priv.h"

enum { PLOT_SPAN_S = 300 };

const struct chips chips_failing = {.statuses = 1U << JOB_FAILED, .stuck = true};
const struct chips chips_active = {.statuses = 1U << JOB_NO_STATUS | 1U << JOB_OTHER_STATUS |
                                               1U << JOB_PENDING | 1U << JOB_QUEUED |
                                               1U << JOB_IN_PROGRESS | 1U << JOB_STOPPING};

static const char *id_key(const void *owner, uint32_t h)
{
    const struct store *s = owner;

    return s->entries[h].job->id;
}

static const char *batch_key(const void *owner, uint32_t h)
{
    const struct store *s = owner;

    return job_text(s->entries[h].job, JOB_BATCH_ID);
}

struct store *store_new(const struct state_rules *rules)
{
    struct store *s = xcalloc(1, sizeof *s);

    s->rules = rules == NULL ? state_rules_default : *rules;
    index_init(&s->by_id, id_key);
    index_init(&s->by_batch, batch_key);
    s->orphans = map_new();
    s->orphans_by_job = map_new();
    s->watched = map_new();
    s->doubts = map_new();
    s->left = map_new();
    store_join_init(s);
    store_retry_init(s);
    s->sort = (struct sort_order){.column = COL_AGE};
    s->newest_ms = TIME_NONE;
    s->listed_ms = s->asked_ms = s->ran_ms = TIME_NONE;
    s->forecast = forecast_new();
    s->forecast_ms = TIME_NONE;
    stats_init(&s->stats, PLOT_SPAN_S, 0);
    return s;
}

static void free_batch(void *b)
{
    batch_job_free(b);
}

const struct job_prices *store_prices(const struct store *s)
{
    return &s->rules.prices;
}

void store_free(struct store *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->len; i++) {
        job_free(s->entries[i].job);
        batch_job_free(s->entries[i].batch);
        free(s->entries[i].log);
    }
    free(s->entries);
    free(s->spare);
    index_done(&s->by_id);
    index_done(&s->by_batch);
    map_free(s->orphans, free_batch);
    map_free(s->orphans_by_job, NULL);
    map_free(s->watched, free);
    free(s->all.items);
    free(s->rows.items);
    free(s->active.items);
    free(s->asks);
    free(s->briefs.items);
    free(s->ends.items);
    free(s->bright.items);
    free(s->news.items);
    free(s->ids);
    free(s->batch_ids);
    store_doubt_free(s);
    store_retry_done(s);
    store_join_done(s);
    filter_free(s->filter);
    forecast_free(s->forecast);
    free(s);
}
