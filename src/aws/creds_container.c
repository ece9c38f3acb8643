/* Credentials of a container endpoint: ECS tasks and EKS pod identity. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/url.h"
#include "creds_impl.h"

enum { TIMEOUT_MS = 2000, TRIES = 3, PAUSE_MS = 1000, REPLY_MAX = 256 * 1024 };

/* May the URL be asked? Plain http only goes to this machine and to the two addresses that AWS
 * gives out. */
static bool allowed(const char *url)
{
    static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    char *host = url_host_of(url);
    bool ok = host != NULL && (strncasecmp(url, "https://", 8) == 0 || url_is_loopback(url));

    for (size_t i = 0; host != NULL && !ok && i < sizeof hosts / sizeof *hosts; i++) {
        size_t n = strlen(hosts[i]);
        ok = strncmp(host, hosts[i], n) == 0 && (host[n] == '\0' || host[n] == ':');
    }
    free(host);
    return ok;
}

/* Reads the value for the Authorization header; `*token` is NULL when there is none. */
static enum err_code read_token(const struct creds_ctx *x, char **token, struct err *e)
{
    const char *file = env_get(x->o->env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *direct = env_get(x->o->env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    size_t len = 0;

    *token = NULL;
    if (file != NULL) {
        enum err_code rc = creds_read_file(file, "container credentials", token, &len, e);
        if (rc != E_OK) {
            return rc;
        }
        while (len > 0 && strchr("\r\n", (*token)[len - 1]) != NULL) {
            (*token)[--len] = '\0';
        }
    } else if (direct != NULL) {
        *token = xstrdup(direct);
    }
    if (*token != NULL && strpbrk(*token, "\r\n") != NULL) {
        secret_free(*token);
        *token = NULL;
        return err_set(e, E_CREDS,
                       "container credentials: the authorization token has a line "
                       "break");
    }
    return E_OK;
}

static enum err_code read_reply(const struct http_response *reply, struct aws_creds *out,
                                struct err *e)
{
    static const struct creds_members members = {.key_id = "AccessKeyId",
                                                 .secret = "SecretAccessKey",
                                                 .token = "Token",
                                                 .expiration = "Expiration",
                                                 .account = "AccountId"};
    static const char what[] = "container credentials";
    cJSON *doc = NULL;
    enum err_code rc = E_PARSE;

    if (reply->status != 200) {
        return err_set(e, E_CREDS, "%s: the endpoint answered HTTP %d", what, reply->status);
    }
    doc = json_parse(strbuf_str(&reply->body), reply->body.len, what, e);
    if (doc != NULL) {
        rc = creds_from_json(doc, &members, what, out, e);
    }
    cJSON_Delete(doc);
    return rc;
}

enum err_code creds_container(struct creds_ctx *x, struct aws_creds *out, struct err *e)
{
    const char *relative = env_get(x->o->env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = env_get(x->o->env, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    struct http_response reply = {0};
    char *token = NULL;

    if (relative == NULL && full == NULL) {
        return creds_tried(x, "container (AWS_CONTAINER_CREDENTIALS_* is not set)");
    }
    char *url = relative != NULL ? xasprintf("http://169.254.170.2%s", relative) : xstrdup(full);
    enum err_code rc = E_OK;
    if (!allowed(url)) {
        rc = err_set(e, E_CONFIG,
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI: plain http is allowed to "
                     "this machine and to AWS's own addresses only");
    }
    if (rc == E_OK) {
        rc = read_token(x, &token, e);
    }
    if (rc == E_OK) {
        struct http_header headers[] = {
            {"Accept",        "application/json"},
            {"Authorization", token             }
        };
        struct http_request q = {.method = "GET",
                                 .url = url,
                                 .headers = headers,
                                 .headers_len = token == NULL ? 1 : 2,
                                 .connect_timeout_ms = TIMEOUT_MS,
                                 .total_timeout_ms = TIMEOUT_MS,
                                 .max_bytes = REPLY_MAX};
        rc = creds_fetch(x, &q, TRIES, PAUSE_MS, &reply, e);
        if (rc != E_OK) {
            (void)err_wrap(e, "container credentials");
        } else {
            rc = read_reply(&reply, out, e);
        }
    }
    (void)snprintf(out->source, sizeof out->source, "container endpoint");
    secret_free(token);
    free(url);
    strbuf_wipe(&reply.body);
    http_response_clear(&reply);
    return rc;
}
