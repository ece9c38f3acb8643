/* logs.h - a job's log by job id alone (PEERS 3: stream from the running container or the attempt,
 * any group, a stream that does not exist yet explained). */
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
    bool at_end;    /* nothing more right now */
    char note[200]; /* why there is nothing, in plain words ("the container has not started") or ""
                     */
};
void log_page_clear(struct log_page *p);

/* Where to read. Plain value; make with ops_log_open, move with ops_log_read. */
struct log_cursor {
    char job_id[JOB_ID_SIZE];
    char group[512];
    char stream[512];   /* "" when the job has none yet */
    char token[1024];   /* nextForwardToken; "" at the start */
    char note[200];     /* why there is no stream, in plain words; "" */
    struct err unasked; /* why Batch could not be asked for the stream; E_OK: it was, or need not */
    int64_t since_ms;   /* TIME_NONE: all */
    int attempt;        /* 1-based; 0: the latest, and on to the next one when it is retried */
    int attempts;       /* how many there are */
    int child;          /* of an array job: its index + 1; 0: the job itself */
    int idle;           /* reads in a row that brought nothing */
    int empty;          /* of them, those that were not at the end */
    bool by_name;       /* a stream by itself (ops_log_stream) */
    bool final;         /* the job has ended: the end of the log is its end */
};
/* Finds group and stream of a job (attempt 0: latest), also one that Batch has forgotten when its
 * stream was seen before. E_NOT_FOUND when there is no such job or attempt; a job without a stream
 * yet is no error (stream "", `note` says why; nor is a Batch that does not answer, see `unasked`).
 * Call again while it is "". */
MUST_CHECK enum err_code ops_log_open(const struct ops *o, const char *job_id, int attempt,
                                      int64_t since_ms, struct log_cursor *out, struct err *e);
/* The same of a child (0-based index) of an array job; E_NOT_FOUND also when there is none. */
MUST_CHECK enum err_code ops_log_open_child(const struct ops *o, const char *job_id, int index,
                                            int attempt, int64_t since_ms, struct log_cursor *out,
                                            struct err *e);
/* A stream by itself, whosever it is: read as it stands, by name. E_INVALID for names that no group
 * or stream can have. That it is not there is said by ops_log_read (E_NOT_FOUND). No request. */
MUST_CHECK enum err_code ops_log_stream(const char *group, const char *stream, int64_t since_ms,
                                        struct log_cursor *out, struct err *e);
/* Reads the next page after the cursor and moves it (GetLogEvents token rules, AWS-WIRE 2.5). With
 * no stream yet it looks for one. Now and then, when nothing comes, it looks whether the job has
 * ended or was retried. The log is read to its end when `at_end` and `c->final` are both set. */
MUST_CHECK enum err_code ops_log_read(const struct ops *o, struct log_cursor *c,
                                      struct log_page *out, struct err *e);

/* Where to go on in the event log of the rule (EVENTBRIDGE_LOG_GROUP), all its streams by time. An
 * event may arrive with a time before those given already: each read looks back over the last
 * minutes, and `seen` says what was given. Begin with rule_log_cursor_init. */
struct rule_log_cursor {
    int64_t since_ms;  /* nothing older is wanted; TIME_NONE: the last hour */
    int64_t newest_ms; /* time of the latest event given; TIME_NONE */
    int64_t from_ms;   /* where the read under way began */
    char *token;       /* owned; of a read that did not come to its end, NULL */
    int empty;         /* reads in a row that brought nothing and did not come to an end */
    struct rule_log_seen {
        uint64_t id; /* hash of the event's id */
        int64_t at_ms;
    } * seen; /* owned, by id */
    size_t seen_len;
};
enum { RULE_LOG_BACK_MS = 120000 }; /* an event this late is still seen */
void rule_log_cursor_init(struct rule_log_cursor *c, int64_t since_ms);
void rule_log_cursor_clear(struct rule_log_cursor *c);
struct rule_log_cursor *rule_log_cursor_copy(const struct rule_log_cursor *c);
void rule_log_cursor_free(struct rule_log_cursor *c); /* of a copy; NULL allowed */

/* What is new, oldest first; `at_end` is false when there is more right now. No such log group is
 * no error: `note` says so, and rule_log_remedy what to do. A failure does not move the cursor. */
MUST_CHECK enum err_code ops_rule_log_read(const struct ops *o, struct rule_log_cursor *c,
                                           struct log_page *out, struct err *e);
extern const char rule_log_remedy[];
#endif
