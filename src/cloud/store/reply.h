/* reply.h - what an operation answers with, before a wire protocol prints it. */
#ifndef CLOUD_STORE_REPLY_H
#define CLOUD_STORE_REPLY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct cloud_reply {
    int status;          /* 200, or the error's HTTP status */
    cJSON *out;          /* owned; the result document, or extra members of an error document */
    bool raw;            /* `out` holds cJSON_Raw members (stored text sent as it is) */
    char code[96];       /* "" for success; "ResourceNotFoundException" */
    char query_code[96]; /* the older name of the code, for x-amzn-query-error (SQS), or "" */
    char message[3072];  /* DynamoDB lists the reasons of 100 actions in it */
    /* how long a long poll may still wait when it has nothing yet: the server calls the operation
     * again whenever cloud_poke is called, until this time has passed since the first call */
    int64_t wait_ms;
};

/* Fails a call in one statement: sets status, code and message and drops `out` (set it again
 * afterwards for extra members, as ConditionalCheckFailedException's Item). */
void cloud_fail(struct cloud_reply *r, int status, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void cloud_reply_clear(struct cloud_reply *r);
#endif
