#include "core/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void secret_clear(struct secret *s)
{
    if (s->value != NULL) {
        OPENSSL_cleanse(s->value, strlen(s->value));
        free(s->value);
        s->value = NULL;
    }
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
