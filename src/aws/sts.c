/* The typed call of STS. */
#include "aws/sts.h"

#include <stdio.h>

#include "core/json.h"
#include "doc.h"

enum err_code sts_get_caller_identity(struct aws_client *c, struct sts_identity *out, struct err *e)
{
    cJSON *reply = NULL;
    enum err_code rc = doc_call(c, AWS_OP_STS_GET_CALLER_IDENTITY, json_new_object(), &reply, e);

    *out = (struct sts_identity){0};
    if (rc == E_OK) {
        (void)snprintf(out->account, sizeof out->account, "%s", json_str_or(reply, "Account", ""));
        (void)snprintf(out->arn, sizeof out->arn, "%s", json_str_or(reply, "Arn", ""));
        (void)snprintf(out->user_id, sizeof out->user_id, "%s", json_str_or(reply, "UserId", ""));
        if (out->account[0] == '\0' || out->arn[0] == '\0') {
            rc = err_set(e, E_PARSE, "GetCallerIdentity: the reply names no account");
        }
    }
    cJSON_Delete(reply);
    return rc;
}
