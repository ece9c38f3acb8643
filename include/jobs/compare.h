/* compare.h - two jobs beside each other: what is known of both, and where their logs part. Pure;
 * any thread. */
#ifndef JOBS_COMPARE_H
#define JOBS_COMPARE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/batch.h"
#include "jobs/job.h"
#include "jobs/state.h"

/* What is known of a job; all is borrowed. */
struct compare_side {
    const struct job *job;
    const struct job_state *state;
    const struct batch_job *batch; /* NULL: not known */
    const cJSON *item;             /* the raw record; NULL: not known (yet) */
};

enum compare_group { COMPARE_FACTS, COMPARE_TIMES, COMPARE_STEPS, COMPARE_ATTEMPTS };
struct compare_row {
    enum compare_group group;
    bool differs;
    char *name; /* owned: "Status", "metadata.tier", a step */
    /* owned; as the record or Batch has it; NULL: there is none. COMPARE_STEPS: how long the step
     * took. */
    char *text[2];
    int64_t at_ms[2]; /* of times, and the begins of steps; TIME_NONE */
};
struct compare_rows {
    struct compare_row *items; /* owned; group by group */
    size_t len, cap;
};
/* The rows of both jobs, those too that do not differ. Secrets in metadata are hidden. */
void compare_jobs(const struct compare_side side[2], int64_t now_ms, struct compare_rows *out);
void compare_rows_clear(struct compare_rows *r);

/* ---- logs ---- */

/* The key of a line: the same for two lines that differ only in times, ids, numbers, paths and the
 * like (jobs/cause.h). Of a line the first 600 bytes count. */
uint64_t compare_line_key(const char *line, size_t len);

enum compare_op { COMPARE_SAME, COMPARE_FIRST, COMPARE_SECOND };
/* So many lines that stand in both logs, in the first one alone, or in the second one alone. */
struct compare_part {
    enum compare_op op;
    size_t at[2]; /* the places in the two logs where the part begins */
    size_t len;
};
struct compare_diff {
    struct compare_part *items; /* owned; both logs from the beginning to the end */
    size_t len, cap;
    /* the logs differ so much that the middle was not compared line by line: it stands there as a
     * part of the first, then one of the second */
    bool coarse;
};
/* Which lines have to go and come to make the second log of the first, as few as possible: by the
 * keys of the lines. Its work is bounded. */
void compare_logs(const uint64_t *first, size_t first_len, const uint64_t *second,
                  size_t second_len, struct compare_diff *out);
void compare_diff_clear(struct compare_diff *d);
#endif
