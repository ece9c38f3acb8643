/* logs.h - a job's log by job id alone (PEERS 3: stream from the running container or the attempt,
 * any group, a stream that does not exist yet explained). */
#ifndef OPS_LOGS_H
#define OPS_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ops/ops.h"

struct log_entry {
    int64_t at_ms;
    char *text; /* owned, as the container wrote it: clean it before a screen */
};

struct log_page {
    struct log_entry *items; /* owned, oldest first */
    size_t len;
    bool at_end;    /* nothing more right now */
    char note[200]; /* why there is nothing, in plain words ("the container has not started") or ""
                     */
};
void log_page_clear(struct log_page *p);

/* Where to read. Plain value; make with ops_log_open, move with ops_log_read. */
struct log_cursor {
    char group[512];
    char stream[512]; /* "" when the job has none yet */
    char token[512];  /* nextForwardToken; "" at the start */
    int64_t since_ms; /* TIME_NONE: all */
    int attempt;      /* 1-based; 0: the latest */
    int attempts;     /* how many there are */
    bool final;       /* the job has ended: the end of the log is its end */
};
/* Finds group and stream of a job (attempt 0: latest). E_NOT_FOUND when there is no such job or
 * attempt; a job without a stream yet is no error (stream ""). Call again while it is "". */
MUST_CHECK enum err_code ops_log_open(const struct ops *o, const char *job_id, int attempt,
                                      int64_t since_ms, struct log_cursor *out, struct err *e);
/* Reads the next page after the cursor and moves it (GetLogEvents token rules, AWS-WIRE 2.5). */
MUST_CHECK enum err_code ops_log_read(const struct ops *o, struct log_cursor *c,
                                      struct log_page *out, struct err *e);
#endif
