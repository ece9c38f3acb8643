/* creds.h - credentials: where they come from, kept fresh (AWS-WIRE 4).
 *
 * A provider resolves the chain environment -> profile (assumed role, web identity, SSO, keys,
 * login, credential_process) -> container -> EC2 metadata on first use, keeps the result, renews it
 * before it expires, and reads the files again when the service refuses what it has. A source that
 * is configured but fails is an error; only what is not configured is passed over. Any thread: one
 * renews, the others wait for it or go on with what still holds. */
#ifndef AWS_CREDS_H
#define AWS_CREDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/env.h"
#include "core/err.h"
#include "core/log.h"
#include "core/secret.h"

struct http; /* src/aws/http.h */

struct aws_creds {
    char *access_key_id; /* owned */
    struct secret secret_key;
    struct secret token; /* unset for long-lived keys */
    char account[16];    /* or "" */
    int64_t expires_ms;  /* TIME_NONE: never */
    char source[96];     /* for people: "environment", "profile dev (assumed role)" */
};
void aws_creds_clear(struct aws_creds *c); /* wipes */

/* STS and SSO are found by the environment and the profile (AWS_ENDPOINT_URL_STS and kin);
 * --endpoint-url is not for them, as in AWS's own tools. */
struct aws_creds_options {
    const struct env *env;     /* borrowed, must outlive the provider; NULL: the process's */
    const char *profile;       /* --profile, or NULL */
    const char *region;        /* of STS when a profile names none */
    bool insecure_endpoint;    /* as in aws_options */
    const struct clock *clock; /* borrowed; NULL: the system's */
    struct log *log;           /* borrowed; NULL: none */
    struct http *http;         /* borrowed */
    int process_ms;            /* 0: 60000; credential_process is killed then */
};

struct aws_creds_provider;

/* Makes no request and reads no file. Never fails; strings are copied. */
struct aws_creds_provider *aws_creds_new(const struct aws_creds_options *o);
void aws_creds_free(struct aws_creds_provider *p); /* NULL allowed */

/* One consistent set of key, secret and token. E_CREDS when there are none (the message lists what
 * was tried), E_EXPIRED when a session must be renewed by a person, E_CONFIG for a broken profile,
 * E_NET, E_TIMEOUT, E_DENIED of the source asked. Clear `out` always. */
MUST_CHECK enum err_code aws_creds_get(struct aws_creds_provider *p, struct aws_creds *out,
                                       struct err *e);

/* The key id in use, as far as it is known at once: what was resolved already, else the
 * environment's or a profile's own keys. Makes no request, waits for nobody. Owned; NULL when it is
 * not known: `account` then gets that of the profile's role or SSO session, "" when it names none.
 */
char *aws_creds_peek(struct aws_creds_provider *p, char account[16]);

/* The service refused `used` as expired or unknown: reads the sources again. True when other
 * credentials than `used` are there now. */
bool aws_creds_refused(struct aws_creds_provider *p, const struct aws_creds *used);
#endif
