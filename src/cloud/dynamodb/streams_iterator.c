/* DynamoDB Streams of the local cloud: sequence numbers and shard iterators as text. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "core/alloc.h"
#include "streams.h"

enum { ITERATOR_TEXT_MAX = 2048 };

/* The first digits of every sequence number, so that all have the same length. */
static const char sequence_prefix[] = "10";

const char *ddb_streams_sequence(int64_t seq, char buf[STREAMS_SEQUENCE_SIZE])
{
    (void)snprintf(buf, STREAMS_SEQUENCE_SIZE, "%s%019" PRId64, sequence_prefix, seq);
    return buf;
}

bool ddb_streams_sequence_parse(const char *text, int64_t *seq)
{
    size_t prefix = strlen(sequence_prefix);

    if (strlen(text) != prefix + 19 || strspn(text, "0123456789") != prefix + 19 ||
        strncmp(text, sequence_prefix, prefix) != 0) {
        return false;
    }
    errno = 0;
    *seq = strtoll(text + prefix, NULL, 10);
    return errno == 0;
}

char *ddb_streams_iterator_text(const char *arn, const struct ddb_streams_iterator *it)
{
    char plain[96];
    unsigned char encoded[160];

    int n = snprintf(plain, sizeof plain, "1:%" PRId64 ":%" PRId64 ":%" PRId64, it->stream_id,
                     it->after, it->issued_ms);
    (void)EVP_EncodeBlock(encoded, (const unsigned char *)plain, n);
    return xasprintf("%s|1|%s", arn, (const char *)encoded);
}

/* Reads up to 18 digits and skips the character after them. */
static bool read_number(const char **at, char end, int64_t *out)
{
    size_t digits = strspn(*at, "0123456789");

    if (digits == 0 || digits > 18 || (*at)[digits] != end) {
        return false;
    }
    *out = strtoll(*at, NULL, 10);
    *at += digits + 1;
    return true;
}

bool ddb_streams_iterator_parse(const char *text, struct ddb_streams_iterator *out)
{
    const char *at = strlen(text) > ITERATOR_TEXT_MAX ? NULL : strstr(text, "|1|");
    char plain[96];
    size_t len = 0;

    if (at == NULL || strlen(at + 3) % 4 != 0 || strlen(at + 3) == 0) {
        return false;
    }
    unsigned char *bytes = ddb_base64_decode(at + 3, &len);
    bool good = len > 0 && len < sizeof plain && memchr(bytes, '\0', len) == NULL;
    if (good) {
        memcpy(plain, bytes, len);
        plain[len] = '\0';
        const char *p = plain + 2;
        good = strncmp(plain, "1:", 2) == 0 && read_number(&p, ':', &out->stream_id) &&
               read_number(&p, ':', &out->after) && read_number(&p, '\0', &out->issued_ms) &&
               out->stream_id > 0;
    }
    free(bytes);
    return good;
}
