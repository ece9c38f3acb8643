/* The address that the REST API listens on, from its options. */
#include "httpd/listen.h"

#include "core/text.h"
#include "impl.h"

bool listen_is_public(const struct api_options *o)
{
    struct httpd_address at;

    /* The text may be no address: listen_open says so. */
    return httpd_address_read(o->host, o->port, &at) && !httpd_address_is_loopback(&at);
}

enum err_code listen_open(struct api *a, struct err *e)
{
    struct httpd_address at;

    if (!httpd_address_read(a->o.host, a->o.port, &at)) {
        (void)err_set(e, E_CONFIG, "--listen: \"%.*s\" is not an address", text_cut(at.host, 60),
                      at.host);
        return err_hint_set(e, "give a numeric one, such as 127.0.0.1, 0.0.0.0 or [::]");
    }
    a->fd = httpd_listen(&at, e);
    if (a->fd < 0) {
        return E_CONFIG;
    }
    httpd_listens_at(a->fd, a->tls_cert != NULL ? "https" : "http", a->url, sizeof a->url,
                     &a->port);
    return E_OK;
}
