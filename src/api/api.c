/* api.c - putting the parts together, and taking them apart in the right order. */
#include "api/api.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "impl.h"

enum { PEM_MAX = 256 * 1024 };

static void copy_options(struct api *a, const struct api_options *o)
{
    a->o = *o;
    a->o.host = xstrdup(o->host);
    a->o.token = NULL; /* goes into the list, as a digest */
    a->o.token_file = xstrdup(o->token_file);
    a->o.tls_cert = xstrdup(o->tls_cert);
    a->o.tls_key = xstrdup(o->tls_key);
    a->o.access_log = xstrdup(o->access_log);
    a->o.connections = o->connections == 0 ? 256 : o->connections;
    a->o.scan_every_s = o->scan_every_s == 0 ? 900 : o->scan_every_s;
    a->o.scan_rest_ms = o->scan_rest_ms == 0 ? 1000 : o->scan_rest_ms;
    a->o.patience_ms = o->patience_ms == 0 ? 30000 : o->patience_ms;
}

static void clear_options(struct api_options *o)
{
    free((void *)o->host);
    free((void *)o->token_file);
    free((void *)o->tls_cert);
    free((void *)o->tls_key);
    free((void *)o->access_log);
}

/* The token of the environment has no name of its own. */
static struct tokens *load_tokens(const char *token, const char *file, struct err *e)
{
    struct tokens *t = tokens_new();
    enum err_code rc = E_OK;

    if (token != NULL && token[0] != '\0') {
        rc = tokens_add(t, "default", token, e);
        if (rc != E_OK) {
            (void)err_wrap(e, "MVPDASH_API_TOKEN");
        }
    }
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
        return err_set(e, E_CONFIG, "%s: is not a PEM file", path);
    }
    return E_OK;
}

static void wipe(char *secret)
{
    if (secret != NULL) {
        OPENSSL_cleanse(secret, strlen(secret));
    }
    free(secret);
}

static enum err_code load_tls(struct api *a, struct err *e)
{
    if ((a->o.tls_cert == NULL) != (a->o.tls_key == NULL)) {
        return err_set(e, E_CONFIG, "--tls-cert and --tls-key go together: one is missing");
    }
    if (a->o.tls_cert == NULL) {
        return E_OK;
    }
    enum err_code rc = load_pem(a->o.tls_cert, false, &a->tls_cert, e);
    return rc == E_OK ? load_pem(a->o.tls_key, true, &a->tls_key, e) : rc;
}

/* New connections get the certificate that the files hold now, when it is another one. */
static enum err_code reload_tls(struct api *a, struct err *e)
{
    char *cert = a->tls_cert;
    char *key = a->tls_key;

    if (cert == NULL) {
        return E_OK;
    }
    a->tls_cert = NULL;
    a->tls_key = NULL;
    enum err_code rc = load_tls(a, e);
    bool same = rc == E_OK && a->tls_cert != NULL && a->tls_key != NULL &&
                strcmp(cert, a->tls_cert) == 0 && strcmp(key, a->tls_key) == 0;
    if (rc == E_OK && !same) {
        rc = server_start(a, e);
    }
    if (rc != E_OK) { /* what is in force stays */
        free(a->tls_cert);
        wipe(a->tls_key);
        a->tls_cert = cert;
        a->tls_key = key;
        return rc;
    }
    free(cert);
    wipe(key);
    return E_OK;
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
                       "tokens cross the network in clear: give --tls-cert and --tls-key, or put a "
                       "proxy with TLS before it");
    }
    return E_OK;
}

static enum err_code start_parts(struct api *a, struct err *e)
{
    enum err_code rc = listen_open(a, e);

    if (rc != E_OK) {
        return rc;
    }
    a->meter = meter_new();
    a->limiter = limiter_new(a->o.rate);
    a->access = access_new(a->o.access_log, e);
    if (a->access == NULL) {
        return E_CONFIG;
    }
    a->watch = watch_new(a->o.patience_ms, e);
    a->outbox = a->watch == NULL ? NULL : outbox_start(a, e);
    a->scan = a->outbox == NULL
                  ? NULL
                  : scan_start(a->ops, a->o.scan_every_s, a->o.scan_rest_ms, a->o.log, e);
    return a->scan == NULL ? E_IO : server_start(a, e);
}

struct api *api_start(const struct api_options *o, struct err *e)
{
    struct api *a = xcalloc(1, sizeof *a);

    a->fd = -1;
    a->ops = o->ops;
    a->ready.asked_ms = TIME_NONE;
    a->ready.at_ms = TIME_NONE;
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_mutex_init(&a->ready.lock, NULL);
    (void)pthread_mutex_init(&a->doctor, NULL);
    copy_options(a, o);
    a->own_token = o->token != NULL && o->token[0] != '\0';
    a->tokens = load_tokens(o->token, o->token_file, e);
    enum err_code rc = a->tokens == NULL ? E_CONFIG : load_tls(a, e);
    if (rc == E_OK) {
        rc = check_exposure(a, e);
    }
    if (rc == E_OK) {
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

const char *api_warning(const struct api *a)
{
    return a->warning[0] == '\0' ? NULL : a->warning;
}

/* The environment's token cannot change: its digest moves over. */
static enum err_code reload_tokens(struct api *a, struct err *e)
{
    struct tokens *fresh = tokens_new();

    if (a->o.token_file == NULL) {
        tokens_free(fresh);
        return E_OK;
    }
    if (a->own_token) {
        tokens_keep(fresh, a->tokens, "default");
    }
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
    if (!atomic_exchange(&a->draining, true)) {
        server_quiesce(a->daemon);
        (void)close(a->fd);
        a->fd = -1;
        scan_end(a->scan);
        beat_end(a->outbox);
    }
    return watch_drain(a->watch, timeout_ms);
}

void api_free(struct api *a)
{
    if (a == NULL) {
        return;
    }
    scan_end(a->scan);
    if (a->daemon != NULL || a->outbox != NULL) {
        ops_stop(a->ops, true); /* what is still under way ends soon; deploys stay in the outbox */
    }
    server_stop(a);
    if (a->fd >= 0) {
        (void)close(a->fd);
    }
    beat_free(a->outbox);
    scan_free(a->scan);
    watch_free(a->watch);
    access_free(a->access);
    limiter_free(a->limiter);
    meter_free(a->meter);
    tokens_free(a->tokens);
    free(a->ready.body);
    free(a->tls_cert);
    wipe(a->tls_key);
    (void)pthread_mutex_destroy(&a->doctor);
    (void)pthread_mutex_destroy(&a->ready.lock);
    (void)pthread_mutex_destroy(&a->lock);
    clear_options(&a->o);
    free(a);
}
