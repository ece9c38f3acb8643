/* SQS's query protocol: turning a form into the JSON document of an operation, and its reply into
 * XML. */
#include "sqs_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/number.h"
#include "src/cloud/http/xml.h"

enum { LIST_MAX = 64, KEY_SIZE = 128 };

/* The value of "prefix.N.rest" (or of "prefix.N" when rest is ""), or NULL. */
static const char *item_of(const cJSON *form, const char *prefix, int n, const char *rest)
{
    char key[KEY_SIZE];

    (void)snprintf(key, sizeof key, "%s.%d%s%s", prefix, n, rest[0] == '\0' ? "" : ".", rest);
    return json_str(form, key);
}

/* Turns "AttributeName.1=All" into "AttributeNames":["All"]. */
static void take_list(const cJSON *form, const char *prefix, const char *name, cJSON *doc)
{
    cJSON *list = json_new_array();
    const char *value;

    for (int n = 1; n <= LIST_MAX && (value = item_of(form, prefix, n, "")) != NULL; n++) {
        json_push_str(list, value);
    }
    if (cJSON_GetArraySize(list) > 0) {
        json_set(doc, name, list);
    } else {
        cJSON_Delete(list);
    }
}

/* Turns "Attribute.1.Name=DelaySeconds&Attribute.1.Value=5" into
 * "Attributes":{"DelaySeconds":"5"}. */
static void take_pairs(const cJSON *form, const char *prefix, const char *key, const char *name,
                       cJSON *doc)
{
    cJSON *pairs = json_new_object();
    const char *of;

    for (int n = 1; n <= LIST_MAX && (of = item_of(form, prefix, n, key)) != NULL; n++) {
        json_set_str(pairs, of, item_of(form, prefix, n, "Value"));
    }
    if (pairs->child != NULL) {
        json_set(doc, name, pairs);
    } else {
        cJSON_Delete(pairs);
    }
}

static void take_message_attributes(const cJSON *form, cJSON *doc)
{
    static const char *const parts[] = {"DataType", "StringValue", "BinaryValue"};
    cJSON *all = json_new_object();
    const char *name;

    for (int n = 1; n <= LIST_MAX; n++) {
        name = item_of(form, "MessageAttribute", n, "Name");
        if (name == NULL) {
            break;
        }
        cJSON *one = json_new_object();
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            char rest[32];
            (void)snprintf(rest, sizeof rest, "Value.%s", parts[i]);
            const char *value = item_of(form, "MessageAttribute", n, rest);
            if (value != NULL) {
                json_set_str(one, parts[i], value);
            }
        }
        json_set(all, name, one);
    }
    if (all->child != NULL) {
        json_set(doc, "MessageAttributes", all);
    } else {
        cJSON_Delete(all);
    }
}

static void take_entries(const cJSON *form, cJSON *doc)
{
    static const char prefix[] = "DeleteMessageBatchRequestEntry";
    cJSON *entries = json_new_array();
    const char *id;

    for (int n = 1; n <= LIST_MAX && (id = item_of(form, prefix, n, "Id")) != NULL; n++) {
        cJSON *entry = json_new_object();
        json_set_str(entry, "Id", id);
        json_set_str(entry, "ReceiptHandle", item_of(form, prefix, n, "ReceiptHandle"));
        json_push(entries, entry);
    }
    if (cJSON_GetArraySize(entries) > 0) {
        json_set(doc, "Entries", entries);
    } else {
        cJSON_Delete(entries);
    }
}

/* Adds a member: a number where the form has a decimal integer; other text stays text, which the
 * operation then refuses. */
static void take_scalar(const cJSON *member, cJSON *doc)
{
    static const char *const integers[] = {"MaxNumberOfMessages", "VisibilityTimeout",
                                           "WaitTimeSeconds", "DelaySeconds", "MaxResults"};
    const char *text = member->valuestring;

    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        int64_t n = 0;
        if (strcmp(member->string, integers[i]) != 0) {
            continue;
        }
        if (number_parse(text, INT64_MIN, INT64_MAX, &n)) {
            json_set_int(doc, integers[i], n);
            return;
        }
    }
    json_set_str(doc, member->string, text);
}

static cJSON *document_of(const cJSON *form)
{
    cJSON *doc = json_new_object();
    const cJSON *member;

    cJSON_ArrayForEach(member, form)
    {
        if (cJSON_IsString(member) && strchr(member->string, '.') == NULL &&
            strcmp(member->string, "Action") != 0 && strcmp(member->string, "Version") != 0) {
            take_scalar(member, doc);
        }
    }
    take_list(form, "AttributeName", "AttributeNames", doc);
    take_list(form, "MessageAttributeName", "MessageAttributeNames", doc);
    take_list(form, "MessageSystemAttributeName", "MessageSystemAttributeNames", doc);
    take_pairs(form, "Attribute", "Name", "Attributes", doc);
    take_pairs(form, "Tag", "Key", "tags", doc);
    take_message_attributes(form, doc);
    take_entries(form, doc);
    return doc;
}

static void add_element(struct strbuf *out, const char *name, const cJSON *v)
{
    strbuf_addf(out, "<%s>", name);
    if (cJSON_IsString(v)) {
        cloud_http_xml_text(out, v->valuestring);
    } else if (v != NULL && !cJSON_IsNull(v)) {
        char *text = json_text(v);
        cloud_http_xml_text(out, text);
        free(text);
    }
    strbuf_addf(out, "</%s>", name);
}

/* Turns {"QueueArn":"x"} into <Attribute><Name>QueueArn</Name><Value>x</Value></Attribute>; the
 * value of a message attribute is itself an object of elements. */
static void add_pairs(struct strbuf *out, const char *name, const cJSON *pairs)
{
    const cJSON *p;

    cJSON_ArrayForEach(p, pairs)
    {
        strbuf_addf(out, "<%s><Name>", name);
        cloud_http_xml_text(out, p->string);
        strbuf_adds(out, "</Name>");
        if (cJSON_IsObject(p)) {
            const cJSON *part;
            strbuf_adds(out, "<Value>");
            cJSON_ArrayForEach(part, p)
            {
                add_element(out, part->string, part);
            }
            strbuf_adds(out, "</Value>");
        } else {
            add_element(out, "Value", p);
        }
        strbuf_addf(out, "</%s>", name);
    }
}

/* The name of each list of a reply in XML, where each item is an element of its own. */
static const struct {
    const char *json;
    const char *xml;
} lists[] = {
    {"QueueUrls",  "QueueUrl"                     },
    {"Messages",   "Message"                      },
    {"Successful", "DeleteMessageBatchResultEntry"},
    {"Failed",     "BatchResultErrorEntry"        },
};

static void add_members(struct strbuf *out, const cJSON *object, int depth)
{
    const cJSON *m;

    cJSON_ArrayForEach(m, object)
    {
        const char *name = m->string;
        for (size_t i = 0; cJSON_IsArray(m) && i < sizeof lists / sizeof *lists; i++) {
            if (strcmp(name, lists[i].json) == 0) {
                name = lists[i].xml;
            }
        }
        if (cJSON_IsArray(m)) {
            const cJSON *item;
            cJSON_ArrayForEach(item, m)
            {
                if (cJSON_IsObject(item) && depth == 0) {
                    strbuf_addf(out, "<%s>", name);
                    add_members(out, item, depth + 1);
                    strbuf_addf(out, "</%s>", name);
                } else {
                    add_element(out, name, item);
                }
            }
        } else if (strcmp(name, "Attributes") == 0) {
            add_pairs(out, "Attribute", m);
        } else if (strcmp(name, "MessageAttributes") == 0) {
            add_pairs(out, "MessageAttribute", m);
        } else {
            add_element(out, name, m);
        }
    }
}

static void add_result(struct strbuf *out, const cJSON *reply)
{
    add_members(out, reply, 0);
}

const struct cloud_query cloud_sqs_query = {.service = AWS_SQS,
                                            .version = "2012-11-05",
                                            .space = "http://queue.amazonaws.com/doc/2012-11-05/",
                                            .document = document_of,
                                            .result = add_result};
