/* Credentials of a profile in the shared files: keys, roles, and the other sources that a profile
 * names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "creds_impl.h"

enum { TRAIL_MAX = 8 };

static enum err_code creds_static(struct creds_ctx *x, const char *profile, struct aws_creds *out,
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
    const char *token = get(p, profile, "aws_session_token");
    if (token == NULL) {
        token = get(p, profile, "aws_security_token"); /* the key's old name */
    }
    const char *file = in_credentials ? p->credentials_path : p->config_path;
    enum err_code rc = creds_check_typed(key_id, "aws_access_key_id", file, e);
    if (rc == E_OK) {
        rc = creds_check_typed(secret, "aws_secret_access_key", file, e);
    }
    if (rc == E_OK) {
        rc = creds_check_typed(token, "aws_session_token", file, e);
    }
    if (rc != E_OK) {
        (void)err_wrap(e, "profile %.64s", profile);
        return rc;
    }
    aws_creds_clear(out);
    out->access_key_id = xstrdup(key_id);
    secret_set(&out->secret_key, secret);
    secret_set(&out->token, token);
    (void)snprintf(out->account, sizeof out->account, "%s", account == NULL ? "" : account);
    (void)snprintf(out->source, sizeof out->source, "profile %.64s", profile);
    return E_OK;
}

static bool assumes_role(const struct creds_ctx *x, const char *profile)
{
    return profiles_get(&x->profiles, profile, "role_arn") != NULL &&
           profiles_get(&x->profiles, profile, "web_identity_token_file") == NULL;
}

static enum err_code creds_assume_role(struct creds_ctx *x, const struct creds_trail *at,
                                       struct aws_creds *out, struct err *e);

static enum err_code creds_of_profile(struct creds_ctx *x, const struct creds_trail *at,
                                      struct aws_creds *out, struct err *e)
{
    static enum err_code (*const sources[])(struct creds_ctx *, const char *, struct aws_creds *,
                                            struct err *) = {creds_web_profile, creds_sso, NULL};
    static enum err_code (*const later[])(struct creds_ctx *, const char *, struct aws_creds *,
                                          struct err *) = {creds_login, creds_process, creds_static,
                                                           NULL};
    const char *profile = at->profile;

    if (assumes_role(x, profile)) {
        return creds_assume_role(x, at, out, e);
    }
    for (size_t i = 0; sources[i] != NULL; i++) {
        enum err_code rc = sources[i](x, profile, out, e);
        if (rc != E_NOT_FOUND) {
            return rc;
        }
    }
    if (profiles_get_credentials(&x->profiles, profile, "aws_access_key_id") != NULL) {
        return creds_static(x, profile, out, e);
    }
    for (size_t i = 0; later[i] != NULL; i++) {
        enum err_code rc = later[i](x, profile, out, e);
        if (rc != E_NOT_FOUND) {
            return rc;
        }
    }
    return E_NOT_FOUND;
}

enum err_code creds_profile(struct creds_ctx *x, struct aws_creds *out, struct err *e)
{
    struct creds_trail at = {.profile = x->profiles.name};
    enum err_code rc = E_NOT_FOUND;

    /* A role of the profile comes before the environment's web identity, all other sources of the
     * profile come after it. */
    if (!assumes_role(x, at.profile)) {
        rc = creds_web_env(x, out, e);
    }
    if (rc == E_NOT_FOUND) {
        rc = creds_of_profile(x, &at, out, e);
    }
    if (rc != E_NOT_FOUND) {
        return rc;
    }
    bool credentials = x->profiles.credentials != NULL, config = x->profiles.config != NULL;
    return credentials || config
               ? creds_tried(x, "profile %.64s (no keys, role or SSO in %s%s or %s%s)", at.profile,
                             x->profiles.credentials_path, credentials ? "" : ", which is missing,",
                             x->profiles.config_path, config ? "" : ", which is missing")
               : creds_tried(x, "profile %.64s (no %s, no %s)", at.profile,
                             x->profiles.credentials_path, x->profiles.config_path);
}

static enum err_code trail_error(const struct creds_trail *at, const char *again, struct err *e)
{
    struct strbuf path = STRBUF_LIMIT(200);
    const struct creds_trail *names[TRAIL_MAX + 1];
    size_t n = 0;

    for (; at != NULL && n <= TRAIL_MAX; at = at->above) {
        names[n++] = at;
    }
    while (n > 0) {
        strbuf_addf(&path, "%.32s -> ", names[--n]->profile);
    }
    enum err_code rc = err_set(e, E_CONFIG, "source_profile leads back to itself: %s%.32s",
                               strbuf_str(&path), again);
    strbuf_clear(&path);
    return rc;
}

static enum err_code from_source_profile(struct creds_ctx *x, const struct creds_trail *at,
                                         const char *source, struct aws_creds *out, struct err *e)
{
    struct creds_trail next = {.profile = source, .above = at};
    int depth = 0;
    enum err_code rc;

    if (!profiles_has(&x->profiles, source)) {
        return err_set(e, E_CONFIG,
                       "profile %.64s names source_profile %.64s, which does not exist",
                       at->profile, source);
    }
    if (strcmp(source, at->profile) == 0) {
        /* the profile names itself, which is allowed when it has keys of its own */
        rc = creds_static(x, source, out, e);
        return rc == E_NOT_FOUND ? trail_error(at, source, e) : rc;
    }
    for (const struct creds_trail *t = at; t != NULL; t = t->above) {
        if (strcmp(t->profile, source) == 0 || ++depth >= TRAIL_MAX) {
            return trail_error(at, source, e);
        }
    }
    rc = creds_of_profile(x, &next, out, e);
    if (rc == E_NOT_FOUND) {
        rc = err_set(e, E_CREDS, "source_profile %.64s of profile %.64s holds no credentials",
                     source, at->profile);
    }
    return rc;
}

static enum err_code from_credential_source(struct creds_ctx *x, const char *profile,
                                            const char *source, struct aws_creds *out,
                                            struct err *e)
{
    enum err_code rc;

    if (strcmp(source, "Environment") == 0) {
        bool explicit = x->profiles.explicit;
        x->profiles.explicit = false; /* here the profile itself asks for the environment's keys */
        rc = creds_env(x, out, e);
        x->profiles.explicit = explicit;
    } else if (strcmp(source, "EcsContainer") == 0) {
        rc = creds_container(x, out, e);
    } else if (strcmp(source, "Ec2InstanceMetadata") == 0) {
        rc = creds_imds(x, out, e);
    } else {
        (void)err_set(e, E_CONFIG, "profile %.64s: credential_source %.64s is unknown", profile,
                      source);
        return err_hint_set(e, "use Environment, EcsContainer or Ec2InstanceMetadata");
    }
    if (rc == E_NOT_FOUND) {
        rc = err_set(e, E_CREDS, "profile %.64s: credential_source %s gave nothing. Tried: %s",
                     profile, source, strbuf_str(&x->tried));
    }
    return rc;
}

static void add_setting(cJSON *in, const char *member, const char *value)
{
    if (value != NULL) {
        json_set_str(in, member, value);
    }
}

static enum err_code creds_assume_role(struct creds_ctx *x, const struct creds_trail *at,
                                       struct aws_creds *out, struct err *e)
{
    const struct profiles *p = &x->profiles;
    const char *source = profiles_get(p, at->profile, "source_profile");
    const char *place = profiles_get(p, at->profile, "credential_source");
    const char *mfa = profiles_get(p, at->profile, "mfa_serial");
    struct aws_creds signer = {.expires_ms = TIME_NONE};
    char what[96];
    enum err_code rc;

    if ((source == NULL) == (place == NULL)) {
        return err_set(e, E_CONFIG,
                       "profile %.64s: a role_arn needs %s source_profile %s "
                       "credential_source",
                       at->profile, source == NULL ? "a" : "one of",
                       source == NULL ? "or a" : "and");
    }
    if (mfa != NULL) {
        (void)err_set(e, E_CREDS, "profile %.64s needs a code of the MFA device %.100s",
                      at->profile, mfa);
        return err_hint_set(e, "get a session with `aws sts assume-role` and put its keys in the "
                               "environment or a profile");
    }
    (void)snprintf(what, sizeof what, "profile %.64s (assumed role)", at->profile);
    rc = source != NULL ? from_source_profile(x, at, source, &signer, e)
                        : from_credential_source(x, at->profile, place, &signer, e);
    if (rc == E_OK) {
        cJSON *in = json_new_object();
        char *session = creds_session_name(x, profiles_get(p, at->profile, "role_session_name"));
        add_setting(in, "RoleArn", profiles_get(p, at->profile, "role_arn"));
        add_setting(in, "RoleSessionName", session);
        add_setting(in, "ExternalId", profiles_get(p, at->profile, "external_id"));
        add_setting(in, "DurationSeconds", profiles_get(p, at->profile, "duration_seconds"));
        free(session);
        rc = creds_sts(x, AWS_OP_STS_ASSUME_ROLE, in, &signer,
                       profiles_get(p, at->profile, "region"), what, out, e);
        cJSON_Delete(in);
        (void)snprintf(out->source, sizeof out->source, "%s", what);
    }
    aws_creds_clear(&signer);
    return rc;
}
