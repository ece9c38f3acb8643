/* task.h - a request that the UI makes of the workers: struct task, a tagged union of what each
 * kind needs. A task owns all that it points to, unless a member says "borrowed".
 *
 * A task that was begun always answers with its last message (TASK_MAP says which), a cancelled one
 * too; a task that was dropped from the pool's queue before it was begun does not answer. */
#ifndef WORK_TASK_H
#define WORK_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/deploy.h"
#include "ops/bulk.h"
#include "ops/children.h"
#include "ops/dlq.h"
#include "ops/doctor.h"
#include "ops/follow.h"
#include "ops/logs.h"

/* One row for each kind, X: the kind, its member of the union, and the function of task.c that
 * frees what the member owns. N: a kind that needs nothing but the members that all tasks have.
 * After the arrow: the messages that answer. How a kind is run stands in src/work/run.c. */
/* clang-format off */
#define TASK_MAP(X, N)                                                                             \
    N(TASK_TABLE_INFO)                             /* -> MSG_TABLE_INFO */                         \
    N(TASK_IDENTITY)                               /* sts:GetCallerIdentity -> MSG_IDENTITY */     \
    X(TASK_LOAD,           part,      NO_OWNER)    /* one Scan segment -> MSG_JOBS..., MSG_DONE */ \
    X(TASK_SWEEP,          part,      NO_OWNER)    /* the same, of the slow re-read */             \
    X(TASK_QUERY_STATUS,   status,    free_status) /* -> MSG_JOBS..., MSG_DONE */                  \
    X(TASK_GET_JOBS,       ids,       free_ids)    /* -> MSG_JOBS..., MSG_GONE, MSG_DONE */        \
    X(TASK_STREAM,         stream,    free_stream) /* -> MSG_JOBS..., MSG_GONE, MSG_STREAM */      \
    X(TASK_LIST_BATCH,     list_batch, NO_OWNER)   /* -> MSG_BATCH_JOBS..., MSG_DONE */                 \
    X(TASK_DESCRIBE_BATCH, ids,       free_ids)    /* -> MSG_BATCH_JOBS..., MSG_BATCH_GONE, MSG_DONE */ \
    N(TASK_DETAIL)                                 /* one job -> MSG_DETAIL */                     \
    X(TASK_CHILDREN,       children,  free_children) /* -> MSG_CHILDREN..., MSG_DONE */            \
    N(TASK_BUS)                                    /* rules and targets of the bus -> MSG_BUS */   \
    N(TASK_QUEUE)                                  /* newest jobs of the queue -> MSG_QUEUE */     \
    N(TASK_QUEUE_LOOK)                             /* how it stands -> MSG_QUEUE_LOOK */           \
    X(TASK_LOG_STAGE,      log_stage, free_log_stage) /* -> MSG_LOG_STAGE..., MSG_DONE */          \
    X(TASK_LOG,            log,       free_log)    /* opens a cursor without a stream, then reads  \
                                                      it -> MSG_LOG */                             \
    X(TASK_RULE_LOG,       rule_log,  free_rule_log) /* -> MSG_RULE_LOG */                         \
    N(TASK_DLQ_LOOK)                               /* -> MSG_DLQ */                                \
    N(TASK_DLQ_DEPTH)                              /* -> MSG_DLQ_DEPTH */                          \
    X(TASK_DLQ_SEND,       dlq,       free_dlq)    /* -> MSG_DLQ_RESULT..., MSG_DONE */            \
    X(TASK_DLQ_DELETE,     dlq,       free_dlq)    /* -> MSG_DLQ_RESULT..., MSG_DONE */            \
    X(TASK_DEPLOY,         deploy,    free_deploy) /* -> MSG_DEPLOYED */                           \
    X(TASK_CANCEL,         reason,    free_text)   /* -> MSG_CANCELLED */                          \
    X(TASK_CANCEL_WAIT,    batch_id,  free_text)   /* -> MSG_CANCEL_ENDED */                       \
    X(TASK_GREP,           grep,      free_grep)   /* -> MSG_GREP..., MSG_GREP_END */              \
    X(TASK_RETRY,          again,     NO_OWNER)    /* -> MSG_DEPLOYED */                           \
    X(TASK_RULE_CHECK,     deploy,    free_deploy) /* -> MSG_RULE_CHECK */                         \
    N(TASK_OUTBOX)                                 /* sends what was kept -> MSG_OUTBOX */         \
    X(TASK_HOOK,           hook,      free_hook)   /* -> MSG_HOOK */                               \
    X(TASK_PROGRAM,        program,   free_program) /* a command of [commands] -> MSG_PROGRAM */   \
    X(TASK_E2E,            terminal,  NO_OWNER)    /* a test job -> MSG_E2E..., MSG_E2E_END */     \
    X(TASK_DOCTOR,         doctor,    free_doctor) /* -> MSG_DOCTOR..., MSG_DONE */                \
    X(TASK_FILES,          typed,     free_text)   /* completes a path -> MSG_FILES */             \
    X(TASK_BULK_READ,      path,      free_text)   /* reads a file of deploys -> MSG_BULK_READ */  \
    X(TASK_BULK,           bulk,      free_bulk)   /* sends it -> MSG_BULK_LINES..., MSG_BULK_END */
/* clang-format on */

#define TASK_X(kind, member, function) kind,
#define TASK_N(kind) kind,
enum task_kind { TASK_MAP(TASK_X, TASK_N) TASK_KIND_COUNT };
#undef TASK_X
#undef TASK_N

/* A part of the table: segment 0 of 1 is all of it. */
struct task_part {
    int segment, segments;
    bool anew; /* LOAD: the first segment of a load that begins anew */
};

/* The jobs whose status is `word`, by the table's status index. */
struct task_status {
    char *word;       /* owned; as the records spell it */
    int64_t since_ms; /* updated at this time or later; TIME_NONE: all */
    bool all_there;   /* the index projects all attributes */
};

struct task_ids {
    char **items; /* owned array of owned strings */
    size_t len;
};

/* What has happened to the table's records since `cursor`. */
struct task_stream {
    char *arn;                    /* owned */
    struct stream_cursor *cursor; /* owned; NULL: from now on */
};

struct task_list_batch {
    int64_t since_ms; /* Batch jobs created at this time or later; TIME_NONE: all */
};

/* The children of an array job. */
struct task_children {
    char *batch_id;            /* owned; of the array */
    struct children_held held; /* what the asker has of them */
    struct task_ids only;      /* owned; "ARRAY:INDEX": describe these children instead of listing
                                  them all (`batch_id` and `held` are not looked at); none: list */
};

/* The logs of jobs whose records are silent. */
struct task_log_stage {
    struct log_place {
        char *job_id; /* owned */
        char *group;  /* owned; "": the configured one */
        char *stream; /* owned */
    } * items;        /* owned */
    size_t len;
};

/* Messages of the dead letter queue that are to be sent again, or deleted. */
struct task_dlq {
    struct task_ids ids;   /* owned; MessageIds */
    struct dlq_edit *edit; /* owned; SEND: send this instead of the one message; NULL: as it is */
};

/* A search in the logs of jobs; as struct log_search. */
struct task_grep {
    char *pattern; /* owned; of CloudWatch Logs */
    int64_t since_ms;
    size_t limit;
    int64_t max_ms;
    struct task_ids jobs; /* owned; in their logs alone; none: in all of the group */
};

struct task_hook {
    char *input;         /* owned; for the hook's standard input: a JSON text */
    struct task_ids env; /* owned; "NAME=value" */
};

/* A program of the person's, run on one job. */
struct task_program {
    char **words;        /* owned, as words_free frees it */
    char *input;         /* owned; for its standard input: the job as JSON */
    struct task_ids env; /* owned; "NAME=value" */
    size_t output_max;   /* so many bytes it may print */
};

struct task_doctor {
    char *only; /* owned; the checks wanted (doctor_choose); NULL: all */
    const struct doctor_terminal *terminal; /* borrowed, outlives the pool; NULL: none */
};

struct task_bulk {
    char *path;               /* owned; as the user named the file; NULL: it has no name */
    struct bulk_input *input; /* owned; its requests get their job ids */
    enum bulk_mode mode;
};

struct task {
    struct task *next; /* lists of the pool and the schedule */
    enum task_kind kind;
    uint32_t request; /* every reply echoes it; the UI drops replies it no longer waits for. The
                         schedule's own have SCHEDULE_REQUEST set (work/schedule.h). */
    /* Set by the pool (pool_drop, pool_halt): long tasks look at it and end. */
    atomic_bool stop;
    char *job_id; /* owned; every reply echoes it. DETAIL, LOG, CANCEL, RETRY: which job; DOCTOR:
                     whose event is tried; the others do not look at it. NULL: none */
    union {
        struct task_part part;
        struct task_status status;
        struct task_ids ids; /* GET_JOBS: job ids; DESCRIBE_BATCH: Batch ids */
        struct task_stream stream;
        struct task_list_batch list_batch;
        struct task_children children;
        struct task_log_stage log_stage;
        struct log_cursor *log;           /* owned; NULL: from the job's beginning */
        struct rule_log_cursor *rule_log; /* owned */
        struct task_dlq dlq;
        struct deploy_request *deploy; /* owned; its secrets are wiped when it is freed */
        char *reason;                  /* owned; why the job is cancelled */
        bool again;                    /* the person knows that the job was retried before */
        char *batch_id;                /* owned; whose end is waited for */
        struct task_grep grep;
        struct task_hook hook;
        struct task_program program;
        const struct doctor_terminal *terminal; /* borrowed, outlives the pool; NULL: none */
        struct task_doctor doctor;
        char *typed; /* owned; the beginning of a path, as typed */
        char *path;  /* owned; as the user named the file */
        struct task_bulk bulk;
    } u;
};

/* The member of a task's union, for reading and writing: task_as(t, part).segment. C lets a wrong
 * member through: a build without NDEBUG ends the program here when TASK_MAP gives the task's kind
 * another one. `t` is evaluated twice. */
#ifdef NDEBUG
#define task_as(t, member) ((t)->u.member)
#else
#define task_as(t, member) (*(task_must_have((t)->kind, #member), &(t)->u.member))
void task_must_have(enum task_kind kind, const char *member);
#endif

/* All else is zero but what would ask for nothing: a part is the whole table, times are
 * TIME_NONE. */
struct task *task_new(enum task_kind kind, uint32_t request);
void task_free(struct task *t); /* NULL allowed; wipes secrets */
#endif
