/* An operation's request as bytes: building, signing and sending it. */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"

static const char *const content_types[] = {
    [AWS_JSON_1_0] = "application/x-amz-json-1.0",
    [AWS_JSON_1_1] = "application/x-amz-json-1.1",
    [AWS_REST_JSON] = "application/json",
    [AWS_QUERY_XML] = "application/x-www-form-urlencoded; charset=utf-8",
};

/* The form "Action=AssumeRole&Version=2011-06-15&RoleArn=..." from the string members. */
static char *form_body(const char *action, const char *version, const cJSON *in)
{
    struct strbuf out = STRBUF_INIT;
    const cJSON *v;

    strbuf_addf(&out, "Action=%s&Version=%s", action, version);
    cJSON_ArrayForEach(v, in)
    {
        if (cJSON_IsString(v) && v->string != NULL) {
            strbuf_addc(&out, '&');
            sigv4_uri_encode(&out, v->string, false);
            strbuf_addc(&out, '=');
            sigv4_uri_encode(&out, v->valuestring, false);
        }
    }
    return strbuf_take(&out);
}

/* The path "/v1/describejobs" after the base path of the endpoint. */
static char *rest_path(const char *base, const char *name)
{
    char *path = xasprintf("%s/v1/%s", base, name);

    for (char *p = path + strlen(base); *p != '\0'; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    }
    return path;
}

enum err_code request_init(struct request *r, enum aws_op_id op, const struct endpoint *endpoint,
                           const cJSON *in, struct err *e)
{
    const struct aws_op *row = aws_op_get(op);
    const struct aws_service *service = aws_service_get(row->service);
    const char *base = endpoint->path;

    *r = (struct request){.op = op, .endpoint = endpoint};
    r->content_type = content_types[service->protocol];
    if (service->protocol == AWS_REST_JSON) {
        r->path = rest_path(base, row->name);
    } else {
        r->path = xstrdup(*base == '\0' ? "/" : base);
    }
    r->url =
        xasprintf("%.*s%s", (int)(strlen(endpoint->url) - strlen(base)), endpoint->url, r->path);
    if (service->target_prefix != NULL) {
        r->target = xasprintf("%s%s", service->target_prefix, row->name);
    }
    if (service->protocol == AWS_QUERY_XML) {
        r->body = form_body(row->name, service->version, in);
    } else {
        r->body = in == NULL ? xstrdup("{}") : json_text(in);
    }
    r->body_len = strlen(r->body);
    if (!text_utf8_valid(r->body, r->body_len)) {
        request_clear(r);
        return err_set(e, E_INVALID, "%s %s: the request holds text that is not UTF-8",
                       service->name, row->name);
    }
    return E_OK;
}

void request_clear(struct request *r)
{
    secret_free_bytes(r->body, r->body_len);
    free(r->url);
    free(r->path);
    free(r->target);
    *r = (struct request){0};
}

enum { HEADERS_MAX = 8 };

struct headers {
    struct sigv4_header list[HEADERS_MAX];
    size_t len;
};

static void add(struct headers *h, const char *name, const char *value)
{
    h->list[h->len++] = (struct sigv4_header){name, value};
}

/* Adds exactly the headers that are signed (AWS-WIRE 1.2). */
static void common_headers(struct headers *h, const struct request *r)
{
    const struct aws_service *service = aws_service_get(aws_op_get(r->op)->service);

    add(h, "Host", r->endpoint->host);
    add(h, "Content-Type", r->content_type);
    if (r->target != NULL) {
        add(h, "X-Amz-Target", r->target);
    }
    if (service->query_mode_header) {
        add(h, "x-amzn-query-mode", "true");
    }
}

static void sign(struct headers *h, const struct request *r, const struct request_send *how,
                 char date[TIME_ISO_SIZE], struct sigv4_result *signature)
{
    const struct aws_service *service = aws_service_get(aws_op_get(r->op)->service);

    (void)time_iso_basic(how->wall_ms, date);
    add(h, "X-Amz-Date", date);
    if (how->creds->token.value != NULL) {
        add(h, "X-Amz-Security-Token", secret_str(&how->creds->token));
    }
    struct sigv4_request q = {.method = "POST",
                              .path = r->path,
                              .headers = h->list,
                              .headers_len = h->len,
                              .body = r->body,
                              .body_len = r->body_len,
                              .region = r->endpoint->signing_region,
                              .service = service->signing_name,
                              .amz_date = date};
    if (how->key != NULL) {
        sigv4_sign_with_key(&q, how->creds->access_key_id, how->key, signature);
    } else {
        sigv4_sign(&q, how->creds->access_key_id, secret_str(&how->creds->secret_key), signature);
    }
    add(h, "Authorization", signature->authorization);
}

enum err_code request_send(struct http *h, const struct request *r, const struct request_send *how,
                           struct http_response *reply, struct err *e)
{
    struct headers headers = {.len = 0};
    struct http_header wire[HEADERS_MAX];
    struct sigv4_result signature = {0};
    char date[TIME_ISO_SIZE];

    common_headers(&headers, r);
    if (how->creds != NULL) {
        sign(&headers, r, how, date, &signature);
    }
    for (size_t i = 0; i < headers.len; i++) {
        wire[i] = (struct http_header){headers.list[i].name, headers.list[i].value};
    }
    struct http_request q = {.method = "POST",
                             .url = r->url,
                             .endpoint_from = r->endpoint->from,
                             .headers = wire,
                             .headers_len = headers.len,
                             .body = r->body,
                             .body_len = r->body_len,
                             .connect_timeout_ms = how->connect_timeout_ms,
                             .total_timeout_ms = how->total_timeout_ms,
                             .idle_timeout_ms = how->idle_timeout_ms,
                             .max_bytes = how->max_bytes,
                             .once = how->once};
    enum err_code rc = http_send(h, &q, reply, e);
    sigv4_result_clear(&signature);
    return rc;
}
