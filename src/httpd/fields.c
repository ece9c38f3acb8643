/* The header fields of a message. */
#include "httpd/fields.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "lines.h"

static bool named(const struct http_field *f, const char *name)
{
    return http_same(f->name, strlen(f->name), name);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Moves `*s` to the place after the blanks before it; returns `len` without the blanks at both
 * ends. */
static size_t trim(const char **s, size_t len)
{
    while (len > 0 && is_blank(**s)) {
        (*s)++;
        len--;
    }
    while (len > 0 && is_blank((*s)[len - 1])) {
        len--;
    }
    return len;
}

void http_fields_add(struct http_fields *f, const char *name, size_t name_len, const char *value,
                     size_t value_len)
{
    value_len = trim(&value, value_len);
    f->items = xgrow(f->items, f->len, &f->cap, sizeof *f->items);
    f->items[f->len++] =
        (struct http_field){.name = xstrndup(name, name_len), .value = xstrndup(value, value_len)};
}

void http_fields_set(struct http_fields *f, const char *name, const char *value)
{
    http_fields_add(f, name, strlen(name), value, strlen(value));
}

void http_fields_clear(struct http_fields *f)
{
    for (size_t i = 0; i < f->len; i++) {
        free(f->items[i].name);
        /* the value may be that of Authorization */
        secret_wipe(f->items[i].value, strlen(f->items[i].value));
        free(f->items[i].value);
    }
    free(f->items);
    *f = (struct http_fields){.len = 0};
}

const char *http_fields_get(const struct http_fields *f, const char *name)
{
    for (size_t i = 0; i < f->len; i++) {
        if (named(&f->items[i], name)) {
            return f->items[i].value;
        }
    }
    return NULL;
}

size_t http_fields_count(const struct http_fields *f, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < f->len; i++) {
        n += named(&f->items[i], name);
    }
    return n;
}

char *http_fields_join(const struct http_fields *f, const char *name)
{
    struct strbuf b = STRBUF_INIT;
    bool some = false;

    for (size_t i = 0; i < f->len; i++) {
        if (named(&f->items[i], name)) {
            strbuf_adds(&b, some ? ", " : "");
            strbuf_adds(&b, f->items[i].value);
            some = true;
        }
    }
    return some ? strbuf_take(&b) : NULL;
}

/* The bytes of the list's first element, with its blanks. A comma in a quoted string ends no
 * element. */
static size_t element(const char *list)
{
    bool quoted = false;
    size_t n = 0;

    for (; list[n] != '\0' && (quoted || list[n] != ','); n++) {
        if (list[n] == '"') {
            quoted = !quoted;
        } else if (quoted && list[n] == '\\' && list[n + 1] != '\0') {
            n++;
        }
    }
    return n;
}

static bool list_has(const char *list, const char *token)
{
    for (;;) {
        size_t n = element(list);
        const char *one = list;
        size_t len = trim(&one, n);
        if (http_same(one, len, token)) {
            return true;
        }
        if (list[n] == '\0') {
            return false;
        }
        list += n + 1;
    }
}

bool http_fields_list_has(const struct http_fields *f, const char *name, const char *token)
{
    for (size_t i = 0; i < f->len; i++) {
        if (named(&f->items[i], name) && list_has(f->items[i].value, token)) {
            return true;
        }
    }
    return false;
}
