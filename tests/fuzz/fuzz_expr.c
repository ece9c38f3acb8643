/* The first byte chooses the kind of expression, the rest is its text. What parses is applied to an
 * item, too. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "src/cloud/dynamodb/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char item_text[] =
    "{\"a\":{\"N\":\"10\"},\"b\":{\"S\":\"x\"},\"c\":{\"L\":[{\"N\":\"0\"},{\"M\":{\"a\":{\"S\":"
    "\"y\"}}}]},\"d\":{\"M\":{\"a\":{\"SS\":[\"p\",\"q\"]}}},\"e\":{\"SS\":[\"p\"]},\"f\":{\"B\":"
    "\"AP8=\"}}";
static const char names_text[] = "{\"#a\":\"a\",\"#b\":\"status\"}";
static const char values_text[] =
    "{\":a\":{\"N\":\"1\"},\":b\":{\"S\":\"x\"},\":c\":{\"L\":[]},\":e\":{\"SS\":[\"q\"]},\":f\":"
    "{\"B\":\"AA==\"}}";

static void run(struct ddb_expr_env *env, unsigned kind, const char *text, cJSON *item)
{
    struct err e;
    struct ddb_expr_projection p;
    struct ddb_expr_update u;
    struct ddb_expr_key_condition k;
    const struct ddb_expr_node *n;

    switch (kind % 4) {
    case 0:
        n = ddb_expr_parse_condition(env, text, "FilterExpression", &e);
        if (n != NULL) {
            (void)ddb_expr_eval(n, item);
        }
        break;
    case 1:
        if (ddb_expr_parse_update(env, text, &u, &e) == E_OK &&
            ddb_expr_apply(&u, item, &e) != E_OK && e.code != E_INVALID) {
            abort();
        }
        break;
    case 2:
        if (ddb_expr_parse_projection(env, text, &p, &e) == E_OK) {
            cJSON_Delete(ddb_expr_project(p.paths, p.len, item));
        }
        break;
    default:
        n = ddb_expr_parse_condition(env, text, "KeyConditionExpression", &e);
        if (n != NULL && ddb_expr_key_condition(n, "a", "N", "b", "S", &k, &e) == E_OK &&
            k.hash == NULL) {
            abort();
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e;

    if (size == 0) {
        return 0;
    }
    cJSON *item = json_parse(item_text, sizeof item_text - 1, "item", &e);
    cJSON *names = json_parse(names_text, sizeof names_text - 1, "names", &e);
    cJSON *values = json_parse(values_text, sizeof values_text - 1, "values", &e);
    char *text = xstrndup((const char *)data + 1, size - 1);
    struct ddb_expr_env *env = ddb_expr_env_new(names, values, true, &e);
    run(env, data[0], text, item);
    ddb_expr_env_free(env);
    free(text);
    cJSON_Delete(item);
    cJSON_Delete(names);
    cJSON_Delete(values);
    return 0;
}
