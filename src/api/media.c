/* Reading media types and content codings. */
#include "media.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char token_chars[] =
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char blanks[] = " \t";

/* Reads a quoted string from its opening quote on: its value goes into `out`, as far as there is
 * room. Returns the place after the closing quote, NULL when there is none. */
static const char *quoted(const char *s, char *out, size_t size)
{
    size_t n = 0;

    for (s++; *s != '"'; s++) {
        if (*s == '\\') {
            s++;
        }
        if (*s == '\0') {
            return NULL;
        }
        if (n + 1 < size) {
            out[n++] = *s;
        }
    }
    out[n] = '\0';
    return s + 1;
}

/* Reads "name=value" and returns the place after it, NULL when no parameter is there. `*utf8`
 * becomes false when the parameter names another charset. */
static const char *parameter(const char *s, bool *utf8)
{
    size_t name_len = strspn(s, token_chars);
    bool charset = name_len == 7 && strncasecmp(s, "charset", 7) == 0;
    char value[16];

    if (name_len == 0 || s[name_len] != '=') {
        return NULL;
    }
    s += name_len + 1;
    if (*s == '"') {
        s = quoted(s, value, sizeof value);
    } else {
        size_t n = strspn(s, token_chars);
        size_t kept = n < sizeof value ? n : sizeof value - 1;
        memcpy(value, s, kept);
        value[kept] = '\0';
        s = n == 0 ? NULL : s + n;
    }
    if (s != NULL && charset && strcasecmp(value, "utf-8") != 0) {
        *utf8 = false;
    }
    return s;
}

bool media_is_json(const char *type)
{
    static const char json[] = "application/json";
    bool utf8 = true;

    if (type == NULL) {
        return false;
    }
    type += strspn(type, blanks);
    if (strncasecmp(type, json, sizeof json - 1) != 0) {
        return false;
    }
    type += sizeof json - 1;
    for (;;) { /* *( OWS ";" OWS [ parameter ] ) */
        type += strspn(type, blanks);
        if (*type == '\0') {
            return utf8;
        }
        if (*type != ';') {
            return false;
        }
        type += 1 + strspn(type + 1, blanks);
        if (*type != ';' && *type != '\0') {
            type = parameter(type, &utf8);
            if (type == NULL) {
                return false;
            }
        }
    }
}

bool media_is_plain(const char *encoding)
{
    if (encoding == NULL) {
        return true;
    }
    while (*encoding != '\0') { /* the value is a list, in which empty elements do not count */
        encoding += strspn(encoding, " \t,");
        size_t n = strcspn(encoding, " \t,");
        if (n != 0 && (n != 8 || strncasecmp(encoding, "identity", 8) != 0)) {
            return false;
        }
        encoding += n;
    }
    return true;
}
