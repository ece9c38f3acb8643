/* tls.h - private to httpd: certificates, which any thread may replace, and the TLS of a
 * connection, which is the loop's. */
#ifndef HTTPD_TLS_H
#define HTTPD_TLS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/err.h"

struct conn;
struct httpd_tls; /* opaque: the layout lives in tls.c */

enum { RECORD_SIZE = 16 * 1024 }; /* a TLS record: a reply up to this goes out in one */

struct httpd_tls *httpd_tls_new(const char *cert, const char *key, struct err *e);
enum err_code httpd_tls_set(struct httpd_tls *t, const char *cert, const char *key, struct err *e);
void httpd_tls_free(struct httpd_tls *t);
SSL *httpd_tls_accept(struct httpd_tls *t, int fd); /* NULL: no memory */
int httpd_tls_shake(struct conn *c);                /* 0: done; WIRE_BLOCKED, WIRE_LOST */
ssize_t httpd_tls_read(struct conn *c, char *to, size_t size);
ssize_t httpd_tls_write(struct conn *c, const char *bytes, size_t len);
bool httpd_tls_ended(struct conn *c); /* the client said or made an end */
void httpd_tls_end(struct conn *c);   /* says close_notify */
#endif
