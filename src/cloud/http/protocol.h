/* protocol.h - AWS's three wire protocols as the local cloud speaks them: which operation a request
 * names, its document, and the bytes of a reply.
 *
 * Pure; any thread. Facts: AWS-WIRE 0, 2, 3.1. */
#ifndef CLOUD_HTTP_PROTOCOL_H
#define CLOUD_HTTP_PROTOCOL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/op.h"
#include "core/strbuf.h"
#include "src/cloud/store/service.h"

struct cloud_http_request {
    const char *method;
    const char *path;   /* raw, without the query */
    const char *target; /* X-Amz-Target, or NULL */
    const char *type;   /* the Content-Type header, or NULL */
    const char *body;
    size_t body_len;
};

struct cloud_http_route {
    bool known;                  /* a service was recognised */
    enum aws_service_id service; /* valid when known */
    /* the protocol of the answer; awsJson1.0 when no service was recognised */
    enum aws_protocol protocol;
    /* the service's own query protocol; NULL: the request does not use it */
    const struct cloud_query *query;
    enum aws_op_id op; /* AWS_OP_COUNT: the service has no such operation */
    char name[80];     /* the operation's name as the request has it; printable */
};

/* Finds the operation by X-Amz-Target, by the restJson path, or by the form's Action (in this
 * order). `services` (a NULL at the end; NULL: none) tell which query protocols there are. */
void cloud_http_find_route(const struct cloud_service *const *services,
                           const struct cloud_http_request *q, struct cloud_http_route *out);

/* Fails `r` as the service does for an operation that it does not have. */
void cloud_http_refuse_unknown(const struct cloud_http_route *route, struct cloud_reply *r);

/* Reads the request document: an object, owned. False with `r` failed. Form fields become string
 * members under their own names ("Tags.member.1.Key"); those of SQS become SQS's JSON document. */
bool cloud_http_read_body(const struct cloud_http_route *route, const struct cloud_http_request *q,
                          cJSON **in, struct cloud_reply *r);

struct cloud_http_reply {
    struct strbuf body;
    const char *content_type;
    char error_type[96];   /* x-amzn-errortype, or "" */
    char query_error[128]; /* x-amzn-query-error, or "" */
    bool crc32;            /* send x-amz-crc32 */
};

void cloud_http_write_reply(const struct cloud_http_route *route, const struct cloud_reply *r,
                            const char *request_id, struct cloud_http_reply *out);
#endif
