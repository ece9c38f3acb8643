/* sigv4.h - AWS Signature Version 4: one pipeline, used to sign (client) and to check (local
 * cloud).
 *
 * Pure functions; any thread. Rules: AWS-WIRE 1.1-1.3 (IAM user guide, "Create a signed AWS API
 * request"). Canonical requests hold the session token: never log them. */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/strbuf.h"

struct sigv4_header {
    const char *name;  /* in any letter case; borrowed */
    const char *value; /* not trimmed; borrowed */
};

struct sigv4_request {
    const char *method;
    const char *path;  /* as on the wire (encoded already); begins with '/' */
    const char *query; /* as on the wire, without '?'; "" or NULL when there is none */
    const struct sigv4_header
        *headers; /* exactly the headers to sign, in any order; host and x-amz-date among them */
    size_t headers_len;
    const void *body;
    size_t body_len;
    const char *region;
    const char *service;
    const char *amz_date; /* "20260102T030405Z" */
};

/* The stages of a signature, kept so that a test can name the line that is wrong. All owned. */
struct sigv4_result {
    char *canonical;
    char canonical_sha256[65];
    char *string_to_sign;
    char *signed_headers;
    char *scope;
    char signature[65];
    char *authorization; /* the value of the Authorization header */
};

void sigv4_sign(const struct sigv4_request *r, const char *access_key_id, const char *secret_key,
                struct sigv4_result *out);
/* Does the same with a kSigning that the caller kept: kSigning is constant for (secret, day,
 * region, service). */
void sigv4_sign_with_key(const struct sigv4_request *r, const char *access_key_id,
                         const unsigned char key[32], struct sigv4_result *out);
void sigv4_result_clear(struct sigv4_result *r);

void sigv4_sha256_hex(const void *bytes, size_t len, char out[65]);
/* Computes kSigning by the four steps of the HMAC chain. */
void sigv4_signing_key(const char *secret_key, const char *date8, const char *region,
                       const char *service, unsigned char out[32]);

/* Appends `s` URI-encoded: everything but A-Z a-z 0-9 - . _ ~ becomes %XX; with `keep_slash` a '/'
 * stays. */
void sigv4_uri_encode(struct strbuf *out, const char *s, bool keep_slash);
#endif
