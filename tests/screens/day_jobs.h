/* day_jobs.h - the jobs of the day, each as its record, its Batch job and its log.
 *
 * All documents have ' in the place of ". The jobs of today are a table; those of the days before
 * are made from their number, so that the statistics and the forecasts have something to learn
 * from. */
#ifndef TESTS_SCREENS_DAY_JOBS_H
#define TESTS_SCREENS_DAY_JOBS_H

#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"

#define DAY_DEFINITION "arn:aws:batch:us-east-1:000000000000:job-definition/mvp-pipeline-job:1"

#define DAY_OUT_OF_MEMORY "OutOfMemoryError: Container killed due to memory usage"

extern const size_t day_jobs_len;

size_t day_named(const char *business); /* aborts when there is no such job */
/* The item of job `i`, newest first. */
void day_record(size_t i, struct strbuf *out);
/* The event that asked for it, as a JSON text inside of JSON. */
void day_event(size_t i, struct strbuf *out);

struct day_batch {
    const char *status; /* NULL: Batch has no such job (any more) */
    char id[37];
    int64_t created_ms;
    struct strbuf document; /* the caller clears it */
};
struct day_batch day_batch(size_t i);
void day_stream(size_t i, char *out, size_t size); /* the log stream's name */
void day_log(size_t i, struct strbuf *out);        /* its events, for PutLogEvents */
#endif
