/* Credentials from EC2 instance metadata, version 2. This source is the last in the chain and is
 * asked only when nothing else is configured: on a machine that is no EC2 instance nobody answers,
 * and the wait is capped at a second. It fails silently, as in AWS's own tools. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "creds_impl.h"

enum {
    TIMEOUT_MS = 1000,
    REPLY_MAX = 64 * 1024,
    MINUTE_MS = 60 * 1000,
    STABLE_MS = 15 * MINUTE_MS
};

static const char role_path[] = "/latest/meta-data/iam/security-credentials/";

static char *base_url(const struct creds_ctx *x)
{
    const char *given = env_get(x->o->env, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = env_get(x->o->env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");

    if (given != NULL) {
        size_t n = strlen(given);
        while (n > 0 && given[n - 1] == '/') {
            n--;
        }
        return xstrndup(given, n);
    }
    return xstrdup(mode != NULL && strcasecmp(mode, "ipv6") == 0 ? "http://[fd00:ec2::254]"
                                                                 : "http://169.254.169.254");
}

static int timeout_ms(const struct creds_ctx *x)
{
    const char *given = env_get(x->o->env, "AWS_METADATA_SERVICE_TIMEOUT");
    double s = given == NULL ? 0 : strtod(given, NULL);

    return s > 0 && s <= 30 ? (int)(s * 1000) : TIMEOUT_MS;
}

static int tries(const struct creds_ctx *x)
{
    const char *given = env_get(x->o->env, "AWS_METADATA_SERVICE_NUM_ATTEMPTS");
    long n = given == NULL ? 0 : strtol(given, NULL, 10);

    return n > 0 && n <= 10 ? (int)n : 1;
}

static enum err_code ask(struct creds_ctx *x, const char *method, const char *base,
                         const char *path, const struct http_header *header,
                         struct http_response *reply, struct err *e)
{
    char *url = xasprintf("%s%s", base, path);
    struct http_request q = {.method = method,
                             .url = url,
                             .headers = header,
                             .headers_len = header == NULL ? 0 : 1,
                             .connect_timeout_ms = timeout_ms(x),
                             .total_timeout_ms = timeout_ms(x),
                             .max_bytes = REPLY_MAX};
    enum err_code rc = creds_fetch(x, &q, tries(x), 0, reply, e);

    free(url);
    return rc;
}

/* The text of a body that is one line, without what would break a header or a path; NULL when the
 * body is another one. */
static char *line_of(const struct http_response *reply)
{
    const char *s = strbuf_str(&reply->body);
    size_t n = strcspn(s, "\r\n");

    return reply->status == 200 && n > 0 && n < 4096 ? xstrndup(s, n) : NULL;
}

/* The session token; NULL with E_OK when version 1 must be used. */
static enum err_code get_token(struct creds_ctx *x, const char *base, char **token, struct err *e)
{
    static const struct http_header ttl = {"x-aws-ec2-metadata-token-ttl-seconds", "21600"};
    struct http_response reply = {0};
    enum err_code rc = ask(x, "PUT", base, "/latest/api/token", &ttl, &reply, e);

    *token = NULL;
    if (rc == E_OK) {
        *token = line_of(&reply);
    }
    bool old = rc == E_OK ? reply.status == 403 || reply.status == 404 || reply.status == 405
                          : rc == E_TIMEOUT && e->maybe_done;
    if (*token == NULL && old && !env_true(x->o->env, "AWS_EC2_METADATA_V1_DISABLED")) {
        rc = E_OK;
    } else if (rc == E_OK && *token == NULL) {
        rc = err_set(e, E_CREDS, "EC2 metadata: no token (HTTP %d)", reply.status);
    }
    http_response_clear(&reply);
    return rc;
}

/* Extends keys that the service could not renew: such keys keep working for a while (AWS-WIRE
 * 4.3). */
static void stretch(struct creds_ctx *x, struct aws_creds *out)
{
    int64_t now = creds_now(x);

    if (out->expires_ms != TIME_NONE && out->expires_ms - now < STABLE_MS) {
        out->expires_ms = now + STABLE_MS + (int64_t)(2 + rand_below(9)) * MINUTE_MS;
    }
}

static enum err_code read_keys(struct creds_ctx *x, const struct http_response *reply,
                               struct aws_creds *out, struct err *e)
{
    static const struct creds_members members = {.key_id = "AccessKeyId",
                                                 .secret = "SecretAccessKey",
                                                 .token = "Token",
                                                 .expiration = "Expiration",
                                                 .account = "AccountId"};
    static const char what[] = "EC2 metadata";
    cJSON *doc = json_parse(strbuf_str(&reply->body), reply->body.len, what, e);
    enum err_code rc = E_PARSE;

    if (doc != NULL && strcmp(json_str_or(doc, "Code", "Success"), "Success") != 0) {
        rc = err_set(e, E_CREDS, "EC2 metadata: %.60s", json_str(doc, "Code"));
    } else if (doc != NULL) {
        rc = creds_from_json(doc, &members, what, out, e);
    }
    cJSON_Delete(doc);
    if (rc == E_OK) {
        stretch(x, out);
    }
    return rc;
}

static enum err_code fetch(struct creds_ctx *x, const char *base, struct aws_creds *out,
                           struct err *e)
{
    struct http_response reply = {0};
    char *token = NULL;
    char *role = NULL;
    char *path = NULL;
    enum err_code rc = get_token(x, base, &token, e);
    struct http_header header = {"x-aws-ec2-metadata-token", token};

    if (rc == E_OK) {
        rc = ask(x, "GET", base, role_path, token == NULL ? NULL : &header, &reply, e);
    }
    if (rc == E_OK) {
        role = line_of(&reply);
        if (role == NULL || strpbrk(role, " /?#") != NULL) {
            rc = err_set(e, E_CREDS, "EC2 metadata: the instance has no role (HTTP %d)",
                         reply.status);
        }
    }
    if (rc == E_OK) {
        path = xasprintf("%s%s", role_path, role);
        rc = ask(x, "GET", base, path, token == NULL ? NULL : &header, &reply, e);
    }
    if (rc == E_OK) {
        rc = reply.status == 200 ? read_keys(x, &reply, out, e)
                                 : err_set(e, E_CREDS, "EC2 metadata: HTTP %d", reply.status);
    }
    strbuf_wipe(&reply.body);
    http_response_clear(&reply);
    free(path);
    free(role);
    free(token);
    return rc;
}

enum err_code creds_imds(struct creds_ctx *x, struct aws_creds *out, struct err *e)
{
    struct err why = {0};

    if (env_true(x->o->env, "AWS_EC2_METADATA_DISABLED")) {
        return creds_tried(x, "EC2 metadata (disabled)");
    }
    char *base = base_url(x);
    enum err_code rc = fetch(x, base, out, &why);
    free(base);
    if (rc == E_CANCELLED) {
        return err_set(e, E_CANCELLED, "stopped");
    }
    if (rc != E_OK) {
        return creds_tried(x, "%s%.150s",
                           strncmp(why.msg, "EC2", 3) == 0 ? "" : "EC2 metadata: ", why.msg);
    }
    (void)snprintf(out->source, sizeof out->source, "EC2 instance role");
    return E_OK;
}
