/* url.h - what has to be known of an http(s) URL before anything is sent there. Pure; any
 * thread. */
#ifndef CORE_URL_H
#define CORE_URL_H

#include <stdbool.h>

/* The "host[:port]" of a URL as libcurl sends it in Host (default ports left out, lower case).
 * Owned; NULL when the URL has no host or is not http(s). */
char *url_host_of(const char *url);
/* Is the host 127.0.0.0/8, ::1 or localhost? */
bool url_is_loopback(const char *url);
/* Is the host loopback, 169.254.0.0/16, fe80::/10 or fd00:ec2::/32? Requests to it never go through
 * a proxy. */
bool url_is_local(const char *url);
/* May the URL be given to a browser, or to a terminal as a link? It is http(s) with a host and no
 * password, at most 2,000 bytes, and of no other characters than RFC 3986 has. */
bool url_openable(const char *url);
#endif
