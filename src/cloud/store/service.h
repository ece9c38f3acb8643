/* service.h - what the parts of the local cloud share: the cloud, a call, a reply.
 *
 * The server (src/cloud/http/exchange.c) verifies the signature, finds the operation in the aws_op
 * table and calls cloud_dispatch. A service is a folder of handlers behind one struct
 * cloud_service. A service that needs another service (EventBridge starting a Batch job, the
 * tracker updating a record) calls cloud_dispatch too, with the same documents that a client would
 * send; tests/lint/links.sh lists what it may call by name.
 *
 * Threads: every handler runs with the store's lock held, inside a savepoint that is rolled back
 * when the reply is an error. Long work (a job's process, a delivery) runs on threads of its own
 * and comes in through cloud_dispatch or between cloud_lock and cloud_unlock. The lock is
 * recursive. */
#ifndef CLOUD_STORE_SERVICE_H
#define CLOUD_STORE_SERVICE_H

#include <cjson/cJSON.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/op.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/log.h"
#include "core/strbuf.h"
#include "reply.h"

struct cloud; /* opaque: the layout lives in src/cloud/store/core.c */
struct cloud_options;

/* Handlers fill `r`, which starts as {.status = 200}; a NULL `out` is sent as {}. `in` is borrowed.
 */
typedef void (*cloud_handler)(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);

struct cloud_route {
    enum aws_op_id op;
    cloud_handler handle;
};

/* An event by which a service tells the others something, in EventBridge's form. All borrowed. */
struct cloud_event {
    const char *source, *detail_type; /* "aws.batch", "Batch Job State Change" */
    const cJSON *resources;           /* an array */
    const cJSON *detail;
};

/* The query protocol (form in, XML out) of a service whose operations know only JSON documents. */
struct cloud_query {
    enum aws_service_id service;
    /* the version by which a form is recognised as this service's */
    const char *version;
    const char *space; /* the XML namespace of its replies */
    /* makes the document of an operation from an object of strings; owned */
    cJSON *(*document)(const cJSON *form);
    /* writes the inside of the result element */
    void (*result)(struct strbuf *out, const cJSON *reply);
};

/* A service as the top hands it in. `routes` ends with a NULL handler; a unit test proves that
 * every operation of the aws_op table has exactly one row in all. `start` creates the tables it
 * needs
 * ("CREATE TABLE IF NOT EXISTS"), repairs what a kill left behind and starts its threads; `stop`
 * ends them (it must release the lock while joining) and may be called when `start` failed; both
 * are called with the lock held once. Requests are served after all have started, and stop arriving
 * before the first stops. What a service does not have is NULL. */
struct cloud_service {
    const char *name;
    const struct cloud_route *routes;
    enum err_code (*start)(struct cloud *cloud, struct err *e);
    void (*stop)(struct cloud *cloud);
    /* called with what cloud_emit tells */
    void (*emit)(struct cloud *cloud, const struct cloud_event *event);
    /* a protocol that the service speaks besides that of the aws_op table */
    const struct cloud_query *query;
};

/* The services of this cloud, a NULL at the end. */
const struct cloud_service *const *cloud_services(const struct cloud *cloud);

/* Runs one operation as described on top. Any thread. `r` needs no initialising; the caller clears
 * it. `out` is a plain tree: raw members are parsed again. */
void cloud_dispatch(struct cloud *cloud, enum aws_op_id op, const cJSON *in, struct cloud_reply *r);

/* Does the same for a request signed with this access key (NULL: not signed), and leaves raw
 * members as they are: the server only prints the document. Only the server calls it. */
void cloud_dispatch_signed(struct cloud *cloud, enum aws_op_id op, const cJSON *in,
                           const char *caller, struct cloud_reply *r);

/* The access key of the request that is being served; the cloud's own key for what the cloud does
 * by itself. Under the lock. */
const char *cloud_caller(const struct cloud *cloud);
/* Lets waiting calls look again. Under the lock. */
void cloud_poke(struct cloud *cloud);
/* Sets the function, for the server, that cloud_poke calls from now on; NULL: none. Under the
 * lock. */
void cloud_on_poke(struct cloud *cloud, void (*poked)(void *arg), void *arg);

void cloud_lock(struct cloud *cloud);
void cloud_unlock(struct cloud *cloud);
sqlite3 *cloud_db(struct cloud *cloud); /* use only under the lock */

/* Makes the tables and indexes of a service; each statement says "IF NOT EXISTS". E_IO. */
MUST_CHECK enum err_code cloud_create(struct cloud *cloud, const char *schema, struct err *e);

/* A cached prepared statement (store.h): `sql` is a string literal. Under the lock; give the
 * statement back with cloud_stmt_done before returning. cloud_step_done steps a statement that
 * gives no rows and gives it back; false, with `r` failed (500 InternalServerError), when SQLite
 * refuses. `r` may be NULL. */
sqlite3_stmt *cloud_stmt(struct cloud *cloud, const char *sql);
void cloud_stmt_done(struct cloud *cloud, sqlite3_stmt *stmt);
/* The JSON in the first column of the first row, owned; NULL when there is none. Gives `stmt`
 * back. */
cJSON *cloud_stmt_document(struct cloud *cloud, sqlite3_stmt *stmt);
bool cloud_step_done(struct cloud *cloud, sqlite3_stmt *stmt, struct cloud_reply *r);

/* Where a service keeps its own state between `start` and `stop`: one pointer each, NULL at first.
 * Read it under the lock. */
void **cloud_slot(struct cloud *cloud, enum aws_service_id service);

/* Lets requests signed with a temporary key pass until it expires (STS's AssumeRole). Under the
 * lock. AssumeRoleWithWebIdentity is the one operation that arrives unsigned: it must not give out
 * keys without a proof. */
MUST_CHECK enum err_code cloud_session_add(struct cloud *cloud, const char *access_key,
                                           const char *secret_key, const char *token,
                                           int64_t expires_ms, struct err *e);
/* Finds a temporary key for the signature check; takes the lock itself. Clear `out` with
 * cloud_store_session_clear. */
struct cloud_store_session;
bool cloud_session_find(struct cloud *cloud, const char *access_key,
                        struct cloud_store_session *out);

/* Tells what a service did ("aws.batch") to whoever listens: EventBridge's default bus, when that
 * service is there. The event is delivered later; it is stored in the transaction that is under
 * way. Under the lock. */
void cloud_emit(struct cloud *cloud, const struct cloud_event *event);

const char *cloud_region(const struct cloud *cloud);   /* "us-east-1" */
const char *cloud_account(const struct cloud *cloud);  /* "000000000000" */
const char *cloud_endpoint(const struct cloud *cloud); /* "http://127.0.0.1:4599" once listening */
const char *cloud_data_dir(const struct cloud *cloud); /* absolute */
const char *cloud_access_key(const struct cloud *cloud); /* generated once, kept in the store */
const char *cloud_secret_key(const struct cloud *cloud);
/* the options with defaults filled in */
const struct cloud_options *cloud_opts(const struct cloud *cloud);
const struct clock *cloud_clock(const struct cloud *cloud);
int64_t cloud_now(const struct cloud *cloud); /* wall clock, epoch ms */
struct log *cloud_log(const struct cloud *cloud);
#endif
