/* Credentials of SSO: the token that `aws sso login` left in the cache is exchanged for a role's
 * keys at the portal. Tokens of sessions are renewed with their refresh token and written back for
 * the other tools. */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/hex.h"
#include "core/json.h"
#include "core/path.h"
#include "core/secret.h"
#include "creds_impl.h"
#include "endpoint.h"

enum {
    TRIES = 3,
    PAUSE_MS = 200,
    TIMEOUT_MS = 15000,
    REPLY_MAX = 256 * 1024,
    RENEW_MS = 15 * 60 * 1000
};

struct sso {
    const char *profile, *session, *start_url, *region, *account, *role;
    char what[96];
    char *path;   /* the path of the cached token */
    cJSON *token; /* the cached document */
};

static enum err_code log_in_again(const struct sso *s, const char *why, struct err *e)
{
    (void)err_set(e, E_EXPIRED, "%s: %s", s->what, why);
    return err_hint_set(e, "run `aws sso login --profile %.64s`; mvpdash picks it up by itself",
                        s->profile);
}

/* The path ~/.aws/sso/cache/<sha1 of the session's name or of the start URL>.json. */
static char *cache_path(const char *key)
{
    unsigned char digest[SHA_DIGEST_LENGTH];
    char name[2 * SHA_DIGEST_LENGTH + 1];
    char *home = path_home();

    (void)SHA1((const unsigned char *)key, strlen(key), digest);
    hex_text(digest, sizeof digest, name);
    char *path = xasprintf("%s/.aws/sso/cache/%s.json", home, name);
    free(home);
    return path;
}

/* A key of the sso-session; the profile may repeat it, but only with the same value. */
static enum err_code from_session(const struct creds_ctx *x, const struct sso *s, const char *key,
                                  const char **value, struct err *e)
{
    const char *own = *value;
    const char *shared = profiles_get_section(&x->profiles, "sso-session", s->session, key);

    if (own != NULL && shared != NULL && strcmp(own, shared) != 0) {
        return err_set(e, E_CONFIG,
                       "%s: %s is another in the profile than in its sso_session %.64s", s->what,
                       key, s->session);
    }
    *value = shared != NULL ? shared : own;
    return E_OK;
}

static enum err_code take_session(const struct creds_ctx *x, struct sso *s, struct err *e)
{
    if (!profiles_has_section(&x->profiles, "sso-session", s->session)) {
        (void)err_set(e, E_CONFIG, "%s: it names sso_session %.64s, which does not exist", s->what,
                      s->session);
        return err_hint_set(e, "add the section [sso-session %.64s], or run `aws configure sso`",
                            s->session);
    }
    enum err_code rc = from_session(x, s, "sso_start_url", &s->start_url, e);
    return rc == E_OK ? from_session(x, s, "sso_region", &s->region, e) : rc;
}

static enum err_code configure(struct creds_ctx *x, struct sso *s, struct err *e)
{
    const struct profiles *p = &x->profiles;

    s->session = profiles_get(p, s->profile, "sso_session");
    s->account = profiles_get(p, s->profile, "sso_account_id");
    s->role = profiles_get(p, s->profile, "sso_role_name");
    s->start_url = profiles_get(p, s->profile, "sso_start_url");
    s->region = profiles_get(p, s->profile, "sso_region");
    if (s->account == NULL && s->role == NULL) {
        return E_NOT_FOUND; /* a session by itself gives tokens, not keys */
    }
    (void)snprintf(s->what, sizeof s->what, "profile %.64s (SSO)", s->profile);
    enum err_code rc = s->session == NULL ? E_OK : take_session(x, s, e);
    if (rc == E_OK &&
        (s->region == NULL || s->start_url == NULL || s->account == NULL || s->role == NULL)) {
        rc = err_set(e, E_CONFIG, "%s: %s is missing", s->what,
                     s->region == NULL      ? "sso_region"
                     : s->start_url == NULL ? "sso_start_url"
                     : s->account == NULL   ? "sso_account_id"
                                            : "sso_role_name");
    }
    return rc;
}

static enum err_code load_token(struct sso *s, struct err *e)
{
    char *text = NULL;
    size_t len = 0;

    s->path = cache_path(s->session != NULL ? s->session : s->start_url);
    if (!path_exists(s->path)) {
        return log_in_again(s, "nobody has logged in yet", e);
    }
    enum err_code rc = creds_read_file(s->path, s->what, &text, &len, e);
    if (rc == E_OK) {
        s->token = json_parse(text, len, s->what, e);
    }
    secret_free_bytes(text, len);
    if (rc == E_OK && json_str(s->token, "accessToken") == NULL) {
        rc = log_in_again(s, "the cached token cannot be read", e);
    }
    return rc;
}

static int64_t token_time(const struct sso *s, const char *member)
{
    const char *text = json_str(s->token, member);
    int64_t ms = TIME_NONE;

    if (text != NULL) {
        char buf[64];
        (void)snprintf(buf, sizeof buf, "%s", text);
        size_t n = strlen(buf);
        /* old versions of the CLI write this form */
        if (n > 3 && strcmp(buf + n - 3, "UTC") == 0) {
            buf[n - 3] = 'Z';
            buf[n - 2] = '\0';
        }
        (void)time_parse_iso(buf, &ms);
    }
    return ms;
}

static enum err_code endpoint_of(struct creds_ctx *x, const struct sso *s, const char *prefix,
                                 const char *env_suffix, struct endpoint *out, struct err *e)
{
    struct endpoint_options eo = {
        .profiles = &x->profiles, .region = s->region, .insecure = x->o->insecure_endpoint};

    return endpoint_resolve_named(&eo, prefix, env_suffix, out, e);
}

/* Takes the new token from an OIDC reply into the cached document and its file. */
static bool store_token(struct creds_ctx *x, struct sso *s, const struct http_response *reply)
{
    cJSON *doc = json_parse(strbuf_str(&reply->body), reply->body.len, s->what, NULL);
    const char *access = json_str(doc, "accessToken");
    const char *again = json_str(doc, "refreshToken");
    int64_t seconds = json_int(doc, "expiresIn", 0);
    bool ok = reply->status == 200 && access != NULL && seconds > 0 && seconds < 100000000;
    char at[TIME_ISO_SIZE];
    char until[TIME_ISO_SIZE];

    if (ok) {
        json_set_str(s->token, "accessToken", access);
        if (again != NULL) {
            json_set_str(s->token, "refreshToken", again);
        }
        (void)time_iso((creds_now(x) / 1000 + seconds) * 1000, at);
        /* without a fraction, as the CLI writes it */
        (void)snprintf(until, sizeof until, "%.19sZ", at);
        json_set_str(s->token, "expiresAt", until);
        char *text = json_text(s->token);
        struct err e;
        if (path_write_atomic(s->path, text, strlen(text), 0600, &e) != E_OK) {
            log_line(x->o->log, LOG_LVL_WARN, "%s: token not kept: %s", s->what, e.msg);
        }
        secret_free(text);
    }
    cJSON_Delete(doc);
    return ok;
}

/* Renews the token when that is possible; after a failure the old token stays. */
static void renew_token(struct creds_ctx *x, struct sso *s)
{
    const char *client_id = json_str(s->token, "clientId");
    const char *client_secret = json_str(s->token, "clientSecret");
    const char *refresh = json_str(s->token, "refreshToken");
    int64_t registered = token_time(s, "registrationExpiresAt");
    struct endpoint endpoint = {0};
    struct http_response reply = {0};
    struct err e;

    if (s->session == NULL || client_id == NULL || client_secret == NULL || refresh == NULL ||
        (registered != TIME_NONE && registered <= creds_now(x)) ||
        endpoint_of(x, s, "oidc", "SSO_OIDC", &endpoint, &e) != E_OK) {
        return;
    }
    cJSON *in = json_new_object();
    json_set_str(in, "grantType", "refresh_token");
    json_set_str(in, "clientId", client_id);
    json_set_str(in, "clientSecret", client_secret);
    json_set_str(in, "refreshToken", refresh);
    char *body = json_text(in);
    char *url = xasprintf("%s/token", endpoint.url);
    struct http_header type = {"Content-Type", "application/json"};
    struct http_request q = {.method = "POST",
                             .url = url,
                             .headers = &type,
                             .headers_len = 1,
                             .body = body,
                             .body_len = strlen(body),
                             .total_timeout_ms = TIMEOUT_MS,
                             .max_bytes = REPLY_MAX,
                             .once = true}; /* a refresh token may be good for only one use */
    enum err_code rc = http_send(x->o->http, &q, &reply, &e);
    bool ok = rc == E_OK && store_token(x, s, &reply);
    log_line(x->o->log, LOG_LVL_DEBUG, "%s: token %s, status=%d", s->what,
             ok ? "renewed" : "not renewed", reply.status);
    strbuf_wipe(&reply.body);
    http_response_clear(&reply);
    secret_free(body);
    free(url);
    cJSON_Delete(in);
    endpoint_clear(&endpoint);
}

static enum err_code read_role(const struct sso *s, const struct http_response *reply,
                               struct aws_creds *out, struct err *e)
{
    static const struct creds_members members = {.key_id = "accessKeyId",
                                                 .secret = "secretAccessKey",
                                                 .token = "sessionToken",
                                                 .expiration = "expiration"};
    cJSON *doc = NULL;
    enum err_code rc = E_PARSE;

    if (reply->status == 401) {
        return log_in_again(s, "the login has expired", e);
    }
    if (reply->status != 200) {
        return err_set(e, reply->status == 403 || reply->status == 404 ? E_DENIED : E_SERVICE,
                       "%s: the portal gave no keys for role %.64s in account %.16s (HTTP %d)",
                       s->what, s->role, s->account, reply->status);
    }
    doc = json_parse(strbuf_str(&reply->body), reply->body.len, s->what, e);
    if (doc != NULL) {
        rc = creds_from_json(cJSON_GetObjectItemCaseSensitive(doc, "roleCredentials"), &members,
                             s->what, out, e);
    }
    cJSON_Delete(doc);
    return rc;
}

static enum err_code get_role(struct creds_ctx *x, const struct sso *s, struct aws_creds *out,
                              struct err *e)
{
    struct endpoint endpoint = {0};
    struct http_response reply = {0};
    struct strbuf url = STRBUF_INIT;
    enum err_code rc = endpoint_of(x, s, "portal.sso", "SSO", &endpoint, e);

    if (rc != E_OK) {
        return rc;
    }
    strbuf_addf(&url, "%s/federation/credentials?role_name=", endpoint.url);
    sigv4_uri_encode(&url, s->role, false);
    strbuf_adds(&url, "&account_id=");
    sigv4_uri_encode(&url, s->account, false);
    struct http_header bearer = {"x-amz-sso_bearer_token", json_str(s->token, "accessToken")};
    struct http_request q = {.method = "GET",
                             .url = url.data,
                             .headers = &bearer,
                             .headers_len = 1,
                             .total_timeout_ms = TIMEOUT_MS,
                             .max_bytes = REPLY_MAX};
    if (strpbrk(bearer.value, "\r\n") != NULL) {
        rc = log_in_again(s, "the cached token cannot be read", e);
    } else {
        rc = creds_fetch(x, &q, TRIES, PAUSE_MS, &reply, e);
        if (rc != E_OK) {
            (void)err_wrap(e, "%s", s->what);
        } else {
            rc = read_role(s, &reply, out, e);
        }
    }
    strbuf_wipe(&reply.body);
    http_response_clear(&reply);
    strbuf_clear(&url);
    endpoint_clear(&endpoint);
    return rc;
}

enum err_code creds_sso(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                        struct err *e)
{
    struct sso s = {.profile = profile};
    enum err_code rc = configure(x, &s, e);

    if (rc == E_OK) {
        rc = load_token(&s, e);
    }
    if (rc == E_OK) {
        int64_t until = token_time(&s, "expiresAt");
        if (until == TIME_NONE || until - creds_now(x) < RENEW_MS) {
            renew_token(x, &s);
            until = token_time(&s, "expiresAt");
        }
        rc = until != TIME_NONE && until <= creds_now(x)
                 ? log_in_again(&s, "the login has expired", e)
                 : get_role(x, &s, out, e);
    }
    if (rc == E_OK) {
        (void)snprintf(out->source, sizeof out->source, "%s", s.what);
        (void)snprintf(out->account, sizeof out->account, "%.15s", s.account);
    }
    creds_wipe_member(s.token, "accessToken");
    creds_wipe_member(s.token, "refreshToken");
    creds_wipe_member(s.token, "clientSecret");
    cJSON_Delete(s.token);
    free(s.path);
    return rc;
}
