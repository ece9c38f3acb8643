/* state_item.h - private to ops: the items of the state table (ops/state_table.h). */
#ifndef OPS_STATE_ITEM_H
#define OPS_STATE_ITEM_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "aws/dynamodb.h"
#include "ops/ops.h"
#include "ops/state_table.h"

cJSON *state_key_of(const char *pk, const char *sk); /* owned */
/* Adds a value of an expression: ":name" as S, as N. */
void state_text(cJSON *values, const char *name, const char *text);
void state_number(cJSON *values, const char *name, int64_t n);
/* "Nobody's lease stands" as a condition of a write, as state_lease_stands says; the values that it
 * names. */
#define STATE_LEASE_OVER                                                                           \
    "NOT (attribute_type(leaseUntil, :number) AND leaseUntil BETWEEN :now AND :most)"
void state_lease_values(cJSON *values, int64_t now_ms);
int64_t state_int(const cJSON *item, const char *name, int64_t fallback);

/* Changes one item by its key; never without a condition. On E_CONFLICT `*current` (may be NULL)
 * gets the item as it is. Takes `values`, which may be NULL. */
MUST_CHECK enum err_code state_update(const struct ops *o, const char *pk, const char *sk,
                                      const char *update, const char *condition, cJSON *values,
                                      cJSON **current, struct err *e);
MUST_CHECK enum err_code state_delete(const struct ops *o, const char *pk, const char *sk,
                                      const char *condition, cJSON *values, struct err *e);
MUST_CHECK enum err_code state_get(const struct ops *o, const char *pk, const char *sk,
                                   cJSON **item, struct err *e);

/* Reads all items of a partition, with a consistent read. `projection` may be NULL. */
MUST_CHECK enum err_code state_each(const struct ops *o, const char *pk, const char *projection,
                                    void (*item)(void *arg, const cJSON *item), void *arg,
                                    struct err *e);
#endif
