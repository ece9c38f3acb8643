#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "local/svc.h"

/* STS: who am I, and temporary keys that the signature check really accepts until they expire.
 * There are no identity policies here: any role of this account may be assumed by whoever has the
 * permanent keys. Facts: AWS-WIRE 2.7. */

enum { DURATION_MIN = 900, DURATION_MAX = 43200, DURATION_DEFAULT = 3600 };

static void get_caller_identity(struct local *l, const cJSON *in, struct local_reply *r)
{
    char *arn = xasprintf("arn:aws:iam::%s:user/local", local_account(l));

    (void)in;
    r->out = json_new_object();
    json_set_str(r->out, "UserId", "AIDALOCALLOCALLOCAL00");
    json_set_str(r->out, "Account", local_account(l));
    json_set_str(r->out, "Arn", arn);
    free(arn);
}

static bool session_name_ok(const char *s)
{
    size_t n = strlen(s);
    return n >= 2 && n <= 64 &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-") == n;
}

/* The role's name in "arn:aws:iam::ACCOUNT:role/[path/]name"; NULL when it is another thing. */
static const char *role_name(const struct local *l, const char *arn)
{
    char *head = xasprintf("arn:aws:iam::%s:role/", local_account(l));
    size_t n = strlen(head);
    bool ours = strncmp(arn, head, n) == 0 && arn[n] != '\0';

    free(head);
    if (!ours) {
        return NULL;
    }
    const char *name = strrchr(arn, '/') + 1;
    return *name != '\0' ? name : NULL;
}

/* "ASIA" and 16 of [A-Z2-7]; a secret and a token in base64. */
static void make_keys(char id[24], char secret[48], char token[160])
{
    unsigned char raw[96];

    rand_bytes(raw, 16);
    memcpy(id, "ASIA", 4);
    for (int i = 0; i < 16; i++) {
        id[4 + i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[raw[i] % 32];
    }
    id[20] = '\0';
    rand_bytes(raw, 30);
    (void)EVP_EncodeBlock((unsigned char *)secret, raw, 30);
    rand_bytes(raw, 96);
    (void)EVP_EncodeBlock((unsigned char *)token, raw, 96);
    OPENSSL_cleanse(raw, sizeof raw);
}

static void set_assumed(struct local *l, const char *role, const char *session, const char *id,
                        const char *secret, const char *token, int64_t expires_ms,
                        struct local_reply *r)
{
    cJSON *keys = json_new_object(), *user = json_new_object();
    char when[TIME_ISO_SIZE];
    char *user_id = xasprintf("AROALOCALLOCALLOCAL00:%s", session);
    char *arn = xasprintf("arn:aws:sts::%s:assumed-role/%s/%s", local_account(l), role, session);

    json_set_str(keys, "AccessKeyId", id);
    json_set_str(keys, "SecretAccessKey", secret);
    json_set_str(keys, "SessionToken", token);
    json_set_str(keys, "Expiration", time_iso(expires_ms, when));
    json_set_str(user, "AssumedRoleId", user_id);
    json_set_str(user, "Arn", arn);
    r->out = json_new_object();
    json_set(r->out, "Credentials", keys);
    json_set(r->out, "AssumedRoleUser", user);
    free(user_id);
    free(arn);
}

static void assume_role(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *arn = json_str_or(in, "RoleArn", "");
    const char *session = json_str_or(in, "RoleSessionName", "");
    const char *role = role_name(l, arn), *text = json_str(in, "DurationSeconds");
    char id[24], secret[48], token[160], *end = NULL;
    long seconds = text != NULL ? strtol(text, &end, 10) : DURATION_DEFAULT;
    struct err e = {.code = E_OK};

    if (!session_name_ok(session)) {
        local_fail(r, 400, "ValidationError",
                   "Value at 'roleSessionName' failed to satisfy constraint: 2 to 64 of "
                   "[\\w+=,.@-]");
    } else if ((end != NULL && (*end != '\0' || end == text)) || seconds < DURATION_MIN ||
               seconds > DURATION_MAX) {
        local_fail(r, 400, "ValidationError",
                   "Value at 'durationSeconds' failed to satisfy constraint: between 900 and "
                   "43200");
    } else if (role == NULL) {
        local_fail(r, 403, "AccessDenied",
                   "User: arn:aws:iam::%s:user/local is not authorized to perform: sts:AssumeRole "
                   "on resource: %.200s",
                   local_account(l), arn);
    } else {
        int64_t expires = local_now(l) + (int64_t)seconds * 1000;
        make_keys(id, secret, token);
        if (local_session_add(l, id, secret, token, expires, &e) == E_OK) {
            set_assumed(l, role, session, id, secret, token, expires, r);
        } else {
            local_fail(r, 500, "InternalFailure", "%s", e.msg);
        }
        OPENSSL_cleanse(secret, sizeof secret);
        OPENSSL_cleanse(token, sizeof token);
    }
}

/* It would have to trust an identity provider, and there is none. */
static void assume_role_with_web_identity(struct local *l, const cJSON *in, struct local_reply *r)
{
    (void)l;
    (void)in;
    local_fail(r, 403, "AccessDenied",
               "Not authorized to perform sts:AssumeRoleWithWebIdentity: the local cloud trusts no "
               "identity provider");
}

const struct local_route local_sts_routes[] = {
    {AWS_OP_STS_GET_CALLER_IDENTITY,           get_caller_identity          },
    {AWS_OP_STS_ASSUME_ROLE,                   assume_role                  },
    {AWS_OP_STS_ASSUME_ROLE_WITH_WEB_IDENTITY, assume_role_with_web_identity},
    {AWS_OP_COUNT,                             NULL                         }
};

const struct local_service local_sts_service = {.name = "STS", .routes = local_sts_routes};
