/* dispatch.h - private to ops: the steps of a deploy, shared by new ones (deploy.c) and those
 * resumed from the outbox (resume.c). */
#ifndef OPS_DISPATCH_H
#define OPS_DISPATCH_H

#include <stdbool.h>

#include "aws/events.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "ops/state_keys.h"

enum dispatch_end {
    DISPATCH_ON,      /* the dispatch is not over: the next step may be made */
    DISPATCH_ARRIVED, /* the bus has the event; the outbox entry is gone */
    DISPATCH_KEPT,    /* the request waits in the outbox; `err` says why */
    /* the dispatch is over: the request was refused; the outbox entry is gone; `err` says why */
    DISPATCH_FAILED
};

struct dispatch {
    struct outbox_entry entry;
    enum dispatch_end end;
    bool recorded; /* the record is in the table */
    bool resumed;  /* the entry is from an earlier run: a refusal that may pass keeps it */
    /* while nothing is done yet, a failure that may pass ends the dispatch, too */
    bool untouched_ends;
    /* EventBridge refused the event for good: the entry is kept only to mark its record FAILED */
    bool refused;
    /* the bus may have taken an earlier PutEvents of this request: it never again counts as "not
     * sent" */
    bool in_doubt;
    /* the Idempotency-Key that goes into the same transaction; NULL: none. Borrowed */
    struct state_key *key;
    bool key_known;    /* the key was seen before: it says what became of its request */
    bool unknown;      /* whether the request was taken in is not known */
    int64_t doubt_ms;  /* when that earlier PutEvents was begun; dispatch_send sets it */
    char event_id[64]; /* set once the event is on the bus, when it is known */
    struct err err;
};

/* Writes the record with PutItem if there is none. A record that is there already and is ours
 * counts as written, and a put that was perhaps done is settled by looking. Ends the dispatch
 * unless it stays DISPATCH_ON. */
void dispatch_record(const struct ops *o, struct dispatch *f);
/* The same for an entry of the state table: record, outbox item and key in one transaction. */
void dispatch_transact(const struct ops *o, struct dispatch *f);
/* The record of the dispatch; owned. */
cJSON *dispatch_record_item(const struct dispatch *f);
/* Sends the events of all dispatches (at most EVENTS_PER_CALL) that are DISPATCH_ON, in one call of
 * PutEvents where the size allows. Ends all of them but those whose event may or may not be on the
 * bus: these stay DISPATCH_ON with `err` set, for dispatch_settle. */
void dispatch_send(const struct ops *o, struct dispatch *f, size_t len);
/* Watches the dispatches that are still on, for up to `timeout_ms`, for a sign that their events
 * arrived; then keeps them in the outbox. */
void dispatch_settle(const struct ops *o, struct dispatch *f, size_t len, int timeout_ms);
/* Makes the record FAILED with the entry's `why`, when the record is this request's; ends the
 * dispatch. */
void dispatch_fail_record(const struct ops *o, struct dispatch *f);
/* Ends the dispatch whose record (`item`) is PICKUP_ENDED: E_CONFLICT, and the entry is gone. */
void dispatch_drop(struct dispatch *f, const cJSON *item);

/* What a record says about its deploy. */
enum pickup {
    PICKUP_NO,  /* the record is PENDING and names no Batch job */
    PICKUP_YES, /* the record moved on: the bus has the event */
    /* the job was cancelled or failed without a Batch job: there is nothing to send any more */
    PICKUP_ENDED,
    PICKUP_GONE, /* there is no record (any more) */
    PICKUP_OTHER /* there is a record, but it belongs to another request */
};
enum pickup dispatch_pickup(const cJSON *item, const char *request_id);

extern const char dispatch_later[]; /* the hint that tells who sends what waits in the outbox */

/* The following are for the files dispatch*.c only. */
void dispatch_fault(const struct ops *o, const char *step);
/* Puts the sentence before the error and keeps the cause, its code and its request id. */
void dispatch_tell(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* ends the dispatch: the request waits in the outbox */
void dispatch_keep(struct dispatch *f);
/* ends the dispatch: the bus has the event */
void dispatch_arrived(const struct ops *o, struct dispatch *f);

#define DISPATCH_REQUEST_ID                                                                        \
    "requestId" /* the record's attribute that tells which request made it                         \
                 */
#endif
