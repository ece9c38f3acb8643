/* watch.h - private to api: the open connections, and how long each may take.
 *
 * libmicrohttpd only knows a time without any byte: a client that sends one now and then would keep
 * its thread for ever, and a handler that waits for AWS would count as idle. So each connection has
 * a deadline of its own for waiting (idle, or sending its headers), for the body and for reading
 * the reply; while a handler works it has none. A connection over its deadline is shut down, which
 * wakes its thread. Any thread. */
#ifndef API_WATCH_H
#define API_WATCH_H

#include <stdbool.h>

#include "core/err.h"

struct watch; /* opaque: src/api/watch.c */
struct conn;  /* one connection; belongs to the watch */

struct watch *watch_new(int patience_ms, struct err *e);
void watch_free(struct watch *w); /* no connection may be open; NULL allowed */

struct conn *watch_open(struct watch *w, int fd);
void watch_close(struct watch *w, struct conn *c); /* before its descriptor is closed */

/* The headers of a request are complete. False: the connection is being ended, answer nothing. */
bool watch_begin(struct watch *w, struct conn *c);
void watch_work(struct watch *w, struct conn *c); /* a handler begins: no deadline */
void watch_send(struct watch *w, struct conn *c); /* its reply is on its way */
void watch_idle(struct watch *w, struct conn *c); /* the request is over */

int watch_connections(struct watch *w);
int watch_busy(struct watch *w); /* between begin and idle */
/* From now on a connection that is not busy is shut down at once. Waits until none is busy, at most
 * so long; returns how many are. */
int watch_drain(struct watch *w, int timeout_ms);
#endif
