/* The chain of credential sources, and what all sources use. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/secret.h"
#include "creds_impl.h"

enum err_code creds_tried(struct creds_ctx *x, const char *fmt, ...)
{
    char text[200];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    strbuf_adds(&x->tried, x->tried.len == 0 ? "" : "; ");
    strbuf_adds(&x->tried, text);
    return E_NOT_FOUND;
}

enum err_code creds_check_typed(const char *value, const char *name, const char *where,
                                struct err *e)
{
    for (const char *p = value; p != NULL && *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~') {
            (void)err_set(e, E_CREDS,
                          "%s in %s holds a blank, a line break or another character "
                          "that no key has",
                          name, where);
            return err_hint_set(e, "copy the key again, without anything around it");
        }
    }
    return E_OK;
}

int64_t creds_now(const struct creds_ctx *x)
{
    return clock_wall_ms(x->o->clock);
}

void creds_wipe_member(cJSON *doc, const char *name)
{
    cJSON *v = name == NULL ? NULL : cJSON_GetObjectItemCaseSensitive(doc, name);

    if (v != NULL && cJSON_IsString(v)) {
        secret_wipe(v->valuestring, strlen(v->valuestring));
    }
}

static int64_t read_expiration(const cJSON *v)
{
    int64_t ms = TIME_NONE;

    if (v == NULL) {
        return ms;
    }
    if (cJSON_IsString(v)) {
        (void)time_parse_iso(v->valuestring, &ms);
    } else if (cJSON_IsNumber(v) && v->valuedouble > 0 && v->valuedouble < 9e15) {
        ms = (int64_t)v->valuedouble;
    }
    return ms;
}

enum err_code creds_from_json(cJSON *doc, const struct creds_members *m, const char *what,
                              struct aws_creds *out, struct err *e)
{
    const char *key_id = json_str(doc, m->key_id);
    const char *secret = json_str(doc, m->secret);
    const char *token = m->token == NULL ? NULL : json_str(doc, m->token);
    const char *account = m->account == NULL ? NULL : json_str(doc, m->account);
    enum err_code rc = E_OK;

    aws_creds_clear(out);
    if (key_id == NULL || *key_id == '\0' || secret == NULL || *secret == '\0') {
        rc = err_set(e, E_PARSE, "%s: the reply holds no %s and %s", what, m->key_id, m->secret);
    } else if (strpbrk(key_id, "\r\n ") != NULL ||
               (token != NULL && strpbrk(token, "\r\n ") != NULL)) {
        rc = err_set(e, E_PARSE, "%s: the keys in the reply hold white space", what);
    } else {
        out->access_key_id = xstrdup(key_id);
        secret_set(&out->secret_key, secret);
        secret_set(&out->token, token != NULL && *token != '\0' ? token : NULL);
        out->expires_ms =
            read_expiration(m->expiration == NULL ? NULL : json_get(doc, m->expiration));
        (void)snprintf(out->account, sizeof out->account, "%s", account == NULL ? "" : account);
    }
    creds_wipe_member(doc, m->secret);
    creds_wipe_member(doc, m->token);
    return rc;
}

enum err_code creds_fetch(struct creds_ctx *x, const struct http_request *r, int tries,
                          int pause_ms, struct http_response *reply, struct err *e)
{
    enum err_code rc = E_OK;

    for (int n = 1;; n++) {
        http_response_reuse(reply);
        rc = http_send(x->o->http, r, reply, e);
        bool passing =
            rc == E_OK ? reply->status == 429 || reply->status >= 500 : err_means(rc, ERR_LINK);
        if (!passing || n >= tries) {
            return rc;
        }
        enum err_code waited = http_wait(x->o->http, pause_ms, e);
        if (waited != E_OK) {
            return waited;
        }
    }
}

enum err_code creds_read_file(const char *path, const char *what, char **text, size_t *len,
                              struct err *e)
{
    enum { FILE_MAX = 256 * 1024 };
    enum err_code rc = path_read(path, FILE_MAX, text, len, e);

    if (rc != E_OK) {
        (void)err_wrap(e, "%s", what);
        if (e != NULL && rc == E_NOT_FOUND) {
            e->code = E_CREDS;
        }
    }
    return rc == E_NOT_FOUND ? E_CREDS : rc;
}

static enum err_code run_chain(struct creds_ctx *x, struct aws_creds *out, struct err *e)
{
    static const creds_source chain[] = {creds_env, creds_profile, creds_container, creds_imds,
                                         NULL};

    for (size_t i = 0; chain[i] != NULL; i++) {
        enum err_code rc = chain[i](x, out, e);
        if (rc != E_NOT_FOUND) {
            return rc;
        }
    }
    (void)err_set(e, E_NO_CREDS, "no AWS credentials found. Tried: %s", strbuf_str(&x->tried));
    return err_hint_set(e, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a --profile, "
                           "run `aws sso login`, or try it without an account: mvpdash --local");
}

enum err_code creds_resolve(const struct aws_creds_options *o, struct aws_creds *out, struct err *e)
{
    struct creds_ctx x = {.o = o, .tried = STRBUF_LIMIT(1000)};
    enum err_code rc = profiles_load(&x.profiles, o->env, o->profile, e);

    aws_creds_clear(out);
    if (rc == E_OK) {
        rc = run_chain(&x, out, e);
    }
    if (rc == E_OK && out->expires_ms != TIME_NONE && out->expires_ms <= creds_now(&x)) {
        char at[TIME_ISO_SIZE];
        rc = err_set(e, E_EXPIRED, "the credentials of %s expired at %s", out->source,
                     time_iso(out->expires_ms, at));
    }
    if (rc != E_OK) {
        aws_creds_clear(out);
    } else {
        char at[TIME_ISO_SIZE];
        log_line(
            o->log, LOG_LVL_DEBUG, "credentials come from %s, key ...%s, expires %s", out->source,
            strlen(out->access_key_id) > 4 ? out->access_key_id + strlen(out->access_key_id) - 4
                                           : "",
            out->expires_ms == TIME_NONE ? "never" : time_iso(out->expires_ms, at));
    }
    strbuf_clear(&x.tried);
    profiles_clear(&x.profiles);
    return rc;
}

/* Reads the account in "arn:aws:iam::ACCOUNT:role/...". */
static void account_of_arn(const char *arn, char account[16])
{
    const char *at = arn;

    for (int i = 0; at != NULL && i < 4; i++) {
        at = strchr(at, ':');
        at = at == NULL ? NULL : at + 1;
    }
    if (at != NULL && strspn(at, "0123456789") == 12 && at[12] == ':') {
        (void)snprintf(account, 16, "%.12s", at);
    }
}

char *creds_at_hand(const struct aws_creds_options *o, char account[16])
{
    static const char *const others[] = {"web_identity_token_file", "login_session",
                                         "credential_process", NULL};
    struct profiles p;
    char *id = NULL;

    account[0] = '\0';
    if (profiles_load(&p, o->env, o->profile, NULL) != E_OK) {
        return NULL;
    }
    const char *role = profiles_get(&p, p.name, "role_arn");
    const char *sso = profiles_get(&p, p.name, "sso_account_id");
    bool asks =
        role != NULL || sso != NULL || env_get(o->env, "AWS_WEB_IDENTITY_TOKEN_FILE") != NULL;
    for (size_t i = 0; others[i] != NULL; i++) {
        asks = asks || profiles_get(&p, p.name, others[i]) != NULL;
    }
    if (!p.explicit && env_get(o->env, "AWS_ACCESS_KEY_ID") != NULL) {
        id = xstrdup(env_get(o->env, "AWS_ACCESS_KEY_ID"));
    } else if (!asks) {
        id = xstrdup(profiles_get(&p, p.name, "aws_access_key_id"));
    } else if (role != NULL) {
        account_of_arn(role, account);
    } else if (sso != NULL) {
        (void)snprintf(account, 16, "%.12s", sso);
    } else {
        account_of_arn(env_get(o->env, "AWS_ROLE_ARN"), account);
    }
    profiles_clear(&p);
    return id;
}
