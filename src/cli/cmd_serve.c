/* `mvpdash serve`: the REST API. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/log.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "ops/guard.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "ops/state_table.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_VALUE("listen", "ADDR:PORT",
              "address to listen on; port 0 takes any free port (default 127.0.0.1:4600)"),
    CLI_VALUE(
        "token-file", "FILE",
        "file with lines `name token`, mode 0600; read again on SIGHUP. Or set MVPDASH_API_TOKEN"),
    CLI_VALUE("tls-cert", "FILE",
              "PEM certificate, with its chain: serves HTTPS; read again on SIGHUP"),
    CLI_VALUE("tls-key", "FILE", "PEM key of the certificate"),
    CLI_VALUE("access-log", "FILE",
              "file for the log as JSON Lines, opened again on SIGHUP; - is stderr (the default), "
              "none turns it off"),
    CLI_VALUE("rate", "N",
              "requests a second for each token, or for each address without one; 0 is no limit "
              "(default 100)"),
    CLI_VALUE("max-connections", "N",
              "connections at once, as many as descriptors allow (default 1024)"),
    CLI_VALUE("max-per-address", "N",
              "connections at once of one address; 0, the default, is no limit"),
    CLI_MANY("trusted-proxy", "CIDR",
             "address of a proxy whose X-Forwarded-For or Forwarded names the caller; its own "
             "address has no limit"),
    CLI_VALUE("state", "files|table",
              "where outbox and Idempotency-Keys are; table: DynamoDB, for many replicas (default "
              "files)"),
    CLI_FLAG("drain-outbox", "send once what waits in the outbox, then exit"),
    CLI_MANY("cors", "ORIGIN",
             "let web pages of this origin call, such as https://app.example.com (default: none)"),
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

/* Is the state in the table? */
static enum err_code read_state(const struct cli *c, bool *table, struct err *e)
{
    const char *given = args_get(&c->args, "state");
    const char *state = given != NULL ? given : settings_get(c->settings, SET_STATE);

    *table = state != NULL && strcmp(state, "table") == 0;
    return *table || state == NULL || strcmp(state, "files") == 0
               ? E_OK
               : err_set(e, E_USAGE, "--state: \"%.*s\" is not accepted; expected files or table",
                         text_cut(state, 40), state);
}

/* Goes on once with what waits in the outbox; E_TIMEOUT when something is left. */
static enum err_code drain_outbox(struct cli *c, struct err *e)
{
    int resumed = 0;
    int left = 0;
    enum err_code rc = cli_may_write(c, "serve --drain-outbox", e);

    rc = rc == E_OK ? ops_outbox_resume(c->ops, &resumed, &left, e) : rc;
    if (rc == E_OK && left > 0) {
        (void)err_set(e, E_TIMEOUT,
                      "%d deploy%s still in the outbox: another replica works on %s, "
                      "or whether the event arrived shows within a minute",
                      left, left == 1 ? " is" : "s are", left == 1 ? "it" : "them");
        rc = err_hint_set(e, "run it again in a minute");
    }
    struct outbox_alarm a = {0};
    rc = rc == E_OK ? outbox_look(c->ops, &a) : rc;
    int stuck = (int)(a.broken + a.unproven);
    if (rc == E_OK && stuck > 0) {
        (void)err_set(e, E_CONFLICT,
                      "%d deploy%s in the outbox, and mvpdash does not send %s by itself", stuck,
                      stuck == 1 ? " stays" : "s stay", stuck == 1 ? "it" : "them");
        rc = err_hint_set(e,
                          "`mvpdash outbox list` shows why; then `mvpdash outbox send` or `drop`");
    }
    if (c->json) {
        cJSON *doc = json_new_object();
        json_set_int(doc, "sent", resumed);
        json_set_int(doc, "left", left + stuck);
        cli_json(c, doc);
    } else if (rc == E_OK) {
        cli_note(c, "sent %d deploy%s, the outbox is empty", resumed, resumed == 1 ? "" : "s");
    }
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
    bool in_table = false;
    enum err_code rc = read_options(c, &o, e);

    rc = rc == E_OK ? read_state(c, &in_table, e) : rc;
    /* nobody would see a warning that every deploy is refused */
    rc = rc == E_OK && !o.read_only ? ops_config_safe(c->settings, e) : rc;
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
    if (rc == E_OK && in_table) {
        state_table_use(c->ops);
    }
    if (rc == E_OK) {
        o.ops = c->ops;
        rc = args_has(&c->args, "drain-outbox") ? drain_outbox(c, e)
                                                : c->hooks->serve(c->hooks->arg, &o, e);
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
        "With --state table (or MVPDASH_STATE) the outbox and the keys are in the DynamoDB table\n"
        "DYNAMODB_STATE_TABLE_NAME, and nothing of a deploy is on this machine's disk: replicas "
        "on\n"
        "disks that vanish go on with each other's deploys. One answer more is possible then: 503\n"
        "outcome_unknown, when no service tells whether the deploy was taken in. Rates are "
        "counted\n"
        "by each replica for itself. --drain-outbox ends with 0 when the outbox is empty.\n"
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
