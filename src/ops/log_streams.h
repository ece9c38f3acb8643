/* log_streams.h - private to ops: which log stream belongs to which job. */
#ifndef OPS_LOG_STREAMS_H
#define OPS_LOG_STREAMS_H

#include <stddef.h>
#include <stdint.h>

#include "core/map.h"
#include "ops/ops.h"

/* A stream and who writes it. One allocation. */
struct log_stream {
    const char *group, *stream;
    const char *job_id;
    const char *batch_id; /* NULL: not known any more */
    int child;            /* the index in an array job; -1: the job itself */
    int attempt;          /* 1 is the first */
};

struct log_streams {
    struct log_stream **items; /* owned */
    size_t len, cap;
    struct map *by_name; /* group and stream -> the item; NULL while there is none */
    size_t jobs;         /* how many jobs may have written in the range */
    size_t not_known;    /* how many of them have streams that are not known */
    struct err jobs_err; /* why some jobs may be missing, or some streams; E_OK */
};
void log_streams_clear(struct log_streams *s);

struct log_streams_query {
    const char *status, *user_id; /* as in struct list_query */
    const char *const *job_ids;   /* these jobs alone, whatever the two say; NULL: any */
    size_t job_ids_len;
    int64_t since_ms; /* only jobs that may have written at this time or later */
    void (*progress)(void *arg, size_t records); /* NULL: nobody is told */
    void *arg;
};
/* Learns the streams of all attempts of the jobs: from Batch, and where Batch has forgotten a job,
 * from what this machine has seen before. With an error nothing is known. */
MUST_CHECK enum err_code log_streams_learn(const struct ops *o, const struct log_streams_query *q,
                                           struct log_streams *out, struct err *e);
const struct log_stream *log_streams_find(const struct log_streams *s, const char *group,
                                          const char *stream); /* NULL: not known */
#endif
