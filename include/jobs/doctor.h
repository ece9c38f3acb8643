/* doctor.h - what is wrong with a system, judged from the documents that describe it (PEERS 7).
 *
 * Each doctor_* rule reads documents as AWS sends them (borrowed; NULL reads as empty) and adds
 * what it finds to a finding. Pure: no requests, no clock. Any thread. Texts hold what AWS sent:
 * clean them before a screen. Names in a remedy are quoted for a shell. */
#ifndef JOBS_DOCTOR_H
#define JOBS_DOCTOR_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/state.h"

enum doctor_state {
    DOCTOR_PASS,
    DOCTOR_WARN,
    DOCTOR_FAIL,
    DOCTOR_UNKNOWN, /* could not look: a permission, or no answer */
    DOCTOR_SKIP     /* another check failed that this one builds on */
};
enum { DOCTOR_STATES = DOCTOR_SKIP + 1 };
/* The states in the order in which they are told: what a person has to deal with comes first. */
extern const enum doctor_state doctor_worst_first[DOCTOR_STATES];
const char *doctor_state_word(enum doctor_state s);          /* "PASS" */
bool doctor_worse(enum doctor_state a, enum doctor_state b); /* is `a` to be told before `b`? */
/* What stands before the check that somebody has to deal with first, when this is the worst state
 * of all; and the sentence when there is none. */
const char *doctor_first_lead(enum doctor_state worst);
extern const char doctor_nothing_to_do[];

/* What one check found: the worst counts; several equally bad things stand in one text. */
struct finding {
    enum doctor_state state;
    char *text; /* owned; NULL: nothing was said */
    char *fix;  /* owned; the exact remedy, NULL for a pass */
    /* For who runs the checks: those that build on this one may go on though it did not pass; what
     * it looked for does not exist. */
    bool go_on, missing;
    bool lost; /* doctor_job: the job's event is gone, so that it can be sent again */
};
void finding_clear(struct finding *f);
/* True when it counts (nothing worse is there already): then give its remedy with finding_fix. */
bool finding_add(struct finding *f, enum doctor_state state, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* %-s is a string quoted for a shell, %s one that stands as it is, %% a percent sign; nothing else
 * is known. What stands between backquotes is a command that runs as it is. */
void finding_fix(struct finding *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The first command of a remedy, between its backquotes; borrowed; NULL when it has none. */
const char *doctor_command(const char *fix, size_t *len);
/* All commands of a remedy, one a line, without the words around them. Owned; NULL: it has none. */
char *doctor_commands(const char *fix);

/* The names in force. All borrowed, none NULL. */
struct doctor_names {
    const char *region;
    const char *account; /* "" when it is not known */
    const char *table, *bus, *rule, *queue, *definition, *dlq, *log_group;
    const char *source, *detail_type;
};

/* Part of an ARN (3 is the region, 4 the account) into `out`; "" when `arn` is none. */
const char *doctor_arn_part(const char *arn, int part, char *out, size_t size);
/* The last name of an ARN ("job-queue/NAME", "job-definition/NAME:3", "queue"); a plain name as it
 * is. Borrowed from `arn`. */
const char *doctor_arn_name(const char *arn);
/* B3: an ARN among the settings, or in a reply, that is of another region or account. */
void doctor_place(const char *what, const char *arn, const struct doctor_names *n,
                  struct finding *f);

/* A1: a program with its libraries inside gets no fixes of the system. `built_ms` 0: not known. */
void doctor_build(int64_t built_ms, int64_t now_ms, struct finding *f);

/* A4: the service's clock minus ours. */
void doctor_clock(int64_t skew_ms, struct finding *f);

/* C1: status, key, indexes, stream. */
void doctor_table(const cJSON *table, const struct doctor_names *n, struct finding *f);
/* C2: can mvpdash read these records? Array of items. */
void doctor_records(const cJSON *items, const struct doctor_names *n, struct finding *f);

/* D2: a policy that denies, logging. */
void doctor_bus(const cJSON *bus, const struct doctor_names *n, struct finding *f);
/* D3: state and pattern of the rule. */
void doctor_rule(const cJSON *rule, const struct doctor_names *n, struct finding *f);
/* The target that starts our job: it points to the queue; else any that points to some queue. NULL
 * when there is none. Borrowed from `targets`. */
const cJSON *doctor_target(const cJSON *targets, const struct doctor_names *n);
/* D6: queue, definition, and JOB_ID in the capitalisation that EventBridge wants. */
void doctor_targets(const cJSON *targets, const struct doctor_names *n, struct finding *f);
/* D7: does the target name a role? */
bool doctor_role(const cJSON *target, const struct doctor_names *n, struct finding *f);
/* D7: `trust` is the role's AssumeRolePolicyDocument (decoded JSON text). Adds only what is wrong.
 */
void doctor_trust(const char *trust, const char *role, const char *rule_arn, struct finding *f);
/* D9: dead letter queue and patience of the target. */
void doctor_target_safety(const cJSON *target, const struct doctor_names *n, struct finding *f);
/* A pattern that waits for state changes of Batch? Text of an EventPattern, or NULL. */
bool doctor_is_state_pattern(const char *pattern);

/* The user or role whose rights an identity has: of an assumed role's session the role ("arn:aws:
 * sts::1:assumed-role/R/s" is of arn:aws:iam::1:role/R, whose path is not in it); "" for a root or
 * federated user, whose rights cannot be asked for. */
const char *doctor_principal(const char *arn, char *out, size_t size);
/* What a simulation (EvaluationResults of IAM) says of one action on one resource. `*why` tells why
 * not ("explicitly denied"). MAY_UNKNOWN: it does not say, or a condition decides. */
enum doctor_may { MAY, MAY_NOT, MAY_UNKNOWN };
enum doctor_may doctor_may(const cJSON *results, const char *action, const char *resource,
                           const char **why);

/* E1, E2 + E3, E4. `attributes` are the queue's; `rule_arn` is who has to be let in. */
void doctor_dlq(const cJSON *attributes, const char *name, const struct doctor_names *n,
                struct finding *f);
void doctor_dlq_policy(const cJSON *attributes, const char *url, const char *rule_arn,
                       struct finding *f);
void doctor_dlq_depth(const cJSON *attributes, const char *name, struct finding *f);

/* F1, F2, F3, F7. */
void doctor_queue(const cJSON *queue, const struct doctor_names *n, struct finding *f);
void doctor_environments(const cJSON *environments, const struct doctor_names *n,
                         struct finding *f);
/* `ref` is what `target` (may be NULL) names; `newest` the newest active revision of that name or
 * NULL; `pinned` the revision that `ref` names, NULL when it names none or there is none. */
void doctor_definition(const char *ref, const cJSON *newest, const cJSON *pinned,
                       const cJSON *target, const struct doctor_names *n, struct finding *f);
void doctor_definition_limits(const cJSON *definition, const char *ref, struct finding *f);
/* F4: can a job of the definition ever run in one of the environments? */
void doctor_fit(const cJSON *definition, const cJSON *environments, const struct doctor_names *n,
                struct finding *f);
/* F5: an image of a private ECR repository taken apart; false for any other image. */
struct doctor_image {
    char registry[16], region[32], repository[256];
    char tag[130];    /* "latest" when the image names none */
    char digest[100]; /* "" when it names none */
};
bool doctor_image_parse(const char *image, struct doctor_image *out);
/* F5: is there an execution role where one is needed? Adds only what is wrong. */
void doctor_execution_role(const cJSON *definition, struct finding *f);
/* F6: is the job that waits longest in RUNNABLE stuck, or does it wait for its turn? */
struct doctor_waiting {
    const cJSON *job;          /* a JobDetail; NULL: none waits */
    bool cut;                  /* not all that wait were looked at */
    const cJSON *running;      /* JobDetails of those that run or start; NULL: not known */
    bool running_cut;          /* there are more */
    const cJSON *environments; /* NULL: not known */
    int64_t now_ms;
    int patience_s; /* it may wait that long */
};
/* Does it wait too long, or in vain by Batch's word? Only then `running` is of interest. */
bool doctor_may_be_stuck(const struct doctor_waiting *w);
void doctor_head(const struct doctor_waiting *w, const struct doctor_names *n, struct finding *f);

/* G1: the log group that the definition writes to; NULL when it is no CloudWatch log. */
const char *doctor_log_group(const cJSON *definition, const struct doctor_names *n);
void doctor_log(const cJSON *definition, const cJSON *group, const struct doctor_names *n,
                struct finding *f);

/* K1: the job that did not start. Is its event among the dead letters? */
enum doctor_letter { LETTER_UNKNOWN, LETTER_NONE, LETTER_FOUND };
struct doctor_job {
    const struct job *job;
    const struct batch_job *batch; /* NULL: none was found */
    const struct job_state *state;
    const char *batch_fault; /* why Batch could not be asked for all; NULL: it could */
    bool unsent;             /* its event waits in the outbox of this machine */
    enum doctor_letter letter;
    const char *fault; /* id of the first check of its way that failed; NULL: none did */
    int64_t now_ms;
    int not_picked_up_s; /* it may take that long until Batch has it */
};
/* What became of it; `f->lost` when nothing has it any more: no Batch job, no outbox, no dead
 * letter. */
void doctor_job(const struct doctor_job *x, struct finding *f);

/* I1: MetricDataQueries for the rule's counts by hour, with both sets of dimensions; owned. */
cJSON *doctor_metric_queries(const struct doctor_names *n);
struct doctor_metrics_context {
    bool sent_lately; /* a record of the last day, at least some minutes old */
    bool job_seen;    /* Batch has a job of ours of the last week */
};
/* I1: MetricDataResults of those. */
void doctor_metrics(const cJSON *results, const struct doctor_metrics_context *x,
                    const struct doctor_names *n, struct finding *f);

/* A2: the terminal as whoever has one found it. */
struct doctor_terminal {
    bool there;        /* is any of the standard files a terminal? */
    char term[64];     /* TERM, or "" */
    bool known;        /* it has a terminfo entry */
    bool addressable;  /* the cursor can be placed and the screen cleared */
    int colors;        /* -1: none */
    int rows, cols;    /* 0: not known */
    char locale[64];   /* LC_ALL, LC_CTYPE or LANG, as the system takes them; "" when none is set */
    bool locale_known; /* the C library has it */
    bool utf8;         /* the dashboard would send UTF-8 */
    bool ascii_only;   /* the terminal knows no UTF-8, whatever the locale (vt100) */
    bool exported_size; /* LINES or COLUMNS is exported and differs */
};
void doctor_terminal(const struct doctor_terminal *t, struct finding *f); /* NULL: none */
#endif
