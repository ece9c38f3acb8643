/* cloud_events.h - EventBridge of the local cloud as its parts see it.
 *
 * PutEvents matches rules at once and writes one delivery per target into the store, in the same
 * transaction; a thread delivers them, so an accepted event survives a kill and is delivered at
 * least once. Everything here runs under the cloud's lock. */
#ifndef LOCAL_CLOUD_EVENTS_H
#define LOCAL_CLOUD_EVENTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "local/svc.h"

#define CLOUD_EVENTS_DEFAULT_BUS "default"

/* The name in an EventBusName (name or ARN; NULL is the default bus). Borrowed. */
const char *cloud_events_bus_name(const char *name_or_arn);
bool cloud_events_bus_exists(struct local *l, const char *bus);
bool cloud_events_rule_exists(struct local *l, const char *bus, const char *rule);
/* "arn:aws:events:...:rule/[bus/]name"; owned. */
char *cloud_events_rule_arn(const struct local *l, const char *bus, const char *rule);
/* Fails `r` with ResourceNotFoundException for the bus, or the rule when `rule` is not NULL;
 * true when both are there. */
bool cloud_events_check_rule(struct local *l, const char *bus, const char *rule,
                             struct local_reply *r);

/* An event of an AWS service ("aws.batch") on the default bus. `resources` (an array) and `detail`
 * are borrowed. Delivered later, in the transaction under way. */
void cloud_events_emit(struct local *l, const char *source, const char *detail_type,
                       const cJSON *resources, const cJSON *detail);

/* Operations outside svc_events.c: targets (events_targets.c), events (events_put.c). */
void cloud_events_put_targets(struct local *l, const cJSON *in, struct local_reply *r);
void cloud_events_remove_targets(struct local *l, const cJSON *in, struct local_reply *r);
void cloud_events_list_targets(struct local *l, const cJSON *in, struct local_reply *r);
void cloud_events_put_events(struct local *l, const cJSON *in, struct local_reply *r);
void cloud_events_test_pattern(struct local *l, const cJSON *in, struct local_reply *r);
#endif
