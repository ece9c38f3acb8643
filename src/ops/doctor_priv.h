/* doctor_priv.h - the doctor's memory: what one check read and others build on.
 *
 * The check named beside each document writes it; only checks that need that check, or come after
 * it, read it, and only when doctor_usable tells that the check ended in time. The engine's lock
 * orders writing and reading. */
#ifndef OPS_DOCTOR_PRIV_H
#define OPS_DOCTOR_PRIV_H

#include <pthread.h>

#include "aws/op.h"
#include "aws/sts.h"
#include "ops/doctor.h"

enum slot_state { SLOT_WAITING, SLOT_RUNNING, SLOT_DONE, SLOT_LEFT_OUT };

struct slot {
    enum slot_state state;
    enum slot_state watched; /* the state that opt.watch was told last */
    int64_t started_ms;      /* by clock_mono_ms */
    struct finding found;
};

struct doctor {
    struct ops o; /* a copy whose client belongs to the doctor */
    struct doctor_options opt;
    struct doctor_names names; /* the account comes from B2 */

    pthread_mutex_t lock; /* guards the slots and `stop` */
    pthread_cond_t changed;
    struct slot slots[DOCTOR_CHECKS_MAX];
    bool stop;

    int64_t skew_ms[AWS_SERVICE_COUNT]; /* A3.*, for each service */
    struct sts_identity identity;       /* B2 */
    cJSON *table;                       /* C1 */
    cJSON *bus;                         /* D1 */
    cJSON *rule;                        /* D3 */
    cJSON *targets;                     /* D6 */
    const cJSON *target;                /* D6; lies in targets */
    char *dlq_name, *dlq_url;           /* E1 */
    cJSON *dlq;                         /* E1 */
    cJSON *queue;                       /* F1 */
    cJSON *environments;                /* F2 */
    char *definition_ref;               /* F3 */
    cJSON *definition;                  /* F3: what a new job would run */
    /* E4: whether the event of the job that did not start is a dead letter */
    enum doctor_letter letter;
    char *log_group;   /* G1 */
    int recent;        /* H2: how many of the newest Batch jobs it looked at */
    cJSON *started;    /* H2: a job id for each name of a Batch job */
    cJSON *ran;        /* H2: a job id for each image that ran */
    char *finished_id; /* H2: a finished job that has a log */
    /* C2: when the newest record was made; TIME_NONE: there is no record */
    int64_t newest_ms;
    char *finished_stream; /* H2 */
};

/* Did the check end with something that others can build on? */
bool doctor_usable(struct doctor *d, const char *id);
/* Did the check find that what it looked for does not exist? */
bool doctor_missing(struct doctor *d, const char *id);
bool doctor_failed(struct doctor *d, const char *id); /* did the check end as FAIL? */
/* Does the event of the job that did not start wait in the outbox of this machine? */
bool doctor_unsent(const struct ops *o, const char *job_id);
/* True for E_OK; else adds what `rc` means: UNKNOWN with the permission that is needed, SKIP where
 * the endpoint is not AWS and has no such service, or what went wrong. The caller handles
 * E_NOT_FOUND itself. */
bool doctor_looked(struct doctor *d, enum err_code rc, const struct err *e, const char *action,
                   struct finding *f);

void check_config(struct doctor *d, struct finding *f);
void check_terminal(struct doctor *d, struct finding *f);
void check_reach_sts(struct doctor *d, struct finding *f);
void check_reach_dynamodb(struct doctor *d, struct finding *f);
void check_reach_events(struct doctor *d, struct finding *f);
void check_reach_batch(struct doctor *d, struct finding *f);
void check_reach_logs(struct doctor *d, struct finding *f);
void check_reach_sqs(struct doctor *d, struct finding *f);
void check_clock(struct doctor *d, struct finding *f);
void check_credentials(struct doctor *d, struct finding *f);
void check_identity(struct doctor *d, struct finding *f);
void check_place(struct doctor *d, struct finding *f);
void check_rights(struct doctor *d, struct finding *f);

void check_table(struct doctor *d, struct finding *f);
void check_records(struct doctor *d, struct finding *f);
void check_drift(struct doctor *d, struct finding *f);

void check_bus(struct doctor *d, struct finding *f);
void check_bus_policy(struct doctor *d, struct finding *f);
void check_rule(struct doctor *d, struct finding *f);
void check_pattern(struct doctor *d, struct finding *f);
void check_other_rules(struct doctor *d, struct finding *f);
void check_targets(struct doctor *d, struct finding *f);
void check_role(struct doctor *d, struct finding *f);
void check_role_rights(struct doctor *d, struct finding *f);
void check_target_safety(struct doctor *d, struct finding *f);
void check_state_rule(struct doctor *d, struct finding *f);

void check_dlq(struct doctor *d, struct finding *f);
void check_dlq_policy(struct doctor *d, struct finding *f);
void check_dlq_depth(struct doctor *d, struct finding *f);

void check_queue(struct doctor *d, struct finding *f);
void check_environments(struct doctor *d, struct finding *f);
void check_definition(struct doctor *d, struct finding *f);
void check_fit(struct doctor *d, struct finding *f);
void check_image(struct doctor *d, struct finding *f);
void check_head(struct doctor *d, struct finding *f);
void check_limits(struct doctor *d, struct finding *f);
void check_log_group(struct doctor *d, struct finding *f);
void check_log_stream(struct doctor *d, struct finding *f);
void check_job(struct doctor *d, struct finding *f);
void check_metrics(struct doctor *d, struct finding *f);
#endif
