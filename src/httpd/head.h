/* head.h - private to httpd: the head of a request, RFC 9112 read strictly. Pure.
 *
 * A head is refused when two programs may read it in two ways: a bare CR or LF, a blank before a
 * colon, a line that goes on in the next (obs-fold), an empty or odd field name, a control
 * character in a value, more than one Host, both lengths, a length that is given twice or is no
 * number, a Transfer-Encoding that is not exactly one `chunked`. */
#ifndef HTTPD_HEAD_H
#define HTTPD_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "httpd/fields.h"
#include "lines.h"

struct http_head {
    char *method;              /* owned; NULL: the request line was not read */
    char *target;              /* owned; NULL: the same */
    int minor;                 /* 1 when the version was not read */
    struct http_fields fields; /* for a head that is refused: those before the part in doubt */
    bool chunked;              /* the body is chunked; otherwise it has `length` bytes */
    size_t length;             /* the bytes of a body that is not chunked */
    bool keep;                 /* the client lets the connection stay open */
    bool expects;              /* the client sent Expect: 100-continue, and a body is to come */
    int status;                /* the status of the refusal; 0: the head is in no doubt */
    const char *why;           /* a sentence without a capital or a full stop; static */
};

struct http_head_limits {
    size_t head_max, target_max;
};

/* How far a head that comes in parts was looked at. Starts from zeros. Only head.c uses the
 * members. */
struct http_head_scan {
    size_t at; /* bytes that were looked at */
    int part;
    int blank; /* empty lines before the request line */
    size_t method, method_end, target, target_end, version, fields;
    int minor;
    struct http_lines lines;
    int status;
    const char *why;
};

/* Looks whether `bytes` hold a complete head. 0: not yet, more bytes are needed; the next call gets
 * the same scan and bytes, with those that came since behind them: each byte is looked at once,
 * however many calls it takes. Else the result is how many bytes the head has, with its empty line,
 * and `out` is filled (http_head_clear it). Doubt is told as soon as it is seen, whether the head
 * is complete or not: `out->status` is set then, and the result is at least 1. Empty lines before
 * the request line are skipped (RFC 9112 2.2), four at most. A method or target that could be read
 * is kept for the log. `bytes` may hold anything. */
size_t http_head_read(struct http_head_scan *s, const char *bytes, size_t len,
                      const struct http_head_limits *l, struct http_head *out);
void http_head_clear(struct http_head *h);
#endif
