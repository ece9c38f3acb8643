/* Following one job until it is final. */
#include "src/cli/wait.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/strbuf.h"
#include "ops/log_stage.h"
#include "src/cli/eta.h"

enum { FIRST_MS = 400, LONGEST_MS = 3000, LOG_EVERY_MS = 60000 };

/* What was seen of the job: there is a change when one of these differs. */
struct seen {
    enum job_status status;
    enum batch_status batch;
    int progress;
    int64_t updated_ms;
    char step[64];
    char stage[LOG_STAGE_SIZE];
    char reason[STATE_REASON_SIZE];
};

static void look(const struct job_detail *d, struct seen *s)
{
    memset(s, 0, sizeof *s);
    s->status = (enum job_status)d->state.status;
    s->batch = (enum batch_status)d->state.batch;
    s->progress = (int)d->job->progress;
    s->updated_ms = job_ms(d->job, JOB_UPDATED);
    (void)snprintf(s->step, sizeof s->step, "%s",
                   job_text(d->job, JOB_STEP) == NULL ? "" : job_text(d->job, JOB_STEP));
    const char *stage = log_stage_shown(d->job, &d->state, &d->log);
    (void)snprintf(s->stage, sizeof s->stage, "%s", stage == NULL ? "" : stage);
    (void)job_state_reason(d->job, d->batch, &d->state, s->reason, sizeof s->reason);
}

static bool differs(const struct seen *a, const struct seen *b)
{
    return a->status != b->status || a->batch != b->batch || a->progress != b->progress ||
           a->updated_ms != b->updated_ms || strcmp(a->step, b->step) != 0 ||
           strcmp(a->stage, b->stage) != 0 || strcmp(a->reason, b->reason) != 0;
}

/* Reads how far a silent job is from its log, once a minute. A log that cannot be read is no reason
 * to end the waiting. */
static void look_at_log(struct cli *c, struct job_detail *d, const struct job_detail *before,
                        int64_t *looked_ms)
{
    int64_t now = clock_mono_ms(NULL);

    if (before != NULL) {
        d->log = before->log;
    }
    if (*looked_ms == TIME_NONE || now - *looked_ms >= LOG_EVERY_MS) {
        *looked_ms = now;
        (void)!ops_detail_log(c->ops, d, NULL);
        return;
    }
    struct state_rules rules = ops_state_rules(c->settings);
    log_stage_settle(d->job, d->batch, &d->log, clock_wall_ms(NULL), &rules, &d->state);
}

/* A record says CANCELLED or COMPLETED at once; only a status of STOPPING tells that Batch still
 * has to end it, and that one is not final. */
static bool over(const struct job_detail *d)
{
    return job_status_final((enum job_status)d->state.status);
}

enum err_code wait_job(struct cli *c, const char *job_id, wait_change_fn change, void *arg,
                       struct job_detail **last, struct err *e)
{
    struct seen before = {0};
    struct seen now;
    int pause_ms = FIRST_MS;
    int64_t lost_since = TIME_NONE;
    int64_t looked_ms = TIME_NONE;
    struct job_detail *kept = NULL;
    enum err_code rc;

    for (;;) {
        struct job_detail *d = NULL;
        rc = ops_job_get(c->ops, job_id, false, &d, e);
        int64_t at = clock_mono_ms(NULL);
        if (rc == E_OK) {
            if (lost_since != TIME_NONE) {
                cli_note(c, "mvpdash: connected again after %d s", (int)((at - lost_since) / 1000));
            }
            lost_since = TIME_NONE;
            look_at_log(c, d, kept, &looked_ms);
            look(d, &now);
            bool changed = kept == NULL || differs(&now, &before);
            job_detail_free(kept);
            kept = d;
            before = now;
            if ((changed && !change(arg, kept)) || over(kept)) {
                break;
            }
            pause_ms = changed ? FIRST_MS : pause_ms + pause_ms / 2;
        } else {
            if (err_means(rc, ERR_PASSES) && lost_since == TIME_NONE) {
                lost_since = at;
                cli_warn(c, "%s; mvpdash tries again", e->msg);
            }
            if (!err_means(rc, ERR_PASSES) || at - lost_since > WAIT_PATIENCE_MS) {
                break;
            }
            pause_ms = LONGEST_MS;
        }
        pause_ms = pause_ms < LONGEST_MS ? pause_ms : LONGEST_MS;
        if (!ops_sleep(c->ops, pause_ms)) {
            rc = err_set(e, E_CANCELLED, "stopped waiting for %s", job_id);
            break;
        }
    }
    if (last != NULL) {
        *last = kept;
    } else {
        job_detail_free(kept);
    }
    return rc;
}

bool wait_show_progress(void *arg, const struct job_detail *d)
{
    struct cli *c = arg;
    struct eta eta;
    char end[CLI_ETA_SIZE];
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b, "%s  %s", d->job->id, job_state_word(d->job, &d->state));
    if (d->job->progress >= 0) {
        strbuf_addf(&b, "  %d%%", d->job->progress);
    }
    if (job_text(d->job, JOB_STEP) != NULL &&
        strcmp(job_text(d->job, JOB_STEP), job_state_word(d->job, &d->state)) != 0) {
        strbuf_addf(&b, "  %s", job_text(d->job, JOB_STEP));
    }
    if (log_stage_shown(d->job, &d->state, &d->log) != NULL) {
        strbuf_addf(&b, "  %s by its log", d->log.stage);
    }
    if (d->state.stuck != STUCK_NO || d->state.status == JOB_FAILED) {
        char why[STATE_REASON_SIZE];
        strbuf_addf(&b, "  %s", job_state_reason(d->job, d->batch, &d->state, why, sizeof why));
    }
    if (cli_eta(c, d->job, &d->state, &eta) != NULL) {
        strbuf_addf(&b, "  should end %s", cli_eta_text(&eta, end));
    }
    if (cli_slow(c, d->job, &d->state)) {
        strbuf_adds(&b, "  slow");
    }
    cli_progress(c, "%s", strbuf_str(&b));
    strbuf_clear(&b);
    return true;
}

enum err_code wait_verdict(const struct job_detail *d, struct err *e)
{
    if (d->state.status == JOB_COMPLETED) {
        return E_OK;
    }
    char why[STATE_REASON_SIZE];
    (void)job_state_reason(d->job, d->batch, &d->state, why, sizeof why);
    (void)err_set(e, E_JOB_FAILED, "%s ended %s%s%s", d->job->id, job_state_word(d->job, &d->state),
                  why[0] == '\0' ? "" : ": ", why);
    return err_hint_set(e, "`mvpdash status %s` and `mvpdash logs %s` show more", d->job->id,
                        d->job->id);
}
