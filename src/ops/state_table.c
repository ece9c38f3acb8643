/* The state table: its name, its leases, its items one by one. */
#include "ops/state_table.h"

#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/deadline.h"
#include "core/json.h"
#include "core/number.h"
#include "state_item.h"

enum {
    WORK_MS = 300000,                               /* the longest --timeout */
    MOST_MS = WORK_MS + (2 * STATE_LEASE_SPARE_MS), /* a lease of a clock that is ahead of ours */
};

void state_table_use(struct ops *o)
{
    o->state = settings_get(o->settings, SET_STATE_TABLE);
}

int64_t state_lease_ms(void)
{
    return (int64_t)deadline_left_ms(WORK_MS) + STATE_LEASE_SPARE_MS;
}

bool state_lease_stands(int64_t until_ms, int64_t now_ms)
{
    return until_ms >= now_ms && until_ms <= now_ms + MOST_MS;
}

void state_lease_values(cJSON *values, int64_t now_ms)
{
    state_text(values, ":number", "N");
    state_number(values, ":now", now_ms);
    state_number(values, ":most", now_ms + MOST_MS);
}

/* The hint of other tables names the settings of the jobs' table. */
static enum err_code no_table(const struct ops *o, struct err *e)
{
    return err_hint_set(e,
                        "is there a state table %s? name another with "
                        "DYNAMODB_STATE_TABLE_NAME, or make it with infra/ (terraform apply)",
                        o->state);
}

/* Has the table this key, a text? */
static bool has_key(const cJSON *table, const char *name, const char *type)
{
    const cJSON *x;
    bool key = false;
    bool text = false;

    cJSON_ArrayForEach(x, json_array(table, "KeySchema"))
    {
        key = key || (strcmp(json_str_or(x, "AttributeName", ""), name) == 0 &&
                      strcmp(json_str_or(x, "KeyType", ""), type) == 0);
    }
    cJSON_ArrayForEach(x, json_array(table, "AttributeDefinitions"))
    {
        text = text || (strcmp(json_str_or(x, "AttributeName", ""), name) == 0 &&
                        strcmp(json_str_or(x, "AttributeType", ""), "S") == 0);
    }
    return key && text;
}

bool state_table_keys(const cJSON *table)
{
    return has_key(table, "pk", "HASH") && has_key(table, "sk", "RANGE");
}

enum err_code state_table_check(const struct ops *o, struct err *e)
{
    cJSON *table = NULL;
    enum err_code rc = ddb_describe_table(o->aws, o->state, &table, e);
    const char *status = json_str_or(table, "TableStatus", "");

    if (rc == E_OK && strcmp(status, "ACTIVE") != 0 && strcmp(status, "UPDATING") != 0) {
        rc = err_set(e, E_SERVICE, "the state table is %.40s", status);
    } else if (rc == E_OK && !state_table_keys(table)) {
        (void)err_set(e, E_CONFIG,
                      "the keys of state table %s are not pk (hash) and sk (range), both of type S",
                      o->state);
        rc = err_hint_set(e, "name the right one with DYNAMODB_STATE_TABLE_NAME, or make it with "
                             "infra/ (terraform apply)");
    }
    cJSON_Delete(table);
    return rc == E_NOT_FOUND ? no_table(o, e) : rc;
}

cJSON *state_key_of(const char *pk, const char *sk)
{
    cJSON *key = json_new_object();

    json_set(key, "pk", attr_new_str(pk));
    json_set(key, "sk", attr_new_str(sk));
    return key;
}

void state_text(cJSON *values, const char *name, const char *text)
{
    json_set(values, name, attr_new_str(text));
}

void state_number(cJSON *values, const char *name, int64_t n)
{
    json_set(values, name, attr_new_int(n));
}

int64_t state_int(const cJSON *item, const char *name, int64_t fallback)
{
    const char *digits = attr_num(item, name);
    int64_t n = 0;

    return digits != NULL && number_parse(digits, INT64_MIN, INT64_MAX, &n) ? n : fallback;
}

static enum err_code act(const struct ops *o, struct ddb_action *a, const char *pk, const char *sk,
                         cJSON *values, cJSON **current, struct err *e)
{
    cJSON *key = state_key_of(pk, sk);

    a->table = o->state;
    a->key = key;
    a->values = values;
    a->want_old = current != NULL;
    enum err_code rc = ddb_act(o->aws, a, current, e);
    cJSON_Delete(key);
    cJSON_Delete(values);
    return rc;
}

enum err_code state_update(const struct ops *o, const char *pk, const char *sk, const char *update,
                           const char *condition, cJSON *values, cJSON **current, struct err *e)
{
    struct ddb_action a = {.kind = DDB_ACTION_UPDATE, .update = update, .condition = condition};

    return act(o, &a, pk, sk, values, current, e);
}

enum err_code state_delete(const struct ops *o, const char *pk, const char *sk,
                           const char *condition, cJSON *values, struct err *e)
{
    struct ddb_action a = {.kind = DDB_ACTION_DELETE, .condition = condition};

    return act(o, &a, pk, sk, values, NULL, e);
}

enum err_code state_get(const struct ops *o, const char *pk, const char *sk, cJSON **item,
                        struct err *e)
{
    cJSON *key = state_key_of(pk, sk);
    enum err_code rc = ddb_read_item(o->aws, o->state, key, true, item, e);

    cJSON_Delete(key);
    return rc;
}

enum err_code state_each(const struct ops *o, const char *pk, const char *projection,
                         void (*item)(void *arg, const cJSON *item), void *arg, struct err *e)
{
    cJSON *values = json_new_object();
    cJSON *start = NULL;
    enum err_code rc = E_OK;

    state_text(values, ":pk", pk);
    do {
        struct ddb_page page;
        const struct ddb_read r = {.table = o->state,
                                   .key_condition = "pk = :pk",
                                   .projection = projection,
                                   .values = values,
                                   .start = start,
                                   .consistent = true,
                                   .item = item,
                                   .arg = arg};
        rc = ddb_query(o->aws, &r, &page, e);
        cJSON_Delete(start);
        start = NULL;
        if (rc == E_OK) {
            start = page.last_key;
            page.last_key = NULL; /* moved */
            ddb_page_clear(&page);
        }
    } while (rc == E_OK && start != NULL);
    cJSON_Delete(values);
    return rc == E_NOT_FOUND ? no_table(o, e) : rc;
}
