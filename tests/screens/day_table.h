/* day_table.h - the jobs of the day as rows: private to day_*.c. */
#ifndef TESTS_SCREENS_DAY_TABLE_H
#define TESTS_SCREENS_DAY_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { DAY_MINUTE_MS = 60000, DAY_ID_SIZE = 40 };

enum fate {
    WAITS,
    LOST, /* its event is in the dead letter queue */
    STUCK,
    RUNS,
    SUCCEEDED,
    KILLED, /* out of memory, and its record does not say so yet */
    KILLED_TOLD,
    BROKEN,
    STOPPED
};

struct day_job {
    const char *business, *user, *product, *priority, *features; /* features: 'a','b' */
    enum fate fate;
    const char *step;
    int progress;
    int made, started, ended; /* minutes ago; -1: not yet */
    const char *error;
};

struct day_job day_job(size_t i);
int64_t day_time(size_t i, int minutes_ago); /* of job `i`; in milliseconds */
void day_id(size_t i, char out[DAY_ID_SIZE]);
/* A number below `limit` that looks like chance and is none. */
unsigned day_draw(size_t i, unsigned salt, unsigned limit);
#endif
