/* job_ops.h - one job: show, deploy, cancel, retry, report (SPEC 1.4: nothing lost, nothing twice).
 */
#ifndef OPS_JOB_OPS_H
#define OPS_JOB_OPS_H

#include <stdbool.h>

#include "jobs/batch.h"
#include "jobs/deploy.h"
#include "jobs/job.h"
#include "jobs/report.h"
#include "jobs/state.h"
#include "ops/ops.h"

/* Everything known of one job. Owned parts; free with job_detail_free. May cross threads. */
struct job_detail {
    struct job *job;
    cJSON *item; /* the raw record (AttributeValues) */
    struct batch_job
        *batch; /* NULL when Batch knows none (batch_asked tells whether it was asked) */
    bool batch_asked;
    struct err batch_err; /* why Batch could not be asked; code E_OK when it could */
    cJSON *reasons;       /* kept reasons, array, or NULL */
    struct job_state state;
};
void job_detail_free(struct job_detail *d); /* NULL allowed */

/* GetItem, then the Batch job by SPEC 1.3's order. A Batch failure does not hide the record. With
 * `record_only` Batch is not asked. E_NOT_FOUND when there is no such job. Saves every Batch reason
 * seen in state_dir (Batch forgets them). */
MUST_CHECK enum err_code ops_job_get(const struct ops *o, const char *job_id, bool record_only,
                                     struct job_detail **out, struct err *e);

struct deploy_result {
    char job_id[JOB_ID_SIZE];
    char event_id[64];
    bool recorded; /* the record was written (now or by an earlier try) */
};
/* Validates, seals, outbox + fsync, PutItem if absent, PutEvents, outbox drop. On E_NET/E_TIMEOUT
 * after the outbox was written the request stays there and `e` says that it will be resumed. When
 * EventBridge refuses for good, the record becomes FAILED with the reason. `r` gets its job id. */
MUST_CHECK enum err_code ops_deploy(const struct ops *o, struct deploy_request *r,
                                    struct deploy_result *out, struct err *e);
/* Goes on with what a crash or a lost link left in the outbox, on the same job ids; safe when
 * several processes do it at once. `*resumed` and `*left` may be NULL. */
MUST_CHECK enum err_code ops_outbox_resume(const struct ops *o, int *resumed, int *left,
                                           struct err *e);
int ops_outbox_len(const struct ops *o);

enum cancel_outcome {
    CANCEL_DONE,     /* the record is CANCELLED; there was no Batch job to end */
    CANCEL_STOPPING, /* the record is CANCELLED; Batch was told and has not ended it yet */
    CANCEL_ENDED     /* the record is CANCELLED and Batch has ended it */
};
struct cancel_result {
    enum cancel_outcome outcome;
    char batch_job_id[96];
};
/* E_CONFLICT when the job is final already (the message says in which state), E_NOT_FOUND. */
MUST_CHECK enum err_code ops_cancel(const struct ops *o, const char *job_id, const char *reason,
                                    struct cancel_result *out, struct err *e);
/* After CANCEL_STOPPING: waits until Batch has ended the job or `timeout_ms` is over (E_TIMEOUT).
 * `*succeeded` is set when it ended well before the cancel took effect. */
MUST_CHECK enum err_code ops_cancel_wait(const struct ops *o, const char *batch_job_id,
                                         int timeout_ms, bool *succeeded, struct err *e);

/* A new deploy with the old one's parameters and metadata.retryOf. */
MUST_CHECK enum err_code ops_retry(const struct ops *o, const char *job_id,
                                   struct deploy_result *out, struct err *e);

/* What the container calls: changes the record as jobs/report.h describes. */
MUST_CHECK enum err_code ops_report(const struct ops *o, const char *job_id,
                                    const struct report_update *u, struct err *e);

/* One custom event; `*event_id` gets the owned id. */
struct custom_event {
    const char *source;
    const char *detail_type;
    const char *detail; /* a JSON object as text */
    const char *const *resources;
    size_t resources_len;
};
MUST_CHECK enum err_code ops_event(const struct ops *o, const struct custom_event *ev,
                                   char **event_id, struct err *e);

/* The connection test of SPEC 2: identity, bus exists, one `Connection Test` event. Each step is
 * told to `step` (name, detail or error) as it ends; returns the first failure. */
typedef void (*test_step_fn)(void *arg, const char *name, const char *detail, const struct err *e);
MUST_CHECK enum err_code ops_test(const struct ops *o, test_step_fn step, void *arg, struct err *e);

/* Would the configured rule match this request's event? TestEventPattern with the exact event.
 * `*matches` is set; `why` (size bytes) says what does not match or that there is no such rule. */
MUST_CHECK enum err_code ops_rule_check(const struct ops *o, const struct deploy_request *r,
                                        bool *matches, char *why, size_t size, struct err *e);
#endif
