/* media.h - private to api: media types and content codings, as RFC 9110 8.3 and 8.4 write them.
 * Pure. */
#ifndef API_MEDIA_H
#define API_MEDIA_H

#include <stdbool.h>

/* Is it application/json in UTF-8? The letter case does not matter; there may be parameters, quoted
 * or not, of which only charset counts. False for NULL. */
bool media_is_json(const char *type);
/* Does the Content-Encoding say that the body is not coded at all? True for NULL. */
bool media_is_plain(const char *encoding);
#endif
