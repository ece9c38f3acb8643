/* DynamoDB of the local cloud: what both kinds of transactions have in common. */
#include "ddb_transact.h"

#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"

const cJSON *ddb_transact_items(const cJSON *in, struct cloud_reply *r)
{
    const cJSON *items = json_array(in, "TransactItems");
    int n = cJSON_GetArraySize(items);

    if (items == NULL) {
        (void)ddb_invalid(r, "1 validation error detected: Value null at 'transactItems' failed to "
                             "satisfy constraint: Member must not be null");
    } else if (n == 0 || n > DDB_ACTIONS_MAX) {
        (void)ddb_invalid(r,
                          "1 validation error detected: Value '%s' at 'transactItems' failed to "
                          "satisfy constraint: Member must have length %s than or equal to %d",
                          n == 0 ? "[]" : "[...]", n == 0 ? "greater" : "less",
                          n == 0 ? 1 : DDB_ACTIONS_MAX);
        items = NULL;
    }
    return items;
}

bool ddb_transact_missing(struct cloud_reply *r, size_t at, const char *kind, const char *member)
{
    return ddb_invalid(r,
                       "1 validation error detected: Value null at 'transactItems.%zu.member.%s.%s'"
                       " failed to satisfy constraint: Member must not be null",
                       at + 1, kind, member);
}

bool ddb_transact_note(struct map *seen, const struct ddb_table *t, const cJSON *key,
                       struct cloud_reply *r)
{
    return ddb_key_note(seen, t, key) ||
           ddb_invalid(r, "Transaction request cannot include multiple operations on one item");
}

/* AWS's documentation says the limit, not the sentence of the refusal. */
bool ddb_transact_size_ok(size_t bytes, struct cloud_reply *r)
{
    return bytes <= DDB_TRANSACTION_MAX ||
           ddb_invalid(r, "The aggregate size of the items in the transaction exceeded 4 MB");
}

/* The reason why an action was refused; NULL when the refusal is none that cancels a transaction:
 * the service looks for empty keys before the transaction begins, for keys of a wrong type in it.
 */
static cJSON *reason_of(struct cloud_reply *refusal)
{
    bool condition = strcmp(refusal->code, "ConditionalCheckFailedException") == 0;
    bool empty_key = strstr(refusal->message, "cannot contain an empty ") != NULL;

    if (!condition && (strcmp(refusal->code, "ValidationException") != 0 || empty_key)) {
        return NULL;
    }
    cJSON *reason = json_new_object();
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(refusal->out, "Item");
    json_set_str(reason, "Code", condition ? "ConditionalCheckFailed" : "ValidationError");
    if (item != NULL) {
        json_set(reason, "Item", item);
    }
    json_set_str(reason, "Message", refusal->message);
    return reason;
}

bool ddb_transact_push_reason(cJSON *reasons, struct cloud_reply *refusal, struct cloud_reply *r)
{
    cJSON *reason = NULL;

    if (refusal->code[0] == '\0') {
        reason = json_new_object();
        json_set_str(reason, "Code", "None");
    } else {
        reason = reason_of(refusal);
    }
    if (reason == NULL) {
        cloud_fail(r, refusal->status, refusal->code, "%s", refusal->message);
    } else {
        json_push(reasons, reason);
    }
    cloud_reply_clear(refusal);
    return reason != NULL;
}

void ddb_transact_cancel(struct cloud_reply *r, cJSON *reasons)
{
    struct strbuf codes = STRBUF_INIT;

    for (const cJSON *v = reasons->child; v != NULL; v = v->next) {
        strbuf_addf(&codes, "%s%s", v == reasons->child ? "" : ", ", json_str(v, "Code"));
    }
    cloud_fail(r, 400, "TransactionCanceledException",
               "Transaction cancelled, please refer cancellation reasons for specific reasons [%s]",
               strbuf_str(&codes));
    strbuf_clear(&codes);
    r->out = json_new_object();
    json_set(r->out, "CancellationReasons", reasons);
}
