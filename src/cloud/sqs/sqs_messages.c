/* SQS of the local cloud: sending messages, and the digests that clients check. Receiving is in
 * sqs_receive.c. Facts: AWS-WIRE 2.6. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "sqs.h"
#include "src/cloud/store/sqlx.h"

enum { ATTRIBUTES_MAX = 10, ATTRIBUTE_NAME_MAX = 256 };
#define MESSAGE_MAX 1048576

static void md5_hex(const void *bytes, size_t len, char out[33])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    out[0] = '\0';
    if (EVP_Digest(bytes, len, digest, &n, EVP_md5(), NULL) != 1) {
        return;
    }
    for (unsigned i = 0; i < 16 && i < n; i++) {
        (void)snprintf(out + (size_t)2 * i, 3, "%02x", digest[i]);
    }
}

void cloud_sqs_md5_body(const char *body, char out[33])
{
    md5_hex(body, strlen(body), out);
}

static void add_sized(struct strbuf *b, const void *bytes, size_t n)
{
    unsigned char size[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16),
                             (unsigned char)(n >> 8), (unsigned char)n};

    strbuf_add(b, size, sizeof size);
    strbuf_add(b, bytes, n);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

void cloud_sqs_md5_attributes(const cJSON *attributes, char out[33])
{
    const cJSON *sorted[ATTRIBUTES_MAX];
    size_t n = 0;
    struct strbuf b = STRBUF_INIT;

    out[0] = '\0';
    for (const cJSON *m = attributes != NULL ? attributes->child : NULL;
         m != NULL && n < ATTRIBUTES_MAX; m = m->next) {
        sorted[n++] = m;
    }
    if (n == 0) {
        return;
    }
    qsort(sorted, n, sizeof(const cJSON *), by_name);
    for (size_t i = 0; i < n; i++) {
        const char *type = json_str_or(sorted[i], "DataType", "");
        const char *text = json_str(sorted[i], "StringValue");
        const char *binary = json_str_or(sorted[i], "BinaryValue", "");
        add_sized(&b, sorted[i]->string, strlen(sorted[i]->string));
        add_sized(&b, type, strlen(type));
        strbuf_addc(&b, text != NULL ? 1 : 2);
        if (text != NULL) {
            add_sized(&b, text, strlen(text));
            continue;
        }
        size_t len = strlen(binary);
        unsigned char *raw = xmalloc(len + 4);
        int got = EVP_DecodeBlock(raw, (const unsigned char *)binary, (int)len);
        size_t pad = len > 1 && binary[len - 1] == '=' ? (binary[len - 2] == '=' ? 2U : 1U) : 0;
        add_sized(&b, raw, got < 0 ? 0 : (size_t)got - pad);
        free(raw);
    }
    md5_hex(b.data, b.len, out);
    strbuf_clear(&b);
}

/* Are all characters those that XML 1.0 allows? SQS takes only these. */
static bool body_ok(const char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        if (n == 0 || (cp < 0x20 && cp != 9 && cp != 10 && cp != 13) || cp == 0xFFFE ||
            cp == 0xFFFF) {
            return false;
        }
        i += n;
    }
    return true;
}

/* Is this 1 to 256 of [A-Za-z0-9_.-], without a period at an end or beside another one, and without
 * AWS's own prefixes? */
static bool attribute_name_ok(const char *s)
{
    size_t n = strlen(s);

    return n >= 1 && n <= ATTRIBUTE_NAME_MAX &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") == n &&
           s[0] != '.' && s[n - 1] != '.' && strstr(s, "..") == NULL &&
           strncasecmp(s, "AWS.", 4) != 0 && strncasecmp(s, "Amazon.", 7) != 0;
}

/* Is this "String", "Number" or "Binary", perhaps with a period and a label of one's own after
 * it? */
static bool attribute_type_ok(const char *type)
{
    size_t n = strcspn(type, ".");

    return strlen(type) <= ATTRIBUTE_NAME_MAX && n == 6 &&
           (strncmp(type, "String", 6) == 0 || strncmp(type, "Number", 6) == 0 ||
            strncmp(type, "Binary", 6) == 0);
}

static bool is_number(const char *s)
{
    char *end = NULL;

    (void)strtod(s, &end);
    return end != s && *end == '\0' && strspn(s, "+-.0123456789eE") == strlen(s);
}

static bool attributes_ok(const cJSON *attributes, size_t *bytes, struct err *e)
{
    int n = cJSON_GetArraySize(attributes);

    if (n > ATTRIBUTES_MAX) {
        (void)err_set(e, E_INVALID,
                      "Number of message attributes [%d] exceeds the allowed maximum "
                      "[10].",
                      n);
        return false;
    }
    for (const cJSON *m = n > 0 ? attributes->child : NULL; m != NULL; m = m->next) {
        const char *type = json_str_or(m, "DataType", "");
        const char *text = json_str(m, "StringValue"), *binary = json_str(m, "BinaryValue");
        if (!attribute_name_ok(m->string)) {
            (void)err_set(e, E_INVALID,
                          "The message attribute name '%.60s' is invalid. Attribute name can "
                          "contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) "
                          "characters, up to 256 of them.",
                          m->string);
            return false;
        }
        if (!attribute_type_ok(type)) {
            (void)err_set(e, E_INVALID,
                          "The message attribute '%.60s' has an invalid message "
                          "attribute type, the set of supported type prefixes is "
                          "Binary, Number, and String.",
                          m->string);
            return false;
        }
        if (type[0] == 'B' ? binary == NULL : text == NULL || *text == '\0') {
            (void)err_set(e, E_INVALID,
                          "The message attribute '%.60s' must contain a non-empty "
                          "value of its type.",
                          m->string);
            return false;
        }
        if (type[0] == 'N' && !is_number(text)) {
            (void)err_set(e, E_INVALID,
                          "Can't cast the value of message attribute '%.60s' to a number.",
                          m->string);
            return false;
        }
        *bytes += strlen(m->string) + strlen(type) + strlen(text != NULL ? text : binary);
    }
    return true;
}

/* Writes one message; `id` gets its message id. */
static enum err_code put(struct cloud *cloud, const char *queue, const char *body,
                         const cJSON *attributes, int64_t delay_s, char id[UUID_SIZE],
                         struct err *e)
{
    size_t bytes = body != NULL ? strlen(body) : 0;
    char *text = NULL;

    if (body == NULL || *body == '\0') {
        return err_set(e, E_USAGE, "The request must contain the parameter MessageBody.");
    }
    if (!body_ok(body)) {
        return err_set(e, E_PARSE,
                       "Invalid characters found in message body: only XML 1.0 "
                       "characters are allowed.");
    }
    if (!attributes_ok(attributes, &bytes, e)) {
        return E_INVALID;
    }
    int64_t limit = cloud_sqs_queue_number(cloud, queue, "MaximumMessageSize", MESSAGE_MAX);
    if ((int64_t)bytes > limit) {
        return err_set(e, E_INVALID,
                       "One or more parameters are invalid. Reason: Message must be "
                       "shorter than %lld bytes.",
                       (long long)limit);
    }
    if (delay_s < 0) {
        delay_s = cloud_sqs_queue_number(cloud, queue, "DelaySeconds", 0);
    }
    sqlite3_stmt *q =
        cloud_stmt(cloud, "INSERT INTO sqs_message(queue,message_id,body,attributes,sent,"
                          "visible_at) VALUES(?1,?2,?3,?4,?5,?6)");
    int64_t now = cloud_now(cloud);
    rand_uuid(id);
    text = attributes != NULL && attributes->child != NULL ? json_text(attributes) : NULL;
    sqlx_text(q, 1, queue);
    sqlx_text(q, 2, id);
    sqlx_text(q, 3, body);
    sqlx_text(q, 4, text);
    sqlx_int(q, 5, now);
    sqlx_int(q, 6, now + delay_s * 1000);
    free(text);
    bool ok = cloud_step_done(cloud, q, NULL);
    cloud_poke(cloud);
    return ok ? E_OK : err_set(e, E_IO, "the store failed");
}

enum err_code cloud_sqs_put(struct cloud *cloud, const char *queue, const char *body,
                            const cJSON *attributes, struct err *e)
{
    char id[UUID_SIZE];

    if (!cloud_sqs_queue_exists(cloud, queue)) {
        return err_set(e, E_NOT_FOUND, "The specified queue does not exist.");
    }
    return put(cloud, queue, body, attributes, -1, id, e);
}

void cloud_sqs_send_message(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *body = json_str(in, "MessageBody");
    const cJSON *attributes = json_object(in, "MessageAttributes");
    int64_t delay = json_int(in, "DelaySeconds", -1);
    char id[UUID_SIZE], md5[33];
    struct err e = {.code = E_OK};
    char *queue = cloud_sqs_queue_of(cloud, in, r);

    if (queue == NULL) {
        return;
    }
    if (delay > 900 || (delay < 0 && json_get(in, "DelaySeconds") != NULL)) {
        cloud_fail(r, 400, "InvalidParameterValue",
                   "Value %lld for parameter DelaySeconds is invalid. Reason: DelaySeconds must be "
                   ">= 0 and <= 900.",
                   (long long)delay);
    } else if (put(cloud, queue, body, attributes, delay, id, &e) != E_OK) {
        const char *code = e.code == E_USAGE   ? "MissingParameter"
                           : e.code == E_PARSE ? "InvalidMessageContents"
                           : e.code == E_IO    ? "InternalError"
                                               : "InvalidParameterValue";
        cloud_fail(r, e.code == E_IO ? 500 : 400, code, "%s", e.msg);
    } else {
        r->out = json_new_object();
        json_set_str(r->out, "MessageId", id);
        cloud_sqs_md5_body(body, md5);
        json_set_str(r->out, "MD5OfMessageBody", md5);
        cloud_sqs_md5_attributes(attributes, md5);
        if (md5[0] != '\0') {
            json_set_str(r->out, "MD5OfMessageAttributes", md5);
        }
    }
    free(queue);
}
