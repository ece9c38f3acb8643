/* dlq.h - the dead letter queue of the rule: what EventBridge could not deliver, and sending it
 * again.
 *
 * A message's body is the original event, its attributes say which rule and target failed and why
 * (AWS-WIRE 2.3 "Target DLQ messages"). SQS's own move tasks do not serve such queues: sending
 * again is PutEvents of the event, then DeleteMessage. Nothing is lost between the two: a message
 * whose event was sent but that was not deleted becomes visible again when its time is over, and
 * when it is sent once more, the container's claim keeps the doubled event from doing the work
 * twice. Looking counts as a receive (ApproximateReceiveCount). All functions but the pure ones
 * block; any thread. */
#ifndef OPS_DLQ_H
#define OPS_DLQ_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/deploy.h"
#include "ops/ops.h"

enum {
    DLQ_LOOK_S = 10,   /* how long looking hides a message from others, should it be killed */
    DLQ_HOLD_S = 60,   /* the same for sending again and deleting */
    DLQ_MOST = 1000,   /* messages in one go */
    DLQ_BUS_SIZE = 272 /* room for a bus's name (256) */
};

/* One message, decoded. Text is as it came: clean it before a screen. */
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
    char *exhausted;          /* EXHAUSTED_RETRY_CONDITION; NULL: the error was not worth a retry */
    int64_t retries;          /* RETRY_ATTEMPTS; -1: not given */
    int64_t sent_ms;          /* when it came into the queue; TIME_NONE */
    int64_t receives;         /* how often it was looked at, this look included; 0: not given */
    int64_t taken_ms;         /* monotonic: when this process received it */
    char job_id[JOB_ID_SIZE]; /* of the deploy, or of the Batch job that it tells of; "" */
};
/* Never fails: what is missing or of another type reads as absent. Pure. */
void dlq_message_read(struct dlq_message *m, const cJSON *doc);
void dlq_message_clear(struct dlq_message *m);
void dlq_message_job(
    struct dlq_message *m); /* `job_id` from the event, after it was changed. Pure */

/* In plain words what to do about an ERROR_CODE before sending again. NULL or unknown codes have
 * advice too. Static. Pure. */
const char *dlq_remedy(const char *error_code);

/* The bus that a rule's ARN names ("default" for `rule/NAME`). False: it is no rule's ARN. Pure. */
bool dlq_bus_of_rule(const char *rule_arn, char bus[DLQ_BUS_SIZE]);
/* The PutEvents entry that sends it again: source, detail-type, detail and resources as they were;
 * owned. NULL with E_INVALID when that cannot be: no event, no rule, a source of AWS's own. Pure.
 */
cJSON *dlq_entry(const struct dlq_message *m, struct err *e);

/* What of an event a person may change before it is sent again. Passwords in it are hidden; one
 * that is left as it stands is put back by dlq_message_edit. */
struct dlq_edit {
    char *source;      /* owned, as the others */
    char *detail_type; /* owned */
    char *detail;      /* owned; JSON on one line */
};
/* E_INVALID as with dlq_entry. Pure. */
MUST_CHECK enum err_code dlq_edit_of(const struct dlq_message *m, struct dlq_edit *out,
                                     struct err *e);
void dlq_edit_copy(struct dlq_edit *to, const struct dlq_edit *from);
void dlq_edit_clear(struct dlq_edit *d); /* wipes */
/* Could it be an event? The error begins with the field: "detail: ...". Pure. */
MUST_CHECK enum err_code dlq_edit_check(const struct dlq_edit *d, struct err *e);
/* Makes the edit the message's event. A failure leaves the message as it was. Pure. */
MUST_CHECK enum err_code dlq_message_edit(struct dlq_message *m, const struct dlq_edit *d,
                                          struct err *e);

struct dlq_queue {
    char *url;        /* owned */
    const char *name; /* of settings */
    int64_t visible;  /* about so many messages */
    int64_t hidden;   /* about so many that another reader has in hand */
    int64_t keep_s;   /* retention; 0: not told */
};
/* Finds the configured queue. E_NOT_FOUND (with a remedy) when there is none; E_CONFLICT when it
 * has a RedrivePolicy of its own: looking could move its messages away. */
MUST_CHECK enum err_code ops_dlq_open(const struct ops *o, struct dlq_queue *q, struct err *e);
void dlq_queue_clear(struct dlq_queue *q);

struct dlq_list {
    struct dlq_message *items; /* owned, oldest first */
    size_t len;
    int hold_s;   /* how long they are hidden from others */
    bool more;    /* the limit came first */
    char *way_ok; /* owned: the rule looked at last, when events can go there; NULL */
};
struct dlq_wish {
    const char *const *ids; /* only these MessageIds; the others are given back at the end */
    size_t ids_len;         /* 0: all */
    size_t limit;           /* 1 - DLQ_MOST */
    int hold_s;             /* DLQ_LOOK_S or DLQ_HOLD_S */
};
/* Receives in rounds until nothing new comes; each message once. A failure after the first round
 * gives back what was taken. `out` must be given back or settled with the functions below. */
MUST_CHECK enum err_code ops_dlq_take(const struct ops *o, const struct dlq_queue *q,
                                      const struct dlq_wish *wish, struct dlq_list *out,
                                      struct err *e);
/* Makes them visible again at once, as far as they are still hidden (a failure only means that it
 * takes until their time is over). Messages without a receipt were settled and are left out. */
void ops_dlq_give_back(const struct ops *o, const struct dlq_queue *q, struct dlq_list *l);
void dlq_list_clear(struct dlq_list *l);

struct dlq_redriven {
    char bus[DLQ_BUS_SIZE];
    char event_id[64];
    bool sent;
    bool deleted;
    char note[300]; /* what will come of it, when the job's record tells something; "" */
};
/* Sends it again and, only after the bus took it, deletes it. With `dry_run` it only looks: could
 * it be sent, and what would come of it (a bus that does not exist takes every event and drops it,
 * so the bus and the rule are looked at first). E_INVALID: it cannot be sent; E_NOT_FOUND: no such
 * bus or rule; E_CONFLICT: the rule is off, or another reader has taken the message meanwhile. When
 * it was sent but not deleted, `out->sent` is set and the error says so. */
MUST_CHECK enum err_code ops_dlq_redrive(const struct ops *o, const struct dlq_queue *q,
                                         struct dlq_list *l, struct dlq_message *m, bool dry_run,
                                         struct dlq_redriven *out, struct err *e);
/* Deletes one message for good. */
MUST_CHECK enum err_code ops_dlq_delete(const struct ops *o, const struct dlq_queue *q,
                                        struct dlq_message *m, struct err *e);
#endif
