/* listen.h - the address that a server listens on. It is numeric or "localhost", so that the server
 * listens exactly where it was meant to. Any thread. */
#ifndef HTTPD_LISTEN_H
#define HTTPD_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/err.h"

struct httpd_address {
    struct sockaddr_storage at;
    socklen_t len;
    const char *host; /* the host as it was given; borrowed */
    uint16_t port;    /* the port as it was given; 0: any free one */
};

/* Reads an address. NULL is 127.0.0.1, as "localhost" is. False: the text is no numeric address. */
bool httpd_address_read(const char *host, uint16_t port, struct httpd_address *out);
bool httpd_address_is_loopback(const struct httpd_address *a);

/* Opens a socket that listens there, for httpd_start; -1 with `e`: E_CONFIG. */
int httpd_listen(const struct httpd_address *a, struct err *e);
/* Tells where a socket listens: "http://127.0.0.1:4599" or "https://[::1]:4599", and the port. */
void httpd_listens_at(int fd, const char *scheme, char *url, size_t url_size, uint16_t *port);
#endif
