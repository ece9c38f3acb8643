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
    HTTP_BODY_END,     /* complete; what follows is the next request */
    HTTP_BODY_TOO_BIG, /* over the limit: what follows is still read by this, and dropped */
    HTTP_BODY_BAD      /* the framing is in doubt: nothing that follows may be read */
};

struct http_body {
    bool chunked;
    size_t max;
    size_t left;     /* of the length, or of the chunk */
    size_t received; /* bytes of content so far, dropped ones too */
    bool too_big;    /* more than max: the rest is dropped */
    const char *why; /* of HTTP_BODY_BAD; static */
    struct strbuf data;
    /* private: where in a chunked body it is */
    int at;
    int digits;   /* of the chunk's size */
    size_t extra; /* bytes of chunk extensions and of the trailer */
    struct http_lines trailer;
    size_t name_len; /* of the extension or trailer field that is being read; its first bytes: */
    char name[20];
};

/* `chunked`, or `length` bytes. No bytes are kept beyond `max`. */
void http_body_init(struct http_body *b, bool chunked, size_t length, size_t max);
/* Takes bytes; `*used` gets how many were of this body. After END and BAD it takes none. A body
 * over `max` answers TOO_BIG once its size is known to be over (of a length: at once, with no
 * byte), and again at each call until its end, which it answers with END and `over` set. What it
 * had kept goes then. */
enum http_body_state http_body_take(struct http_body *b, const char *bytes, size_t len,
                                    size_t *used);
void http_body_clear(struct http_body *b); /* wipes the data: it may hold secrets */
#endif
