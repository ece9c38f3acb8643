/* errors.h - AWS's refusals in words: which operation, on what, why, what to do. Any thread. */
#ifndef AWS_ERRORS_H
#define AWS_ERRORS_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/op.h"
#include "core/err.h"
#include "creds.h"
#include "reply.h"

/* The beginning of a sentence that tells what was called: "DynamoDB GetItem, table runs". */
void errors_subject(enum aws_op_id op, const cJSON *in, char *out, size_t size);

/* The err_code of a normalised AWS code. */
enum err_code errors_classify(int status, const char *code, const char *message);

/* The Date header tells whether a code with AWS_CODE_SKEW comes from a wrong clock: it then differs
 * from our time by this much or more. */
enum { ERRORS_SKEW_MS = 4 * 60 * 1000 };

struct errors_context {
    enum aws_op_id op;
    const cJSON *in;               /* the request document, or NULL */
    const struct aws_creds *creds; /* the credentials that the call used, or NULL */
    const char *region;
    int64_t skew_ms; /* the service's time minus ours, as far as it is known */
};
/* Fills `e` from a failure; returns its code. */
enum err_code errors_explain(const struct errors_context *c, const struct failure *f,
                             struct err *e);
#endif
