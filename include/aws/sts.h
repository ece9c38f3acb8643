/* sts.h - who the credentials are. Blocks; any thread. Facts: AWS-WIRE 2.7. */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/client.h"
#include "core/err.h"

struct sts_identity {
    char account[16];
    char arn[512];
    char user_id[160];
};
/* Needs no permission: E_CREDS and E_EXPIRED mean the credentials themselves are refused. */
MUST_CHECK enum err_code sts_get_caller_identity(struct aws_client *c, struct sts_identity *out,
                                                 struct err *e);
#endif
