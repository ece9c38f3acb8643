/* The log of the job in the detail. The schedule reads the log; this file says from where, and
 * takes the replies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
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

/* Reads from a little before the line on, so that what led to it shows too. */
enum { BEFORE_MS = 60 * 1000 };

void log_forget_goal(struct detail *d)
{
    free(d->goal);
    d->goal = NULL;
    if (d->sought) { /* the next log is read as it would have been */
        d->log.since_ms = TIME_NONE;
        d->log.text.has_cursor = false;
        d->log.text.follow = true;
        d->sought = false;
    }
}

void log_open_at(struct jobs *j, int attempt, int64_t at_ms, const char *line)
{
    struct detail *d = &j->detail;

    log_stop(j);
    logview_empty(&d->log);
    d->log.attempt = attempt;
    d->log.since_ms = at_ms - BEFORE_MS;
    textview_set_follow(&d->log.text, false);
    d->sought = true;
    free(d->goal);
    d->goal = text_cleaned(line, TEXT_ONE_LINE);
    d->goal_ms = at_ms;
}

/* The line of the goal among those that came; of several of that time the one with its text.
 * UINT64_MAX: it is not there. `*past`: later ones are. */
static uint64_t find_goal(const struct detail *d, bool *past)
{
    const struct textview *v = &d->log.text;
    uint64_t found = UINT64_MAX;

    *past = false;
    for (uint64_t seq = v->dropped; seq < v->dropped + v->len; seq++) {
        const struct text_line *l = textview_line(v, seq);
        bool then = l->at_ms == d->goal_ms;
        if (then && l->len > 0 && strstr(d->goal, l->text) != NULL) {
            return seq;
        }
        found = then && found == UINT64_MAX ? seq : found;
        *past = *past || (l->at_ms != TIME_NONE && l->at_ms > d->goal_ms);
    }
    return *past ? found : UINT64_MAX; /* else the line may come yet */
}

static void seek_goal(struct jobs *j)
{
    struct detail *d = &j->detail;
    bool past = false;

    if (d->goal == NULL) {
        return;
    }
    uint64_t seq = find_goal(d, &past);
    if (seq != UINT64_MAX) {
        textview_to_line(&d->log.text, seq);
    } else if (past || d->log.ended || d->log.none) {
        desk_note(j->desk, NOTE_WARN, "The line is no longer in this log.");
    } else {
        return;
    }
    free(d->goal);
    d->goal = NULL;
}

void log_take(struct jobs *j, struct msg *msg)
{
    if (!j->detail.log_follows || msg->request != j->detail.log_request) {
        return; /* the answer is about another job, attempt or time span */
    }
    logview_take(&j->detail.log, msg);
    seek_goal(j);
    /* the note names the key instead of the command */
    if (detail_array(j, j->detail.job_id) != NULL) {
        j->detail.log.none = true;
        (void)snprintf(j->detail.log.note, sizeof j->detail.log.note,
                       "An array job has no log of its own: press Enter to list its children.");
    }
}

/* ---- actions ---- */

bool log_action(struct jobs *j, enum action a, struct effects *out)
{
    const struct log_reading all = {&j->detail.log, TIME_NONE, restart, j};

    (void)out;
    return logview_attempt(j->desk, &all, a) || logview_action(j->desk, &all, a);
}
