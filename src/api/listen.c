/* listen.c - opening the socket. The address is numeric or localhost, so that the server listens
 * exactly where it was meant to. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/text.h"
#include "impl.h"

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool parse(const char *host, uint16_t port, union address *out, socklen_t *len)
{
    *out = (union address){.v6 = {0}};
    if (host == NULL || strcmp(host, "localhost") == 0) {
        host = "127.0.0.1";
    }
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        *len = sizeof out->v4;
        return true;
    }
    if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        *len = sizeof out->v6;
        return true;
    }
    return false;
}

bool listen_is_public(const struct api_options *o)
{
    union address a;
    socklen_t len = 0;

    if (!parse(o->host, o->port, &a, &len)) {
        return false; /* the text is no address: listen_open says so */
    }
    return a.any.sa_family == AF_INET ? ntohl(a.v4.sin_addr.s_addr) >> 24 != 127
                                      : !IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr);
}

static void note_address(struct api *a)
{
    union address at = {.v6 = {0}};
    socklen_t len = sizeof at;
    char text[INET6_ADDRSTRLEN] = "";
    const char *scheme = a->tls_cert != NULL ? "https" : "http";

    if (getsockname(a->fd, &at.any, &len) != 0) {
        return;
    }
    bool v4 = at.any.sa_family == AF_INET;
    a->port = ntohs(v4 ? at.v4.sin_port : at.v6.sin6_port);
    const void *from = v4 ? (const void *)&at.v4.sin_addr : (const void *)&at.v6.sin6_addr;
    (void)inet_ntop(at.any.sa_family, from, text, sizeof text);
    (void)snprintf(a->url, sizeof a->url, v4 ? "%s://%s:%u" : "%s://[%s]:%u", scheme, text,
                   (unsigned)a->port);
}

enum err_code listen_open(struct api *a, struct err *e)
{
    const char *host = a->o.host == NULL ? "127.0.0.1" : a->o.host;
    union address at;
    socklen_t len = 0;
    int on = 1;

    if (!parse(a->o.host, a->o.port, &at, &len)) {
        (void)err_set(e, E_CONFIG, "--listen: \"%.*s\" is not an address", text_cut(host, 60),
                      host);
        return err_hint_set(e, "give a numeric one, such as 127.0.0.1, 0.0.0.0 or [::]");
    }
    a->fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (a->fd < 0 || setsockopt(a->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(a->fd, &at.any, len) != 0 || listen(a->fd, 512) != 0) {
        (void)err_set(e, E_CONFIG, "cannot listen on %s port %u: %s", host, (unsigned)a->o.port,
                      strerror(errno));
        return errno == EADDRINUSE
                   ? err_hint_set(e, "choose another port with --listen, or port 0 for a free one")
                   : E_CONFIG;
    }
    note_address(a);
    return E_OK;
}
