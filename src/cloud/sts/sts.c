/* STS of the local cloud: who a caller is, and temporary keys that the signature check really
 * accepts until they expire. There are no identity policies here: whoever has keys of this account
 * may assume any of its roles. Facts: AWS-WIRE 2.7. */
#include "sts.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/number.h"
#include "core/rand.h"
#include "core/secret.h"
#include "src/cloud/store/sqlx.h"

enum { DURATION_MIN = 900, DURATION_MAX = 43200, DURATION_DEFAULT = 3600, CHAINED_MAX = 3600 };

/* Finds out who an access key belongs to: a role's session, else the cloud's own user. Owned. */
static void find_identity(struct cloud *cloud, const char *access_key, char **arn, char **user_id)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT arn,user_id FROM sts_session WHERE access_key=?1");

    sqlx_text(q, 1, access_key);
    if (sqlx_row(q)) {
        *arn = xstrdup(sqlx_str(q, 0));
        *user_id = xstrdup(sqlx_str(q, 1));
    } else {
        *arn = xasprintf("arn:aws:iam::%s:user/local", cloud_account(cloud));
        *user_id = xasprintf("AIDALOCAL%.12s", cloud_access_key(cloud) + 8);
    }
    cloud_stmt_done(cloud, q);
}

/* All local clouds have the same account. A program that keeps something for one of them recognises
 * that cloud by its user or role, because its port may change. */
static void get_caller_identity(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    char *arn, *user_id;

    (void)in;
    find_identity(cloud, cloud_caller(cloud), &arn, &user_id);
    r->out = json_new_object();
    json_set_str(r->out, "UserId", user_id);
    json_set_str(r->out, "Account", cloud_account(cloud));
    json_set_str(r->out, "Arn", arn);
    free(user_id);
    free(arn);
}

static bool session_name_ok(const char *s)
{
    size_t n = strlen(s);
    return n >= 2 && n <= 64 &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-") == n;
}

/* The role's name in "arn:aws:iam::ACCOUNT:role/[path/]name"; NULL for any other ARN. */
static const char *role_name(const struct cloud *cloud, const char *arn)
{
    char *head = xasprintf("arn:aws:iam::%s:role/", cloud_account(cloud));
    size_t n = strlen(head);
    bool ours = strncmp(arn, head, n) == 0 && arn[n] != '\0';

    free(head);
    if (!ours) {
        return NULL;
    }
    const char *name = strrchr(arn, '/') + 1;
    return *name != '\0' ? name : NULL;
}

/* Makes a key id, "ASIA" and 16 of [A-Z2-7], and a secret and a token in base64. */
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
    secret_wipe(raw, sizeof raw);
}

/* Makes a role's id, "AROA" and 17 of [A-Z2-7]: always the same for a role of this cloud. */
static void role_id(const struct cloud *cloud, const char *role, char out[24])
{
    char *text = xasprintf("%s/%s", cloud_access_key(cloud), role);
    unsigned char sum[EVP_MAX_MD_SIZE] = {0};

    (void)EVP_Digest(text, strlen(text), sum, NULL, EVP_sha256(), NULL);
    memcpy(out, "AROA", 4);
    for (int i = 0; i < 17; i++) {
        out[4 + i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[sum[i] % 32];
    }
    out[21] = '\0';
    free(text);
}

/* Keeps who the holder of these keys is; drops what belongs to no key in force any more. */
static bool keep_identity(struct cloud *cloud, const char *access_key, const char *arn,
                          const char *user_id, struct cloud_reply *r)
{
    sqlite3_stmt *q = cloud_stmt(
        cloud, "DELETE FROM sts_session WHERE access_key NOT IN (SELECT access_key FROM session)");

    if (!cloud_step_done(cloud, q, r)) {
        return false;
    }
    q = cloud_stmt(cloud, "INSERT INTO sts_session(access_key,arn,user_id) VALUES(?1,?2,?3)");
    sqlx_text(q, 1, access_key);
    sqlx_text(q, 2, arn);
    sqlx_text(q, 3, user_id);
    return cloud_step_done(cloud, q, r);
}

struct temporary_keys {
    char id[24], secret[48], token[160];
    int64_t expires_ms;
};

static void set_assumed(struct cloud *cloud, const char *role, const char *session,
                        const struct temporary_keys *k, struct cloud_reply *r)
{
    cJSON *keys = json_new_object(), *user = json_new_object();
    char when[TIME_ISO_SIZE], of_role[24];

    role_id(cloud, role, of_role);
    char *user_id = xasprintf("%s:%s", of_role, session);
    char *arn =
        xasprintf("arn:aws:sts::%s:assumed-role/%s/%s", cloud_account(cloud), role, session);
    json_set_str(keys, "AccessKeyId", k->id);
    json_set_str(keys, "SecretAccessKey", k->secret);
    json_set_str(keys, "SessionToken", k->token);
    json_set_str(keys, "Expiration", time_iso(k->expires_ms, when));
    json_set_str(user, "AssumedRoleId", user_id);
    json_set_str(user, "Arn", arn);
    r->out = json_new_object();
    json_set(r->out, "Credentials", keys);
    json_set(r->out, "AssumedRoleUser", user);
    (void)keep_identity(cloud, k->id, arn, user_id, r);
    free(user_id);
    free(arn);
}

static void assume_role(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *arn = json_str_or(in, "RoleArn", "");
    const char *session = json_str_or(in, "RoleSessionName", "");
    const char *role = role_name(cloud, arn), *text = json_str(in, "DurationSeconds");
    struct temporary_keys k;
    int64_t seconds = DURATION_DEFAULT;
    bool lasts = text == NULL || number_parse(text, DURATION_MIN, DURATION_MAX, &seconds);
    struct err e = {.code = E_OK};
    char *caller, *user_id;

    find_identity(cloud, cloud_caller(cloud), &caller, &user_id);
    if (!session_name_ok(session)) {
        cloud_fail(r, 400, "ValidationError",
                   "Value at 'roleSessionName' failed to satisfy constraint: 2 to 64 of "
                   "[\\w+=,.@-]");
    } else if (!lasts) {
        cloud_fail(r, 400, "ValidationError",
                   "Value at 'durationSeconds' failed to satisfy constraint: between 900 and "
                   "43200");
    } else if (seconds > CHAINED_MAX && strcmp(cloud_caller(cloud), cloud_access_key(cloud)) != 0) {
        cloud_fail(
            r, 400, "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
            "by role chaining");
    } else if (role == NULL) {
        cloud_fail(r, 403, "AccessDenied",
                   "User: %.200s is not authorized to perform: sts:AssumeRole on resource: %.200s",
                   caller, arn);
    } else {
        make_keys(k.id, k.secret, k.token);
        k.expires_ms = cloud_now(cloud) + (int64_t)seconds * 1000;
        if (cloud_session_add(cloud, k.id, k.secret, k.token, k.expires_ms, &e) == E_OK) {
            set_assumed(cloud, role, session, &k, r);
        } else {
            cloud_fail(r, 500, "InternalFailure", "%s", e.msg);
        }
        secret_wipe(&k, sizeof k);
    }
    free(caller);
    free(user_id);
}

static enum err_code start(struct cloud *cloud, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS sts_session(access_key TEXT PRIMARY KEY,"
        " arn TEXT NOT NULL, user_id TEXT NOT NULL) WITHOUT ROWID;";

    if (sqlite3_exec(cloud_db(cloud), schema, NULL, NULL, NULL) != SQLITE_OK) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(cloud_db(cloud)));
    }
    return E_OK;
}

/* A role would have to trust an identity provider for this, and there is none. */
static void assume_role_with_web_identity(struct cloud *cloud, const cJSON *in,
                                          struct cloud_reply *r)
{
    (void)cloud;
    (void)in;
    cloud_fail(r, 403, "AccessDenied",
               "Not authorized to perform sts:AssumeRoleWithWebIdentity: the local cloud trusts no "
               "identity provider");
}

static const struct cloud_route routes[] = {
    {AWS_OP_STS_GET_CALLER_IDENTITY,           get_caller_identity          },
    {AWS_OP_STS_ASSUME_ROLE,                   assume_role                  },
    {AWS_OP_STS_ASSUME_ROLE_WITH_WEB_IDENTITY, assume_role_with_web_identity},
    {AWS_OP_COUNT,                             NULL                         }
};

const struct cloud_service cloud_sts_service = {.name = "STS", .routes = routes, .start = start};
