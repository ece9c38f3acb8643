/* trust.h - where the certificate authorities that count are. Any thread. */
#ifndef AWS_TRUST_H
#define AWS_TRUST_H

#include <stddef.h>

#include "core/env.h"
#include "http.h"

enum { TRUST_FROM_MAX = 96 };

/* Who names them: AWS_CA_BUNDLE, the profile's `ca_bundle` (NULL: none), REQUESTS_CA_BUNDLE,
 * SSL_CERT_FILE, SSL_CERT_DIR, in this order; else the first of the systems' own places that is
 * there, and where libcurl has one of its own that is there, that one (bundle NULL). `from` holds a
 * name that is put together. Texts are borrowed, also from `env`. */
struct http_trust trust_find(const struct env *env, const char *profile, const char *ca_bundle,
                             char from[TRUST_FROM_MAX]);

/* The places that were tried, for an error's text: "A, B, C". */
void trust_tried(char *out, size_t size);
#endif
