/* Deploying a job again, with the parameters of its record. */
#include <stdio.h>
#include <string.h>

#include "bus_check.h"
#include "core/alloc.h"
#include "core/text.h"
#include "jobs/join.h"
#include "jobs/record_change.h"
#include "ops/job_ops.h"
#include "retried.h"

enum { REASON_MAX = 300 };

/* Has nobody picked the job up, long after it was sent? Then its event is lost, or will come too
 * late. */
static bool is_lost(const struct job_detail *d)
{
    return d->state.stuck == STUCK_NOT_PICKED_UP && d->batch_asked &&
           job_text(d->job, JOB_BATCH_ID) == NULL &&
           (d->batch == NULL || batch_job_refused(d->batch));
}

/* Closes a lost job before it is sent again: when its event arrives after all, its container is
 * refused its claim, so that the work is not done twice. */
static enum err_code close_lost(const struct ops *o, const char *job_id, const char *new_id,
                                struct err *e)
{
    struct record_change u = RECORD_CHANGE_INIT;
    char why[REASON_MAX];

    (void)snprintf(why, sizeof why, "mvpdash %.*s: its event was lost; retried as %s",
                   text_cut(o->actor, 100), o->actor, new_id);
    u.status = job_status_word(JOB_CANCELLED);
    u.reason = why;
    enum err_code rc = ops_change_record(o, job_id, &u, e);
    return rc == E_OK ? E_OK
                      : err_wrap(e, "%s was not retried: its record cannot be closed", job_id);
}

static enum err_code refuse(const struct job_detail *d, struct err *e)
{
    const char *id = d->job->id;

    if (!d->batch_asked && job_text(d->job, JOB_BATCH_ID) == NULL) {
        (void)err_set(e, E_CONFLICT,
                      "%s was not retried: it has not ended (%s), and whether it has a Batch job "
                      "is not known: %s",
                      id, job_state_word(d->job, &d->state), d->batch_err.msg);
    } else {
        (void)err_set(e, E_CONFLICT,
                      "%s was not retried: it has not ended (%s) and would run twice", id,
                      job_state_word(d->job, &d->state));
    }
    return err_hint_set(e, "wait for its end, or run `mvpdash cancel %s` first", id);
}

/* May the job be sent again? It may when it is over, by its record or by Batch, or when it is lost;
 * a lost job has to be closed first. The work of a job that still runs, or may start yet, would be
 * done twice. */
static enum err_code may_retry(const struct ops *o, const struct job *old, bool *lost,
                               struct err *e)
{
    struct job_detail *d = NULL;

    *lost = false;
    if (job_status_final((enum job_status)old->status)) {
        return E_OK;
    }
    enum err_code rc = ops_job_get(o, old->id, false, &d, e);
    if (rc == E_OK && !job_status_final((enum job_status)d->state.status)) {
        *lost = is_lost(d);
        rc = *lost ? E_OK : refuse(d, e);
    }
    job_detail_free(d);
    return rc;
}

/* Sets the value in `*has`, unless the record has one; the record's value must be the same. */
static enum err_code fill(const char *field, const char *flag, const char *value, char **has,
                          struct err *e)
{
    if (value != NULL && *has != NULL && strcmp(*has, value) != 0) {
        return err_set(e, E_INVALID,
                       "%s: the record says \"%.*s\": --%s is for records without one", field,
                       text_cut(*has, 60), *has, flag);
    }
    if (value != NULL && *has == NULL) {
        *has = xstrdup(value);
    }
    return E_OK;
}

/* Fills in what the record lacks: the record says whose job it is, or else the caller does. */
static enum err_code fill_in(struct deploy_request *r, const char *job_id,
                             const struct retry_given *given, struct err *e)
{
    static const struct retry_given nothing = {0};
    const struct retry_given *g = given == NULL ? &nothing : given;

    enum err_code rc = fill("userId", "user-id", g->user_id, &r->user_id, e);
    if (rc == E_OK) {
        rc = fill("productId", "product-id", g->product_id, &r->product_id, e);
    }
    if (rc == E_OK && (r->user_id == NULL || r->product_id == NULL)) {
        bool user = r->user_id == NULL;
        bool product = r->product_id == NULL;
        (void)err_set(e, E_INVALID, "it has no %s%s%s", user ? "userId" : "",
                      user && product ? " and no " : "", product ? "productId" : "");
        rc = err_hint_set(e, "give it: `mvpdash retry %.*s%s%s`", text_cut(job_id, 128), job_id,
                          user ? " --user-id U" : "", product ? " --product-id P" : "");
    }
    return rc;
}

/* Reads the record that is to be sent again. A record under a Batch job's id may belong to another
 * job, and a job that is not in the table may be one that only Batch tells of: then Batch is
 * asked. */
static enum err_code old_record(const struct ops *o, const char *job_id, struct job_detail **d,
                                struct err *e)
{
    char key[BATCH_ID_SIZE];
    enum err_code rc = E_NOT_FOUND;

    if (job_id == NULL || !job_batch_key(job_id, key)) {
        rc = ops_job_get(o, job_id, true, d, e);
    }
    if (rc == E_NOT_FOUND) {
        rc = ops_job_get(o, job_id, false, d, e);
    }
    if (rc == E_OK && (*d)->item == NULL) {
        (void)err_set(e, E_INVALID,
                      "%s has no record under its own id: what was asked for is not known, so it "
                      "cannot be retried",
                      (*d)->job->id);
        rc = err_hint_set(e, "`mvpdash send` starts a new job");
    }
    return rc;
}

static enum err_code retry(const struct ops *o, const char *job_id, const struct retry_given *given,
                           struct deploy_result *out, struct err *e)
{
    struct job_detail *d = NULL;
    struct deploy_request r;
    bool lost = false, closed = false;

    deploy_request_init(&r);
    enum err_code rc = old_record(o, job_id, &d, e);
    if (rc == E_OK) {
        rc = may_retry(o, d->job, &lost, e);
    }
    if (rc == E_OK) {
        deploy_request_from_job(&r, d->item);
        deploy_request_seal(&r, clock_wall_ms(o->clock));
        rc = fill_in(&r, job_id, given, e);
        if (rc == E_OK) {
            rc = deploy_request_check(&r, NULL, e);
        }
        if (rc == E_OK && (given == NULL || !given->again)) {
            struct retry_seen seen;
            rc = ops_retried(o, d->job, r.user_id,
                             given == NULL || given->seen == NULL ? &seen : given->seen, e);
        }
        /* check the request before the old job is closed for a new one that cannot be sent */
        if (rc == E_OK) {
            rc = bus_check(o, e);
        }
        if (rc == E_OK && lost) {
            rc = close_lost(o, job_id, r.job_id, e);
            closed = rc == E_OK;
        }
        if (rc == E_OK) {
            rc = ops_deploy(o, &r, out, e);
        }
        if (rc == E_INVALID) {
            (void)err_wrap(e, "the record of %s cannot be retried", job_id);
        } else if (rc != E_OK && closed) {
            (void)err_wrap(e, "%s was closed (CANCELLED) for the new job", job_id);
        }
    }
    deploy_request_clear(&r);
    job_detail_free(d);
    return rc;
}

enum err_code ops_retry(const struct ops *o, const char *job_id, const struct retry_given *given,
                        struct deploy_result *out, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = retry(o, job_id, given, out, e);

    ops_end(begun);
    return rc;
}
