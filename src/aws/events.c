/* The typed calls of EventBridge. */
#include "aws/events.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "doc.h"
#include "retry.h"

enum { PUT_TRIES = 4 };

static size_t text_bytes(const cJSON *entry, const char *key)
{
    const char *s = json_str(entry, key);

    return s == NULL ? 0 : strlen(s);
}

size_t events_entry_bytes(const cJSON *entry)
{
    size_t n = json_get(entry, "Time") == NULL ? 0 : 14;
    const cJSON *r;

    n +=
        text_bytes(entry, "Source") + text_bytes(entry, "DetailType") + text_bytes(entry, "Detail");
    cJSON_ArrayForEach(r, json_array(entry, "Resources"))
    {
        n += cJSON_IsString(r) ? strlen(r->valuestring) : 0;
    }
    return n;
}

/* The entries of one call, and which of the caller's entries they are. */
struct chunk {
    const cJSON *entry[EVENTS_PER_CALL];
    struct events_result *result[EVENTS_PER_CALL];
    size_t len;
    size_t bytes;
};

static void copy_text(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from == NULL ? "" : from);
}

/* Is the member absent, null or empty? */
static bool is_absent(const cJSON *reply, const char *key)
{
    const cJSON *v = json_get(reply, key);

    return v == NULL || cJSON_IsNull(v) || (cJSON_IsString(v) && v->valuestring[0] == '\0');
}

/* Reads the reply for one entry. When it says neither that the entry was accepted nor that it was
 * refused, or both, the entry is unknown: to send it again would be a guess. */
static void read_result(const cJSON *reply, struct events_result *r)
{
    const char *id = json_str(reply, "EventId");
    const char *code = json_str(reply, "ErrorCode");

    *r = (struct events_result){.outcome = EVENTS_UNKNOWN};
    if (id != NULL && id[0] != '\0' && is_absent(reply, "ErrorCode")) {
        r->outcome = EVENTS_ACCEPTED;
        copy_text(r->event_id, sizeof r->event_id, id);
        return;
    }
    if (code == NULL || code[0] == '\0' || !is_absent(reply, "EventId")) {
        return;
    }
    r->outcome = EVENTS_REFUSED;
    copy_text(r->error_code, sizeof r->error_code, code);
    copy_text(r->error_message, sizeof r->error_message, json_str(reply, "ErrorMessage"));
    r->transient = retry_classify(400, r->error_code) != RETRY_NO;
}

/* Drops the entries that need no other try; keeps the order of the rest. */
static void keep_transient(struct chunk *k)
{
    size_t n = 0;

    for (size_t i = 0; i < k->len; i++) {
        if (k->result[i]->outcome == EVENTS_REFUSED && k->result[i]->transient) {
            k->entry[n] = k->entry[i];
            k->result[n] = k->result[i];
            n++;
        }
    }
    k->len = n;
}

/* Reads one result for each entry. E_PARSE when the reply leaves one of them unknown, or all: when
 * there are too few or too many, or when the count of failures differs from what the entries
 * tell. */
static enum err_code read_results(const cJSON *reply, const struct chunk *k, struct err *e)
{
    const cJSON *results = json_array(reply, "Entries");
    const cJSON *count = json_get(reply, "FailedEntryCount");
    int len = cJSON_GetArraySize(results);
    size_t unknown = 0;
    int refused = 0;

    for (size_t i = 0; i < k->len; i++) {
        struct events_result *r = k->result[i];
        *r = (struct events_result){.outcome = EVENTS_UNKNOWN};
        if (len == (int)k->len) {
            read_result(cJSON_GetArrayItem(results, (int)i), r);
        }
        unknown += r->outcome == EVENTS_UNKNOWN;
        refused += r->outcome == EVENTS_REFUSED;
    }
    if (len != (int)k->len) {
        return err_set(e, E_PARSE, "PutEvents: the reply has %d results for %zu entries", len,
                       k->len);
    }
    if (unknown > 0) {
        return err_set(e, E_PARSE,
                       "PutEvents: the reply says neither that %zu of %zu entries were accepted "
                       "nor that they were refused",
                       unknown, k->len);
    }
    if (cJSON_IsNumber(count) && (int)json_int(reply, "FailedEntryCount", 0) != refused) {
        for (size_t i = 0; i < k->len; i++) {
            *k->result[i] = (struct events_result){.outcome = EVENTS_UNKNOWN};
        }
        return err_set(e, E_PARSE,
                       "PutEvents: the reply counts %d failed entries and shows %d of them",
                       (int)json_int(reply, "FailedEntryCount", 0), refused);
    }
    return E_OK;
}

/* Sets the results when the call as a whole failed: its entries were not sent, or nobody knows. */
static void fail_results(const struct chunk *k, const struct err *why)
{
    for (size_t i = 0; i < k->len; i++) {
        *k->result[i] = (struct events_result){
            .outcome = why->maybe_done ? EVENTS_UNKNOWN : EVENTS_NOT_SENT, .call = *why};
    }
}

static enum err_code send_once(struct aws_client *c, const struct chunk *k, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *list = json_new_array();
    cJSON *reply = NULL;

    for (size_t i = 0; i < k->len; i++) {
        cJSON *shared = json_new_object();
        shared->type = cJSON_Object | cJSON_IsReference;
        shared->child = k->entry[i]->child;
        json_push(list, shared);
    }
    json_set(in, "Entries", list);
    enum err_code rc = doc_call(c, AWS_OP_EVENTS_PUT_EVENTS, in, &reply, e);
    if (rc == E_OK) {
        rc = read_results(reply, k, e);
        e->maybe_done = rc != E_OK;
        for (size_t i = 0; i < k->len; i++) {
            if (k->result[i]->outcome == EVENTS_UNKNOWN) {
                k->result[i]->call = *e;
            }
        }
    } else {
        fail_results(k, e);
    }
    cJSON_Delete(reply);
    return rc;
}

static enum err_code send_chunk(struct aws_client *c, struct chunk *k, struct err *e)
{
    enum err_code rc = E_OK;

    for (int attempt = 1; k->len > 0 && rc == E_OK; attempt++) {
        rc = send_once(c, k, e);
        if (rc == E_OK) {
            keep_transient(k);
            if (attempt == PUT_TRIES) {
                break;
            }
            if (k->len > 0) {
                rc = retry_pause(c, attempt, e);
            }
        }
    }
    k->len = 0;
    k->bytes = 0;
    return rc;
}

enum err_code events_put(struct aws_client *c, const cJSON *entries, size_t call_bytes,
                         struct events_result *results, size_t *failed, struct err *e)
{
    struct chunk k = {.len = 0};
    struct err first = {0};
    struct err now = {0};
    size_t limit = call_bytes == 0 ? EVENTS_CALL_BYTES : call_bytes;
    size_t n = 0;
    size_t bad = 0;

    for (const cJSON *v = entries->child; v != NULL; v = v->next, n++) {
        size_t bytes = events_entry_bytes(v);
        results[n] = (struct events_result){0};
        if (bytes >= limit) {
            results[n].outcome = EVENTS_REFUSED;
            copy_text(results[n].error_code, sizeof results[n].error_code, "EntryTooLarge");
            (void)snprintf(results[n].error_message, sizeof results[n].error_message,
                           "the entry has %zu bytes, the limit is under %zu", bytes, limit);
            continue;
        }
        if (k.len == EVENTS_PER_CALL || (k.len > 0 && k.bytes + bytes >= limit)) {
            if (send_chunk(c, &k, &now) != E_OK && first.code == E_OK) {
                first = now;
            }
        }
        k.entry[k.len] = v;
        k.result[k.len] = &results[n];
        k.len++;
        k.bytes += bytes;
    }
    if (k.len > 0 && send_chunk(c, &k, &now) != E_OK && first.code == E_OK) {
        first = now;
    }
    for (size_t i = 0; i < n; i++) {
        bad += results[i].outcome != EVENTS_ACCEPTED;
    }
    if (failed != NULL) {
        *failed = bad;
    }
    if (first.code != E_OK && e != NULL) {
        *e = first;
    }
    return first.code;
}

static cJSON *on_bus(const char *bus)
{
    cJSON *in = json_new_object();

    doc_opt_str(in, "EventBusName", bus);
    return in;
}

/* Describes a thing, which the reply must name: a success without the name does not prove that
 * there is such a thing. */
static enum err_code describe(struct aws_client *c, enum aws_op_id op, cJSON *in, const char *what,
                              cJSON **out, struct err *e)
{
    enum err_code rc = doc_call(c, op, in, out, e);

    if (rc != E_OK || json_str(*out, "Name") != NULL) {
        return rc;
    }
    cJSON_Delete(*out);
    *out = NULL;
    return err_set(e, E_PARSE,
                   "EventBridge described %s without its name: whether it exists is "
                   "not known",
                   what);
}

enum err_code events_describe_bus(struct aws_client *c, const char *bus, cJSON **out, struct err *e)
{
    cJSON *in = json_new_object();

    doc_opt_str(in, "Name", bus);
    return describe(c, AWS_OP_EVENTS_DESCRIBE_EVENT_BUS, in, "the bus", out, e);
}

enum err_code events_describe_rule(struct aws_client *c, const char *bus, const char *rule,
                                   cJSON **out, struct err *e)
{
    cJSON *in = on_bus(bus);

    json_set_str(in, "Name", rule);
    return describe(c, AWS_OP_EVENTS_DESCRIBE_RULE, in, "the rule", out, e);
}

enum err_code events_list_rules(struct aws_client *c, const char *bus, const char *prefix,
                                cJSON **rules, struct err *e)
{
    cJSON *in = on_bus(bus);

    doc_opt_str(in, "NamePrefix", prefix);
    return doc_list(c, AWS_OP_EVENTS_LIST_RULES, in, "Rules", "NextToken", rules, e);
}

enum err_code events_list_targets(struct aws_client *c, const char *bus, const char *rule,
                                  cJSON **targets, struct err *e)
{
    cJSON *in = on_bus(bus);

    json_set_str(in, "Rule", rule);
    return doc_list(c, AWS_OP_EVENTS_LIST_TARGETS_BY_RULE, in, "Targets", "NextToken", targets, e);
}

enum err_code events_test_pattern(struct aws_client *c, const char *pattern, const char *event,
                                  bool *matches, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *reply = NULL;

    json_set_str(in, "EventPattern", pattern);
    json_set_str(in, "Event", event);
    enum err_code rc = doc_call(c, AWS_OP_EVENTS_TEST_EVENT_PATTERN, in, &reply, e);
    *matches = rc == E_OK && json_bool(reply, "Result", false);
    if (rc == E_OK && !cJSON_IsBool(json_get(reply, "Result"))) {
        rc = err_set(e, E_PARSE, "TestEventPattern: the reply has no Result");
    }
    cJSON_Delete(reply);
    return rc;
}
