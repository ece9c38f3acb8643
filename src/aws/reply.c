/* Reading a reply: its document, or the failure that it tells. */
#include "reply.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/crc32.h"
#include "core/json.h"
#include "core/number.h"
#include "xml.h"

enum { ENVELOPE_MAX = 1 << 20 }; /* a longer body of an error is no envelope */

void failure_clear(struct failure *f)
{
    cJSON_Delete(f->doc);
    *f = (struct failure){.retry_after_ms = -1};
}

static void copy(char *out, size_t size, const char *s)
{
    (void)snprintf(out, size, "%s", s == NULL ? "" : s);
}

void reply_normalise_code(const char *raw, char *out, size_t size)
{
    size_t len = strcspn(raw, ":");
    size_t from = 0;

    for (size_t i = 0; i < len; i++) {
        if (raw[i] == '#') {
            from = i + 1;
        }
    }
    while (from < len && (raw[from] == ' ' || raw[from] == '\t')) {
        from++;
    }
    while (len > from && (raw[len - 1] == ' ' || raw[len - 1] == '\t')) {
        len--;
    }
    (void)snprintf(out, size, "%.*s", (int)(len - from < size ? len - from : size), raw + from);
    for (char *p = out; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x21 || (unsigned char)*p > 0x7e) {
            *p = '?';
        }
    }
}

void reply_request_id(const struct http_response *r, char *out, size_t size)
{
    const char *id = http_header_get(r, "x-amzn-requestid");

    if (id == NULL) {
        id = http_header_get(r, "x-amz-request-id");
    }
    copy(out, size, id);
}

int64_t reply_skew_ms(const struct http_response *r, int64_t now_ms)
{
    const char *date = http_header_get(r, "date");
    int64_t ms = 0;

    return date != NULL && time_parse_http(date, &ms) ? ms - now_ms : 0;
}

bool reply_crc_ok(const struct http_response *r)
{
    const char *want = http_header_get(r, "x-amz-crc32");
    int64_t n = 0;

    if (!number_parse(want, 0, INT64_MAX, &n)) {
        return true; /* without a number in the header there is nothing to compare with */
    }
    return n == (int64_t)crc32_of(r->body.len == 0 ? "" : r->body.data, r->body.len);
}

static const char *first_str(const cJSON *doc, const char *a, const char *b)
{
    const char *s = json_str(doc, a);

    return s != NULL ? s : json_str(doc, b);
}

static bool looks_like(const struct http_response *r, char first)
{
    const char *p = strbuf_str(&r->body);

    return p[strspn(p, " \t\r\n")] == first;
}

static void read_json(const struct http_response *r, struct failure *f)
{
    cJSON *doc = NULL;

    if (looks_like(r, '{') && r->body.len <= ENVELOPE_MAX) {
        doc = json_parse(r->body.data, r->body.len, "error reply", NULL);
    }
    if (doc == NULL) {
        f->foreign = r->body.len > 0;
        return;
    }
    const char *code = json_str(doc, "__type");
    code = code != NULL ? code : first_str(doc, "code", "Code");
    if (code != NULL && f->code[0] == '\0') {
        reply_normalise_code(code, f->code, sizeof f->code);
    }
    const char *message = first_str(doc, "message", "Message");
    message = message != NULL ? message : json_str(doc, "errorMessage");
    copy(f->message, sizeof f->message, message);
    f->doc = doc;
}

static void read_xml(const struct http_response *r, struct failure *f)
{
    cJSON *doc = NULL;

    if (looks_like(r, '<') && r->body.len <= ENVELOPE_MAX) {
        doc = xml_parse(r->body.data, r->body.len, NULL);
    }
    const cJSON *root = doc == NULL ? NULL : doc->child;
    const cJSON *error = json_object(root, "Error");
    if (error == NULL) {
        error = json_object(json_object(root, "Errors"), "Error");
    }
    if (error == NULL && root != NULL && strcmp(root->string, "Error") == 0) {
        error = root;
    }
    const char *code = json_str(error, "Code");
    if (code == NULL) {
        f->foreign = r->body.len > 0;
    } else if (f->code[0] == '\0') {
        reply_normalise_code(code, f->code, sizeof f->code);
    }
    copy(f->message, sizeof f->message, json_str(error, "Message"));
    if (f->request_id[0] == '\0') {
        copy(f->request_id, sizeof f->request_id, first_str(root, "RequestId", "RequestID"));
    }
    cJSON_Delete(doc);
}

static const char *status_words(int status)
{
    switch (status) {
    case 400:
        return "bad request";
    case 403:
        return "forbidden";
    case 404:
        return "not found";
    case 407:
        return "the proxy needs a login";
    case 413:
        return "the request is too large";
    case 429:
        return "too many requests";
    case 500:
        return "internal error";
    case 502:
        return "bad gateway";
    case 503:
        return "service unavailable";
    case 504:
        return "gateway timeout";
    default:
        return status >= 300 && status < 400 ? "redirected, which AWS never does"
                                             : "no reason given";
    }
}

void reply_failure(enum aws_protocol protocol, const struct http_response *r, struct failure *f)
{
    const char *header = http_header_get(r, "x-amzn-errortype");
    const char *after = http_header_get(r, "x-amz-retry-after");
    int64_t ms = 0;

    *f = (struct failure){.status = r->status, .retry_after_ms = -1, .proxy_from = r->proxy_from};
    reply_request_id(r, f->request_id, sizeof f->request_id);
    if (header != NULL) {
        reply_normalise_code(header, f->code, sizeof f->code);
    }
    if (number_parse(after, 0, INT64_MAX, &ms)) {
        f->retry_after_ms = ms;
    }
    /* The other form is tried too: a gateway answers in the form that it knows. */
    if (protocol == AWS_QUERY_XML || looks_like(r, '<')) {
        read_xml(r, f);
    } else {
        read_json(r, f);
    }
    if (protocol == AWS_QUERY_XML && f->foreign && looks_like(r, '{')) {
        f->foreign = false;
        read_json(r, f);
    }
    if (f->code[0] == '\0') {
        (void)snprintf(f->code, sizeof f->code, "%d", r->status);
    }
    if (r->status == 407 && r->proxy_from != NULL) {
        (void)snprintf(f->message, sizeof f->message, "the proxy %s (%s) needs a login", r->proxy,
                       r->proxy_from);
    }
    if (f->message[0] == '\0') {
        copy(f->message, sizeof f->message, status_words(r->status));
    }
}

static enum err_code not_a_reply(const struct http_response *r, const struct err *why,
                                 struct err *e)
{
    const char *type = http_header_get(r, "content-type");

    (void)err_set(e, E_PARSE, "the reply is not what AWS sends (%.60s): %s",
                  type == NULL ? "no content type" : type, why->msg);
    return err_hint_set(e, "check the endpoint; a proxy or a login page of the network may answer "
                           "in its place");
}

static cJSON *xml_document(const char *op_name, const struct http_response *r, struct err *why)
{
    char result[128];
    cJSON *doc = xml_parse(strbuf_str(&r->body), r->body.len, why);

    if (doc == NULL) {
        return NULL;
    }
    (void)snprintf(result, sizeof result, "%sResult", op_name);
    cJSON *out = cJSON_DetachItemFromObjectCaseSensitive(doc->child, result);
    if (out == NULL) {
        (void)err_set(why, E_PARSE, "it has no %s", result);
    } else if (!cJSON_IsObject(out)) {
        cJSON_Delete(out);
        out = json_new_object();
    }
    cJSON_Delete(doc);
    return out;
}

/* May a good reply have no body? A write that answers nothing is acknowledged in this way. DynamoDB
 * answers every write with an object, so an empty body is not its reply. */
static bool may_be_empty(const struct aws_op *row)
{
    return (row->flags & AWS_OP_READ) == 0 && row->service != AWS_DYNAMODB;
}

/* Is the document the envelope of an error? No good reply has one of these members at its top. */
static bool is_error(const cJSON *doc)
{
    static const char *const members[] = {"message", "Message", "errorMessage", "error"};
    static const char *const shapes[] = {"Output", "Response", "Result"};
    const char *type = json_str_or(doc, "__type", "");
    bool shape = type[0] == '\0';

    /* Some services put the name of their reply's shape there. */
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t len = strlen(type);
        size_t tail = strlen(shapes[i]);
        shape = shape || (len > tail && strcmp(type + len - tail, shapes[i]) == 0);
    }
    if (!shape) {
        return true;
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const cJSON *v = json_get(doc, members[i]);
        if (v != NULL && !cJSON_IsNull(v)) {
            return true;
        }
    }
    return false;
}

cJSON *reply_document(enum aws_op_id op, const struct http_response *r,
                      const struct json_each *each, struct err *e)
{
    const struct aws_op *row = aws_op_get(op);
    struct err why = {0};
    cJSON *doc;

    if (r->body.len == 0) {
        if (may_be_empty(row)) {
            return json_new_object();
        }
        (void)err_set(&why, E_PARSE, "it is empty");
        (void)not_a_reply(r, &why, e);
        return NULL;
    }
    if (aws_service_get(row->service)->protocol == AWS_QUERY_XML) {
        doc = xml_document(row->name, r, &why);
    } else {
        doc = json_parse_each(r->body.data, r->body.len, "reply", each, &why);
        if (doc != NULL && !cJSON_IsObject(doc)) {
            cJSON_Delete(doc);
            doc = NULL;
            (void)err_set(&why, E_PARSE, "it is not an object");
        } else if (doc != NULL && is_error(doc)) {
            cJSON_Delete(doc);
            doc = NULL;
            (void)err_set(&why, E_PARSE, "it reports an error, with a status of success");
        }
    }
    if (doc == NULL) {
        (void)not_a_reply(r, &why, e);
    }
    return doc;
}
