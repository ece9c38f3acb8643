/* job_time.c - the time of a job, and the earliest time at which Batch can have a job of it (SPEC
 * 1.2). */
#include <string.h>

#include "jobs/state.h"

enum {
    ID_DIGITS = 13,                /* digits of epoch milliseconds from 2001 to 2286 */
    SAME_TIME_MS = 15 * 60 * 1000, /* the clocks of different writers differ by less than this */
};

int64_t job_id_time(const char *id)
{
    static const char prefix[] = "job_";
    int64_t ms = 0;

    if (strncmp(id, prefix, sizeof prefix - 1) != 0) {
        return TIME_NONE;
    }
    const char *s = id + sizeof prefix - 1;
    for (int i = 0; i < ID_DIGITS; i++) {
        if (s[i] < '0' || s[i] > '9') {
            return TIME_NONE;
        }
        ms = ms * 10 + (s[i] - '0');
    }
    return s[ID_DIGITS] == '_' && s[0] != '0' ? ms : TIME_NONE;
}

int64_t job_time(const struct job *j, const struct job_state *s, enum job_time_of *of)
{
    enum job_time_of found = TIME_OF_CREATED;
    int64_t ms = job_ms(j, JOB_CREATED);

    if (ms == TIME_NONE) {
        found = TIME_OF_START;
        ms = job_ms(j, JOB_STARTED);
    }
    if (ms == TIME_NONE) {
        found = TIME_OF_ID;
        ms = job_id_time(j->id);
    }
    if (ms == TIME_NONE && s != NULL && s->batch_made_s != 0) {
        found = TIME_OF_BATCH;
        ms = (int64_t)s->batch_made_s * 1000;
    }
    if (ms == TIME_NONE) {
        found = TIME_OF_UPDATE;
        ms = job_ms(j, JOB_UPDATED);
    }
    if (of != NULL) {
        *of = ms == TIME_NONE ? TIME_OF_NOTHING : found;
    }
    return ms;
}

uint32_t job_batch_made(const struct batch_job *b)
{
    int64_t s = b == NULL || b->created_ms == TIME_NONE ? 0 : b->created_ms / 1000;

    return s < 0 || s > UINT32_MAX ? 0 : (uint32_t)s;
}

bool job_time_firm(const struct job *j)
{
    enum job_time_of of;

    (void)job_time(j, NULL, &of);
    return of != TIME_OF_UPDATE && of != TIME_OF_NOTHING;
}

const char *job_time_word(enum job_time_of of)
{
    static const char *const words[] = {
        [TIME_OF_NOTHING] = "",
        [TIME_OF_CREATED] = "",
        [TIME_OF_START] = "its start",
        [TIME_OF_ID] = "the time in its id",
        [TIME_OF_BATCH] = "when Batch got it",
        [TIME_OF_UPDATE] = "its last change",
    };

    return words[of];
}

int64_t job_batch_from(const struct job *j, int64_t now_ms)
{
    const int64_t others[] = {job_ms(j, JOB_STARTED), job_ms(j, JOB_UPDATED), job_ms(j, JOB_ENDED),
                              now_ms};
    int64_t id = job_id_time(j->id);
    int64_t from = job_ms(j, JOB_CREATED);

    if (from == TIME_NONE || (id != TIME_NONE && id < from)) {
        from = id;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (from != TIME_NONE && others[i] != TIME_NONE && others[i] < from - SAME_TIME_MS) {
            from = TIME_NONE;
        }
    }
    return from;
}
