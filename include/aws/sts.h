/* sts.h - the typed call that tells whose the credentials are. It blocks; any thread. Facts:
 * AWS-WIRE 2.7. */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/client.h"
#include "core/err.h"

struct sts_identity {
    char account[16];
    char arn[512];
    char user_id[160];
};
/* Asks whose the credentials are, which needs no permission: E_CREDS and E_EXPIRED mean that the
 * credentials themselves are refused. */
MUST_CHECK enum err_code sts_get_caller_identity(struct aws_client *c, struct sts_identity *out,
                                                 struct err *e);
#endif
