/* timeline.h - what happened to a job, from every source, in order (SPEC 3, PEERS 5b.1). Pure. */
#ifndef JOBS_TIMELINE_H
#define JOBS_TIMELINE_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"

struct timeline_entry {
    int64_t at_ms;
    const char *source; /* static: "record", "batch", "event", "reason", "log" */
    char *event;        /* owned: "Batch: RUNNING (attempt 1)" */
};

struct timeline {
    struct timeline_entry *items; /* owned, oldest first */
    size_t len;
    size_t cap;
};

/* Builds a timeline from the record (times, errors, the `history` list that `report` writes), Batch
 * (created, started, stopped, each attempt with exit code and reason) and kept reasons (may be
 * NULL: array of {"at","source","reason"}). `item` is the raw record, may be NULL. */
void timeline_build(struct timeline *t, const struct job *j, const cJSON *item,
                    const struct batch_job *b, const cJSON *reasons);
/* Adds one more event, in the place where its time belongs; `source` is static. Adds nothing
 * without a time. */
void timeline_add(struct timeline *t, int64_t at_ms, const char *source, const char *event);
void timeline_clear(struct timeline *t);
cJSON *timeline_json(const struct timeline *t); /* [{"at","source","event"}], owned */
#endif
