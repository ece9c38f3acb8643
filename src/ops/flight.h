/* flight.h - private to ops: the steps of a deploy, shared by new ones (deploy.c) and those resumed
 * from the outbox (resume.c). */
#ifndef OPS_FLIGHT_H
#define OPS_FLIGHT_H

#include <stdbool.h>

#include "aws/events.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"

enum flight_end {
    FLIGHT_ON,     /* not over: the next step may be made */
    FLIGHT_LANDED, /* the bus has the event; the outbox entry is gone */
    FLIGHT_KEPT,   /* waits in the outbox; `err` says why */
    FLIGHT_FAILED  /* over: refused; the outbox entry is gone; `err` says why */
};

struct flight {
    struct outbox_entry entry;
    enum flight_end end;
    bool recorded;       /* the record is in the table */
    bool resumed;        /* an entry from before: refusals that may pass keep it */
    bool untouched_ends; /* with nothing done yet, a failure that may pass ends it, too */
    bool refused;      /* by EventBridge for good: when kept, then only to mark its record FAILED */
    bool in_doubt;     /* an earlier PutEvents of it may have been taken: never "not sent" again */
    int64_t doubt_ms;  /* when that was begun; set by flight_send */
    char event_id[64]; /* once landed, when known */
    struct err err;
};

/* PutItem if absent; a record that is there already and is ours counts as written, and a put that
 * was perhaps done is settled by looking. Ends the flight unless it stays FLIGHT_ON. */
void flight_record(const struct ops *o, struct flight *f);
/* PutEvents of all flights (at most EVENTS_PER_CALL) that are FLIGHT_ON, in one call where the size
 * allows. Ends them all but those whose event may or may not be on the bus: these stay FLIGHT_ON
 * with `err` set, for flight_settle. */
void flight_send(const struct ops *o, struct flight *f, size_t len);
/* Watches those left on for up to `timeout_ms` for a sign that the event arrived, then keeps them
 * in the outbox. */
void flight_settle(const struct ops *o, struct flight *f, size_t len, int timeout_ms);
/* The record, when it is this request's, becomes FAILED with the entry's `why`; ends the flight. */
void flight_bury(const struct ops *o, struct flight *f);
/* Ends the flight of a record (`item`) that is PICKUP_ENDED: E_CONFLICT, the entry is gone. */
void flight_drop(struct flight *f, const cJSON *item);

/* What a record says of its deploy. */
enum pickup {
    PICKUP_NO,    /* PENDING and without a Batch job */
    PICKUP_YES,   /* it moved on: the bus has the event */
    PICKUP_ENDED, /* cancelled or failed without a Batch job: there is nothing to send any more */
    PICKUP_GONE,  /* there is no record (any more) */
    PICKUP_OTHER  /* there is one, of another request */
};
enum pickup flight_pickup(const cJSON *item, const char *request_id);

extern const char flight_later[]; /* who sends what waits in the outbox: a hint */

/* For flight.c and flight_send.c alone. */
void flight_fault(const struct ops *o, const char *step);
/* Puts the sentence in front and keeps the cause, its code and its request id. */
void flight_tell(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
void flight_keep(struct flight *f);                      /* ends it: it waits in the outbox */
void flight_land(const struct ops *o, struct flight *f); /* ends it: the bus has the event */

#define FLIGHT_REQUEST_ID "requestId" /* the record's attribute that says whose it is */
#endif
