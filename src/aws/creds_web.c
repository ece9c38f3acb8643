/* Credentials of a web identity: a token in a file that a platform (EKS, CI) keeps fresh is
 * exchanged for a role's keys. The file is read again at every renewal; the call is not signed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/secret.h"
#include "creds_impl.h"

static enum err_code exchange(struct creds_ctx *x, const char *file, const char *role,
                              const char *session, const char *region, const char *what,
                              struct aws_creds *out, struct err *e)
{
    char *token = NULL;
    size_t len = 0;
    enum err_code rc = creds_read_file(file, what, &token, &len, e);

    if (rc != E_OK) {
        return rc;
    }
    token[strcspn(token, " \t\r\n")] = '\0';
    cJSON *in = json_new_object();
    char *name = creds_session_name(x, session);
    json_set_str(in, "RoleArn", role);
    json_set_str(in, "RoleSessionName", name);
    json_set_str(in, "WebIdentityToken", token);
    rc = creds_sts(x, AWS_OP_STS_ASSUME_ROLE_WITH_WEB_IDENTITY, in, NULL, region, what, out, e);
    (void)snprintf(out->source, sizeof out->source, "%s", what);
    secret_free_bytes(token, len);
    free(name);
    cJSON_Delete(in);
    return rc;
}

enum err_code creds_web_env(struct creds_ctx *x, struct aws_creds *out, struct err *e)
{
    const char *file = env_get(x->o->env, "AWS_WEB_IDENTITY_TOKEN_FILE");
    const char *role = env_get(x->o->env, "AWS_ROLE_ARN");

    if (x->profiles.explicit || file == NULL) {
        /* what creds_env says of what was tried names this source too */
        return E_NOT_FOUND;
    }
    if (role == NULL) {
        return err_set(e, E_CONFIG, "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not");
    }
    return exchange(x, file, role, env_get(x->o->env, "AWS_ROLE_SESSION_NAME"), NULL,
                    "environment (web identity)", out, e);
}

enum err_code creds_web_profile(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                                struct err *e)
{
    const struct profiles *p = &x->profiles;
    const char *file = profiles_get(p, profile, "web_identity_token_file");
    const char *role = profiles_get(p, profile, "role_arn");
    char what[96];

    if (file == NULL) {
        return E_NOT_FOUND;
    }
    if (role == NULL) {
        return err_set(e, E_CONFIG, "profile %.64s has a web_identity_token_file but no role_arn",
                       profile);
    }
    (void)snprintf(what, sizeof what, "profile %.64s (web identity)", profile);
    return exchange(x, file, role, profiles_get(p, profile, "role_session_name"),
                    profiles_get(p, profile, "region"), what, out, e);
}
