/* request.h - an operation's request as bytes: built once for a call, signed at every attempt. */
#ifndef AWS_REQUEST_H
#define AWS_REQUEST_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/op.h"
#include "core/err.h"
#include "creds.h"
#include "endpoint.h"
#include "http.h"

struct request {
    enum aws_op_id op;
    const struct endpoint *endpoint; /* borrowed */
    char *url;
    char *path;   /* the path as it is signed */
    char *target; /* X-Amz-Target, or NULL */
    const char *content_type;
    char *body; /* owned; wiped when it is freed (web identity tokens) */
    size_t body_len;
};

/* Builds a request. `in` is borrowed; NULL sends an empty document. E_INVALID when `in` holds text
 * that is not UTF-8, which the service would refuse in words that help nobody. */
MUST_CHECK enum err_code request_init(struct request *r, enum aws_op_id op,
                                      const struct endpoint *endpoint, const cJSON *in,
                                      struct err *e);
void request_clear(struct request *r);

struct request_send {
    const struct aws_creds *creds; /* NULL: the request is not signed */
    const unsigned char *key; /* kSigning for these credentials, day, region, service; 32 bytes */
    int64_t wall_ms;          /* the service's time */
    int connect_timeout_ms;
    int total_timeout_ms;
    int idle_timeout_ms; /* as in http_request */
    size_t max_bytes;
    bool once; /* as in http_request */
};
/* Signs the request and sends it once. */
MUST_CHECK enum err_code request_send(struct http *h, const struct request *r,
                                      const struct request_send *how, struct http_response *reply,
                                      struct err *e);
#endif
