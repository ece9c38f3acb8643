/* sqs.h - the functions of SQS that other parts of the local cloud use. Under the cloud's lock. */
#ifndef CLOUD_SQS_SQS_H
#define CLOUD_SQS_SQS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "src/cloud/store/service.h"

/* The MD5 in lower-case hex as SQS answers it: of a body, and of message attributes in their wire
 * form (names sorted; name, type, transport byte and value, with their lengths). `out` gets "" when
 * there are no attributes. */
void cloud_sqs_md5_body(const char *body, char out[33]);
void cloud_sqs_md5_attributes(const cJSON *attributes, char out[33]);

/* The name at the end of the ARN of a queue in this cloud's region and account; NULL for any other
 * text. Borrowed from `arn`. */
const char *cloud_sqs_name_of_arn(const struct cloud *cloud, const char *arn);
char *cloud_sqs_arn(const struct cloud *cloud, const char *name); /* owned */
bool cloud_sqs_queue_exists(struct cloud *cloud, const char *name);
/* Fails `r` as SQS does for a queue that is not there. */
void cloud_sqs_fail_no_queue(struct cloud_reply *r);

/* Does the queue's policy let the service `principal` ("events.amazonaws.com") send on behalf of
 * `source_arn`? Without a policy it does not. */
bool cloud_sqs_policy_allows(struct cloud *cloud, const char *queue, const char *principal,
                             const char *source_arn);
/* Does the same for a policy document; pure. `account` is the cloud's. A condition that is not
 * understood counts as not met. */
bool cloud_sqs_policy_check(const cJSON *policy, const char *principal, const char *queue_arn,
                            const char *source_arn, const char *account);

/* Puts a message into the queue; `attributes` (MessageAttributes) may be NULL. E_NOT_FOUND,
 * E_INVALID. */
MUST_CHECK enum err_code cloud_sqs_put(struct cloud *cloud, const char *queue, const char *body,
                                       const cJSON *attributes, struct err *e);

/* The operations on messages, in sqs_messages.c and sqs_receive.c. */
void cloud_sqs_send_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_sqs_receive_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_sqs_delete_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_sqs_delete_message_batch(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_sqs_change_visibility(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
/* The name of the queue that QueueUrl names, owned; NULL with `r` failed when there is no such
 * queue. */
char *cloud_sqs_queue_of(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
/* An attribute of a queue as a number. */
int64_t cloud_sqs_queue_number(struct cloud *cloud, const char *queue, const char *attribute,
                               int64_t fallback);
/* The queue's attributes as they are kept, owned. */
cJSON *cloud_sqs_queue_attributes(struct cloud *cloud, const char *queue);

/* Attributes that can be set (sqs_attributes.c): is a name one of them; what a new queue has;
 * `changes`, checked, put into `doc` ("" removes an attribute); false with `r` failed. */
bool cloud_sqs_is_setting(const char *name);
void cloud_sqs_default_attributes(cJSON *doc);
bool cloud_sqs_apply_attributes(struct cloud *cloud, cJSON *doc, const cJSON *changes,
                                struct cloud_reply *r);

extern const struct cloud_service cloud_sqs_service;
#endif
