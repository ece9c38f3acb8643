/* fields.h - the header fields of one message, trimmed where they are read and nowhere else
 * (RFC 9110 5.5). Pure; one thread at a time. */
#ifndef HTTPD_FIELDS_H
#define HTTPD_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct http_field {
    char *name;  /* owned; as it came */
    char *value; /* owned; without the blanks around it */
};

struct http_fields {
    struct http_field *items; /* owned, in the order they came */
    size_t len, cap;
};

/* Adds one; neither text needs a NUL at its end. Blanks around the value go. */
void http_fields_add(struct http_fields *f, const char *name, size_t name_len, const char *value,
                     size_t value_len);
/* Adds one of two strings. */
void http_fields_set(struct http_fields *f, const char *name, const char *value);
void http_fields_clear(struct http_fields *f);

/* The first of that name in any case, NULL when there is none; borrowed. */
const char *http_fields_get(const struct http_fields *f, const char *name);
size_t http_fields_count(const struct http_fields *f, const char *name);
/* The values of all fields of that name with ", " between them (RFC 9110 5.2); owned, NULL when
 * there is none. */
char *http_fields_join(const struct http_fields *f, const char *name);
/* Is `token` one of the elements of the list in the fields of that name, in any case? */
bool http_fields_list_has(const struct http_fields *f, const char *name, const char *token);
#endif
