/* Decoding base64, the form of DynamoDB's binary values. */
#include "base64.h"

#include <openssl/evp.h>
#include <string.h>

#include "core/alloc.h"

size_t ddb_base64_len(const char *text)
{
    size_t n = strlen(text);
    size_t pad = n > 0 && text[n - 1] == '=' ? 1 : 0;

    pad += n > 1 && text[n - 2] == '=' ? 1 : 0;
    return n / 4 * 3 - (n >= 4 ? pad : 0);
}

unsigned char *ddb_base64_decode(const char *text, size_t *len)
{
    size_t n = strlen(text) / 4 * 4;
    unsigned char *out = xmalloc(n / 4 * 3 + 1);
    int made = EVP_DecodeBlock(out, (const unsigned char *)text, (int)n);

    *len = ddb_base64_len(text);
    if (made < 0 || (size_t)made < *len) {
        *len = 0;
    }
    return out;
}
