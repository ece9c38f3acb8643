/* verify.h - checks the SigV4 signature of a request to the local cloud.
 *
 * Pure: no clock, no store, no I/O; any thread. Rules: AWS-WIRE 1.1-1.5; the codes and sentences
 * are those AWS answers with (IAM user guide, "Troubleshoot Signature Version 4 requests"). */
#ifndef CLOUD_HTTP_VERIFY_H
#define CLOUD_HTTP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/op.h"
#include "aws/sigv4.h"

enum cloud_http_verify_fault_kind {
    VERIFY_OK,
    VERIFY_MISSING,     /* no Authorization header */
    VERIFY_INCOMPLETE,  /* the Authorization header cannot be understood */
    VERIFY_UNKNOWN_KEY, /* no such access key, or a wrong session token */
    VERIFY_EXPIRED,     /* the session token has expired */
    VERIFY_MISMATCH     /* scope, date or signature is wrong */
};

struct cloud_http_verify_fault {
    enum cloud_http_verify_fault_kind kind;
    char message[512];
};

/* An Authorization header taken apart. Strings are owned by `text`. */
struct cloud_http_verify_auth {
    char *text; /* owned copy of the header, cut into the parts below */
    const char *access_key;
    const char *date8;
    const char *region;
    const char *service;
    const char *terminator;
    const char *signed_headers; /* "content-type;host;x-amz-date" */
    const char *signature;
};

/* The request as it came: path and query raw from the wire, headers in the order received. */
struct cloud_http_verify_request {
    const char *method;
    const char *path;
    const char *query; /* "" when there is none */
    const struct sigv4_header *headers;
    size_t headers_len;
    const void *body;
    size_t body_len;
};

/* What the server expects. An unknown access key has secret_key NULL. */
struct cloud_http_verify_expect {
    const char *secret_key;
    /* the session token that must come with a temporary key; NULL for the permanent key */
    const char *token;
    int64_t token_expires_ms;
    const char *region;
    const char *service; /* signing name */
    int64_t now_ms;
};

/* The first header of that name, in any letter case; NULL when there is none. */
const char *cloud_http_verify_header(const struct cloud_http_verify_request *r, const char *name);

/* Parses the value of the Authorization header. On false `fault` is set (VERIFY_MISSING for NULL,
 * else INCOMPLETE) and `out` is empty. */
bool cloud_http_verify_parse(const char *authorization, struct cloud_http_verify_auth *out,
                             struct cloud_http_verify_fault *fault);
void cloud_http_verify_auth_clear(struct cloud_http_verify_auth *a);

/* Makes all checks after parsing; true when the request is genuine and fresh. */
bool cloud_http_verify_check(const struct cloud_http_verify_request *r,
                             const struct cloud_http_verify_auth *a,
                             const struct cloud_http_verify_expect *x,
                             struct cloud_http_verify_fault *fault);

/* The code and the HTTP status by which a protocol reports a fault. */
const char *cloud_http_verify_code(enum cloud_http_verify_fault_kind kind,
                                   enum aws_protocol protocol, int *status);
#endif
