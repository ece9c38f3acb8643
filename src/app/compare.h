/* compare.h - two jobs beside each other: the facts, steps and attempts that differ, and the
 * difference of their logs. UI thread only. */
#ifndef APP_COMPARE_H
#define APP_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/compare.h"
#include "ops/job_ops.h"
#include "textview.h"

struct desk;

/* Of each log so much is read, from its beginning. */
enum { COMPARE_LINES_MAX = 20000, COMPARE_BYTES_MAX = 4 << 20 };

struct compare_job {
    char *job_id;            /* owned; NULL: no jobs were chosen yet */
    uint32_t detail_request; /* the request of the question for the job; 0: none */
    uint32_t log_request;    /* the request of the page under way; 0: none */
    struct job_detail *data; /* owned; NULL: not there yet */
    struct err err;          /* why the job could not be read */
    struct err log_err;      /* why its log could not be read (to its end) */
    char log_note[200];      /* why there is no log, in plain words; "" */
    bool log_read;           /* the log was read as far as it is wanted */
    bool log_cut;            /* it is longer than that */
    struct compare_line {
        char *text; /* owned; secrets are hidden */
        uint64_t key;
    } * lines; /* owned */
    size_t len, cap, bytes;
};

struct compare_view {
    struct compare_job job[2]; /* the older one first */
    struct compare_diff diff;  /* of the logs, once both were read */
    bool diffed;
    int64_t at_ms; /* wall: when all was read; TIME_NONE */
    struct textview text;
    int cols;   /* the cells for which the text was made */
    bool stale; /* the text has to be made anew */
};

/* Chooses the two jobs: the marked ones; a marked one and `subject`; `subject` and the job that it
 * repeats, or that repeats it. False, with a note: there are no two. */
bool compare_choose(struct compare_view *v, struct desk *desk, const char *subject);

/* Makes the text of what is known (compare_text.c). */
void compare_fill(struct compare_view *v, const struct desk *desk);
#endif
