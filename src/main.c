/* main.c - wires the areas together; this file alone knows them all. */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/api.h"
#include "api/serve.h"
#include "app/keymap.h"
#include "app/own.h"
#include "cli/cli.h"
#include "cloud/cloud.h"
#include "core/alloc.h"
#include "core/build.h"
#include "core/text.h"
#include "ui/dashboard.h"
#include "ui/term_caps.h"

static enum err_code run_local(void *arg, const struct cli_local *o, struct err *e)
{
    (void)arg;
    const struct cloud_serve_options h = {.data_dir = o->data_dir,
                                          .host = o->host,
                                          .port = o->port,
                                          .region = o->region,
                                          .container = o->container,
                                          .json = o->json,
                                          .background = o->background,
                                          .log = o->log};
    return cloud_serve(&h, e);
}

/* The lock that keeps the local cloud up goes away with the process: nothing closes it before. */
static enum err_code attach_local(void *arg, const char *data_dir, struct err *e)
{
    return cloud_attach(data_dir, arg, e);
}

static int run_dashboard(void *arg, const struct cli_dashboard *o, struct err *e)
{
    enum dashboard_next next = DASHBOARD_LEAVE;
    const struct dashboard_options d = {
        .ops = o->ops, .log = o->log, .no_color = o->no_color, .next = &next};

    (void)arg;
    int status = dashboard_run(&d, e);
    *o->next = next == DASHBOARD_LOCAL  ? CLI_NEXT_LOCAL
               : next == DASHBOARD_ANEW ? CLI_NEXT_ANEW
                                        : CLI_NEXT_LEAVE;
    return status;
}

static enum err_code run_serve(void *arg, const struct cli_serve *o, struct err *e)
{
    (void)arg;
    const struct serve_options s = {
        .api = {.ops = o->ops,
                .host = o->host,
                .port = o->port,
                .token = o->token,
                .token_file = o->token_file,
                .tls_cert = o->tls_cert,
                .tls_key = o->tls_key,
                .access_log = o->access_log,
                .cors = o->cors,
                .cors_len = o->cors_len,
                .read_only = o->read_only,
                .rate = o->rate,
                .connections = o->connections,
                .per_address = o->per_address,
                .proxies = o->proxies,
                .timeout_ms = o->timeout_s * 1000,
                .log = o->log},
        .json = o->json
    };
    return api_serve(&s, e);
}

static char *routes_help(void *arg)
{
    (void)arg;
    return api_routes_text();
}

#ifndef MVPDASH_INIH /* the Makefile gives it: inih itself has no version */
#define MVPDASH_INIH "of an unknown version"
#endif

/* As they are at run time: a system's library may be newer than the one that was compiled for. */
static char *libraries(void *arg)
{
    (void)arg;
    return xasprintf("%s\n%s\nSQLite %s\ncJSON %s\n%s\ninih %s\n", curl_version(),
                     OpenSSL_version(OPENSSL_VERSION), sqlite3_libversion(), cJSON_Version(),
                     caps_library(), MVPDASH_INIH);
}

static char *keys_help(void *arg)
{
    (void)arg;
    struct keymap *k = keymap_new(NULL, 0);
    char *text = keymap_help(k, SCOPE_COUNT);
    keymap_free(k);
    return text;
}

static cJSON *own(void *arg, const struct settings *s)
{
    (void)arg;
    return own_json(s);
}

static void warn(void *arg, struct settings *s)
{
    (void)arg;
    own_warn(s);
}

/* Opens the standard descriptors that the caller closed. Otherwise the next file that is opened
 * would get such a descriptor, and what is printed would go into that file. A closed stdin has
 * nothing to read; writing to a closed stdout fails as always. */
static void fill_standard_descriptors(void)
{
    static const int flags[] = {O_RDONLY, O_RDONLY, O_RDWR};

    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            (void)!open("/dev/null", flags[fd]); /* the lowest descriptor that is free is `fd` */
        }
    }
}

int main(int argc, char **argv)
{
    int use_fd = -1;
    const struct cli_hooks hooks = {.dashboard = run_dashboard,
                                    .local = run_local,
                                    .attach = attach_local,
                                    .keys = keys_help,
                                    .own = own,
                                    .warn = warn,
                                    .terminal = caps_probe,
                                    .serve = run_serve,
                                    .routes = routes_help,
                                    .libraries = libraries,
                                    .arg = &use_fd};

    fill_standard_descriptors();
    text_set_locale(); /* LC_NUMERIC stays "C", for numbers in JSON */
    (void)signal(SIGPIPE, SIG_IGN);
    /* after `ulimit -f` the write fails, and the error tells what it was for */
    (void)signal(SIGXFSZ, SIG_IGN);
    /* The process ends with main, so OpenSSL need not take its tables down one by one. A host's
     * openssl.cnf is made for the host's OpenSSL and may name modules that ours has not (those of a
     * host in FIPS mode): the static program does not read it, TLS would fail altogether. */
    (void)OPENSSL_init_crypto(
        OPENSSL_INIT_NO_ATEXIT | (build_is_static() ? OPENSSL_INIT_NO_LOAD_CONFIG : 0), NULL);
    return cli_main(argc, argv, &hooks);
}
