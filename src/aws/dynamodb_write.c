/* The typed calls of DynamoDB that write by a whole key: one action alone, or many in a
 * transaction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "core/text.h"
#include "doc.h"
#include "retry.h"

/* How often a transaction is tried that others' writes were in the way of. */
enum { TRANSACT_TRIES = 5 };

static const struct kind_row {
    const char *member;   /* of an element of TransactItems */
    enum aws_op_id alone; /* AWS_OP_COUNT: only in transactions */
} kinds[] = {
    [DDB_ACTION_PUT] = {"Put",            AWS_OP_DDB_PUT_ITEM   },
    [DDB_ACTION_UPDATE] = {"Update",         AWS_OP_DDB_UPDATE_ITEM},
    [DDB_ACTION_DELETE] = {"Delete",         AWS_OP_DDB_DELETE_ITEM},
    [DDB_ACTION_CHECK] = {"ConditionCheck", AWS_OP_COUNT          },
};

/* The document of an action, which borrows the action's own documents. Owned. */
static cJSON *action_document(const struct ddb_action *a)
{
    cJSON *in = json_new_object();

    json_set_str(in, "TableName", a->table);
    doc_borrow(in, "Item", a->item);
    doc_borrow(in, "Key", a->key);
    doc_opt_str(in, "UpdateExpression", a->update);
    doc_opt_str(in, "ConditionExpression", a->condition);
    doc_borrow(in, "ExpressionAttributeNames", a->names);
    doc_borrow(in, "ExpressionAttributeValues", a->values);
    if (a->want_old && a->condition != NULL) {
        json_set_str(in, "ReturnValuesOnConditionCheckFailure", "ALL_OLD");
    }
    return in;
}

enum err_code ddb_act(struct aws_client *c, const struct ddb_action *a, cJSON **current,
                      struct err *e)
{
    cJSON *in = action_document(a);
    cJSON *refusal = NULL;

    json_set_str(in, "ReturnConsumedCapacity", "TOTAL");
    enum err_code rc = aws_call_error(c, kinds[a->kind].alone, in, NULL, &refusal, e);
    if (current != NULL) {
        *current = rc == E_CONFLICT ? doc_take_object(refusal, "Item") : NULL;
    }
    cJSON_Delete(refusal);
    cJSON_Delete(in);
    return rc;
}

/* ---- transactions ----------------------------------------------------------------------- */

void ddb_reasons_clear(struct ddb_reasons *r)
{
    for (size_t i = 0; i < r->len; i++) {
        free(r->items[i].message);
        cJSON_Delete(r->items[i].item);
    }
    free(r->items);
    *r = (struct ddb_reasons){0};
}

static cJSON *transact_document(const struct ddb_transaction *t)
{
    cJSON *in = json_new_object();
    cJSON *items = json_new_array();
    char token[UUID_SIZE];

    for (size_t i = 0; i < t->len; i++) {
        cJSON *item = json_new_object();
        json_set(item, kinds[t->actions[i].kind].member, action_document(&t->actions[i]));
        json_push(items, item);
    }
    rand_uuid(token);
    json_set(in, "TransactItems", items);
    json_set_str(in, "ClientRequestToken", t->token != NULL ? t->token : token);
    json_set_str(in, "ReturnConsumedCapacity", "TOTAL");
    return in;
}

/* Moves the reasons out of the document of a refusal. Nothing is taken when there is not exactly
 * one for each action. */
static void take_reasons(cJSON *refusal, size_t actions, struct ddb_reasons *out)
{
    const cJSON *given = json_array(refusal, "CancellationReasons");

    if (given == NULL || (size_t)cJSON_GetArraySize(given) != actions) {
        return;
    }
    out->items = xcalloc(actions, sizeof *out->items);
    for (cJSON *v = given->child; v != NULL; v = v->next) {
        struct ddb_reason *reason = &out->items[out->len++];
        struct strbuf code = STRBUF_LIMIT(sizeof reason->code - 1);
        const char *text = json_str_or(v, "Code", "None");
        text_clean(&code, text, strlen(text), TEXT_ONE_LINE | TEXT_ASCII);
        (void)snprintf(reason->code, sizeof reason->code, "%s", strbuf_str(&code));
        strbuf_clear(&code);
        reason->message = doc_dup_str(v, "Message");
        reason->item = doc_take_object(v, "Item");
    }
}

/* What the codes of reasons mean, the most telling first: a condition that does not hold stays so
 * however often the transaction is tried. */
static const struct reason_row {
    const char *code;
    enum err_code is;
} meanings[] = {
    {"ConditionalCheckFailed",          E_CONFLICT },
    {"ValidationError",                 E_INVALID  },
    {"ItemCollectionSizeLimitExceeded", E_INVALID  },
    {"TransactionConflict",             E_THROTTLED},
    {"ProvisionedThroughputExceeded",   E_THROTTLED},
    {"ThrottlingError",                 E_THROTTLED},
};

/* The action that says what the cancellation means; `*is` is left alone when none does. */
static const struct ddb_reason *telling_reason(const struct ddb_reasons *r, enum err_code *is)
{
    for (size_t m = 0; m < sizeof meanings / sizeof *meanings; m++) {
        for (size_t i = 0; i < r->len; i++) {
            if (strcmp(r->items[i].code, meanings[m].code) == 0) {
                *is = meanings[m].is;
                return &r->items[i];
            }
        }
    }
    return NULL;
}

/* Gives the error the code that the reasons stand for, and the words of the one that tells most. */
static enum err_code explain(const struct ddb_reasons *r, struct err *e)
{
    const struct ddb_reason *first = telling_reason(r, &e->code);

    if (first != NULL && first->message != NULL) {
        struct strbuf words = STRBUF_INIT;
        size_t len = strlen(e->msg);
        text_clean(&words, first->message, strlen(first->message), TEXT_ONE_LINE);
        (void)snprintf(e->msg + len, sizeof e->msg - len, "; action %d: %.200s",
                       (int)(first - r->items) + 1, strbuf_str(&words));
        strbuf_clear(&words);
    }
    return e->code;
}

static enum err_code transact_once(struct aws_client *c, const cJSON *in, size_t actions,
                                   struct ddb_reasons *why, struct err *e)
{
    cJSON *refusal = NULL;
    enum err_code rc = aws_call_error(c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, in, NULL, &refusal, e);

    if (rc == E_CONFLICT) {
        take_reasons(refusal, actions, why);
        rc = explain(why, e);
    }
    cJSON_Delete(refusal);
    return rc;
}

enum err_code ddb_transact(struct aws_client *c, const struct ddb_transaction *t,
                           struct ddb_reasons *why, struct err *e)
{
    struct err mine = {0};
    struct ddb_reasons reasons = {0};
    cJSON *in = transact_document(t);
    bool perhaps = false;
    enum err_code rc = E_OK;

    e = e == NULL ? &mine : e;
    for (int attempt = 1;; attempt++) {
        ddb_reasons_clear(&reasons);
        rc = transact_once(c, in, t->len, &reasons, e);
        perhaps = perhaps || e->maybe_done;
        if (rc != E_THROTTLED || reasons.len == 0 || attempt == TRANSACT_TRIES) {
            break;
        }
        rc = retry_pause(c, attempt, e);
        if (rc != E_OK) {
            break;
        }
    }
    e->maybe_done = rc != E_OK && perhaps;
    if (why != NULL) {
        *why = reasons;
    } else {
        ddb_reasons_clear(&reasons);
    }
    cJSON_Delete(in);
    return rc;
}
