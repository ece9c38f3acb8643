/* msg.h - what crosses between threads: a request the UI makes (struct task) and the messages that
 * come back. Both own all they point to. Errors travel by value. A task that was begun always
 * answers with its last message (below), a cancelled one too; one dropped from the pool's queue
 * before it was begun does not. */
#ifndef WORK_MSG_H
#define WORK_MSG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/client.h"
#include "core/err.h"
#include "jobs/batch.h"
#include "jobs/deploy.h"
#include "jobs/job.h"
#include "ops/bulk.h"
#include "ops/bus.h"
#include "ops/children.h"
#include "ops/dlq.h"
#include "ops/doctor.h"
#include "ops/e2e.h"
#include "ops/follow.h"
#include "ops/job_ops.h"
#include "ops/logs.h"
#include "ops/queue_jobs.h"

enum task_kind {
    TASK_TABLE_INFO,     /* -> MSG_TABLE_INFO */
    TASK_IDENTITY,       /* sts:GetCallerIdentity -> MSG_IDENTITY */
    TASK_LOAD,           /* one Scan segment -> MSG_JOBS..., MSG_DONE */
    TASK_SWEEP,          /* the same, of the slow re-read */
    TASK_QUERY_STATUS,   /* -> MSG_JOBS..., MSG_DONE */
    TASK_GET_JOBS,       /* -> MSG_JOBS..., MSG_GONE (ids without a record), MSG_DONE */
    TASK_STREAM,         /* -> MSG_JOBS..., MSG_GONE, MSG_STREAM (the moved cursor) */
    TASK_LIST_BATCH,     /* -> MSG_BATCH..., MSG_DONE */
    TASK_DESCRIBE_BATCH, /* -> MSG_BATCH..., MSG_BATCH_GONE (ids Batch does not know), MSG_DONE */
    TASK_DETAIL,         /* one job -> MSG_DETAIL */
    TASK_CHILDREN,       /* of an array job -> MSG_CHILDREN..., MSG_DONE */
    TASK_BUS,            /* the rules and targets of the bus -> MSG_BUS */
    TASK_QUEUE,          /* the newest Batch jobs of the queue -> MSG_QUEUE */
    TASK_LOG_STAGE,      /* how far jobs are by their logs -> a MSG_LOG_STAGE each, MSG_DONE */
    TASK_LOG,            /* opens when cursor.stream is "", then reads -> MSG_LOG */
    TASK_RULE_LOG,       /* the rule's event log -> MSG_RULE_LOG */
    TASK_DLQ_LOOK,       /* the dead letter queue's messages -> MSG_DLQ */
    TASK_DLQ_SEND,       /* these messages again -> a MSG_DLQ_RESULT each, MSG_DONE */
    TASK_DLQ_DELETE,     /* these messages -> a MSG_DLQ_RESULT each, MSG_DONE */
    TASK_DEPLOY,         /* -> MSG_DEPLOYED */
    TASK_CANCEL,         /* -> MSG_CANCELLED */
    TASK_CANCEL_WAIT,    /* -> MSG_CANCEL_ENDED */
    TASK_RETRY,          /* -> MSG_DEPLOYED */
    TASK_RULE_CHECK,     /* -> MSG_RULE_CHECK */
    TASK_OUTBOX,         /* resume -> MSG_OUTBOX */
    TASK_HOOK,           /* -> MSG_HOOK */
    TASK_E2E,            /* a test job -> MSG_E2E as its steps go on and end, MSG_E2E_END */
    TASK_DOCTOR,         /* -> MSG_DOCTOR as each check begins and ends, MSG_DONE */
    TASK_FILES,          /* completes a path -> MSG_FILES */
    TASK_BULK_READ,      /* reads a file of deploys -> MSG_BULK_READ */
    TASK_BULK,           /* sends it -> MSG_BULK_LINES..., MSG_BULK_END */
    TASK_KIND_COUNT
};

struct task {
    struct task *next; /* lists of the pool and the schedule */
    enum task_kind kind;
    uint32_t request; /* every reply echoes it; the UI drops replies it no longer waits for. The
                         schedule's own have SCHEDULE_REQUEST set (work/schedule.h). */
    /* Set by the pool (pool_drop, pool_halt): long tasks look at it and end. */
    atomic_bool stop;
    char *job_id; /* owned; DETAIL, LOG, CANCEL, CANCEL_WAIT (only echoed), RETRY; DOCTOR: whose
                     event is tried, or NULL */
    char *text;   /* owned; CANCEL: reason, QUERY_STATUS: status word, CANCEL_WAIT: Batch id,
                     STREAM: its ARN, HOOK: its stdin, FILES: as typed, BULK_READ: a path, DOCTOR:
                     the checks wanted (doctor_choose), or NULL; CHILDREN: the array's Batch id */
    char **ids;   /* owned; LOG_STAGE: job id, log group ("": the configured) and stream of each;
                     GET_JOBS, DESCRIBE_BATCH; HOOK: "NAME=value"; DLQ_SEND, DLQ_DELETE:
                     MessageIds; CHILDREN: describe these children instead of listing all */
    size_t ids_len;
    int segment, segments;
    int64_t since_ms;
    bool whole;                    /* QUERY_STATUS: the index projects all attributes; LOAD: the
                                      first segment of a load that begins anew */
    struct deploy_request *deploy; /* owned; DEPLOY, RULE_CHECK */
    struct stream_cursor *stream;  /* owned; STREAM */
    struct log_cursor *log;        /* owned; LOG */
    struct children_held held;     /* CHILDREN */
    struct bulk_input *bulk;       /* owned; BULK: its requests get their job ids */
    enum bulk_mode bulk_mode;
    struct rule_log_cursor *rule;           /* owned; RULE_LOG */
    const struct doctor_terminal *terminal; /* borrowed, outlives the pool; DOCTOR; may be NULL */
    struct dlq_edit *edit; /* owned; DLQ_SEND: send this instead of one message's; NULL */
};
struct task *task_new(enum task_kind kind, uint32_t request);
void task_free(struct task *t); /* NULL allowed; wipes secrets */

enum msg_kind {
    MSG_TABLE_INFO,
    MSG_IDENTITY,
    MSG_JOBS,
    MSG_GONE,
    MSG_BATCH,
    MSG_BATCH_GONE,
    MSG_STREAM,
    MSG_DETAIL,
    MSG_CHILDREN,
    MSG_BUS,
    MSG_QUEUE,
    MSG_LOG_STAGE, /* of job_id; with an error `read` is false */
    MSG_LOG,
    MSG_RULE_LOG,
    MSG_DLQ,
    MSG_DLQ_RESULT,
    MSG_DEPLOYED,
    MSG_CANCELLED,
    MSG_CANCEL_ENDED,
    MSG_RULE_CHECK,
    MSG_OUTBOX,
    MSG_HOOK,
    MSG_DOCTOR,
    MSG_E2E,
    MSG_E2E_END,
    MSG_FILES,
    MSG_BULK_READ,
    MSG_BULK_LINES,
    MSG_BULK_END,
    MSG_DONE, /* the task is over: `err` tells how. Sent last for every task that sends pages */
    MSG_KIND_COUNT
};

/* A line of a file that was dealt with. */
struct bulk_report {
    size_t index; /* of the request */
    char job_id[JOB_ID_SIZE];
    struct bulk_line line;
};

/* A look into the dead letter queue; its messages were given back. */
struct dlq_look {
    char name[96];
    int64_t visible, hidden, keep_s; /* as of struct dlq_queue */
    struct dlq_list list;
};
void dlq_look_free(struct dlq_look *l); /* NULL allowed */

struct msg {
    struct msg *next; /* used by the queue only */
    enum msg_kind kind;
    enum task_kind task; /* of the task that it answers */
    uint32_t request;
    char *job_id;           /* owned; of the task */
    struct err err;         /* code E_OK, or why it failed: then the payload is empty, but for
                               MSG_STREAM, MSG_LOG, MSG_RULE_LOG (the cursor), MSG_DEPLOYED
                               (job_id, kept), MSG_BULK_READ (the mistakes) and MSG_BULK_END
                               (the totals) */
    int64_t at_ms;          /* wall clock when the reply was complete */
    int64_t asked_ms;       /* monotonic: when what it brings was asked for (MSG_JOBS: this page);
                               of a STREAM task: when it came */
    struct aws_stats stats; /* counters at that time */
    union {
        struct table_info *table; /* owned */
        struct {
            char account[32];
            char arn[256];
            char source[96];
            int64_t expires_ms;
        } identity;
        struct {
            struct job **items; /* owned array of owned jobs */
            size_t len;
        } jobs;
        struct {
            struct batch_job **items;
            size_t len;
        } batch; /* MSG_BATCH, MSG_CHILDREN */
        struct {
            char **ids; /* owned; job ids (MSG_GONE) or Batch ids (MSG_BATCH_GONE) */
            size_t len;
        } gone;
        struct {
            struct stream_cursor *cursor; /* owned */
            bool gap;
        } stream;
        struct job_detail *detail; /* owned */
        struct log_stage log_stage;
        struct bus_report *bus;     /* owned; NULL with an error */
        struct queue_result *queue; /* the same */
        struct {
            struct log_cursor *cursor; /* owned */
            struct log_page page;
        } log;
        struct {
            struct rule_log_cursor *cursor; /* owned */
            struct log_page page;
        } rule_log;
        struct dlq_look *dlq; /* owned */
        struct {
            char *id; /* owned */
            struct dlq_redriven sent;
        } dlq_result;
        struct deploy_result deployed;
        struct cancel_result cancelled;
        struct {
            bool succeeded;
        } cancel_ended;
        struct {
            bool matches;
            char why[256];
        } rule;
        struct {
            int resumed, left;
            bool broken;     /* what `alarm` tells of is out of service */
            char alarm[900]; /* for a person to deal with; "": nothing */
        } outbox;
        struct {
            size_t check; /* index in doctor_checks */
            bool ended;   /* else it has begun */
            struct finding found;
        } doctor;
        struct {
            size_t step; /* index in e2e_steps */
            bool ended;  /* else it waits, for `what` */
            struct finding found;
            int64_t ms; /* how long it took or waits; -1: skipped */
            char what[120];
        } e2e;
        struct {
            char job_id[JOB_ID_SIZE]; /* "" when nothing was sent */
            bool good, cancelled;
        } e2e_end;
        struct {
            char **paths; /* owned array of owned strings, sorted */
            size_t len;
        } files;
        struct {
            struct bulk_input *input; /* owned */
            struct bulk_earlier past; /* what earlier runs did with its lines ... */
            struct err unknown;       /* ... code not E_OK: as far as it can be told */
        } bulk_read;
        struct {
            struct bulk_report *items; /* owned; in the order of the lines; may be none */
            size_t len;
            size_t ended, failed; /* of all so far: ahead of the lines told */
        } bulk_lines;
        struct bulk_totals bulk_end;
    } u;
};
/* Echoes kind, request and job id of `t`; everything else is zero and the caller's to fill. */
struct msg *msg_new(enum msg_kind kind, const struct task *t);
void msg_free(struct msg *m); /* one message, not the list; NULL allowed */
#endif
