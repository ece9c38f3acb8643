/* wire.h - private to httpd: the bytes of a connection in and out, plain or by TLS, and the input
 * that is held until more of it comes. The loop's thread. */
#ifndef HTTPD_WIRE_H
#define HTTPD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct conn;

enum { WIRE_BLOCKED = -1, WIRE_LOST = -2 };

ssize_t httpd_wire_read(struct conn *c, char *to, size_t size); /* 0: the client's end */
/* Writes c->out, then the body of the reply: 0 when all is written. */
int httpd_wire_flush(struct conn *c);
bool httpd_wire_silent(const struct conn *c, bool *end); /* nothing is there to be read */
bool httpd_wire_ended(struct conn *c);                   /* the client's end is next to be read */
void httpd_wire_hold(struct conn *c, const char *bytes, size_t len);
void httpd_wire_keep_rest(struct conn *c); /* of c->cur, in c->held */
void httpd_wire_drop_held(struct conn *c);
#endif
