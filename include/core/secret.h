/* secret.h - strings that are wiped when they go, and never printed. Any thread, not shared. */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include <stddef.h>

#include "core/strbuf.h"

struct secret {
    char
        *value; /* owned, NUL-terminated; NULL when unset. Only for the code that signs or sends. */
};

void secret_set(struct secret *s, const char *value); /* copies; NULL unsets; wipes the old one */
void secret_copy(struct secret *to, const struct secret *from);
void secret_clear(struct secret *s);            /* wipes */
const char *secret_str(const struct secret *s); /* borrowed; "" when unset */

/* Appends a URL with the password of its user-info part, and the values of query parameters named
 * like a secret (password, pwd, token, secret, key), replaced by "****". Text that is no URL but
 * longer than 0 becomes "****" as a whole. For founderdashDbUrl. */
void secret_mask_url(struct strbuf *out, const char *url);
/* Appends any text, JSON too, with the URLs in it masked like that: an event carries
 * founderdashDbUrl. */
void secret_mask_text(struct strbuf *out, const char *text);
#endif
