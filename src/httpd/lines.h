/* lines.h - private to httpd: the bytes of field lines, up to the empty line after them, of a head
 * or of a trailer, one byte at a time (RFC 9112 5). Pure.
 *
 * A line ends with CR LF and nothing else, a name is a token right before its colon, a value holds
 * no control character; a tab counts as one, except among the blanks around the value. */
#ifndef HTTPD_LINES_H
#define HTTPD_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_LINES_MAX = 100 }; /* how many fields there may be */

enum http_lines_at {
    HTTP_LINES_START,  /* at the start of a line */
    HTTP_LINES_NAME,   /* after at least one byte of a name */
    HTTP_LINES_BEFORE, /* after the colon and blanks */
    HTTP_LINES_VALUE,
    HTTP_LINES_TAB,    /* after a tab that came when the value had begun: the value must be over */
    HTTP_LINES_LF,     /* after the CR of a field's line */
    HTTP_LINES_END_LF, /* after the CR of the empty line */
    HTTP_LINES_END     /* after the empty line */
};

struct http_lines {
    enum http_lines_at at;
    size_t count; /* the number of fields, with the one that is being read */
    int status;   /* 400 or 431, once a byte was refused */
};

/* Takes one byte. NULL, or why the byte is refused (and sets `status`); static. Must not be called
 * again after a refusal or HTTP_LINES_END. Starts from zeros. */
const char *http_lines_take(struct http_lines *l, char c);

bool http_is_token_char(char c); /* RFC 9110 5.6.2 */
/* Are these `len` bytes that string, in any letter case? Only ASCII letters are folded: strcasecmp
 * goes by the locale, and in a Turkish one "TRANSFER-ENCODING" would be no Transfer-Encoding. */
bool http_same(const char *s, size_t len, const char *string);
#endif
