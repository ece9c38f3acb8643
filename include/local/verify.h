/* verify.h - checks the SigV4 signature of a request to the local cloud.
 *
 * Pure: no clock, no store, no I/O; any thread. Rules: AWS-WIRE 1.1-1.5; the codes and sentences
 * are those AWS answers with (IAM user guide, "Troubleshoot Signature Version 4 requests"). */
#ifndef LOCAL_VERIFY_H
#define LOCAL_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/op.h"
#include "aws/sigv4.h"

enum verify_fault_kind {
    VERIFY_OK,
    VERIFY_MISSING,     /* no Authorization header */
    VERIFY_INCOMPLETE,  /* it cannot be understood */
    VERIFY_UNKNOWN_KEY, /* no such access key, or a wrong session token */
    VERIFY_EXPIRED,     /* the session token is out of date */
    VERIFY_MISMATCH     /* scope, date or signature is wrong */
};

struct verify_fault {
    enum verify_fault_kind kind;
    char message[512];
};

/* An Authorization header taken apart. Strings are owned by `text`. */
struct verify_auth {
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
struct verify_request {
    const char *method;
    const char *path;
    const char *query; /* "" when there is none */
    const struct sigv4_header *headers;
    size_t headers_len;
    const void *body;
    size_t body_len;
};

/* What the server expects. An unknown access key has secret_key NULL. */
struct verify_expect {
    const char *secret_key;
    const char *token; /* that must come with a temporary key; NULL for the permanent one */
    int64_t token_expires_ms;
    const char *region;
    const char *service; /* signing name */
    int64_t now_ms;
};

/* First header of that name, any case; NULL when absent. */
const char *verify_header(const struct verify_request *r, const char *name);

/* Parses the header value. On false `fault` is set (VERIFY_MISSING for NULL, else INCOMPLETE) and
 * `out` is empty. */
bool verify_parse(const char *authorization, struct verify_auth *out, struct verify_fault *fault);
void verify_auth_clear(struct verify_auth *a);

/* All checks after parsing; true when the request is genuine and fresh. */
bool verify_check(const struct verify_request *r, const struct verify_auth *a,
                  const struct verify_expect *x, struct verify_fault *fault);

/* The code and HTTP status by which a protocol reports a fault. */
const char *verify_code(enum verify_fault_kind kind, enum aws_protocol protocol, int *status);
#endif
