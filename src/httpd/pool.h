/* pool.h - private to httpd: the threads that run requests, and the line of those that wait for
 * one. Any thread. */
#ifndef HTTPD_POOL_H
#define HTTPD_POOL_H

#include <stdbool.h>

#include "core/err.h"

struct httpd;
struct httpd_pool; /* opaque: the layout lives in pool.c */
struct job;

struct httpd_pool *httpd_pool_new(struct httpd *h, struct err *e);
bool httpd_pool_put(struct httpd_pool *p, struct job *j);    /* false: the line is full */
bool httpd_pool_remove(struct httpd_pool *p, struct job *j); /* from the line; false: it runs */
struct job *httpd_pool_take(struct httpd_pool *p);           /* a list of those finished */
int httpd_pool_waiting(struct httpd_pool *p);
void httpd_pool_stop(struct httpd_pool *p); /* ends the threads; what waits stays */
void httpd_pool_free(struct httpd_pool *p);
#endif
