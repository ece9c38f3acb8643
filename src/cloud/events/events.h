/* events.h - EventBridge of the local cloud as its parts see it.
 *
 * PutEvents matches rules at once and writes one delivery per target into the store, in the same
 * transaction; a thread delivers them, so an accepted event survives a kill and is delivered at
 * least once. Everything here runs under the cloud's lock. */
#ifndef CLOUD_EVENTS_EVENTS_H
#define CLOUD_EVENTS_EVENTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/cloud/store/service.h"

#define CLOUD_EVENTS_DEFAULT_BUS "default"

/* The name in an EventBusName (a name or ARN; NULL is the default bus). Borrowed. */
const char *cloud_events_bus_name(const char *name_or_arn);
bool cloud_events_bus_exists(struct cloud *cloud, const char *bus);
bool cloud_events_rule_exists(struct cloud *cloud, const char *bus, const char *rule);
/* "arn:aws:events:...:rule/[bus/]name"; owned. */
char *cloud_events_rule_arn(const struct cloud *cloud, const char *bus, const char *rule);
/* Fails `r` with ResourceNotFoundException for the bus, or for the rule when `rule` is not NULL;
 * true when both are there. */
bool cloud_events_check_rule(struct cloud *cloud, const char *bus, const char *rule,
                             struct cloud_reply *r);

/* Takes in what cloud_emit tells: an event of an AWS service, which goes to the default bus. */
void cloud_events_emit(struct cloud *cloud, const struct cloud_event *event);

/* The operations outside events.c: targets (events_targets.c) and events (events_put.c). */
void cloud_events_put_targets(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_events_remove_targets(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_events_list_targets(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_events_put_events(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_events_test_pattern(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);

extern const struct cloud_service cloud_events_service;
#endif
