/* service.h - a local cloud asked by the terminal tests themselves, past the program's contexts. */
#ifndef TESTS_E2E_SERVICE_H
#define TESTS_E2E_SERVICE_H

#include <cjson/cJSON.h>

#include "aws/op.h"
#include "cloud.h"

/* Calls a service; `quoted` is the document with ' for ". The reply is owned; NULL after a line
 * that says what went wrong. */
cJSON *service_call(const struct cloud *c, enum aws_op_id op, const char *quoted);

/* Takes away the active definition, without which no job can be started. Returns the definition,
 * owned, so that it can be put back. */
cJSON *service_lose_definition(const struct cloud *c);
void service_restore_definition(const struct cloud *c, cJSON *d); /* takes `d` */

/* What a cloud has of a job; a number is -1 when it could not be had. */
struct service_trace {
    int dead;        /* messages in the dead letter queue, of whatever job */
    int events;      /* in the rule's log */
    int batch;       /* Batch jobs */
    char record[32]; /* its status; "" when there is none */
};
struct service_trace service_trace_of(const struct cloud *c, const char *job_id);
#endif
