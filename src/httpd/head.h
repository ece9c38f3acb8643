/* head.h - private to httpd: the head of a request, RFC 9112 read strictly. Pure.
 *
 * Refused is what two programs may read in two ways: a bare CR or LF, a blank before a colon, a
 * line that goes on in the next (obs-fold), an empty or odd field name, a control character in a
 * value, more than one Host, both lengths, a length given twice or no number, a Transfer-Encoding
 * that is not exactly one `chunked`. */
#ifndef HTTPD_HEAD_H
#define HTTPD_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "httpd/fields.h"
#include "lines.h"

struct http_head {
    char *method;              /* owned; NULL: the request line was not read */
    char *target;              /* owned; likewise */
    int minor;                 /* 1 where the version was not read */
    struct http_fields fields; /* of a refused head: those before what is in doubt */
    bool chunked;              /* the body is; else it has: */
    size_t length;             /* so many bytes */
    bool keep;                 /* the connection stays open, as far as the client says */
    bool expects;              /* Expect: 100-continue, and a body is to come */
    int status;                /* what it is refused with; 0: it is in no doubt */
    const char *why;           /* a sentence without a capital or a full stop; static */
};

struct http_head_limits {
    size_t head_max, target_max;
};

/* How far a head was looked at that comes in parts. Starts from zeros. Private: to head.c. */
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

/* Looks whether `bytes` hold a whole head. 0: not yet, more is needed; the next call gets the same
 * scan and bytes, with those that came since behind them: each is looked at once, however many
 * calls it takes. Else how many bytes the head is, its empty line included, and `out` is filled
 * (http_head_clear it). What is in doubt is said as soon as it is seen, whole or not: `out->status`
 * is set then, and the return value is at least 1. Empty lines before the request line are skipped
 * (RFC 9112 2.2), four at most. A method or target that could be read is kept for the log. `bytes`
 * may hold anything. */
size_t http_head_read(struct http_head_scan *s, const char *bytes, size_t len,
                      const struct http_head_limits *l, struct http_head *out);
void http_head_clear(struct http_head *h);
#endif
