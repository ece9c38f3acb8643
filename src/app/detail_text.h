/* detail_text.h - one job, or one child, as text. */
#ifndef APP_DETAIL_TEXT_H
#define APP_DETAIL_TEXT_H

#include "jobs/timeline.h"
#include "store.h"
#include "textview.h"
#include "work/msg.h"

/* detail_text.c: fills empty views. `e` or `d` may be NULL, not both. */
struct detail_source {
    const struct job *job;
    const struct batch_job *batch;
    const struct job_state *state;
    const struct job_detail *data; /* NULL: only the list's record is known */
    const struct entry *entry;     /* NULL: not in the list */
    const struct timeline *timeline;
    const char *doctor_key;   /* "H": asks why it did not start; "" */
    const char *children_key; /* "K": opens the children of an array job; "" */
    int64_t now_ms;
    bool ascii;
};
void detail_text_overview(struct textview *v, const struct detail_source *x);
void detail_text_timeline(struct textview *v, const struct detail_source *x);
void detail_text_attempts(struct textview *v, const struct detail_source *x);
void detail_text_child(struct textview *v, const struct batch_job *b, int64_t now_ms);
void detail_text_json(struct textview *v, const struct detail_source *x);
#endif
