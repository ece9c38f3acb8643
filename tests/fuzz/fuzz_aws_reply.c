/* Error envelopes and documents of all protocols, from any bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "src/aws/errors.h"
#include "src/aws/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum aws_op_id ops[] = {AWS_OP_DDB_GET_ITEM, AWS_OP_BATCH_LIST_JOBS,
                                         AWS_OP_STS_GET_CALLER_IDENTITY,
                                         AWS_OP_IAM_SIMULATE_PRINCIPAL_POLICY};
    struct http_response r = {.status = 400};

    strbuf_add(&r.headers, "x-amzn-errortype", 17);
    strbuf_add(&r.headers, data, size > 40 ? 40 : size);
    strbuf_addc(&r.headers, '\0');
    strbuf_add(&r.body, data, size);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        struct failure f;
        struct err e;
        struct errors_context c = {.op = ops[i], .region = "us-east-1"};
        reply_failure(aws_service_get(aws_op_get(ops[i])->service)->protocol, &r, &f);
        (void)errors_explain(&c, &f, &e);
        failure_clear(&f);
        cJSON_Delete(reply_document(ops[i], &r, NULL, NULL));
    }
    (void)reply_crc_ok(&r);
    http_response_clear(&r);
    return 0;
}
