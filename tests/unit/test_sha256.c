/* SHA-256 and its HMAC, with published values. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sha256.h"

static const char *hex(const unsigned char digest[SHA256_SIZE])
{
    static char text[2 * SHA256_SIZE + 1];

    for (size_t i = 0; i < SHA256_SIZE; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    return text;
}

/* FIPS 180-2's examples, and what Python's hashlib says of nothing. */
Test(sha256, digests)
{
    unsigned char d[SHA256_SIZE];

    sha256(NULL, 0, d);
    cr_expect_str_eq(hex(d), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256("abc", 3, d);
    cr_expect_str_eq(hex(d), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    char *many = malloc(1000000);
    cr_assert_not_null(many);
    memset(many, 'a', 1000000);
    sha256(many, 1000000, d);
    free(many);
    cr_expect_str_eq(hex(d), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231's cases 1, 2 and 6 (a key longer than a block). */
Test(sha256, authenticates)
{
    unsigned char key[131];
    unsigned char d[SHA256_SIZE];

    memset(key, 0x0b, 20);
    sha256_hmac(key, 20, "Hi There", 8, d);
    cr_expect_str_eq(hex(d), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    sha256_hmac("Jefe", 4, "what do ya want for nothing?", 28, d);
    cr_expect_str_eq(hex(d), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    sha256_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, d);
    cr_expect_str_eq(hex(d), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    sha256_hmac(NULL, 0, NULL, 0, d);
    cr_expect_str_eq(hex(d), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

Test(sha256, key_may_be_overwritten)
{
    unsigned char key[SHA256_SIZE] = "Jefe";

    sha256_hmac(key, 4, "what do ya want for nothing?", 28, key);
    cr_expect_str_eq(hex(key), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
