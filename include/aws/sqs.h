/* sqs.h - typed calls of SQS. They block; any thread. Facts: AWS-WIRE 2.6. */
#ifndef AWS_SQS_H
#define AWS_SQS_H

#include <cjson/cJSON.h>

#include "aws/client.h"
#include "core/err.h"

/* `*url` is owned. E_NOT_FOUND when there is no such queue. */
MUST_CHECK enum err_code sqs_queue_url(struct aws_client *c, const char *name, char **url,
                                       struct err *e);
/* All attributes: an object of strings. */
MUST_CHECK enum err_code sqs_attributes(struct aws_client *c, const char *url, cJSON **attributes,
                                        struct err *e);

struct sqs_receive {
    const char *url;
    int max_messages; /* 1-10 */
    int visibility_s; /* how long others do not see them; -1: the queue's */
    int wait_s;       /* long poll, 0-20 */
};
/* An array, empty when there is nothing: MessageId, ReceiptHandle, Body, Attributes,
 * MessageAttributes. Every receive counts in ApproximateReceiveCount. */
MUST_CHECK enum err_code sqs_receive(struct aws_client *c, const struct sqs_receive *r,
                                     cJSON **messages, struct err *e);
MUST_CHECK enum err_code sqs_delete(struct aws_client *c, const char *url,
                                    const char *receipt_handle, struct err *e);
/* 0 gives a received message back at once. */
MUST_CHECK enum err_code sqs_set_visibility(struct aws_client *c, const char *url,
                                            const char *receipt_handle, int visibility_s,
                                            struct err *e);
#endif
