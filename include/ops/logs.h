/* logs.h - a job's log by its job id alone (PEERS 3: the stream comes from the running container or
 * the attempt, in any group, and a stream that does not exist yet is explained). */
#ifndef OPS_LOGS_H
#define OPS_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/deploy.h"
#include "ops/ops.h"

struct log_entry {
    int64_t at_ms;
    char *text; /* owned, as the container wrote it: clean it before a screen */
};

struct log_page {
    struct log_entry *items; /* owned, oldest first */
    size_t len;
    bool at_end;    /* there is nothing more right now */
    char note[200]; /* why there is nothing, in plain words ("the container has not started") or ""
                     */
};
void log_page_clear(struct log_page *p);

/* The place where a log is read. A plain value; ops_log_open makes it, ops_log_read moves it. */
struct log_cursor {
    char job_id[JOB_ID_SIZE];
    char group[512];
    char stream[512]; /* "" when the job has no stream yet */
    char token[1024]; /* nextForwardToken; "" at the start */
    char note[200];   /* why there is no stream, in plain words; "" */
    /* why Batch could not be asked for the stream; E_OK: it was asked, or need not be */
    struct err unasked;
    int64_t since_ms; /* TIME_NONE: all */
    /* 1-based; 0: the latest attempt, and on to the next one when the job is retried */
    int attempt;
    int attempts; /* how many attempts there are */
    int child;    /* for a child of an array job: its index + 1; 0: the job itself */
    int idle;     /* how many reads in a row brought nothing */
    int empty;    /* how many of these were not at the end */
    bool by_name; /* the log is a stream by itself (ops_log_stream) */
    bool final;   /* the job has ended: the end of the log is final */
};
/* Finds group and stream of a job (attempt 0: the latest), also when Batch has forgotten the job
 * and its stream was seen before. E_NOT_FOUND when there is no such job or attempt; a job without a
 * stream yet is no error (stream "", `note` says why), nor is a Batch that does not answer, see
 * `unasked`. Call again while the stream is "". */
MUST_CHECK enum err_code ops_log_open(const struct ops *o, const char *job_id, int attempt,
                                      int64_t since_ms, struct log_cursor *out, struct err *e);
/* Does the same for a child (0-based index) of an array job; E_NOT_FOUND also when there is no such
 * child. */
MUST_CHECK enum err_code ops_log_open_child(const struct ops *o, const char *job_id, int index,
                                            int attempt, int64_t since_ms, struct log_cursor *out,
                                            struct err *e);
/* Opens a stream by its name, whoever it belongs to. E_INVALID for names that no group or stream
 * can have. ops_log_read tells when it does not exist (E_NOT_FOUND). No request. */
MUST_CHECK enum err_code ops_log_stream(const char *group, const char *stream, int64_t since_ms,
                                        struct log_cursor *out, struct err *e);
/* Reads the next page after the cursor and moves the cursor (GetLogEvents token rules, AWS-WIRE
 * 2.5). While there is no stream, it looks for one. Now and then, when nothing comes, it looks
 * whether the job has ended or was retried. The log is read to its end when `at_end` and `c->final`
 * are both set. */
MUST_CHECK enum err_code ops_log_read(const struct ops *o, struct log_cursor *c,
                                      struct log_page *out, struct err *e);

/* The place in the event log of the rule (EVENTBRIDGE_LOG_GROUP), over all its streams by time. An
 * event may arrive with a time before that of others which were given already: each read looks back
 * over the last minutes, and `seen` says which events were given. Begin with
 * rule_log_cursor_init. */
struct rule_log_cursor {
    /* events before this time are not wanted; TIME_NONE: those of the last hour are */
    int64_t since_ms;
    int64_t newest_ms; /* the time of the latest event given; TIME_NONE */
    int64_t from_ms;   /* where the read under way began */
    char *token;       /* owned; the token of a read that did not come to its end, NULL */
    int empty;         /* how many reads in a row brought nothing and did not come to an end */
    struct rule_log_seen {
        uint64_t id; /* the hash of the event's id */
        int64_t at_ms;
    } * seen; /* owned, sorted by id */
    size_t seen_len;
};
enum { RULE_LOG_BACK_MS = 120000 }; /* how late an event may be and still be seen */
void rule_log_cursor_init(struct rule_log_cursor *c, int64_t since_ms);
void rule_log_cursor_clear(struct rule_log_cursor *c);
struct rule_log_cursor *rule_log_cursor_copy(const struct rule_log_cursor *c);
void rule_log_cursor_free(struct rule_log_cursor *c); /* of a copy; NULL allowed */

/* Reads the new events, oldest first; `at_end` is false when there are more right now. A log group
 * that does not exist is no error: `note` says so, and rule_log_remedy says what to do. A failure
 * does not move the cursor. */
MUST_CHECK enum err_code ops_rule_log_read(const struct ops *o, struct rule_log_cursor *c,
                                           struct log_page *out, struct err *e);
extern const char rule_log_remedy[];
#endif
