/* Credentials of a login session (`aws login`): its keys are read from the cache while they are
 * valid. Renewing them needs a DPoP proof, which is left to the CLI. */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hex.h"
#include "core/json.h"
#include "core/path.h"
#include "core/secret.h"
#include "creds_impl.h"

static char *cache_path(const struct creds_ctx *x, const char *session)
{
    const char *dir = env_get(x->o->env, "AWS_LOGIN_CACHE_DIRECTORY");
    char *home = path_home();
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char hex[2 * SHA256_DIGEST_LENGTH + 1];

    (void)SHA256((const unsigned char *)session, strlen(session), digest);
    hex_text(digest, sizeof digest, hex);
    char *path = dir != NULL ? xasprintf("%s/%s.json", dir, hex)
                             : xasprintf("%s/.aws/login/cache/%s.json", home, hex);
    free(home);
    return path;
}

enum err_code creds_login(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                          struct err *e)
{
    static const struct creds_members members = {.key_id = "accessKeyId",
                                                 .secret = "secretAccessKey",
                                                 .token = "sessionToken",
                                                 .expiration = "expiresAt",
                                                 .account = "accountId"};
    const char *session = profiles_get(&x->profiles, profile, "login_session");
    char *text = NULL;
    size_t len = 0;
    char what[96];

    if (session == NULL) {
        return E_NOT_FOUND;
    }
    (void)snprintf(what, sizeof what, "profile %.64s (login)", profile);
    char *path = cache_path(x, session);
    enum err_code rc = creds_read_file(path, what, &text, &len, e);
    if (rc == E_OK) {
        cJSON *doc = json_parse(text, len, what, e);
        secret_wipe(text, len);
        rc = doc == NULL ? E_PARSE
                         : creds_from_json(cJSON_GetObjectItemCaseSensitive(doc, "accessToken"),
                                           &members, what, out, e);
        cJSON_Delete(doc);
    }
    if (rc == E_OK && out->expires_ms != TIME_NONE && out->expires_ms <= creds_now(x)) {
        rc = err_set(e, E_EXPIRED, "%s: the login has expired", what);
    }
    if (rc == E_EXPIRED || rc == E_CREDS) {
        (void)err_hint_set(e, "run `aws login --profile %.64s`; mvpdash picks it up by itself",
                           profile);
    }
    (void)snprintf(out->source, sizeof out->source, "%s", what);
    free(text);
    free(path);
    return rc;
}
