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
    EVENTS_CALL_BYTES = 1000000 /* events_put's default limit for the entries of one call */
};

enum events_outcome {
    EVENTS_NOT_SENT, /* never reached the service, or the call was refused as a whole: `call` */
    EVENTS_ACCEPTED, /* event_id is set */
    EVENTS_REFUSED,  /* error_code and error_message are set */
    EVENTS_UNKNOWN   /* the reply was lost or cannot be read: it may have been accepted: `call` */
};

struct events_result {
    enum events_outcome outcome;
    bool transient; /* of EVENTS_REFUSED: throttled or an internal failure, worth another try */
    char event_id[64];
    char error_code[64];
    char error_message[256];
    struct err call; /* of EVENTS_NOT_SENT and EVENTS_UNKNOWN: how the entry's call failed */
};

/* Puts any number of entries (array of PutEvents entries): split by EVENTS_PER_CALL and by
 * `call_bytes` (0: EVENTS_CALL_BYTES); entries that fail with a transient code are sent again with
 * backoff, the others never. `results` has room for one result an entry, in their order.
 * E_OK when every call was answered readably, whatever the entries' results; else the first call's
 * failure (the entries of other calls still have theirs). `*failed` (may be NULL) counts the
 * entries that were not accepted. An entry over the limit is refused here: EVENTS_REFUSED,
 * "EntryTooLarge". */
MUST_CHECK enum err_code events_put(struct aws_client *c, const cJSON *entries, size_t call_bytes,
                                    struct events_result *results, size_t *failed, struct err *e);
/* What an entry counts against the limit. */
size_t events_entry_bytes(const cJSON *entry);

/* Name, Arn, Policy, ... E_NOT_FOUND when there is no such bus (PutEvents would not say so),
 * E_PARSE when the reply does not name it. */
MUST_CHECK enum err_code events_describe_bus(struct aws_client *c, const char *bus, cJSON **out,
                                             struct err *e);
/* All rules of a bus whose name begins with `prefix` (NULL: all). Array. */
MUST_CHECK enum err_code events_list_rules(struct aws_client *c, const char *bus,
                                           const char *prefix, cJSON **rules, struct err *e);
/* Name, EventPattern (a string), State, ... E_NOT_FOUND when there is no such rule, E_PARSE when
 * the reply does not name it. */
MUST_CHECK enum err_code events_describe_rule(struct aws_client *c, const char *bus,
                                              const char *rule, cJSON **out, struct err *e);
/* All targets of a rule. Array. */
MUST_CHECK enum err_code events_list_targets(struct aws_client *c, const char *bus,
                                             const char *rule, cJSON **targets, struct err *e);
/* Would `pattern` match `event` (both JSON text; the event is a whole envelope)? */
MUST_CHECK enum err_code events_test_pattern(struct aws_client *c, const char *pattern,
                                             const char *event, bool *matches, struct err *e);
#endif
