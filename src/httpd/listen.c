/* The address that a server listens on, from its text to a socket and back. */
#include "httpd/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 512 };

bool httpd_address_read(const char *host, uint16_t port, struct httpd_address *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&out->at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->at;

    *out = (struct httpd_address){.host = host == NULL ? "127.0.0.1" : host, .port = port};
    const char *numeric = strcmp(out->host, "localhost") == 0 ? "127.0.0.1" : out->host;
    if (inet_pton(AF_INET, numeric, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        out->len = sizeof *v4;
        return true;
    }
    if (inet_pton(AF_INET6, numeric, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        out->len = sizeof *v6;
        return true;
    }
    return false;
}

bool httpd_address_is_loopback(const struct httpd_address *a)
{
    if (a->at.ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->at;
        return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    }
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->at;
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) != 0;
}

int httpd_listen(const struct httpd_address *a, struct err *e)
{
    int on = 1;
    int fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&a->at, a->len) == 0 && listen(fd, BACKLOG) == 0) {
        return fd;
    }
    int error = errno;
    (void)err_set(e, E_CONFIG, "cannot listen on %s port %u: %s", a->host, (unsigned)a->port,
                  strerror(error));
    if (error == EADDRINUSE) {
        (void)err_hint_set(e, "choose another port with --listen, or port 0 for a free one");
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

void httpd_listens_at(int fd, const char *scheme, char *url, size_t url_size, uint16_t *port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at = {.v6 = {0}};
    socklen_t len = sizeof at;
    char text[INET6_ADDRSTRLEN] = "";

    if (getsockname(fd, &at.any, &len) != 0) {
        return;
    }
    bool is_v4 = at.any.sa_family == AF_INET;
    *port = ntohs(is_v4 ? at.v4.sin_port : at.v6.sin6_port);
    const void *from = is_v4 ? (const void *)&at.v4.sin_addr : (const void *)&at.v6.sin6_addr;
    (void)inet_ntop(at.any.sa_family, from, text, sizeof text);
    (void)snprintf(url, url_size, is_v4 ? "%s://%s:%u" : "%s://[%s]:%u", scheme, text,
                   (unsigned)*port);
}
