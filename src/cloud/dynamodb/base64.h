/* base64.h - decoding of DynamoDB's binary values. Pure; any thread. */
#ifndef CLOUD_DYNAMODB_BASE64_H
#define CLOUD_DYNAMODB_BASE64_H

#include <stddef.h>

size_t ddb_base64_len(const char *text); /* bytes it decodes to; `text` is valid base64 */
/* Owned bytes and their number; `text` was checked by attr_validate. Malformed text gives what
 * could be read. */
unsigned char *ddb_base64_decode(const char *text, size_t *len);
#endif
