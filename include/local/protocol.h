/* protocol.h - AWS's three wire protocols as the local cloud speaks them: which operation a request
 * names, its document, and the bytes of a reply.
 *
 * Pure; any thread. Facts: AWS-WIRE 0, 2, 3.1. */
#ifndef LOCAL_PROTOCOL_H
#define LOCAL_PROTOCOL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/op.h"
#include "core/strbuf.h"
#include "local/svc.h"

struct proto_request {
    const char *method;
    const char *path;   /* raw, without the query */
    const char *target; /* X-Amz-Target, or NULL */
    const char *type;   /* Content-Type, or NULL */
    const char *body;
    size_t body_len;
};

struct proto_route {
    bool known;                  /* a service was recognised */
    enum aws_service_id service; /* valid when known */
    enum aws_protocol protocol;  /* how to answer; awsJson1.0 when not known */
    enum aws_op_id op;           /* AWS_OP_COUNT: not an operation of it */
    char name[80];               /* the operation as asked for; printable */
};

/* By X-Amz-Target, by restJson path, or by the form's Action (in this order). */
void proto_find_route(const struct proto_request *q, struct proto_route *out);

/* Fails `r` as the service does for an operation that it does not have. */
void proto_refuse_unknown(const struct proto_route *route, struct local_reply *r);

/* The request document: an object, owned. On false `r` is failed. Form fields become string
 * members under their own names ("Tags.member.1.Key"); SQS's become its JSON document. */
bool proto_read_body(const struct proto_route *route, const struct proto_request *q, cJSON **in,
                     struct local_reply *r);

struct proto_reply {
    struct strbuf body;
    const char *content_type;
    char error_type[96];   /* x-amzn-errortype, or "" */
    char query_error[128]; /* x-amzn-query-error, or "" */
    bool crc32;            /* send x-amz-crc32 */
};

void proto_write_reply(const struct proto_route *route, const struct local_reply *r,
                       const char *request_id, struct proto_reply *out);
#endif
