/* detail_text.h - one job, or one child, as text. */
#ifndef APP_DETAIL_TEXT_H
#define APP_DETAIL_TEXT_H

#include "jobs/timeline.h"
#include "store.h"
#include "textview.h"
#include "work/msg.h"

/* What the texts are made from; the functions fill empty views. `entry` or `data` may be NULL, but
 * not both. */
struct detail_source {
    const struct job *job;
    const struct batch_job *batch;
    const struct job_state *state;
    const struct job_detail *data; /* NULL: only the list's record is known */
    const struct entry *entry;     /* NULL: the job is not in the list */
    const struct timeline *timeline;
    const struct forecast *forecast; /* what the jobs that completed tell */
    const char *doctor_key;   /* the key that asks why the job did not start, such as "H"; "" */
    const char *children_key; /* the key that opens the children of an array job, such as "K"; "" */
    const char *retry_key;    /* the key that goes to the retry, such as "R"; "" */
    const struct store *store; /* where the retry of the job is; NULL: that is not told */
    const struct job_prices *prices;
    const char *context; /* that the job is of; NULL: none */
    int64_t now_ms;
    int cols; /* how wide the texts should be */
    bool ascii;
};
void detail_text_overview(struct textview *v, const struct detail_source *x);
void detail_text_timeline(struct textview *v, const struct detail_source *x);
void detail_text_attempts(struct textview *v, const struct detail_source *x);
void detail_text_child(struct textview *v, const struct batch_job *b, int64_t now_ms);
void detail_text_json(struct textview *v, const struct detail_source *x);
#endif
