/* events.h - typed calls of EventBridge. They block; any thread. Facts: AWS-WIRE 2.3.
 *
 * Buses are given by name or ARN; NULL is the default bus. Documents given are borrowed, returned
 * ones are owned. */
#ifndef AWS_EVENTS_H
#define AWS_EVENTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/client.h"
#include "core/err.h"

enum {
    EVENTS_PER_CALL = 10,
    EVENTS_CALL_BYTES = 1000000 /* the default of events_put for the bytes of one call's entries */
};

enum events_outcome {
    /* the entry never reached the service, or the call was refused as a whole: see `call` */
    EVENTS_NOT_SENT,
    EVENTS_ACCEPTED, /* event_id is set */
    EVENTS_REFUSED,  /* error_code and error_message are set */
    /* the reply was lost or cannot be read: the entry may have been accepted: see `call` */
    EVENTS_UNKNOWN
};

struct events_result {
    enum events_outcome outcome;
    /* for EVENTS_REFUSED: the service throttled or failed internally, so another try may work */
    bool transient;
    char event_id[64];
    char error_code[64];
    char error_message[256];
    struct err call; /* for EVENTS_NOT_SENT and EVENTS_UNKNOWN: how the entry's call failed */
};

/* Puts any number of entries (an array of PutEvents entries), split by EVENTS_PER_CALL and by
 * `call_bytes` (0: EVENTS_CALL_BYTES). Entries that fail with a transient code are sent again with
 * backoff, the others never are. `results` has room for one result an entry, in the entries' order.
 * E_OK when every call was answered readably, whatever the results of the entries are; else the
 * first call's failure (the entries of other calls still have their results). `*failed` (may be
 * NULL) counts the entries that were not accepted. An entry over the limit is refused here:
 * EVENTS_REFUSED, "EntryTooLarge". */
MUST_CHECK enum err_code events_put(struct aws_client *c, const cJSON *entries, size_t call_bytes,
                                    struct events_result *results, size_t *failed, struct err *e);
/* How many bytes an entry counts against the limit. */
size_t events_entry_bytes(const cJSON *entry);

/* Describes a bus: Name, Arn, Policy, ... E_NOT_FOUND when there is no such bus (PutEvents would
 * not say so), E_PARSE when the reply does not name the bus. */
MUST_CHECK enum err_code events_describe_bus(struct aws_client *c, const char *bus, cJSON **out,
                                             struct err *e);
/* Lists all rules of a bus whose names begin with `prefix` (NULL: all rules). An array. */
MUST_CHECK enum err_code events_list_rules(struct aws_client *c, const char *bus,
                                           const char *prefix, cJSON **rules, struct err *e);
/* Describes a rule: Name, EventPattern (a string), State, ... E_NOT_FOUND when there is no such
 * rule, E_PARSE when the reply does not name the rule. */
MUST_CHECK enum err_code events_describe_rule(struct aws_client *c, const char *bus,
                                              const char *rule, cJSON **out, struct err *e);
/* Lists all targets of a rule. An array. */
MUST_CHECK enum err_code events_list_targets(struct aws_client *c, const char *bus,
                                             const char *rule, cJSON **targets, struct err *e);
/* Would `pattern` match `event` (both JSON text; the event is a whole envelope)? */
MUST_CHECK enum err_code events_test_pattern(struct aws_client *c, const char *pattern,
                                             const char *event, bool *matches, struct err *e);
#endif
