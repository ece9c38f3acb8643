/* api.c - putting the parts together, and taking them apart in the right order. */
#include "api/api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "browser.h"
#include "core/alloc.h"
#include "core/path.h"
#include "core/secret.h"
#include "core/shared_sync.h"
#include "impl.h"

enum {
    PEM_MAX = 256 * 1024,
    /* how long requests that ask the same wait for a look that is under way: a few times what AWS
     * needs */
    PATIENCE_MS = 50,
    /* and how long for the one look that is made for all of them: many times what AWS needs */
    JOINED_MS = 1000
};

static void copy_options(struct api *a, const struct api_options *o)
{
    a->o = *o;
    a->o.host = xstrdup(o->host);
    a->o.token = NULL; /* the token goes into the list, as a digest */
    a->o.token_file = xstrdup(o->token_file);
    a->o.tls_cert = xstrdup(o->tls_cert);
    a->o.tls_key = xstrdup(o->tls_key);
    a->o.access_log = xstrdup(o->access_log);
    char **cors = o->cors_len == 0 ? NULL : xcalloc(o->cors_len, sizeof *cors);
    for (size_t i = 0; i < o->cors_len; i++) {
        cors[i] = xstrdup(o->cors[i]);
    }
    a->o.cors = cors;
    a->o.connections = o->connections == 0 ? 1024 : o->connections;
    a->o.scan_every_s = o->scan_every_s == 0 ? 900 : o->scan_every_s;
    a->o.scan_rest_ms = o->scan_rest_ms == 0 ? 1000 : o->scan_rest_ms;
    a->o.patience_ms = o->patience_ms == 0 ? 30000 : o->patience_ms;
    a->o.timeout_ms = o->timeout_ms == 0 ? 10000 : o->timeout_ms;
}

static void clear_options(struct api_options *o)
{
    free((void *)o->host);
    free((void *)o->token_file);
    free((void *)o->tls_cert);
    free((void *)o->tls_key);
    free((void *)o->access_log);
    for (size_t i = 0; i < o->cors_len; i++) {
        free(o->cors[i]);
    }
    free((void *)o->cors);
}

/* Reads the tokens; `own` of them are the environment's. */
static struct tokens *load_tokens(const char *token, const char *file, size_t *own, struct err *e)
{
    struct tokens *t = tokens_new();
    enum err_code rc = E_OK;

    if (token != NULL && token[0] != '\0') {
        rc = tokens_list(t, token, e);
        if (rc != E_OK) {
            (void)err_wrap(e, "MVPDASH_API_TOKEN");
        }
    }
    *own = tokens_len(t);
    if (rc == E_OK && file != NULL) {
        rc = tokens_read(t, file, e);
    }
    if (rc != E_OK) {
        tokens_free(t);
        return NULL;
    }
    return t;
}

static enum err_code load_pem(const char *path, bool secret, char **out, struct err *e)
{
    struct stat st;

    if (secret && stat(path, &st) == 0 && (st.st_mode & 07) != 0) {
        (void)err_set(e, E_CONFIG, "%s: anybody may read the key (mode %04o)", path,
                      (unsigned)(st.st_mode & 07777));
        return err_hint_set(e, "chmod 600 %s", path);
    }
    struct err why = {0};
    if (path_read(path, PEM_MAX, out, NULL, &why) != E_OK) {
        return err_set(e, E_CONFIG, "%s", why.msg);
    }
    if (strstr(*out, "-----BEGIN ") == NULL) {
        return err_set(e, E_CONFIG, "%s is not a PEM file", path);
    }
    return E_OK;
}

static enum err_code check_pair(const struct api *a, const char *cert, const char *key,
                                struct err *e)
{
    struct err why = {0};

    return httpd_check_tls(cert, key, &why) == E_OK ? E_OK
                                                    : err_set(e, E_CONFIG, "%s with the key %s: %s",
                                                              a->o.tls_cert, a->o.tls_key, why.msg);
}

/* Reads the texts of certificate and key, which the caller owns on failure too; both are NULL
 * without TLS. */
static enum err_code load_tls(const struct api *a, char **cert, char **key, struct err *e)
{
    if ((a->o.tls_cert == NULL) != (a->o.tls_key == NULL)) {
        return err_set(e, E_CONFIG, "--tls-cert and --tls-key go together: one is missing");
    }
    if (a->o.tls_cert == NULL) {
        return E_OK;
    }
    enum err_code rc = load_pem(a->o.tls_cert, false, cert, e);
    rc = rc == E_OK ? load_pem(a->o.tls_key, true, key, e) : rc;
    return rc == E_OK ? check_pair(a, *cert, *key, e) : rc;
}

/* Gives new connections the certificate that the files hold now, when it is another one. The texts
 * that hooks read are not touched: httpd keeps its own copy. */
static enum err_code reload_tls(struct api *a, struct err *e)
{
    char *cert = NULL;
    char *key = NULL;

    if (a->tls_cert == NULL) {
        return E_OK;
    }
    enum err_code rc = load_tls(a, &cert, &key, e);
    bool same = cert != NULL && key != NULL && strcmp(cert, a->tls_cert) == 0 &&
                strcmp(key, a->tls_key) == 0;
    if (rc == E_OK && !same) {
        rc = httpd_set_tls(a->httpd, cert, key, e);
    }
    if (rc == E_OK) { /* on failure the certificate in force stays */
        char *before = a->tls_cert;
        a->tls_cert = cert;
        cert = before;
        before = a->tls_key;
        a->tls_key = key;
        key = before;
    }
    free(cert);
    secret_free(key);
    return rc;
}

static enum err_code check_exposure(struct api *a, struct err *e)
{
    if (!listen_is_public(&a->o)) {
        return E_OK;
    }
    if (tokens_len(a->tokens) == 0) {
        (void)err_set(e, E_CONFIG, "without a token it listens on this machine only, not on %s",
                      a->o.host == NULL ? "127.0.0.1" : a->o.host);
        return err_hint_set(e, "set MVPDASH_API_TOKEN, or give --token-file");
    }
    if (a->tls_cert == NULL) {
        (void)snprintf(a->warning, sizeof a->warning,
                       "tokens cross the network unencrypted: give --tls-cert and --tls-key, or "
                       "put a proxy with TLS in front");
    }
    return E_OK;
}

static enum err_code read_proxies(struct api *a, const char *list, struct err *e)
{
    enum err_code rc = E_OK;

    a->proxies = proxies_new();
    while (list != NULL && rc == E_OK) {
        size_t n = strcspn(list, ",");
        char *one = xstrndup(list, n);
        rc = proxies_add(a->proxies, one, e);
        free(one);
        list = list[n] == ',' ? list + n + 1 : NULL;
    }
    return rc;
}

/* Takes a line of the log, on any thread; the log has made it one line. */
static void take_line(void *arg, const char *line, size_t len)
{
    struct api *a = arg;
    char note[96];
    uint64_t lost = spool_lost(a->voice);

    if (lost > 0) {
        int n = snprintf(note, sizeof note, "(%llu lines of the log could not be written here)\n",
                         (unsigned long long)lost);
        (void)spool_put(a->voice, note, (size_t)n, lost);
    }
    (void)spool_put(a->voice, line, len, 0);
}

/* Diverts the log, so that nobody waits for the reader of stderr. */
static enum err_code divert_log(struct api *a, struct err *e)
{
    if (a->o.log == NULL) {
        return E_OK;
    }
    a->voice = spool_new(log_fd(a->o.log), false, e);
    if (a->voice == NULL) {
        return E_IO;
    }
    log_divert(a->o.log, take_line, a);
    return E_OK;
}

static enum err_code start_threads(struct api *a, struct err *e)
{
    a->access = access_new(a->o.access_log, e);
    if (a->access == NULL) {
        return E_CONFIG;
    }
    if (divert_log(a, e) != E_OK) {
        return E_IO;
    }
    a->ready = ready_start(a->ops, a->o.log, e);
    a->backlog = a->ready == NULL ? NULL : backlog_start(a->ops, a->o.log, e);
    a->outbox = a->backlog == NULL ? NULL : outbox_start(a, e);
    /* a server that writes nothing scans for itself */
    const struct scan_options scan = {.every_s = a->o.scan_every_s,
                                      .rest_ms = a->o.scan_rest_ms,
                                      .shared = a->ops->state != NULL && !a->o.read_only};
    a->scan = a->outbox == NULL ? NULL : scan_start(a->ops, &scan, a->o.log, e);
    return a->scan == NULL ? E_IO : server_start(a, e);
}

static enum err_code start_parts(struct api *a, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0; i < a->o.cors_len && rc == E_OK; i++) {
        rc = browser_check_origin(a->o.cors[i], e);
    }
    rc = rc == E_OK ? listen_open(a, e) : rc;
    a->meter = meter_new();
    a->answers = answer_cache_new();
    a->rounds = rounds_new(PATIENCE_MS, JOINED_MS);
    a->outlook = outlook_new(a->ops);
    a->keys_folder = shared_sync_new();
    a->limiter = limiter_new(a->o.rate);
    return rc == E_OK ? start_threads(a, e) : rc;
}

struct api *api_start(const struct api_options *o, struct err *e)
{
    struct api *a = xcalloc(1, sizeof *a);

    a->fd = -1;
    a->ops = o->ops;
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_mutex_init(&a->doctor, NULL);
    copy_options(a, o);
    a->tokens = load_tokens(o->token, o->token_file, &a->own_tokens, e);
    enum err_code rc = a->tokens == NULL ? E_CONFIG : load_tls(a, &a->tls_cert, &a->tls_key, e);
    if (rc == E_OK) {
        rc = check_exposure(a, e);
    }
    a->o.proxies = NULL;
    if (rc == E_OK) {
        rc = read_proxies(a, o->proxies, e);
    }
    if (rc == E_OK) {
        rc = limits_fit(a->o.connections, &a->limits, e);
    }
    if (rc == E_OK) {
        aws_client_limit(a->ops->aws, a->limits.outbound);
        rc = start_parts(a, e);
    }
    if (rc != E_OK) {
        api_free(a);
        return NULL;
    }
    return a;
}

uint16_t api_port(const struct api *a)
{
    return a->port;
}

const char *api_url(const struct api *a)
{
    return a->url;
}

void api_fits(const struct api *a, char *out, size_t size)
{
    limits_text(&a->limits, out, size);
}

const char *api_warning(const struct api *a)
{
    return a->warning[0] == '\0' ? NULL : a->warning;
}

/* Reads the token file again. The environment's tokens cannot change: their digests move to the new
 * list. */
static enum err_code reload_tokens(struct api *a, struct err *e)
{
    struct tokens *fresh = tokens_new();

    if (a->o.token_file == NULL) {
        tokens_free(fresh);
        return E_OK;
    }
    tokens_keep(fresh, a->tokens, a->own_tokens);
    enum err_code rc = tokens_read(fresh, a->o.token_file, e);
    if (rc != E_OK) {
        tokens_free(fresh);
        return rc;
    }
    (void)pthread_mutex_lock(&a->lock);
    struct tokens *old = a->tokens;
    a->tokens = fresh;
    (void)pthread_mutex_unlock(&a->lock);
    tokens_free(old);
    return E_OK;
}

enum err_code api_reload(struct api *a, struct err *e)
{
    enum err_code rc = reload_tokens(a, e);
    enum err_code log_rc = access_reopen(a->access, rc == E_OK ? e : NULL);
    rc = rc == E_OK ? log_rc : rc;
    enum err_code tls_rc = reload_tls(a, rc == E_OK ? e : NULL);

    return rc == E_OK ? tls_rc : rc;
}

int api_drain(struct api *a, int timeout_ms)
{
    if (!a->draining) {
        a->draining = true;
        httpd_quiesce(a->httpd);
        scan_end(a->scan);
        periodic_end(a->outbox);
        backlog_end(a->backlog);
        ready_end(a->ready);
    }
    return httpd_wait(a->httpd, timeout_ms);
}

void api_free(struct api *a)
{
    if (a == NULL) {
        return;
    }
    scan_end(a->scan);
    backlog_end(a->backlog);
    ready_end(a->ready);
    if (a->ready != NULL) {
        /* requests that are still under way end soon; deploys stay in the outbox */
        ops_stop(a->ops, true);
    }
    httpd_free(a->httpd);
    if (a->fd >= 0) {
        (void)close(a->fd);
    }
    periodic_free(a->outbox);
    backlog_free(a->backlog);
    scan_free(a->scan);
    ready_free(a->ready);
    access_free(a->access);
    if (a->voice != NULL) {
        log_divert(a->o.log, NULL, NULL);
        spool_free(a->voice);
    }
    limiter_free(a->limiter);
    proxies_free(a->proxies);
    meter_free(a->meter);
    answer_cache_free(a->answers);
    rounds_free(a->rounds);
    outlook_free(a->outlook);
    shared_sync_free(a->keys_folder);
    tokens_free(a->tokens);
    free(a->documents[0]);
    free(a->documents[1]);
    free(a->tls_cert);
    secret_free(a->tls_key);
    (void)pthread_mutex_destroy(&a->doctor);
    (void)pthread_mutex_destroy(&a->lock);
    clear_options(&a->o);
    free(a);
}
