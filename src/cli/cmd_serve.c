/* `mvpdash serve`: the REST API. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "core/strbuf.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_VALUE("listen", "ADDR:PORT",
              "where to listen; port 0 is any free one (default 127.0.0.1:4600)"),
    CLI_VALUE("token-file", "FILE",
              "lines of `name token`, mode 0600; read again on SIGHUP. Or set MVPDASH_API_TOKEN"),
    CLI_VALUE("tls-cert", "FILE",
              "PEM certificate, with its chain: serves HTTPS; read again on SIGHUP"),
    CLI_VALUE("tls-key", "FILE", "PEM key of the certificate"),
    CLI_VALUE("access-log", "FILE",
              "JSON lines, appended, opened again on SIGHUP; - is stderr (the default), none is "
              "none"),
    CLI_VALUE("rate", "N",
              "requests a second for each token, or address without one; 0 is any (default 100)"),
    CLI_VALUE("max-connections", "N",
              "connections at once, as far as descriptors allow (default 1024)"),
    CLI_VALUE("max-per-address", "N", "of them, those of one address; 0 is any (the default)"),
    CLI_MANY("trusted-proxy", "CIDR",
             "a proxy whose X-Forwarded-For or Forwarded says who asks; no limit of its address"),
    CLI_MANY("cors", "ORIGIN",
             "let web pages of this origin ask, such as https://app.example.com (default: none)"),
    CLI_END,
};

static char *join_proxies(const struct cli *c)
{
    struct strbuf b = STRBUF_INIT;
    size_t at = 0;

    for (const char *p; (p = args_next(&c->args, "trusted-proxy", &at)) != NULL;) {
        strbuf_adds(&b, b.len == 0 ? "" : ",");
        strbuf_adds(&b, p);
    }
    return b.data; /* NULL when no proxy is named */
}

static void read_cors(struct cli *c, struct cli_serve *o)
{
    const char *origin;
    size_t cap = 0;
    size_t at = 0;

    while ((origin = args_next(&c->args, "cors", &at)) != NULL) {
        o->cors = xgrow(o->cors, o->cors_len, &cap, sizeof *o->cors);
        o->cors[o->cors_len++] = (char *)origin;
    }
}

static enum err_code read_options(struct cli *c, struct cli_serve *o, struct err *e)
{
    const char *listen = args_get(&c->args, "listen");
    const char *rate = args_get(&c->args, "rate");
    const char *connections = args_get(&c->args, "max-connections");
    const char *per_address = args_get(&c->args, "max-per-address");
    const char *timeout = args_get(&c->args, "timeout");
    const char *access = args_get(&c->args, "access-log");
    int64_t n = 0;

    enum err_code rc = listen == NULL ? E_OK : cli_listen(listen, &o->host, &o->port, e);
    if (rc == E_OK && rate != NULL) {
        rc = cli_number("rate", rate, 0, 1000000, &n, e);
        o->rate = (int)n;
    }
    if (rc == E_OK && connections != NULL) {
        rc = cli_number("max-connections", connections, 1, 10000, &n, e);
        o->connections = (int)n;
    }
    if (rc == E_OK && per_address != NULL) {
        rc = cli_number("max-per-address", per_address, 0, 10000, &n, e);
        o->per_address = (int)n;
    }
    if (rc == E_OK && timeout != NULL) {
        rc = cli_number("timeout", timeout, 1, 300, &n, e);
        o->timeout_s = (int)n;
    }
    o->proxies = join_proxies(c);
    read_cors(c, o);
    o->token_file = args_get(&c->args, "token-file");
    o->tls_cert = args_get(&c->args, "tls-cert");
    o->tls_key = args_get(&c->args, "tls-key");
    o->access_log = access == NULL || strcmp(access, "-") == 0 ? NULL
                    : strcmp(access, "none") == 0              ? ""
                                                               : access;
    return rc;
}

static enum err_code run_serve(struct cli *c, struct err *e)
{
    struct cli_serve o = {.port = 4600,
                          .rate = 100,
                          .connections = 1024,
                          .timeout_s = 10,
                          .token = settings_get(c->settings, SET_API_TOKEN),
                          .read_only = settings_bool(c->settings, SET_READ_ONLY),
                          .json = c->json};
    struct log *own = NULL;
    enum err_code rc = read_options(c, &o, e);

    /* The server runs for long and alone, so it tells on stderr what goes wrong, even when nobody
     * asked for a log. */
    if (rc == E_OK && c->log == NULL) {
        own = log_new(NULL, LOG_LVL_INFO, e);
        rc = own == NULL ? E_IO : E_OK;
    }
    o.log = c->log != NULL ? c->log : own;
    if (rc == E_OK && cli_ops(c, e) == NULL) {
        rc = e->code;
    }
    if (rc == E_OK) {
        o.ops = c->ops;
        rc = c->hooks->serve(c->hooks->arg, &o, e);
    }
    free(o.host);
    free(o.proxies);
    free(o.cors);
    log_free(own);
    return rc;
}

const struct cli_command cmd_serve = {
    .name = "serve",
    .args = "",
    .summary = "Serve the REST API",
    .about =
        "JSON over HTTP for other programs, on the same code as the commands. Prints its address\n"
        "once it listens, then serves until Ctrl-C or SIGTERM: requests under way are answered\n"
        "first. Without a token it listens on this machine only, and answers only requests whose\n"
        "Host is localhost, 127.x.x.x or [::1] and that no web page of another origin makes.\n"
        "GET /openapi.json has the schema of every request and reply; errors are\n"
        "{\"error\":{\"code\",\"message\"}}, with all that is wrong in its fields.\n"
        "\n"
        "A deploy that was answered 202 is never lost: it is recorded, or waits in the outbox.\n"
        "Any other answer means that no job will run. With an Idempotency-Key header the same\n"
        "request may be sent again, within a day, for the same answer.\n"
        "\n"
        "Each request is answered within --timeout seconds (10 here), with 503 and Retry-After "
        "when\n"
        "AWS keeps silent; /healthz, /readyz and /metrics are, whatever the others wait for. When\n"
        "all connections are taken, the one that was idle longest is closed for the next.",
    .example = "mvpdash serve --listen 127.0.0.1:0",
    .options = options,
    .max_args = 0,
    .flags = CLI_ROUTES | CLI_OWN_VOICE,
    .run = run_serve,
};
