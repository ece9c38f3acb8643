/* reply.h - what a reply says: its document, or the failure of any protocol (AWS-WIRE 3.1).
 *
 * Pure functions; any thread. */
#ifndef AWS_REPLY_H
#define AWS_REPLY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/op.h"
#include "core/err.h"
#include "core/json.h"
#include "http.h"

struct failure {
    int status;
    /* normalised: "ThrottlingException"; "503" when the reply had no code */
    char code[64];
    char message[400];      /* as the service wrote it, or "" */
    char request_id[64];    /* or "" */
    int64_t retry_after_ms; /* x-amz-retry-after, or -1 */
    /* the body is no envelope of AWS's: a load balancer or a proxy answered */
    bool foreign;
    /* the variable of the proxy that passed the reply on; NULL: none. Constant */
    const char *proxy_from;
    cJSON *doc; /* owned: the error document when it was JSON, else NULL */
};
void failure_clear(struct failure *f);

/* Reads an error reply of any protocol; the body may be anything. */
void reply_failure(enum aws_protocol protocol, const struct http_response *r, struct failure *f);

/* Reads the document of a good reply: {} for an empty body; for XML the elements of the Result.
 * Owned; NULL with `e` (E_PARSE). `each` (for JSON only; may be NULL) as for json_parse_each. */
cJSON *reply_document(enum aws_op_id op, const struct http_response *r,
                      const struct json_each *each, struct err *e);

/* Is the x-amz-crc32 header absent, or right? */
bool reply_crc_ok(const struct http_response *r);
/* The service's time (Date header) minus `now_ms`; 0 when it gave none. */
int64_t reply_skew_ms(const struct http_response *r, int64_t now_ms);
/* The request id, from a header or, for XML, from an element. Copies at most `size` bytes. */
void reply_request_id(const struct http_response *r, char *out, size_t size);
/* Turns "a.b.c#ThrottlingException:http://x" into "ThrottlingException". */
void reply_normalise_code(const char *raw, char *out, size_t size);
#endif
