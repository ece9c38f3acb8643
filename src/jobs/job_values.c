/* job_values.c - a job from its values, and its values from a job. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "job_draft.h"
#include "jobs/job.h"
#include "strtail.h"

struct job *job_make(const struct job_values *v)
{
    struct draft d;

    d.job = *v;
    d.last_error = NULL;
    d.job.features_len = v->features_len > JOB_FEATURES_MAX ? JOB_FEATURES_MAX : v->features_len;
    size_t skip = v->errors_len > JOB_ERRORS_MAX ? v->errors_len - JOB_ERRORS_MAX : 0;
    d.job.errors_len = (uint16_t)(v->errors_len - skip);
    for (size_t i = 0; i < d.job.features_len; i++) {
        d.features[i] = (struct slice){.s = v->features[i], .len = strlen(v->features[i])};
    }
    for (size_t i = 0; i < d.job.errors_len; i++) {
        d.errors[i] = v->errors[skip + i];
    }
    d.steps_len = 0;
    while (v->steps != NULL && d.steps_len < STEPS_MAX && v->steps[d.steps_len].step != NULL) {
        d.steps[d.steps_len] = v->steps[d.steps_len];
        d.steps_len++;
    }
    return draft_finish(&d);
}

struct job_values *job_values_new(const struct job *j)
{
    char room[JOB_ROOM];
    size_t len = 0;

    for (unsigned i = 0; i < JOB_URLS; i++) {
        const char *s = job_url(j, (enum job_url_id)i, room);
        len += s == NULL ? 0 : strlen(s) + 1;
    }
    for (size_t i = 0; i < j->features_len; i++) {
        len += strlen(job_feature(j, i, room)) + 1;
    }
    struct job_values *v = xmalloc(sizeof *v + j->features_len * sizeof(char *) + len);
    const char **features = (const char **)(void *)(v + 1);
    char *at = (char *)(features + j->features_len);
    *v = (struct job_values){.id = j->id,
                             .features = features,
                             .errors = job_errors(j),
                             .steps = job_steps(j),
                             .estimated_duration_s = j->estimated_duration_s,
                             .features_len = j->features_len,
                             .errors_len = j->errors_len,
                             .progress = j->progress,
                             .status = j->status,
                             .mark = j->mark};
    for (unsigned i = 0; i < JOB_TEXTS; i++) {
        v->text[i] = job_text(j, (enum job_text_id)i);
    }
    for (unsigned i = 0; i < JOB_TIMES; i++) {
        v->ms[i] = job_ms(j, (enum job_time_id)i);
    }
    for (unsigned i = 0; i < JOB_URLS; i++) {
        const char *s = job_url(j, (enum job_url_id)i, room);
        v->url[i] = s == NULL ? NULL : strtail_place(&at, s, strlen(s), JOB_ROOM);
    }
    for (size_t i = 0; i < j->features_len; i++) {
        const char *s = job_feature(j, i, room);
        features[i] = strtail_place(&at, s, strlen(s), JOB_ROOM);
    }
    return v;
}

struct job *job_copy(const struct job *j)
{
    struct job_values *v = job_values_new(j);
    struct job *copy = job_make(v);

    free(v);
    return copy;
}
