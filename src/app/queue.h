/* queue.h - the screen of the job queue: how it stands, and its newest Batch jobs. The jobs are
 * asked for when it is opened and when `r` is pressed; how it stands, each half minute besides, as
 * long as it shows. UI thread only. */
#ifndef APP_QUEUE_H
#define APP_QUEUE_H

#include "listing.h"
#include "ops/queue_jobs.h"
#include "ops/queue_look.h"

struct queue_view {
    struct listing list;       /* the first member: see listing.h */
    struct queue_result *jobs; /* owned; NULL: none came yet */
    struct queue_facts *facts; /* owned; NULL: none came yet */
    struct err facts_err;      /* why the last look failed; E_OK */
    uint32_t look_request;     /* the look under way; 0: none */
    int64_t look_ms;           /* monotonic: when it is due again; 0: never */
};

/* Makes the text anew: how the queue stands, then a row for each job. */
void queue_text(struct queue_view *v, int64_t now_ms);
#endif
