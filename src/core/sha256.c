/* SHA-256 and HMAC-SHA-256.
 *
 * DESIGN: this file calls OpenSSL's own functions of the algorithm, not those of EVP. EVP looks the
 * algorithm up by name in its providers: the first look-up builds all their tables, which takes a
 * sixth of the time of a short command, and HMAC() and SHA256() repeat the look-up in each call.
 * OpenSSL calls the functions used here deprecated because they pass by the providers; the code
 * that computes is the same. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/sha256.h"

#include <openssl/sha.h>
#include <string.h>

#include "core/secret.h"

_Static_assert(SHA256_SIZE == SHA256_DIGEST_LENGTH, "the size of a digest");

/* OpenSSL's three functions cannot fail here: they return 1 for every input. */
void sha256(const void *bytes, size_t len, unsigned char out[SHA256_SIZE])
{
    SHA256_CTX c;

    (void)SHA256_Init(&c);
    (void)SHA256_Update(&c, len == 0 ? "" : bytes, len);
    (void)SHA256_Final(out, &c);
    secret_wipe(&c, sizeof c);
}

/* RFC 2104: HMAC is H(key ^ opad, H(key ^ ipad, bytes)). This computes one of the two hashes;
 * `more` follows the key. */
static void hmac_half(const unsigned char key[SHA256_CBLOCK], unsigned char pad, const void *more,
                      size_t len, unsigned char out[SHA256_SIZE])
{
    unsigned char block[SHA256_CBLOCK];
    SHA256_CTX c;

    for (size_t i = 0; i < sizeof block; i++) {
        block[i] = key[i] ^ pad;
    }
    (void)SHA256_Init(&c);
    (void)SHA256_Update(&c, block, sizeof block);
    (void)SHA256_Update(&c, len == 0 ? "" : more, len);
    (void)SHA256_Final(out, &c);
    secret_wipe(block, sizeof block);
    secret_wipe(&c, sizeof c);
}

void sha256_hmac(const void *key, size_t key_len, const void *bytes, size_t len,
                 unsigned char out[SHA256_SIZE])
{
    unsigned char block[SHA256_CBLOCK] = {0};
    unsigned char inner[SHA256_SIZE];

    if (key_len > sizeof block) {
        sha256(key, key_len, block);
    } else if (key_len > 0) {
        memcpy(block, key, key_len);
    }
    hmac_half(block, 0x36, bytes, len, inner);
    hmac_half(block, 0x5c, inner, sizeof inner, out);
    secret_wipe(block, sizeof block);
}
