#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "creds_impl.h"

enum err_code creds_static(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                           struct err *e)
{
    const struct profiles *p = &x->profiles;
    bool in_credentials = profiles_get_credentials(p, profile, "aws_access_key_id") != NULL;
    const char *(*get)(const struct profiles *, const char *, const char *) =
        in_credentials ? profiles_get_credentials : profiles_get_config;
    const char *key_id = get(p, profile, "aws_access_key_id");
    const char *secret = get(p, profile, "aws_secret_access_key");
    const char *account = profiles_get(p, profile, "aws_account_id");

    if (key_id == NULL) {
        return E_NOT_FOUND;
    }
    if (secret == NULL) {
        return err_set(e, E_CREDS,
                       "profile %.64s has aws_access_key_id but no "
                       "aws_secret_access_key in %s",
                       profile, in_credentials ? p->credentials_path : p->config_path);
    }
    aws_creds_clear(out);
    out->access_key_id = xstrdup(key_id);
    secret_set(&out->secret_key, secret);
    secret_set(&out->token, get(p, profile, "aws_session_token"));
    (void)snprintf(out->account, sizeof out->account, "%s", account == NULL ? "" : account);
    (void)snprintf(out->source, sizeof out->source, "profile %.64s", profile);
    return E_OK;
}

enum err_code creds_profile(struct creds_ctx *x, struct aws_creds *out, struct err *e)
{
    enum err_code rc = creds_static(x, x->profiles.name, out, e);

    return rc != E_NOT_FOUND
               ? rc
               : creds_tried(x, "profile %.64s (no keys in %s or %s)", x->profiles.name,
                             x->profiles.credentials_path, x->profiles.config_path);
}
