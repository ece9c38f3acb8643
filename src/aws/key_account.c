/* The account in an access key id: base32 (RFC 4648) after the four letters of the kind. The first
 * six bytes hold one bit that is set in ids that name their account, forty bits of account, and
 * seven bits of what follows. Found and published by Aidan Steele (2020) and Tal Be'ery (2023);
 * AWS's own GetAccessKeyInfo agrees. */
#include "aws/key_account.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { KIND_LEN = 4, ID_LEN = 20, ACCOUNT_CHARS = 10 };
static const uint64_t marker = (uint64_t)1 << 47;
static const uint64_t accounts = 1000000000000u;

static int base32(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool aws_key_is_unique(const char *key_id)
{
    if (strlen(key_id) != ID_LEN ||
        (strncmp(key_id, "AKIA", KIND_LEN) != 0 && strncmp(key_id, "ASIA", KIND_LEN) != 0)) {
        return false;
    }
    for (const char *p = key_id + KIND_LEN; *p != '\0'; p++) {
        if (base32(*p) < 0) {
            return false;
        }
    }
    return true;
}

bool aws_key_account(const char *key_id, char account[AWS_ACCOUNT_SIZE])
{
    uint64_t bits = 0;

    account[0] = '\0';
    if (!aws_key_is_unique(key_id)) {
        return false;
    }
    /* this makes fifty bits, of which the first forty-eight are needed */
    for (int i = 0; i < ACCOUNT_CHARS; i++) {
        bits = bits << 5 | (uint64_t)base32(key_id[KIND_LEN + i]);
    }
    bits >>= 2;
    uint64_t number = (bits & ~marker) >> 7;
    if ((bits & marker) == 0 || number >= accounts) {
        return false;
    }
    (void)snprintf(account, AWS_ACCOUNT_SIZE, "%012" PRIu64, number);
    return true;
}
