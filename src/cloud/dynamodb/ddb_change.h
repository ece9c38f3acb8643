/* ddb_change.h - one change of an item (put, update, delete) or a check of one, from its parameters
 * to its place in the store; between ddb_change.c, op_item.c and op_transact.c. Under the cloud's
 * lock. */
#ifndef CLOUD_DYNAMODB_DDB_CHANGE_H
#define CLOUD_DYNAMODB_DDB_CHANGE_H

#include "ddb.h"
#include "expr.h"

enum ddb_change_kind { DDB_CHANGE_PUT, DDB_CHANGE_UPDATE, DDB_CHANGE_DELETE, DDB_CHANGE_CHECK };

/* The steps are read, look, plan, write; each returns false with `r` failed. Clear it in any case.
 */
struct ddb_change {
    struct cloud *cloud;
    const cJSON *in; /* the parameters; borrowed */
    struct cloud_reply *r;
    enum ddb_change_kind kind;
    const struct ddb_table *t;
    struct ddb_expr_env *env;
    const struct ddb_expr_node *condition; /* NULL: there is no condition */
    struct ddb_expr_update update;
    bool return_on_failure;
    const cJSON *key; /* the Key parameter, or the item for a put; borrowed */
    struct ddb_units units;
    struct ddb_row old;
    cJSON *item; /* the item after the change; NULL: there is none then; owned */
};

/* Reads the expressions, of which the env is made. */
bool ddb_change_read(struct ddb_change *c);
/* Sets the table; its parameters were read. */
void ddb_change_set_table(struct ddb_change *c, const struct ddb_table *t);
/* Reads and checks the key or the item, and the paths of an update, against the table's schema. */
bool ddb_change_look(struct ddb_change *c);
/* Reads the item as it is, checks the condition and makes the item as it will be. A condition that
 * does not hold is a ConditionalCheckFailedException, with the item when it is wanted. */
bool ddb_change_plan(struct ddb_change *c);
/* Writes what was planned, with indexes and stream. */
bool ddb_change_write(struct ddb_change *c);
void ddb_change_clear(struct ddb_change *c);

/* Has the document this member, and is it not null? */
bool ddb_has_member(const cJSON *in, const char *name);
/* The checked placeholders for the request's expressions. NULL with `r` failed. */
struct ddb_expr_env *ddb_open_env(const cJSON *in, bool has_expr, struct cloud_reply *r);
/* The Key parameter, checked; NULL with `r` failed. */
const cJSON *ddb_key_param(const struct ddb_table *t, const cJSON *in, struct cloud_reply *r);
#endif
