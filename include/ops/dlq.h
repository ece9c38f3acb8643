/* dlq.h - the dead letter queue of the rule: what EventBridge could not deliver, and sending it
 * again.
 *
 * A message's body is the original event; its attributes say which rule and target failed and why
 * (AWS-WIRE 2.3 "Target DLQ messages"). SQS's own move tasks do not serve such queues: sending
 * again means PutEvents of the event, then DeleteMessage. Nothing is lost between the two: a
 * message whose event was sent but that was not deleted becomes visible again when its time is
 * over, and when it is sent once more, the container's claim keeps the doubled event from doing the
 * work twice. Looking counts as a receive (ApproximateReceiveCount). All functions except the pure
 * ones block; any thread. */
#ifndef OPS_DLQ_H
#define OPS_DLQ_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/deploy.h"
#include "ops/ops.h"

enum {
    /* how long a look hides a message from other readers, if the program is killed meanwhile */
    DLQ_LOOK_S = 10,
    DLQ_HOLD_S = 60,   /* the same for sending again and deleting */
    DLQ_MOST = 1000,   /* messages that are read at a time */
    DLQ_BUS_SIZE = 272 /* room for a bus's name (256) */
};

/* One message, decoded. Its texts are as they came: clean them before a screen. */
struct dlq_message {
    char *id;            /* owned; MessageId, "" when there is none */
    char *receipt;       /* owned; ReceiptHandle */
    char *body;          /* owned; as it stands */
    cJSON *event;        /* owned; NULL: the body is no event, `not_event` says why */
    char not_event[160]; /* "" with an event */
    char *rule_arn;      /* owned, as the other attributes; NULL when absent */
    char *target_arn;
    char *error_code;
    char *error_message;
    /* EXHAUSTED_RETRY_CONDITION; NULL: EventBridge did not find the error worth a retry */
    char *exhausted;
    int64_t retries;  /* RETRY_ATTEMPTS; -1: not given */
    int64_t sent_ms;  /* when the message came into the queue; TIME_NONE */
    int64_t receives; /* how often the message was received, with this look; 0: not given */
    int64_t taken_ms; /* monotonic: when this process received it */
    /* the job id of the deploy, or of the Batch job that the event tells of; "" */
    char job_id[JOB_ID_SIZE];
};
/* Reads a message. Never fails: what is missing or of another type reads as absent. Pure. */
void dlq_message_read(struct dlq_message *m, const cJSON *doc);
void dlq_message_clear(struct dlq_message *m);
void dlq_message_job(
    struct dlq_message *m); /* finds `job_id` in the event after the event was changed. Pure */

/* Says in plain words what to do about an ERROR_CODE before sending again. NULL and unknown codes
 * have advice too. Static. Pure. */
const char *dlq_remedy(const char *error_code);

/* The bus that a rule's ARN names ("default" for `rule/NAME`). False: the ARN is no rule's.
 * Pure. */
bool dlq_bus_of_rule(const char *rule_arn, char bus[DLQ_BUS_SIZE]);
/* The PutEvents entry that sends the message again: source, detail-type, detail and resources as
 * they were; owned. NULL with E_INVALID when that cannot be done: no event, no rule, a source of
 * AWS's own. Pure. */
cJSON *dlq_entry(const struct dlq_message *m, struct err *e);

/* The parts of an event that a person may change before it is sent again. Passwords in them are
 * hidden; dlq_message_edit puts back a password that is left as it was. */
struct dlq_edit {
    char *source;      /* owned, as the others */
    char *detail_type; /* owned */
    char *detail;      /* owned; JSON on one line */
};
/* Makes the edit of a message. E_INVALID as with dlq_entry. Pure. */
MUST_CHECK enum err_code dlq_edit_of(const struct dlq_message *m, struct dlq_edit *out,
                                     struct err *e);
void dlq_edit_copy(struct dlq_edit *to, const struct dlq_edit *from);
void dlq_edit_clear(struct dlq_edit *d); /* wipes */
/* Could the edit be an event? The error begins with the field: "detail: ...". Pure. */
MUST_CHECK enum err_code dlq_edit_check(const struct dlq_edit *d, struct err *e);
/* Makes the edit the message's event. A failure leaves the message as it was. Pure. */
MUST_CHECK enum err_code dlq_message_edit(struct dlq_message *m, const struct dlq_edit *d,
                                          struct err *e);

struct dlq_queue {
    char *url;        /* owned */
    const char *name; /* the name of the settings */
    int64_t visible;  /* about so many messages */
    int64_t hidden;   /* about so many messages that other readers hold */
    int64_t keep_s;   /* the retention; 0: not told */
};
/* Finds the configured queue. E_NOT_FOUND (with a remedy) when there is none; E_CONFLICT when it
 * has a RedrivePolicy of its own: looking could move its messages away. */
MUST_CHECK enum err_code ops_dlq_open(const struct ops *o, struct dlq_queue *q, struct err *e);
void dlq_queue_clear(struct dlq_queue *q);

struct dlq_list {
    struct dlq_message *items; /* owned, oldest first */
    size_t len;
    int hold_s;   /* how long the messages are hidden from other readers */
    bool more;    /* the limit was reached: there are more messages */
    char *way_ok; /* owned: the rule that was looked at last, when events can go there; NULL */
};
struct dlq_wish {
    /* only these MessageIds are wanted; other messages are given back at the end */
    const char *const *ids;
    size_t ids_len; /* 0: all */
    size_t limit;   /* 1 - DLQ_MOST */
    int hold_s;     /* DLQ_LOOK_S or DLQ_HOLD_S */
};
/* Receives in rounds until nothing new comes; each message is taken once. A failure after the first
 * round gives back what was taken. The messages in `out` must be given back or settled with the
 * functions below. */
MUST_CHECK enum err_code ops_dlq_take(const struct ops *o, const struct dlq_queue *q,
                                      const struct dlq_wish *wish, struct dlq_list *out,
                                      struct err *e);
/* Makes the messages visible again at once, as far as they are still hidden (a failure only means
 * that this takes until their time is over). Messages without a receipt were settled and are left
 * out. */
void ops_dlq_give_back(const struct ops *o, const struct dlq_queue *q, struct dlq_list *l);
void dlq_list_clear(struct dlq_list *l);

struct dlq_redriven {
    char bus[DLQ_BUS_SIZE];
    char event_id[64];
    bool sent;
    bool deleted;
    char note[300]; /* what will come of the event, when the job's record tells something; "" */
};
/* Sends the event again and deletes the message only after the bus took the event. With `dry_run`
 * it only looks: could the event be sent, and what would come of it (a bus that does not exist
 * takes every event and drops it, so the bus and the rule are looked at first)? E_INVALID: it
 * cannot be sent; E_NOT_FOUND: no such bus or rule; E_CONFLICT: the rule is off, or another reader
 * has taken the message meanwhile. When the event was sent but the message not deleted, `out->sent`
 * is set and the error says so. */
MUST_CHECK enum err_code ops_dlq_redrive(const struct ops *o, const struct dlq_queue *q,
                                         struct dlq_list *l, struct dlq_message *m, bool dry_run,
                                         struct dlq_redriven *out, struct err *e);
/* Deletes one message for good. */
MUST_CHECK enum err_code ops_dlq_delete(const struct ops *o, const struct dlq_queue *q,
                                        struct dlq_message *m, struct err *e);
#endif
