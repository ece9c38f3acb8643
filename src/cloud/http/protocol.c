/* AWS's wire protocols: finding the operation of a request, reading its document, printing its
 * reply. */
#include "protocol.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "xml.h"

enum { FORM_FIELDS_MAX = 512 };

static void set_service(struct cloud_http_route *out, enum aws_service_id service)
{
    out->known = true;
    out->service = service;
    out->protocol = aws_service_get(service)->protocol;
}

static void set_name(struct cloud_http_route *out, const char *name, size_t len)
{
    size_t n = len < sizeof out->name ? len : sizeof out->name - 1;

    for (size_t i = 0; i < n; i++) {
        out->name[i] = isalnum((unsigned char)name[i]) ? name[i] : '?';
    }
    out->name[n] = '\0';
}

static void route_target(const char *target, struct cloud_http_route *out)
{
    for (int s = 0; s < AWS_SERVICE_COUNT; s++) {
        const char *prefix = aws_service_get((enum aws_service_id)s)->target_prefix;
        if (prefix != NULL && strncmp(target, prefix, strlen(prefix)) == 0) {
            const char *name = target + strlen(prefix);
            set_service(out, (enum aws_service_id)s);
            set_name(out, name, strlen(name));
            out->op = aws_op_find(out->service, name);
            return;
        }
    }
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decodes one form part; false on a broken escape, a NUL or bytes that are not UTF-8. */
static bool form_decode(const char *s, size_t len, struct strbuf *out)
{
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (c == '%') {
            int high = len - i > 2 ? hex_value(s[i + 1]) : -1;
            int low = len - i > 2 ? hex_value(s[i + 2]) : -1;
            if (high < 0 || low < 0 || high * 16 + low == 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        strbuf_addc(out, c);
    }
    return text_utf8_valid(strbuf_str(out), out->len);
}

/* The form as an object of strings; NULL when it is malformed. */
static cJSON *form_parse(const char *body, size_t len)
{
    cJSON *form = json_new_object();
    size_t fields = 0;

    for (size_t at = 0; at < len;) {
        const char *amp = memchr(body + at, '&', len - at);
        size_t end = amp == NULL ? len : (size_t)(amp - body);
        const char *eq = memchr(body + at, '=', end - at);
        size_t name_end = eq == NULL ? end : (size_t)(eq - body);
        size_t value_at = eq == NULL ? end : name_end + 1;
        struct strbuf name = STRBUF_INIT;
        struct strbuf value = STRBUF_INIT;
        bool good = ++fields <= FORM_FIELDS_MAX && form_decode(body + at, name_end - at, &name) &&
                    form_decode(body + value_at, end - value_at, &value);
        if (good && name.len > 0 && json_get(form, strbuf_str(&name)) == NULL) {
            json_set_str(form, strbuf_str(&name), strbuf_str(&value));
        }
        strbuf_clear(&name);
        strbuf_clear(&value);
        if (!good) {
            cJSON_Delete(form);
            return NULL;
        }
        at = end + 1;
    }
    return form;
}

/* The query protocol of the service whose protocol has this version; NULL when there is none. */
static const struct cloud_query *query_of(const struct cloud_service *const *services,
                                          const char *version)
{
    for (; services != NULL && *services != NULL; services++) {
        const struct cloud_query *query = (*services)->query;
        if (query != NULL && strcmp(version, query->version) == 0) {
            return query;
        }
    }
    return NULL;
}

static void route_form(const struct cloud_service *const *services,
                       const struct cloud_http_request *q, struct cloud_http_route *out)
{
    cJSON *form = form_parse(q->body, q->body_len);
    const char *action = json_str(form, "Action");
    const char *version = json_str_or(form, "Version", "");
    bool iam = strcmp(version, aws_service_get(AWS_IAM)->version) == 0;

    out->query = query_of(services, version);
    set_service(out, out->query != NULL ? out->query->service : iam ? AWS_IAM : AWS_STS);
    /* older clients speak the query protocol where the table has JSON */
    out->protocol = AWS_QUERY_XML;
    if (action != NULL) {
        set_name(out, action, strlen(action));
        out->op = aws_op_find(out->service, action);
    }
    cJSON_Delete(form);
}

void cloud_http_find_route(const struct cloud_service *const *services,
                           const struct cloud_http_request *q, struct cloud_http_route *out)
{
    static const char form[] = "application/x-www-form-urlencoded";

    *out = (struct cloud_http_route){.protocol = AWS_JSON_1_0, .op = AWS_OP_COUNT};
    if (q->target != NULL) {
        route_target(q->target, out);
    } else if (strncmp(q->path, "/v1/", 4) == 0) {
        set_service(out, AWS_BATCH);
        set_name(out, q->path + 4, strlen(q->path + 4));
        if (strcmp(q->method, "POST") == 0) {
            out->op = aws_op_find_path(q->path);
        }
    } else if (q->type != NULL && strncasecmp(q->type, form, sizeof form - 1) == 0) {
        route_form(services, q, out);
    }
    if (out->known && strcmp(q->method, "POST") != 0) {
        out->op = AWS_OP_COUNT;
    }
}

void cloud_http_refuse_unknown(const struct cloud_http_route *route, struct cloud_reply *r)
{
    switch (route->protocol) {
    case AWS_QUERY_XML:
        cloud_fail(r, 400, "InvalidAction", "Could not find operation %s for version %s",
                   route->name,
                   route->query != NULL ? route->query->version
                                        : aws_service_get(route->service)->version);
        break;
    case AWS_REST_JSON:
        cloud_fail(r, 404, "UnknownOperationException", "Not an operation of this local cloud: %s",
                   route->name);
        break;
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        cloud_fail(
            r, 400, "UnknownOperationException", "%s%s",
            route->name[0] == '\0' ? "" : "Not an operation of this local cloud: ", route->name);
        break;
    }
}

/* Does the text hold an escaped NUL? cJSON silently ends a string at one, so data would be lost. */
static bool has_escaped_nul(const char *s, size_t len)
{
    const char *at = s;

    while ((at = memmem(at, len - (size_t)(at - s), "\\u0000", 6)) != NULL) {
        size_t slashes = 1;
        while ((size_t)(at - s) >= slashes && at[-(ptrdiff_t)slashes] == '\\') {
            slashes++;
        }
        if (slashes % 2 == 1) {
            return true;
        }
        at += 6;
    }
    return false;
}

bool cloud_http_read_body(const struct cloud_http_route *route, const struct cloud_http_request *q,
                          cJSON **in, struct cloud_reply *r)
{
    struct err e;

    *in = NULL;
    if (route->protocol == AWS_QUERY_XML) {
        *in = form_parse(q->body, q->body_len);
        if (*in == NULL) {
            cloud_fail(r, 400, "MalformedQueryString", "The form cannot be decoded");
        } else if (route->query != NULL) {
            cJSON *form = *in;
            *in = route->query->document(form);
            cJSON_Delete(form);
        }
        return *in != NULL;
    }
    if (q->body_len == 0) {
        *in = json_new_object();
        return true;
    }
    if (has_escaped_nul(q->body, q->body_len)) {
        cloud_fail(r, 400, "SerializationException",
                   "NUL characters in strings are not supported by the local cloud");
        return false;
    }
    *in = json_parse(q->body, q->body_len, "request body", &e);
    if (*in == NULL || !cJSON_IsObject(*in)) {
        cloud_fail(r, 400, "SerializationException", "%s",
                   *in == NULL ? e.msg : "Start of structure or map found where not expected.");
        cJSON_Delete(*in);
        *in = NULL;
    }
    return *in != NULL;
}

/* Adds the name in "__type". Services answer with their model's namespace; clients cut it off. */
static void add_type(const struct cloud_http_route *route, const char *code, struct strbuf *out)
{
    static const char *const namespaces[AWS_SERVICE_COUNT] = {
        [AWS_DYNAMODB] = "com.amazonaws.dynamodb.v20120810#",
        [AWS_STREAMS] = "com.amazonaws.dynamodb.v20120810#",
        [AWS_SQS] = "com.amazonaws.sqs#",
    };
    static const char *const common[] = {
        "UnrecognizedClientException", "InvalidSignatureException", "MissingAuthenticationToken",
        "IncompleteSignature",         "SerializationException",    "UnknownOperationException",
        "ValidationException",         "ExpiredTokenException",     "InternalFailure",
    };
    const char *space = route->known ? namespaces[route->service] : NULL;

    for (size_t i = 0; i < sizeof common / sizeof *common && space != NULL; i++) {
        if (strncmp(code, common[i], strlen(common[i])) == 0) {
            space = strcmp(code, "ValidationException") == 0 ? "com.amazon.coral.validate#"
                                                             : "com.amazon.coral.service#";
            break;
        }
    }
    strbuf_addf(out, "{\"__type\":\"%s%s\",\"message\":", space == NULL ? "" : space, code);
}

static void write_json(const struct cloud_http_route *route, const struct cloud_reply *r,
                       struct cloud_http_reply *out)
{
    char *text = NULL;

    if (r->code[0] == '\0') {
        text = r->out == NULL ? xstrdup("{}") : json_text(r->out);
        out->body.len = strlen(text);
        out->body.cap = out->body.len + 1;
        out->body.data = text;
        return;
    }
    if (route->protocol == AWS_REST_JSON) {
        (void)snprintf(out->error_type, sizeof out->error_type, "%s", r->code);
        strbuf_adds(&out->body, "{\"message\":");
    } else {
        add_type(route, r->code, &out->body);
    }
    json_quote(&out->body, r->message);
    if (cJSON_IsObject(r->out) && r->out->child != NULL) {
        text = json_text(r->out);
        strbuf_addc(&out->body, ',');
        strbuf_adds(&out->body, text + 1); /* the text after its '{', up to and including its '}' */
        free(text);
    } else {
        strbuf_addc(&out->body, '}');
    }
    if (r->query_code[0] != '\0') {
        (void)snprintf(out->query_error, sizeof out->query_error, "%s;%s", r->query_code,
                       r->status < 500 ? "Sender" : "Receiver");
    }
}

static void add_xml(struct strbuf *out, const char *name, const cJSON *v)
{
    const cJSON *child = NULL;

    strbuf_addf(out, "<%s>", name);
    if (cJSON_IsString(v)) {
        cloud_http_xml_text(out, v->valuestring);
    } else if (cJSON_IsObject(v) || cJSON_IsArray(v)) {
        cJSON_ArrayForEach(child, v)
        {
            add_xml(out, cJSON_IsArray(v) ? "member" : child->string, child);
        }
    } else if (v != NULL && !cJSON_IsNull(v)) {
        char *text = json_text(v);
        strbuf_adds(out, text);
        free(text);
    }
    strbuf_addf(out, "</%s>", name);
}

static void write_xml(const struct cloud_http_route *route, const struct cloud_reply *r,
                      const char *request_id, struct cloud_http_reply *out)
{
    const struct cloud_query *own = route->query;
    const char *space = own != NULL ? own->space : "https://sts.amazonaws.com/doc/2011-06-15/";
    const char *code = own != NULL && r->query_code[0] != '\0' ? r->query_code : r->code;
    struct strbuf *b = &out->body;

    if (r->code[0] != '\0') {
        strbuf_addf(b, "<ErrorResponse xmlns=\"%s\"><Error><Type>%s</Type><Code>%s</Code><Message>",
                    space, r->status < 500 ? "Sender" : "Receiver", code);
        cloud_http_xml_text(b, r->message);
        strbuf_addf(b, "</Message></Error><RequestId>%s</RequestId></ErrorResponse>", request_id);
        return;
    }
    char result[96];
    (void)snprintf(result, sizeof result, "%sResult", route->name);
    strbuf_addf(b, "<%sResponse xmlns=\"%s\">", route->name, space);
    if (own != NULL) {
        strbuf_addf(b, "<%s>", result);
        own->result(b, r->out);
        strbuf_addf(b, "</%s>", result);
    } else {
        add_xml(b, result, r->out);
    }
    strbuf_addf(b, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>",
                request_id, route->name);
}

void cloud_http_write_reply(const struct cloud_http_route *route, const struct cloud_reply *r,
                            const char *request_id, struct cloud_http_reply *out)
{
    static const char *const types[] = {
        [AWS_JSON_1_0] = "application/x-amz-json-1.0",
        [AWS_JSON_1_1] = "application/x-amz-json-1.1",
        [AWS_REST_JSON] = "application/json",
        [AWS_QUERY_XML] = "text/xml",
    };

    *out = (struct cloud_http_reply){.content_type = types[route->protocol]};
    out->crc32 = route->known && (route->service == AWS_DYNAMODB || route->service == AWS_STREAMS);
    if (route->protocol == AWS_QUERY_XML) {
        write_xml(route, r, request_id, out);
    } else {
        write_json(route, r, out);
    }
}
