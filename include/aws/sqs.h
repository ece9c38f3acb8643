/* sqs.h - typed calls of SQS. They block; any thread. Facts: AWS-WIRE 2.6. */
#ifndef AWS_SQS_H
#define AWS_SQS_H

#include <cjson/cJSON.h>

#include "aws/client.h"
#include "core/err.h"

/* Finds a queue's URL. `*url` is owned. E_NOT_FOUND when there is no such queue. */
MUST_CHECK enum err_code sqs_queue_url(struct aws_client *c, const char *name, char **url,
                                       struct err *e);
/* Gets all attributes of a queue: an object of strings. */
MUST_CHECK enum err_code sqs_attributes(struct aws_client *c, const char *url, cJSON **attributes,
                                        struct err *e);

struct sqs_receive {
    const char *url;
    int max_messages; /* 1-10 */
    int visibility_s; /* how long other readers do not see the messages; -1: the queue's own time */
    int wait_s;       /* how long to wait for messages (long poll), 0-20 */
};
/* Receives messages: an array, empty when there are none, of MessageId, ReceiptHandle, Body,
 * Attributes, MessageAttributes. Every receive counts in ApproximateReceiveCount. */
MUST_CHECK enum err_code sqs_receive(struct aws_client *c, const struct sqs_receive *r,
                                     cJSON **messages, struct err *e);
MUST_CHECK enum err_code sqs_delete(struct aws_client *c, const char *url,
                                    const char *receipt_handle, struct err *e);
/* Sets how long a received message stays hidden; 0 gives it back at once. */
MUST_CHECK enum err_code sqs_set_visibility(struct aws_client *c, const char *url,
                                            const char *receipt_handle, int visibility_s,
                                            struct err *e);
#endif
