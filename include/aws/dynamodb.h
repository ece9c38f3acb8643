/* dynamodb.h - typed calls of DynamoDB over aws_call. They block; any thread.
 *
 * Items, keys, names and values are cJSON: an item is an object of AttributeValues (aws/attr.h).
 * Documents given are borrowed, documents returned are owned. Every call asks for its consumed
 * capacity, which aws_client_stats adds up. Facts: AWS-WIRE 2.1. Errors are those of aws_call. */
#ifndef AWS_DYNAMODB_H
#define AWS_DYNAMODB_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/client.h"
#include "core/err.h"

/* Describes a table. `*table` gets the Table document (KeySchema, GlobalSecondaryIndexes,
 * LatestStreamArn, ...). */
MUST_CHECK enum err_code ddb_describe_table(struct aws_client *c, const char *table,
                                            cJSON **description, struct err *e);

/* Reads one item by a string key. `*item` is NULL (and the result E_OK) when there is none. */
MUST_CHECK enum err_code ddb_get_item(struct aws_client *c, const char *table, const char *key_name,
                                      const char *key_value, bool consistent, cJSON **item,
                                      struct err *e);

/* Does the same, with a consistent read, for an item whose reply may have been seen before
 * (aws_call_seen): no item when seen->same. */
MUST_CHECK enum err_code ddb_get_item_seen(struct aws_client *c, const char *table,
                                           const char *key_name, const char *key_value,
                                           struct aws_seen *seen, cJSON **item, struct err *e);

/* Writes an item. With `condition` ("attribute_not_exists(jobId)"; no placeholders) a failed check
 * is E_CONFLICT; when a lost reply was retried, the item that is in the way may be this call's own
 * write: read it back. */
MUST_CHECK enum err_code ddb_put_item(struct aws_client *c, const char *table, const cJSON *item,
                                      const char *condition, struct err *e);

/* An UpdateItem (which makes the item when it is missing, unless there is a condition). Members
 * that are not wanted stay NULL. */
struct ddb_update {
    const char *table;
    const char *key_name; /* the name of the string key */
    const char *key_value;
    const char *update;    /* "SET #s = :s" */
    const char *condition; /* or NULL */
    const cJSON *names;    /* {"#s":"status"} or NULL */
    const cJSON *values;   /* {":s":{"S":"FAILED"}} or NULL */
    const char *returns;   /* "ALL_NEW", "ALL_OLD", "UPDATED_NEW", ...; NULL: NONE */
};
/* Updates an item. `*attributes` (may be NULL) gets what `returns` asks for, NULL when nothing
 * came. On E_CONFLICT `*current` (may be NULL) gets the item as it is now, NULL when there is
 * none. */
MUST_CHECK enum err_code ddb_update_item(struct aws_client *c, const struct ddb_update *u,
                                         cJSON **attributes, cJSON **current, struct err *e);

/* Deletes an item by its string key; one that is not there is no error. */
MUST_CHECK enum err_code ddb_delete_item(struct aws_client *c, const char *table,
                                         const char *key_name, const char *key_value,
                                         struct err *e);

/* ---- writes by a whole key, alone or together (dynamodb_write.c) ------------------------- */

/* Reads one item by its whole key: an object of AttributeValues. `*item` is NULL (and the result
 * E_OK) when there is none. */
MUST_CHECK enum err_code ddb_read_item(struct aws_client *c, const char *table, const cJSON *key,
                                       bool consistent, cJSON **item, struct err *e);

enum ddb_action_kind { DDB_ACTION_PUT, DDB_ACTION_UPDATE, DDB_ACTION_DELETE, DDB_ACTION_CHECK };

/* One action on one item. Members that are not wanted stay NULL. All borrowed. */
struct ddb_action {
    enum ddb_action_kind kind;
    const char *table;
    const cJSON *item;     /* a put: the whole item */
    const cJSON *key;      /* the others: the whole key, an object of AttributeValues */
    const char *update;    /* an update: "SET #s = :s" */
    const char *condition; /* a check must have one */
    const cJSON *names;    /* {"#s":"status"} or NULL */
    const cJSON *values;   /* {":s":{"S":"FAILED"}} or NULL */
    bool want_old;         /* give the item as it is when the condition fails */
};

/* Does one action (no DDB_ACTION_CHECK) by itself. On E_CONFLICT `*current` (may be NULL) gets the
 * item as it is when `want_old`; NULL when there is none. */
MUST_CHECK enum err_code ddb_act(struct aws_client *c, const struct ddb_action *a, cJSON **current,
                                 struct err *e);

/* A transaction: all actions take effect, or none does. At most 100 actions, at most one for each
 * item. */
struct ddb_transaction {
    const struct ddb_action *actions;
    size_t len;
    /* ClientRequestToken, 1-36 characters: for 10 minutes the same transaction with the same token
     * succeeds without being done again; NULL: a token of this call's own */
    const char *token;
};

/* Why one action of a cancelled transaction was refused. */
struct ddb_reason {
    char code[64]; /* "None": this action was not refused; "ConditionalCheckFailed", ... */
    char *message; /* AWS's sentence, or NULL; owned */
    cJSON *item;   /* the item as it is, when it was wanted and there is one; owned */
};
struct ddb_reasons {
    struct ddb_reason *items; /* owned */
    size_t len; /* one reason for each action; 0: not cancelled, or the reply did not tell why */
};
void ddb_reasons_clear(struct ddb_reasons *r);

/* Does a transaction. When it was cancelled, nothing was written by this attempt, and `why` (may be
 * NULL; clear it in any case) tells the reason of each action:
 *   E_CONFLICT   a condition does not hold
 *   E_INVALID    an action cannot be done on the item as it is
 *   E_THROTTLED  another write had one of the items at that moment, or the service limits requests;
 *                several tries did not help
 * Attempts whose reply was lost are sent again with the same token, so that one that was taken is
 * not done twice. e->maybe_done after an error: such an attempt may still have been taken. The same
 * transaction with the same token may be sent again within 10 minutes; read the items after that.
 */
MUST_CHECK enum err_code ddb_transact(struct aws_client *c, const struct ddb_transaction *t,
                                      struct ddb_reasons *why, struct err *e);

/* One page of a Query or Scan. Pass the same request again with `start` = the page's last_key until
 * that is NULL: an empty page with a key is normal. */
struct ddb_read {
    const char *table;
    const char *index;         /* or NULL */
    const char *key_condition; /* Query only: "#u = :u" */
    const char *filter;        /* or NULL */
    const char *projection;    /* or NULL: all attributes */
    const cJSON *names;        /* or NULL */
    const cJSON *values;       /* or NULL */
    const cJSON *start;        /* last_key of the page before, or NULL */
    int limit;                 /* how many items to evaluate; 0: up to 1 MB */
    bool newest_first;         /* Query only: descending sort key */
    bool consistent;           /* not possible on global indexes */
    bool count_only;           /* the reply has only the counts and no items */
    int segment;               /* Scan only, with total_segments > 0 */
    int total_segments;        /* 0: the Scan is not parallel */
    /* Sees each item (borrowed) as it is read, so that no page of a megabyte becomes one tree; the
     * page's `items` is empty then. When an error is returned, some items may have been seen
     * before. NULL: all items are in the page. */
    void (*item)(void *arg, const cJSON *item);
    void *arg;
};
struct ddb_page {
    cJSON *items;    /* owned array, never NULL after success */
    cJSON *last_key; /* owned; NULL: this was the last page */
    int count;       /* items after the filter */
    int scanned;     /* items before the filter */
    double units;    /* the units that the call consumed */
};
MUST_CHECK enum err_code ddb_query(struct aws_client *c, const struct ddb_read *r,
                                   struct ddb_page *page, struct err *e);
MUST_CHECK enum err_code ddb_scan(struct aws_client *c, const struct ddb_read *r,
                                  struct ddb_page *page, struct err *e);
void ddb_page_clear(struct ddb_page *p);

/* Reads any number of items by string key: 100 a call, duplicates asked once, keys the service left
 * unprocessed asked again with backoff (E_THROTTLED when that does not end). `*items` is an array
 * in no particular order; missing items are just absent. `projection` and `names` may be NULL. */
struct ddb_batch_get {
    const char *table;
    const char *key_name;
    const char *const *ids;
    size_t ids_len;
    const char *projection;
    const cJSON *names;
    bool consistent;
};
MUST_CHECK enum err_code ddb_batch_get(struct aws_client *c, const struct ddb_batch_get *g,
                                       cJSON **items, struct err *e);
#endif
