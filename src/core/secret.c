/* Strings that are overwritten before they are freed. */
#include "core/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void secret_wipe(void *p, size_t len)
{
    if (p != NULL) {
        OPENSSL_cleanse(p, len);
    }
}

void secret_free_bytes(void *p, size_t len)
{
    secret_wipe(p, len);
    free(p);
}

void secret_free(char *text)
{
    secret_free_bytes(text, text == NULL ? 0 : strlen(text));
}

void secret_clear(struct secret *s)
{
    secret_free(s->value);
    s->value = NULL;
}

void secret_set(struct secret *s, const char *value)
{
    char *copy = xstrdup(value);

    secret_clear(s);
    s->value = copy;
}

void secret_copy(struct secret *to, const struct secret *from)
{
    secret_set(to, from->value);
}

const char *secret_str(const struct secret *s)
{
    return s->value == NULL ? "" : s->value;
}
