/* body.h - private to httpd: a body as it comes, of a known length or chunked (RFC 9112 6, 7.1),
 * read strictly. Pure. */
#ifndef HTTPD_BODY_H
#define HTTPD_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/strbuf.h"
#include "lines.h"

enum http_body_state {
    HTTP_BODY_MORE,    /* more bytes are needed */
    HTTP_BODY_END,     /* the body is complete; the next request follows */
    HTTP_BODY_TOO_BIG, /* the body is over the limit: the rest of it is still read, and dropped */
    HTTP_BODY_BAD      /* the framing is in doubt: nothing that follows may be read */
};

struct http_body {
    bool chunked;
    size_t max;
    size_t left;     /* bytes left of the body's length, or of the chunk */
    size_t received; /* bytes of content so far, including those that were dropped */
    bool too_big;    /* the content is more than max: the rest is dropped */
    const char *why; /* for HTTP_BODY_BAD; static */
    struct strbuf data;
    /* private: the place in a chunked body */
    int at;
    int digits;   /* the digits of the chunk's size so far */
    size_t extra; /* bytes of chunk extensions and of the trailer */
    struct http_lines trailer;
    /* the name of the extension or trailer field that is being read: its length and its first
     * bytes */
    size_t name_len;
    char name[20];
};

/* Begins a body that is `chunked`, or has `length` bytes. No bytes are kept beyond `max`. */
void http_body_init(struct http_body *b, bool chunked, size_t length, size_t max);
/* Takes bytes; `*used` gets how many of them belong to this body. After END and BAD it takes none.
 * For a body over `max` it returns TOO_BIG once the size is known to be over the limit (with a
 * length: at once, with no byte), and again at each call until the end of the body, for which it
 * returns END with `too_big` set. The bytes that were kept are dropped then. */
enum http_body_state http_body_take(struct http_body *b, const char *bytes, size_t len,
                                    size_t *used);
void http_body_clear(struct http_body *b); /* wipes the data, which may hold secrets */
#endif
