/* msg.h - the messages that come back to the UI from a worker: struct msg, a tagged union of what
 * each kind brings. A message owns all that it points to; errors travel by value.
 *
 * A new kind of message is one row of MSG_MAP, with the type and the function that the row names
 * where there is none yet. */
#ifndef WORK_MSG_H
#define WORK_MSG_H

#include "aws/client.h"
#include "core/err.h"
#include "jobs/batch.h"
#include "jobs/job.h"
#include "ops/bus.h"
#include "ops/e2e.h"
#include "ops/job_ops.h"
#include "ops/log_search.h"
#include "ops/program.h"
#include "ops/queue_jobs.h"
#include "ops/queue_look.h"
#include "work/task.h"

/* One row for each kind, X: the kind, is it the last message of its task (LAST) or do more come
 * (MORE), the type and name of its member of the union, and the function of msg.c that frees what
 * the member owns. N: a kind that brings nothing but the members that all messages have. */
/* clang-format off */
#define MSG_MAP(X, N)                                                                              \
    X(MSG_TABLE_INFO,   LAST, struct table_info *,    table,        free_table)                    \
    X(MSG_IDENTITY,     LAST, struct msg_identity,    identity,     NO_OWNER)                      \
    X(MSG_JOBS,         MORE, struct msg_jobs,        jobs,         free_jobs)                     \
    X(MSG_GONE,         MORE, struct msg_ids,         gone,         free_ids) /* without record */ \
    X(MSG_BATCH_JOBS,   MORE, struct msg_batch,       batch,        free_batch)                    \
    X(MSG_BATCH_GONE,   MORE, struct msg_ids,         batch_gone,   free_ids) /* not in Batch */   \
    X(MSG_STREAM,       LAST, struct msg_stream,      stream,       free_stream)                   \
    X(MSG_DETAIL,       LAST, struct job_detail *,    detail,       free_detail)                   \
    X(MSG_CHILDREN,     MORE, struct msg_batch,       children,     free_batch)                    \
    X(MSG_BUS,          LAST, struct bus_report *,    bus,          free_bus)                      \
    X(MSG_QUEUE,        LAST, struct queue_result *,  queue,        free_queue)                    \
    X(MSG_QUEUE_LOOK,   LAST, struct queue_facts *,   queue_look,   free_queue_look)               \
    X(MSG_LOG_STAGE,    MORE, struct log_stage,       log_stage,    NO_OWNER) /* of job_id */      \
    X(MSG_LOG,          LAST, struct msg_log,         log,          free_log)                      \
    X(MSG_RULE_LOG,     LAST, struct msg_rule_log,    rule_log,     free_rule_log)                 \
    X(MSG_DLQ,          LAST, struct dlq_look *,      dlq,          free_dlq)                      \
    X(MSG_DLQ_DEPTH,    LAST, int64_t,                dlq_depth,    NO_OWNER) /* messages in it */ \
    X(MSG_DLQ_RESULT,   MORE, struct msg_dlq_result,  dlq_result,   free_dlq_result)               \
    X(MSG_GREP,         MORE, struct msg_grep,        grep,         free_grep)                     \
    X(MSG_GREP_END,     LAST, struct log_search_result, grep_end,   NO_OWNER)                      \
    X(MSG_DEPLOYED,     LAST, struct deploy_result,   deployed,     NO_OWNER)                      \
    X(MSG_CANCELLED,    LAST, struct cancel_result,   cancelled,    NO_OWNER)                      \
    X(MSG_CANCEL_ENDED, LAST, struct msg_cancel_ended, cancel_ended, NO_OWNER)                     \
    X(MSG_RULE_CHECK,   LAST, struct msg_rule,        rule,         NO_OWNER)                      \
    X(MSG_OUTBOX,       LAST, struct msg_outbox,      outbox,       NO_OWNER)                      \
    N(MSG_HOOK,         LAST)                                                                      \
    X(MSG_PROGRAM,      LAST, struct program_result,  program,      free_program)                  \
    X(MSG_DOCTOR,       MORE, struct msg_doctor,      doctor,       free_doctor)                   \
    X(MSG_E2E,          MORE, struct msg_e2e,         e2e,          free_e2e)                      \
    X(MSG_E2E_END,      LAST, struct msg_e2e_end,     e2e_end,      NO_OWNER)                      \
    X(MSG_FILES,        LAST, struct msg_files,       files,        free_files)                    \
    X(MSG_BULK_READ,    LAST, struct msg_bulk_read,   bulk_read,    free_bulk_read)                \
    X(MSG_BULK_LINES,   MORE, struct msg_bulk_lines,  bulk_lines,   free_bulk_lines)               \
    X(MSG_BULK_END,     LAST, struct bulk_totals,     bulk_end,     NO_OWNER)                      \
    N(MSG_DONE,         LAST) /* ends every task that sends pages: `err` tells how */
/* clang-format on */

#define MSG_X(kind, end, type, member, function) kind,
#define MSG_N(kind, end) kind,
enum msg_kind { MSG_MAP(MSG_X, MSG_N) MSG_KIND_COUNT };
#undef MSG_X
#undef MSG_N

struct msg_identity {
    char account[32];
    char arn[256];
    char source[96];
    int64_t expires_ms;
};

struct msg_jobs {
    struct job **items; /* owned array of owned jobs */
    size_t len;
};

struct msg_batch {
    struct batch_job **items; /* owned array of owned jobs */
    size_t len;
};

struct msg_ids {
    char **ids; /* owned array of owned strings; job ids (GONE) or Batch ids (BATCH_GONE) */
    size_t len;
};

struct msg_stream {
    struct stream_cursor *cursor; /* owned; moved on, also with an error */
    bool gap;                     /* changes were missed */
};

struct msg_log {
    struct log_cursor *cursor; /* owned; moved on, also with an error */
    struct log_page page;      /* owned */
};

struct msg_rule_log {
    struct rule_log_cursor *cursor; /* owned; moved on, also with an error */
    struct log_page page;           /* owned */
};

/* A look into the dead letter queue; its messages were given back. */
struct dlq_look {
    char name[96];
    int64_t visible, hidden, keep_s; /* as in struct dlq_queue */
    struct dlq_list list;            /* owned */
};
void dlq_look_free(struct dlq_look *l); /* NULL allowed */

/* What became of one message of the dead letter queue. */
struct msg_dlq_result {
    char *id; /* owned; its MessageId */
    struct dlq_redriven sent;
};

/* Lines that a search found, in their order, and how far it is by then. */
struct msg_grep {
    struct grep_hit {
        int64_t at_ms;
        char *text;   /* owned; passwords masked, at most GREP_TEXT_MAX bytes; not clean */
        char *job_id; /* owned; NULL: not known */
        char *stream; /* owned */
        int child;    /* the index in an array job; -1: the job itself, or not known */
        int attempt;  /* 0: not known */
    } * items;        /* owned */
    size_t len;
    struct log_search_state state;
};
enum { GREP_TEXT_MAX = 8192 };
void grep_hit_clear(struct grep_hit *h);

struct msg_cancel_ended {
    bool succeeded; /* the job was quicker than the cancel */
};

struct msg_rule {
    bool matches;
    char why[256];
};

struct msg_outbox {
    int resumed, left;
    bool broken;     /* what `alarm` tells of is out of service */
    char alarm[900]; /* what a person has to deal with; "": nothing */
};

struct msg_doctor {
    size_t check;         /* the index in doctor_checks */
    bool ended;           /* the check has ended; otherwise it has begun */
    struct finding found; /* owned */
};

struct msg_e2e {
    size_t step;          /* the index in e2e_steps */
    bool ended;           /* the step has ended; otherwise it waits for `what` */
    struct finding found; /* owned */
    int64_t ms;           /* how long the step took or has waited; -1: it was skipped */
    char what[120];
};

struct msg_e2e_end {
    char job_id[JOB_ID_SIZE]; /* "" when nothing was sent */
    bool good, cancelled;
};

struct msg_files {
    char **paths; /* owned array of owned strings, sorted */
    size_t len;
};

struct msg_bulk_read {
    struct bulk_input *input; /* owned; with an error: the mistakes */
    struct bulk_earlier past; /* what earlier runs did with the file's lines ... */
    /* ... code not E_OK: that is what can be told, and the error says why it is not all */
    struct err unknown;
};

struct msg_bulk_lines {
    /* A line of a file of deploys that was dealt with. */
    struct bulk_report {
        size_t index; /* the index of the request */
        char job_id[JOB_ID_SIZE];
        struct bulk_line line;
    } * items; /* owned; in the order of the lines; there may be none */
    size_t len;
    /* the numbers of all lines so far: they are ahead of the lines that were told */
    size_t ended, failed;
};

struct msg {
    struct msg *next; /* only the queue uses it */
    enum msg_kind kind;
    enum task_kind task; /* the kind of the task that the message answers */
    uint32_t request;
    char *job_id;   /* owned; the task's job id */
    struct err err; /* code E_OK, or why it failed: then the union is zero (a pointer in it
                       NULL), but for the cursors of MSG_STREAM, MSG_LOG and MSG_RULE_LOG,
                       and for MSG_LOG_STAGE (`read` is false), MSG_DEPLOYED (job_id,
                       kept), MSG_BULK_READ, MSG_BULK_END (the totals) and MSG_GREP_END */
    int64_t at_ms;  /* wall clock: when the reply was complete */
    /* monotonic: when the content was asked for (MSG_JOBS: this page); for a STREAM task: when it
     * came */
    int64_t asked_ms;
    struct aws_stats stats; /* the counters at that time */
#define MSG_X(kind, end, type, member, function) type member;
#define MSG_N(kind, end)
    union {
        MSG_MAP(MSG_X, MSG_N)
    } u;
#undef MSG_X
#undef MSG_N
};

/* The member of a message's union, for reading and writing: msg_as(m, jobs).len. C lets a wrong
 * member through: a build without NDEBUG ends the program here when MSG_MAP gives the message's
 * kind another one. `m` is evaluated twice. */
#ifdef NDEBUG
#define msg_as(m, member) ((m)->u.member)
#else
#define msg_as(m, member) (*(msg_must_have((m)->kind, #member), &(m)->u.member))
void msg_must_have(enum msg_kind kind, const char *member);
#endif

/* Does no other message of its task follow? */
bool msg_is_last(const struct msg *m);

/* Makes a message with kind, request and job id of `t`; everything else is zero, for the caller to
 * fill in. */
struct msg *msg_new(enum msg_kind kind, const struct task *t);
void msg_free(struct msg *m); /* frees one message, not the list; NULL allowed */
#endif
