/* reply.h - private to httpd: the head of a reply as it goes out. */
#ifndef HTTPD_REPLY_H
#define HTTPD_REPLY_H

#include <stdbool.h>

#include "core/strbuf.h"
#include "httpd/httpd.h"

void httpd_reply_write(struct strbuf *out, const struct http_exchange *x, bool keep,
                       const char *date);
bool httpd_reply_has_body(const struct http_exchange *x);
void httpd_reply_clear(struct http_reply *r);
const char *httpd_reply_date(struct httpd *h); /* the Date of now; the loop's thread */
#endif
