/* Credentials in the environment. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "creds_impl.h"

enum err_code creds_env(struct creds_ctx *x, struct aws_creds *out, struct err *e)
{
    const char *key_id = env_get(x->o->env, "AWS_ACCESS_KEY_ID");
    const char *secret = env_get(x->o->env, "AWS_SECRET_ACCESS_KEY");
    const char *token = env_get(x->o->env, "AWS_SESSION_TOKEN");
    const char *expires = env_get(x->o->env, "AWS_CREDENTIAL_EXPIRATION");
    const char *account = env_get(x->o->env, "AWS_ACCOUNT_ID");

    if (x->profiles.explicit) {
        return creds_tried(x, "environment (left out because a profile was chosen)");
    }
    if (key_id == NULL && secret == NULL) {
        return creds_tried(x, "environment (no AWS_ACCESS_KEY_ID, no AWS_WEB_IDENTITY_TOKEN_FILE)");
    }
    if (key_id == NULL || secret == NULL) {
        return err_set(e, E_CREDS, "%s is set but %s is not",
                       key_id == NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                       key_id == NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY");
    }
    if (token == NULL) {
        token = env_get(x->o->env, "AWS_SECURITY_TOKEN"); /* the variable's old name */
    }
    enum err_code rc = creds_check_typed(key_id, "AWS_ACCESS_KEY_ID", "the environment", e);
    if (rc == E_OK) {
        rc = creds_check_typed(secret, "AWS_SECRET_ACCESS_KEY", "the environment", e);
    }
    if (rc == E_OK) {
        rc = creds_check_typed(token, "AWS_SESSION_TOKEN", "the environment", e);
    }
    if (rc != E_OK) {
        return rc;
    }
    aws_creds_clear(out);
    out->access_key_id = xstrdup(key_id);
    secret_set(&out->secret_key, secret);
    secret_set(&out->token, token);
    if (expires != NULL && !time_parse_iso(expires, &out->expires_ms)) {
        out->expires_ms = TIME_NONE;
    }
    (void)snprintf(out->account, sizeof out->account, "%s", account == NULL ? "" : account);
    (void)snprintf(out->source, sizeof out->source, "environment");
    return E_OK;
}
