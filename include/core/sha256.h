/* sha256.h - SHA-256 and its HMAC, by OpenSSL. Pure; any thread. */
#ifndef CORE_SHA256_H
#define CORE_SHA256_H

#include <stddef.h>

#define SHA256_SIZE 32

/* Computes the digest. `bytes` may be NULL when `len` is 0. */
void sha256(const void *bytes, size_t len, unsigned char out[SHA256_SIZE]);

/* Computes the HMAC. `out` may be `key`. */
void sha256_hmac(const void *key, size_t key_len, const void *bytes, size_t len,
                 unsigned char out[SHA256_SIZE]);
#endif
