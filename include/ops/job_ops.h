/* job_ops.h - one job: show, deploy, cancel, retry, report (SPEC 1.4: nothing lost, nothing twice).
 */
#ifndef OPS_JOB_OPS_H
#define OPS_JOB_OPS_H

#include <stdbool.h>

#include "jobs/batch.h"
#include "jobs/deploy.h"
#include "jobs/job.h"
#include "jobs/log_stage.h"
#include "jobs/queue_facts.h"
#include "jobs/record_change.h"
#include "jobs/state.h"
#include "ops/ops.h"

/* Everything that is known of one job. Its parts are owned; free it with job_detail_free. May cross
 * threads. */
struct job_detail {
    struct job *job;
    cJSON *item;             /* the raw record under its own id (AttributeValues), or NULL */
    cJSON *parts;            /* array: the raw records of its containers, under Batch job ids */
    struct batch_job *batch; /* NULL: Batch has no such job, or that is not known (batch_asked) */
    bool
        /* everything that could hold the job was read; false: it is not known whether there is
         * one */
        batch_asked;
    struct err batch_err; /* why that is not known; code E_OK when it is known */
    /* The other Batch jobs with this job id (a dead letter was sent again, an archive replayed),
     * newest first; `others_all`: there are no more of them. */
    struct batch_job **others;
    size_t others_len;
    bool others_all;
    cJSON *reasons; /* kept reasons, array, or NULL */
    struct job_state state;
    struct log_stage log; /* how far the job is by its log (ops_detail_log) */
    /* what the job waits for in the queue (queue_wait_text), once it has waited for a minute; "" */
    char waits[QUEUE_TEXT_SIZE];
};
void job_detail_free(struct job_detail *d); /* NULL allowed */

/* Gets a job: GetItem, then the Batch job by SPEC 1.3's order, then the records that its containers
 * wrote under the Batch job's id. `job_id` may be the Batch job's too. When there is no record,
 * only Batch tells of the job (JOB_NO_RECORD). A failure of Batch does not hide the record. With
 * `record_only` Batch is not asked: only the record under that very id counts. E_NOT_FOUND when
 * neither the table nor Batch has the job; without a record, and when Batch cannot be asked,
 * Batch's error. Keeps every reason of Batch that it sees in state_dir, because Batch forgets
 * them. */
MUST_CHECK enum err_code ops_job_get(const struct ops *o, const char *job_id, bool record_only,
                                     struct job_detail **out, struct err *e);

/* Reads only the record under that very id; `*item` (owned) is NULL when there is none, and when it
 * is the one that was seen before: seen->same (aws/client.h). */
MUST_CHECK enum err_code ops_job_record(const struct ops *o, const char *job_id,
                                        struct aws_seen *seen, cJSON **item, struct err *e);

/* The job as it was kept when it waits in the outbox of this machine, for this place; NULL when it
 * does not. The only question that it may ask is whose account this is, when that is not known yet.
 * Owned. */
struct job_detail *ops_job_kept(const struct ops *o, const char *job_id);

/* Gets a child (0-based index) of a job that is the parent of a Batch array job; owned by the
 * caller. E_NOT_FOUND when the job is no such parent, or Batch has no such child. */
MUST_CHECK enum err_code ops_child_get(const struct ops *o, const char *job_id, int index,
                                       struct batch_job **out, struct err *e);

struct deploy_result {
    char job_id[JOB_ID_SIZE];
    char event_id[64]; /* "" when the bus has the event but its answer was lost */
    bool recorded;     /* the record was written, by this try or an earlier one */
    bool kept;         /* only on failure: the request waits in the outbox and will be resumed */
    /* only on failure, with ops->state: the key was seen before, and says what became of it */
    bool key_known;
    /* only on failure, with ops->state: no service told whether the request was taken in */
    bool unknown;
};
/* Validates, seals, outbox + fsync, PutItem if absent, PutEvents, outbox drop.
 *
 * E_INVALID: nothing was done. Refused before anything was written (denied, no such table, bad
 * credentials, the job id is taken: E_CONFLICT): nothing was done. Link lost, no answer in time,
 * throttled, credentials expired half-way, stopped: the request stays in the outbox, `out->kept`
 * is set and `e` says what was done, what was not, and that the next mvpdash resumes it. When
 * EventBridge refuses for good, the record becomes FAILED with the reason. `r` gets its job id and,
 * when it has none, the database URL of the settings. */
MUST_CHECK enum err_code ops_deploy(const struct ops *o, struct deploy_request *r,
                                    struct deploy_result *out, struct err *e);

/* Does the same for a caller that tells somebody else the result: a request of which certainly
 * nothing was done (the link was down before its record was written) is not kept but fails, so that
 * it can be sent again. A request that is kept, was recorded, or may have been, is taken in for
 * good. */
MUST_CHECK enum err_code ops_deploy_now(const struct ops *o, struct deploy_request *r,
                                        struct deploy_result *out, struct err *e);
/* Does the same with ops->state, for a request with an Idempotency-Key (ops/state_keys.h), which is
 * taken in together with it, or not at all. */
struct state_key;
MUST_CHECK enum err_code ops_deploy_keyed(const struct ops *o, struct deploy_request *r,
                                          struct state_key *key, struct deploy_result *out,
                                          struct err *e);
/* Was the request with these ids, which its caller fixed before, taken in: does it wait in the
 * outbox, or is it recorded? Another request's record under the job id does not count. E_SERVICE
 * with `*taken`: it was refused for good, and its record is FAILED. */
MUST_CHECK enum err_code ops_deploy_taken(const struct ops *o, const char *job_id,
                                          const char *request_id, bool *taken, struct err *e);

/* Deploys several requests at once, over several connections, with events in calls of up to ten;
 * results in the order of the requests. Returns how many failed. `done` (may be NULL) is told of
 * each as it ends, on the calling thread or a worker's but never twice at a time. */
struct deploy_many_result {
    enum err_code code;
    struct err err;
    struct deploy_result result;
};
typedef void (*deploy_done_fn)(void *arg, size_t index, const struct deploy_many_result *r);
size_t ops_deploy_many(const struct ops *o, struct deploy_request *requests, size_t len,
                       struct deploy_many_result *results, deploy_done_fn done, void *arg);

/* Goes on with what a crash or a lost link left in the outbox, under the same job ids; several
 * processes may do it at once (an entry that another one works on is left to it). An entry whose
 * event may have been sent is sent again only when neither its record has moved on nor Batch has
 * its job, at the earliest a minute after the first try. `*resumed` and `*left` may be NULL; `e`
 * tells of the first entry that failed for another reason than having to wait. Call it at start,
 * and when ops_outbox_len is not 0. */
MUST_CHECK enum err_code ops_outbox_resume(const struct ops *o, int *resumed, int *left,
                                           struct err *e);
int ops_outbox_len(const struct ops *o); /* how many entries belong to this place; no request */

enum cancel_outcome {
    CANCEL_DONE,     /* the record is CANCELLED; there was no Batch job to end */
    CANCEL_STOPPING, /* the record is CANCELLED; Batch was told and has not ended it yet */
    CANCEL_ENDED     /* the record is CANCELLED and Batch has ended it */
};
struct cancel_result {
    enum cancel_outcome outcome;
    char batch_job_id[96]; /* "" when there is no Batch job */
    /* with CANCEL_ENDED: Batch says SUCCEEDED, so the job's results may be there */
    bool succeeded;
    /* Batch could not be asked for everything: another Batch job of this job may run */
    bool unsure;
};
/* Cancels a job. `job_id` may be the Batch job's; when the job has no record, only its Batch job is
 * ended. E_CONFLICT when the job is final already (the message says in which state), E_NOT_FOUND. A
 * job whose record is CANCELLED but that Batch still runs is told to end again. A request that is
 * only in the outbox is dropped there. When several Batch jobs have this id, each that is not over
 * is ended. When the record was changed but Batch could not be told, `e` says both. */
MUST_CHECK enum err_code ops_cancel(const struct ops *o, const char *job_id, const char *reason,
                                    struct cancel_result *out, struct err *e);
/* Waits, after CANCEL_STOPPING, until Batch has ended the job or `timeout_ms` is over (E_TIMEOUT).
 * `*succeeded` is set when Batch says SUCCEEDED all the same. */
MUST_CHECK enum err_code ops_cancel_wait(const struct ops *o, const char *batch_job_id,
                                         int timeout_ms, bool *succeeded, struct err *e);

/* An earlier retry of the same job, as far as it is known. */
struct retry_seen {
    char job_id[JOB_ID_SIZE]; /* "": none was found */
    char status[64];          /* how it stands */
    struct err unknown;       /* code not E_OK: whether there is one could not be found out */
};
/* The values that a record lacks and a deploy needs, because another program wrote it without.
 * NULL: not given. */
struct retry_given {
    const char *user_id;
    const char *product_id;
    bool again;              /* an earlier retry is known to the person: nothing is looked for */
    struct retry_seen *seen; /* gets the earlier retry; NULL allowed */
};
/* Deploys a job again that is over, by its record or by Batch: with the old one's parameters, all
 * attributes of its record that are neither state nor result, and metadata.retryOf. A job that
 * nobody picked up (its event is lost) becomes CANCELLED before, so that it never runs beside the
 * new one; E_CONFLICT when it has ended meanwhile. Any other job is not over: E_CONFLICT, and
 * nothing is sent; so is a job whose earlier retry has not ended. `given` (may be NULL) fills in
 * what the record lacks; E_INVALID when the record has another value, or when something is still
 * missing. */
MUST_CHECK enum err_code ops_retry(const struct ops *o, const char *job_id,
                                   const struct retry_given *given, struct deploy_result *out,
                                   struct err *e);

/* Changes the record as jobs/record_change.h describes; the container calls it. */
MUST_CHECK enum err_code ops_change_record(const struct ops *o, const char *job_id,
                                           const struct record_change *u, struct err *e);

/* Sends one custom event; `*event_id` gets the owned id. */
struct custom_event {
    const char *source;
    const char *detail_type;
    const char *detail; /* a JSON object as text */
    const char *const *resources;
    size_t resources_len;
};
MUST_CHECK enum err_code ops_event(const struct ops *o, const struct custom_event *ev,
                                   char **event_id, struct err *e);

/* The connection test of SPEC 2: identity, bus exists, one `Connection Test` event. `step` is told
 * of each step as it ends: its name and what was found, or "" and the error (NULL when the step
 * went well). Stops at the first failure and returns it. */
typedef void (*test_step_fn)(void *arg, const char *name, const char *detail, const struct err *e);
MUST_CHECK enum err_code ops_test(const struct ops *o, test_step_fn step, void *arg, struct err *e);

/* Would the configured rule match this request's event? Asks TestEventPattern with the exact event.
 * Sets `*matches`; `why` (size bytes) says what does not match, or that the rule is missing or
 * disabled (`*matches` is false then too; the code is E_OK). */
MUST_CHECK enum err_code ops_rule_check(const struct ops *o, const struct deploy_request *r,
                                        bool *matches, char *why, size_t size, struct err *e);
/* Asks the same for a rule as DescribeRule or ListRules gave it, whatever its state. With `size` 0
 * (`why` may be NULL then) it does not look for what does not match, which takes a request for each
 * key. */
MUST_CHECK enum err_code ops_pattern_check(const struct ops *o, const cJSON *rule,
                                           const struct deploy_request *r, bool *matches, char *why,
                                           size_t size, struct err *e);
#endif
