/* media.h - private to api: media types and content codings, as RFC 9110 8.3 and 8.4 write them.
 * Pure. */
#ifndef API_MEDIA_H
#define API_MEDIA_H

#include <stdbool.h>

/* Is it application/json in UTF-8? In any case, with any parameters, quoted or not, of which only
 * charset counts. NULL is not. */
bool media_is_json(const char *type);
/* Does the Content-Encoding say that the body is not coded at all? NULL does. */
bool media_is_plain(const char *encoding);
#endif
