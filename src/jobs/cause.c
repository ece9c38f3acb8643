/* The cause of a job's failure, of what Batch and its record say. */
#include "jobs/cause.h"

#include <stdio.h>
#include <string.h>

/* What Batch says of every container that ended by itself. */
static bool says_nothing(const char *reason)
{
    return reason == NULL || reason[0] == '\0' ||
           strcasestr(reason, "Essential container in task exited") != NULL;
}

/* Adds a part of the cause, unless it stands there already. */
static void add(char out[CAUSE_SIZE], size_t *len, const char *reason)
{
    char part[CAUSE_SIZE];
    size_t room = CAUSE_SIZE - *len;

    if (says_nothing(reason) || room < 24) {
        return;
    }
    size_t joint = *len > 0 ? 2 : 0;
    size_t n = cause_normalise(reason, strlen(reason), part, room - joint);
    if (n == 0 || strstr(out, part) != NULL) {
        return;
    }
    memcpy(out + *len, "; ", joint);
    memcpy(out + *len + joint, part, n + 1);
    *len += joint + n;
}

bool cause_of(const struct job *j, const struct batch_job *b, const struct job_state *s,
              char out[CAUSE_SIZE])
{
    const struct job_error *last = j->errors_len == 0 ? NULL : &job_errors(j)[j->errors_len - 1];
    const char *reason = job_text(j, JOB_STATUS_REASON);
    bool refused = batch_job_refused(b);
    size_t len = 0;

    out[0] = '\0';
    if (s->exit_code != EXIT_CODE_NONE && s->exit_code != 0 && !refused) {
        len = (size_t)snprintf(out, CAUSE_SIZE, "exit %d", s->exit_code);
    }
    if (b != NULL && b->status == BATCH_FAILED && !refused) {
        add(out, &len, says_nothing(b->container_reason) ? b->status_reason : b->container_reason);
    }
    add(out, &len, says_nothing(reason) && last != NULL ? last->message : reason);
    if (len == 0) {
        memcpy(out, CAUSE_UNKNOWN, sizeof CAUSE_UNKNOWN);
    }
    return len > 0;
}

const char *cause_reason(const struct job *j, const struct batch_job *b, const struct job_state *s,
                         char out[CAUSE_SIZE])
{
    if (s->status != JOB_FAILED) {
        return NULL;
    }
    (void)cause_of(j, b, s, out);
    return out;
}
