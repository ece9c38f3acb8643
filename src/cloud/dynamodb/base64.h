/* base64.h - decoding of DynamoDB's binary values. Pure; any thread. */
#ifndef CLOUD_DYNAMODB_BASE64_H
#define CLOUD_DYNAMODB_BASE64_H

#include <stddef.h>

/* how many bytes the text decodes to; `text` is valid base64 */
size_t ddb_base64_len(const char *text);
/* The decoded bytes, owned, and their number. attr_validate has checked `text`; from a malformed
 * text comes as much as could be read. */
unsigned char *ddb_base64_decode(const char *text, size_t *len);
#endif
