/* The log of the job in the detail. The schedule reads the log; this file says from where, and
 * takes the replies. */
#include <stdio.h>
#include <string.h>

#include "jobs_priv.h"
#include "logview.h"

void log_stop(struct jobs *j)
{
    if (j->detail.log_follows) {
        j->detail.log_follows = false;
        j->detail.log_request = 0;
        schedule_watch_log(j->desk->schedule, NULL, NULL);
    }
}

/* Goes on where the last reading ended while nothing else is wanted; otherwise begins again. */
void log_start(struct jobs *j)
{
    struct logview *l = &j->detail.log;
    struct log_cursor from = {.since_ms = l->since_ms, .attempt = l->attempt};

    if (j->detail.job_id == NULL || l->ended) {
        return;
    }
    if (l->cursor != NULL && l->loaded) {
        from = *l->cursor;
    }
    schedule_watch_log(j->desk->schedule, j->detail.job_id, &from);
    j->detail.log_follows = true;
    j->detail.log_request = 0; /* the request's number comes with the task */
}

void log_note_task(struct jobs *j, const struct task *t)
{
    const struct log_cursor *from = task_as(t, log);

    if (from != NULL && from->child != 0) {
        return; /* the task reads the log of a child of an array job */
    }
    if (j->detail.log_follows && t->job_id != NULL && j->detail.job_id != NULL &&
        strcmp(t->job_id, j->detail.job_id) == 0) {
        j->detail.log_request = t->request;
    }
}

static void restart(void *owner, struct desk *d)
{
    struct jobs *j = owner;

    (void)d;
    logview_empty(&j->detail.log);
    log_start(j);
}

void log_take(struct jobs *j, struct msg *msg)
{
    if (!j->detail.log_follows || msg->request != j->detail.log_request) {
        return; /* the answer is about another job, attempt or time span */
    }
    logview_take(&j->detail.log, msg);
    /* the note names the key instead of the command */
    if (detail_array(j, j->detail.job_id) != NULL) {
        j->detail.log.none = true;
        (void)snprintf(j->detail.log.note, sizeof j->detail.log.note,
                       "An array job has no log of its own, but its children have: Enter lists "
                       "them.");
    }
}

/* ---- actions ---- */

bool log_action(struct jobs *j, enum action a, struct effects *out)
{
    const struct log_reading all = {&j->detail.log, TIME_NONE, restart, j};

    (void)out;
    return logview_attempt(j->desk, &all, a) || logview_action(j->desk, &all, a);
}
