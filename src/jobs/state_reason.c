/* state_reason.c - the sentence that explains a job's merged state. */
#include <stdio.h>
#include <string.h>

#include "fixbuf.h"
#include "jobs/join.h"
#include "jobs/state.h"
#include "state_why.h"

const char *job_stuck_word(enum job_stuck s)
{
    static const char *const words[] = {
        [STUCK_NO] = "",
        [STUCK_NOT_PICKED_UP] = "not picked up",
        [STUCK_RUNNABLE] = "waiting in Batch",
        [STUCK_NO_PROGRESS] = "no progress",
        [STUCK_STOPPING] = "not stopping",
    };

    return (unsigned)s < sizeof words / sizeof *words ? words[s] : "";
}

const char *job_state_word(const struct job *j, const struct job_state *s)
{
    const char *word = job_status_word((enum job_status)s->status);
    return *word != '\0'                          ? word
           : job_text(j, JOB_STATUS_TEXT) != NULL ? job_text(j, JOB_STATUS_TEXT)
                                                  : "";
}

/* Adds the record's own words: its reason, or for a failure its last error. */
static void say_record(struct fixbuf *p, const struct job *j, const struct job_state *s)
{
    if (job_text(j, JOB_STATUS_REASON) != NULL) {
        fixbuf_add(p, "%s", job_text(j, JOB_STATUS_REASON));
    } else if (s->status == JOB_FAILED && j->errors_len > 0) {
        const struct job_error *e = &job_errors(j)[j->errors_len - 1];
        fixbuf_add(p, "%s%s%s", e->step == NULL ? "" : e->step, e->step == NULL ? "" : ": ",
                   e->message);
    }
}

static void say_batch(struct fixbuf *p, const struct job *j, const struct batch_job *b,
                      const struct job_state *s)
{
    char why[STATE_REASON_SIZE];

    job_why(b, why, sizeof why);
    if (batch_job_refused(b)) { /* the record names this Batch job as its own: see state.c */
        (void)snprintf(why, sizeof why,
                       "the program ended with exit code %d, which means a refused claim, although "
                       "it had claimed the job: see the end of its log",
                       EXIT_CODE_REFUSED);
    }
    if (job_status_final((enum job_status)j->status)) {
        say_record(p, j, s); /* the container's own words come first, when it said anything */
    }
    if (p->len > 0 && strstr(why, p->out) != NULL) {
        *p = fixbuf_start(p->out, p->size); /* Batch only repeats these words, with their meaning */
    }
    if (why[0] != '\0') {
        fixbuf_add(p, "%s%s", p->len > 0 ? "; " : "", why);
    } else if (s->turn) {
        fixbuf_add(p, "%swaiting in Batch for its turn: the queue runs other jobs",
                   p->len > 0 ? "; " : "");
    } else if (s->stuck == STUCK_RUNNABLE) {
        fixbuf_add(p,
                   "%swaiting in Batch, which gives no reason yet (that takes some minutes), and "
                   "the queue runs no job: check the compute environment, its roles and the "
                   "subnets' route with `mvpdash doctor`",
                   p->len > 0 ? "; " : "");
    }
}

/* A refused claim says nothing new about the job; when there is no other container, the record
 * explains the state. */
static void say_refused(struct fixbuf *p, const struct job *j, const struct batch_job *b,
                        const struct job_state *s)
{
    say_record(p, j, s);
    if (p->len > 0) {
        fixbuf_add(p, "; ");
    }
    if (job_status_final((enum job_status)s->status)) {
        fixbuf_add(p, "a container was refused its claim (exit code %d) and did nothing",
                   EXIT_CODE_REFUSED);
    } else if (job_text(j, JOB_BATCH_ID) != NULL && b != NULL) {
        fixbuf_add(p, "Batch job %s was refused its claim (exit code %d): %s has the job", b->id,
                   EXIT_CODE_REFUSED, job_text(j, JOB_BATCH_ID));
    } else if (b != NULL) {
        fixbuf_add(p,
                   "Batch job %s was refused its claim (exit code %d) and did nothing, and no "
                   "other one has the job: see its log, then `mvpdash retry`",
                   b->id, EXIT_CODE_REFUSED);
    }
}

/* Adds the record's own words and, after them, what else there is to say. */
static void say_record_and(struct fixbuf *p, const struct job *j, const struct job_state *s,
                           const char *more)
{
    say_record(p, j, s);
    fixbuf_add(p, "%s%s", p->len > 0 ? "; " : "", more);
}

static void say_case(struct fixbuf *p, const struct job *j, const struct batch_job *b,
                     const struct job_state *s)
{
    char why[STATE_REASON_SIZE];

    job_why(b, why, sizeof why);
    switch ((enum why)s->why) {
    case WHY_RECORD:
        say_record(p, j, s);
        break;
    case WHY_BATCH:
        say_batch(p, j, b, s);
        break;
    case WHY_REPORT:
        fixbuf_add(p, "%s, its container has not reported",
                   s->batch == BATCH_SUCCEEDED ? "it has just ended in Batch" : "running in Batch");
        break;
    case WHY_SILENT:
        fixbuf_add(p, "Batch says SUCCEEDED; the container ended without reporting it");
        break;
    case WHY_TOO_LATE:
        say_record_and(p, j, s,
                       "cancelled too late: its container ran to its end (Batch says SUCCEEDED), "
                       "so its results may exist");
        break;
    case WHY_NEVER_RAN:
        say_record_and(p, j, s,
                       "Batch says SUCCEEDED, but nothing shows that the container ran the job");
        break;
    case WHY_REFUSED:
        say_refused(p, j, b, s);
        break;
    case WHY_STOP:
        fixbuf_add(p, "cancelled; Batch has not ended it yet%s%s",
                   job_text(j, JOB_STATUS_REASON) == NULL ? "" : ": ",
                   job_text(j, JOB_STATUS_REASON) == NULL ? "" : job_text(j, JOB_STATUS_REASON));
        break;
    case WHY_LIVES:
        if (s->drift) {
            fixbuf_add(p, "the record says %s, but Batch still has it %s",
                       job_status_word((enum job_status)j->status),
                       batch_status_word((enum batch_status)s->batch));
        } else {
            say_record(p, j, s);
        }
        break;
    case WHY_UNDONE:
        fixbuf_add(p, "the record says COMPLETED, but Batch says FAILED: %s", why);
        break;
    case WHY_HANDLED:
        say_record_and(p, j, s,
                       "Batch says SUCCEEDED: the container reported the failure and exited 0");
        break;
    case WHY_ENDED_BY:
        fixbuf_add(p, "ended in Batch, but not in its record: %s", why);
        break;
    case WHY_GONE:
        say_record_and(p, j, s, "gone from Batch: shown from its record");
        break;
    case WHY_LOST:
        fixbuf_add(p, "no Batch job: the event matched no rule, or its target refused it. See "
                      "`mvpdash doctor` and `mvpdash dlq`");
        break;
    case WHY_UNASKED:
        say_record_and(p, j, s,
                       "its container has not reported; whether Batch has the job is not known");
        break;
    case WHY_STALE:
        fixbuf_add(p, "no progress reported for longer than expected: see its log");
        break;
    case WHY_NO_RECORD:
        fixbuf_add(p, "%s", job_mark_why(JOB_NO_RECORD));
        if (b != NULL) {
            say_batch(p, j, b, s);
        }
        break;
    case WHY_LOG:
        say_record_and(p, j, s, "the record is silent, but its log continues");
        break;
    }
}

const char *job_state_reason(const struct job *j, const struct batch_job *b,
                             const struct job_state *s, char *out, size_t size)
{
    struct fixbuf p = fixbuf_start(out, size);

    say_case(&p, j, b, s);
    if (j->mark != JOB_RECORDED && s->why != WHY_NO_RECORD) {
        fixbuf_add(&p, "%s%s", p.len > 0 ? "; " : "", job_mark_why((enum job_mark)j->mark));
    }
    /* The record and the parent of an array job tell little: the states of its children say
     * more. */
    char children[160];
    job_children(b, children, sizeof children);
    if (children[0] != '\0' && b->status != BATCH_SUCCEEDED && strstr(out, children) == NULL) {
        fixbuf_add(&p, "%s%s", p.len > 0 ? "; " : "", children);
    }
    return out;
}
