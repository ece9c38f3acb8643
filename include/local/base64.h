/* base64.h - decoding of DynamoDB's binary values. Pure; any thread. */
#ifndef LOCAL_BASE64_H
#define LOCAL_BASE64_H

#include <stddef.h>

size_t base64_len(const char *text); /* bytes it decodes to; `text` is valid base64 */
/* Owned bytes and their number; `text` was checked by attr_validate. Malformed text gives what
 * could be read. */
unsigned char *base64_decode(const char *text, size_t *len);
#endif
