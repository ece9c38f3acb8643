/* The typed calls of SQS. */
#include "aws/sqs.h"

#include "core/json.h"
#include "doc.h"

static cJSON *on_queue(const char *url)
{
    cJSON *in = json_new_object();

    json_set_str(in, "QueueUrl", url);
    return in;
}

static cJSON *all_names(void)
{
    cJSON *names = json_new_array();

    json_push_str(names, "All");
    return names;
}

enum err_code sqs_queue_url(struct aws_client *c, const char *name, char **url, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *reply = NULL;

    json_set_str(in, "QueueName", name);
    enum err_code rc = doc_call(c, AWS_OP_SQS_GET_QUEUE_URL, in, &reply, e);
    *url = rc == E_OK ? doc_dup_str(reply, "QueueUrl") : NULL;
    if (rc == E_OK && *url == NULL) {
        rc = err_set(e, E_PARSE, "GetQueueUrl %s: the reply has no QueueUrl", name);
    }
    cJSON_Delete(reply);
    return rc;
}

enum err_code sqs_attributes(struct aws_client *c, const char *url, cJSON **attributes,
                             struct err *e)
{
    cJSON *in = on_queue(url);
    cJSON *reply = NULL;

    json_set(in, "AttributeNames", all_names());
    enum err_code rc = doc_call(c, AWS_OP_SQS_GET_QUEUE_ATTRIBUTES, in, &reply, e);
    *attributes = rc == E_OK ? doc_take_object(reply, "Attributes") : NULL;
    if (rc == E_OK && *attributes == NULL) {
        *attributes = json_new_object();
    }
    cJSON_Delete(reply);
    return rc;
}

enum err_code sqs_receive(struct aws_client *c, const struct sqs_receive *r, cJSON **messages,
                          struct err *e)
{
    cJSON *in = on_queue(r->url);
    cJSON *reply = NULL;

    json_set_int(in, "MaxNumberOfMessages", r->max_messages);
    if (r->visibility_s >= 0) {
        json_set_int(in, "VisibilityTimeout", r->visibility_s);
    }
    json_set_int(in, "WaitTimeSeconds", r->wait_s);
    json_set(in, "MessageAttributeNames", all_names());
    json_set(in, "MessageSystemAttributeNames", all_names());
    enum err_code rc = doc_call(c, AWS_OP_SQS_RECEIVE_MESSAGE, in, &reply, e);
    *messages = rc == E_OK ? doc_take_array(reply, "Messages") : NULL;
    cJSON_Delete(reply);
    return rc;
}

enum err_code sqs_delete(struct aws_client *c, const char *url, const char *receipt_handle,
                         struct err *e)
{
    cJSON *in = on_queue(url);

    json_set_str(in, "ReceiptHandle", receipt_handle);
    return doc_call(c, AWS_OP_SQS_DELETE_MESSAGE, in, NULL, e);
}

enum err_code sqs_set_visibility(struct aws_client *c, const char *url, const char *receipt_handle,
                                 int visibility_s, struct err *e)
{
    cJSON *in = on_queue(url);

    json_set_str(in, "ReceiptHandle", receipt_handle);
    json_set_int(in, "VisibilityTimeout", visibility_s);
    return doc_call(c, AWS_OP_SQS_CHANGE_MESSAGE_VISIBILITY, in, NULL, e);
}
