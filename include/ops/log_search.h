/* log_search.h - search in the logs of many jobs: FilterLogEvents over the log group, or over the
 * streams of the jobs that are asked for, each hit with the job that wrote it. */
#ifndef OPS_LOG_SEARCH_H
#define OPS_LOG_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ops/ops.h"

enum { LOG_PATTERN_MAX = 1024 }; /* bytes of a pattern that the service takes */
/* The filter pattern of CloudWatch Logs that finds `text` as it stands, whatever it holds; owned.
 * Pure. */
char *log_pattern_of(const char *text);

struct log_hit {
    int64_t at_ms;
    const char *text; /* as the container wrote it: clean it before a screen */
    const char *group;
    const char *stream;
    const char *job_id;   /* NULL: which job wrote it is not known */
    const char *batch_id; /* NULL: not known */
    int child;            /* the index in an array job; -1: the job itself, or not known */
    int attempt;          /* 1 is the first; 0: not known */
    const char *context;  /* of contexts_search: the context that it was found in; else NULL */
};

/* How far a search is. Everything before `reached_ms` was looked at. */
struct log_search_state {
    int64_t since_ms, reached_ms, now_ms;
    size_t streams; /* how many log streams are searched; 0: all of the group, or not known yet */
    size_t records; /* how many records were read, while the jobs are looked for; else 0 */
    size_t hits;
};

struct log_search {
    const char *pattern; /* of CloudWatch Logs: case counts */
    int64_t since_ms;    /* lines of this time or later */
    /* With one of these only the logs of such jobs are searched, in whatever group they are;
     * without them all streams of BATCH_LOG_GROUP are. NULL: any. */
    const char *status;
    const char *user_id;
    const char *const
        *job_ids; /* these jobs alone; then `status` and `user_id` are not looked at */
    size_t job_ids_len;
    size_t limit;   /* at most so many hits; 0: any number */
    int64_t max_ms; /* the search ends after so long; 0: when it is through */
    /* Called for each hit on the calling thread, in order of time (within the part of the range
     * that is read at a time, when hits are many). False ends the search. */
    bool (*hit)(void *arg, const struct log_hit *h);
    /* Told how far it is, on the calling thread. False ends the search, after the hits that it has
     * were handed over. NULL: nobody is told. */
    bool (*progress)(void *arg, const struct log_search_state *s);
    void *arg;
};

enum log_search_end {
    LOG_SEARCH_THROUGH, /* the whole range was read */
    LOG_SEARCH_LIMIT,   /* `limit` ended it */
    LOG_SEARCH_TIME,    /* `max_ms` ended it */
    LOG_SEARCH_STOPPED, /* `progress` ended it */
    LOG_SEARCH_LEFT     /* `hit` wanted no more, or it failed */
};

struct log_search_result {
    enum log_search_end end;
    int64_t reached_ms; /* everything before this time was looked at */
    size_t hits;
    size_t unknown; /* hits of which the job is not known */
    size_t jobs;    /* with `status`, `user_id` or `job_ids`: such jobs that may have written in the
                       range */
    size_t streams; /* the streams of these jobs */
    /* of these jobs: those whose streams are not known, because Batch has forgotten the job or
     * could not be asked; their logs were not searched */
    size_t not_searched;
    size_t gone; /* of these streams: those that are not there (nothing was written, or expired) */
    struct err jobs_err; /* why jobs, or the jobs of hits, are not known; E_OK */
};

/* Searches. A failure comes with what was found before it, and with `out` filled: E_NOT_FOUND when
 * there is no such log group, E_INVALID when the service does not read the pattern. */
MUST_CHECK enum err_code ops_log_search(const struct ops *o, const struct log_search *q,
                                        struct log_search_result *out, struct err *e);
#endif
