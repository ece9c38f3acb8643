/* svc.h - what the parts of the local cloud share: the cloud, a call, a reply.
 *
 * The server (src/local/server.c) verifies the signature, finds the operation in the aws_op table
 * and calls local_dispatch. A service is one file (or a few) that implements handlers; a part of
 * the cloud that needs another (EventBridge starting a Batch job, Batch updating a record) calls
 * local_dispatch too, with the same documents a client would send.
 *
 * Threads: every handler runs with the store's lock held, inside a savepoint that is rolled back
 * when the reply is an error. Long work (a job's process, a delivery) runs on threads of its own
 * and comes in through local_dispatch or between local_lock and local_unlock. The lock is
 * recursive. */
#ifndef LOCAL_SVC_H
#define LOCAL_SVC_H

#include <cjson/cJSON.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/op.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/log.h"

struct local; /* opaque: src/local/local.c */
struct local_options;

struct local_reply {
    int status;          /* 200, or the error's HTTP status */
    cJSON *out;          /* owned; the result document, or extra members of an error document */
    bool raw;            /* `out` holds cJSON_Raw members (stored text sent as it is) */
    char code[96];       /* "" for success; "ResourceNotFoundException" */
    char query_code[96]; /* legacy alias for x-amzn-query-error (SQS), or "" */
    char message[512];
    int64_t wait_ms; /* "nothing yet" (a long poll): the server asks again, without holding the
                        lock, when local_poke was called, until so much time has gone */
};

/* Handlers fill `r`, which starts as {.status = 200}; a NULL `out` is sent as {}. `in` is borrowed.
 */
typedef void (*local_handler)(struct local *l, const cJSON *in, struct local_reply *r);

struct local_route {
    enum aws_op_id op;
    local_handler handle;
};

/* One per service; each array ends with a NULL handler. local.c walks them all; a unit test proves
 * that every operation of the aws_op table has exactly one row. */
extern const struct local_route local_dynamodb_routes[];
extern const struct local_route local_streams_routes[];
extern const struct local_route local_events_routes[];
extern const struct local_route local_batch_routes[];
extern const struct local_route local_logs_routes[];
extern const struct local_route local_sqs_routes[];
extern const struct local_route local_sts_routes[];

/* Fails a call in one statement: sets status, code, message and drops `out` (set it again after
 * for extra members, as ConditionalCheckFailedException's Item). */
void local_fail(struct local_reply *r, int status, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void local_reply_clear(struct local_reply *r);

/* Runs one operation as described on top. Any thread. `r` needs no initialising; the caller clears
 * it. `out` is a plain tree: raw members are parsed again. */
void local_dispatch(struct local *l, enum aws_op_id op, const cJSON *in, struct local_reply *r);
/* The same for the server, which only prints the document: raw members stay as they are. */
void local_dispatch_raw(struct local *l, enum aws_op_id op, const cJSON *in, struct local_reply *r);

/* For the server: as local_dispatch_raw, and waits as the reply's wait_ms asks. Not with the lock
 * held. */
void local_dispatch_wait(struct local *l, enum aws_op_id op, const cJSON *in,
                         struct local_reply *r);
/* Lets waiting calls look again. Under the lock. */
void local_poke(struct local *l);

void local_lock(struct local *l);
void local_unlock(struct local *l);
sqlite3 *local_db(struct local *l); /* use only under the lock */

/* A cached prepared statement (store.h): `sql` is a string literal. Under the lock; give it back
 * with local_stmt_done before returning. local_step_done steps one that gives no rows and gives it
 * back; false, with `r` failed (500 InternalServerError), when SQLite refuses. `r` may be NULL. */
sqlite3_stmt *local_stmt(struct local *l, const char *sql);
void local_stmt_done(struct local *l, sqlite3_stmt *stmt);
bool local_step_done(struct local *l, sqlite3_stmt *stmt, struct local_reply *r);

/* Where a service keeps its own state between `start` and `stop`: one pointer each, NULL at first.
 * Read it under the lock. */
void **local_slot(struct local *l, enum aws_service_id service);

/* Lets requests signed with a temporary key pass until it expires (STS's AssumeRole). Under the
 * lock. AssumeRoleWithWebIdentity is the one operation that arrives unsigned: it must not give out
 * keys without a proof. */
MUST_CHECK enum err_code local_session_add(struct local *l, const char *access_key,
                                           const char *secret_key, const char *token,
                                           int64_t expires_ms, struct err *e);
/* Finds one for the signature check; takes the lock itself. Clear `out` with store_session_clear.
 */
struct store_session;
bool local_session_find(struct local *l, const char *access_key, struct store_session *out);

const char *local_region(const struct local *l);     /* "us-east-1" */
const char *local_account(const struct local *l);    /* "000000000000" */
const char *local_endpoint(const struct local *l);   /* "http://127.0.0.1:4599" once listening */
const char *local_data_dir(const struct local *l);   /* absolute */
const char *local_access_key(const struct local *l); /* generated once, kept in the store */
const char *local_secret_key(const struct local *l);
const struct local_options *local_opts(const struct local *l); /* defaults filled in */
const struct clock *local_clock(const struct local *l);
int64_t local_now(const struct local *l); /* wall clock, epoch ms */
struct log *local_log(const struct local *l);

/* Called by local.c around a service's life, with the lock held once. `start` creates the tables it
 * needs ("CREATE TABLE IF NOT EXISTS"), repairs what a kill left behind and starts its threads;
 * `stop` ends them (it must release the lock while joining) and may be called when `start` failed.
 * Requests are served after all have started, and stop arriving before the first stops. Each
 * exported by its service, listed once in local.c; NULL functions allowed. */
struct local_service {
    const char *name;
    const struct local_route *routes;
    enum err_code (*start)(struct local *l, struct err *e);
    void (*stop)(struct local *l);
};
extern const struct local_service local_dynamodb_service; /* DynamoDB and its streams */
extern const struct local_service local_streams_service;
extern const struct local_service local_events_service;
extern const struct local_service local_batch_service;
extern const struct local_service local_logs_service;
extern const struct local_service local_sqs_service;
extern const struct local_service local_sts_service;

/* Creates the system of SPEC 8 through local_dispatch. Called once in the life of a store, after
 * all services have started, with the lock held and inside a savepoint: all of it or nothing. */
enum err_code local_seed(struct local *l, struct err *e);
#endif
