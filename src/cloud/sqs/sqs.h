/* sqs.h - what the other parts of the local cloud use of SQS. Under the cloud's lock. */
#ifndef CLOUD_SQS_SQS_H
#define CLOUD_SQS_SQS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "src/cloud/store/service.h"

/* Lower-case hex MD5 as SQS answers it: of a body, and of message attributes in their wire form
 * (names sorted; length-prefixed name, type, transport byte, value). `out` gets "" for none. */
void cloud_sqs_md5_body(const char *body, char out[33]);
void cloud_sqs_md5_attributes(const cJSON *attributes, char out[33]);

/* The name at the end of a queue ARN of this cloud's region and account; NULL when it is not one.
 * Borrowed from `arn`. */
const char *cloud_sqs_name_of_arn(const struct cloud *cloud, const char *arn);
char *cloud_sqs_arn(const struct cloud *cloud, const char *name); /* owned */
bool cloud_sqs_queue_exists(struct cloud *cloud, const char *name);
/* Fails `r` as SQS does for a queue that is not there. */
void cloud_sqs_fail_no_queue(struct cloud_reply *r);

/* Whether the queue's policy lets the service `principal` ("events.amazonaws.com") send on behalf
 * of `source_arn`. No policy: no. */
bool cloud_sqs_policy_allows(struct cloud *cloud, const char *queue, const char *principal,
                             const char *source_arn);
/* The same, pure, on a policy document. `account` is the cloud's. A condition that is not
 * understood counts as not met. */
bool cloud_sqs_policy_check(const cJSON *policy, const char *principal, const char *queue_arn,
                            const char *source_arn, const char *account);

/* Puts a message in; `attributes` (MessageAttributes) may be NULL. E_NOT_FOUND, E_INVALID. */
MUST_CHECK enum err_code cloud_sqs_put(struct cloud *cloud, const char *queue, const char *body,
                                       const cJSON *attributes, struct err *e);

/* Message operations, in src/cloud/sqs/sqs_messages.c and sqs_receive.c. */
void cloud_sqs_send_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_sqs_receive_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_sqs_delete_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_sqs_delete_message_batch(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_sqs_change_visibility(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
/* The queue that QueueUrl names, as an owned string; NULL with `r` failed when there is none. */
char *cloud_sqs_queue_of(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
/* One attribute of a queue as a number. */
int64_t cloud_sqs_queue_number(struct cloud *cloud, const char *queue, const char *attribute,
                               int64_t fallback);
/* Its attributes as kept, owned. */
cJSON *cloud_sqs_queue_attributes(struct cloud *cloud, const char *queue);

/* Attributes that can be set, in src/cloud/sqs/sqs_attributes.c: whether a name is one, what a new
 * queue has, and `changes` checked and put into `doc` ("" removes one); false with `r` failed. */
bool cloud_sqs_is_setting(const char *name);
void cloud_sqs_default_attributes(cJSON *doc);
bool cloud_sqs_apply_attributes(struct cloud *cloud, cJSON *doc, const cJSON *changes,
                                struct cloud_reply *r);

extern const struct cloud_service cloud_sqs_service;
#endif
