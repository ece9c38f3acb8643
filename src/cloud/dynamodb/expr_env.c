/* DynamoDB's expressions: the environment of a request: its placeholders, which of them were used,
 * the arena of its trees. */
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "expr.h"
#include "expr_parts.h"

enum { BLOCK_SIZE = 8192, PLACEHOLDER_MAX = 255, PLACEHOLDERS_MAX = 2000, NAME_MAX_BYTES = 65535 };

struct block {
    struct block *next;
    size_t used;
    size_t cap;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct binding {
    const char *key; /* borrowed: "#n" or ":v" */
    const cJSON *value;
    bool used;
};

struct bindings {
    struct binding *items; /* owned */
    size_t len;
};

struct ddb_expr_env {
    struct bindings names;
    struct bindings values;
    struct block *blocks;
};

void *ddb_expr_alloc(struct ddb_expr_env *env, size_t size)
{
    const size_t unit = _Alignof(max_align_t);
    struct block *b = env->blocks;

    size = (size + unit - 1) / unit * unit;
    if (b == NULL || b->cap - b->used < size) {
        size_t cap = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        b = xcalloc(1, sizeof *b + cap);
        b->cap = cap;
        b->next = env->blocks;
        env->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += size;
    return p;
}

static bool placeholder_valid(const char *key, char mark)
{
    size_t len = strlen(key);

    if (key[0] != mark || len < 2 || len > PLACEHOLDER_MAX) {
        return false;
    }
    for (const char *p = key + 1; *p != '\0'; p++) {
        if (!isalnum((unsigned char)*p) && *p != '_') {
            return false;
        }
    }
    return true;
}

static enum err_code bind(struct bindings *b, const cJSON *doc, char mark, const char *param,
                          bool has_expr, struct err *e)
{
    size_t n = (size_t)cJSON_GetArraySize(doc);

    if (doc == NULL) {
        return E_OK;
    }
    if (!cJSON_IsObject(doc)) {
        return err_set(e, E_PARSE, "Unexpected value type in payload");
    }
    if (!has_expr) {
        return err_set(e, E_INVALID, "%s can only be specified when using expressions", param);
    }
    if (n == 0) {
        return err_set(e, E_INVALID, "%s must not be empty", param);
    }
    if (n > PLACEHOLDERS_MAX) {
        return err_set(e, E_INVALID, "%s has too many members", param);
    }
    b->items = xcalloc(n, sizeof *b->items);
    for (const cJSON *v = doc->child; v != NULL; v = v->next) {
        if (!placeholder_valid(v->string, mark)) {
            return err_set(e, E_INVALID, "%s contains invalid key: Syntax error; key: \"%.100s\"",
                           param, v->string);
        }
        b->items[b->len++] = (struct binding){.key = v->string, .value = v};
    }
    return E_OK;
}

static enum err_code check_values(const struct ddb_expr_env *env, struct err *e)
{
    for (size_t i = 0; i < env->names.len; i++) {
        const cJSON *v = env->names.items[i].value;
        if (!cJSON_IsString(v)) {
            return err_set(e, E_PARSE, "Unexpected value type in payload");
        }
        if (v->valuestring[0] == '\0') {
            return err_set(e, E_INVALID,
                           "ExpressionAttributeNames contains invalid value: Empty attribute name "
                           "for key %s",
                           v->string);
        }
        if (strlen(v->valuestring) > NAME_MAX_BYTES) {
            return err_set(e, E_INVALID,
                           "ExpressionAttributeNames contains invalid value: Attribute name is too "
                           "large, must be less than 65536 bytes for key %s",
                           v->string);
        }
    }
    for (size_t i = 0; i < env->values.len; i++) {
        struct err why;
        enum err_code rc = attr_validate(env->values.items[i].value, &why);
        if (rc == E_PARSE) {
            return err_set(e, E_PARSE, "%s", why.msg);
        }
        if (rc != E_OK) {
            return err_set(e, E_INVALID,
                           "ExpressionAttributeValues contains invalid value: %s for key %s",
                           why.msg, env->values.items[i].key);
        }
    }
    return E_OK;
}

struct ddb_expr_env *ddb_expr_env_new(const cJSON *names, const cJSON *values, bool has_expr,
                                      struct err *e)
{
    struct ddb_expr_env *env = xcalloc(1, sizeof *env);

    if (bind(&env->names, names, '#', "ExpressionAttributeNames", has_expr, e) != E_OK ||
        bind(&env->values, values, ':', "ExpressionAttributeValues", has_expr, e) != E_OK ||
        check_values(env, e) != E_OK) {
        ddb_expr_env_free(env);
        return NULL;
    }
    return env;
}

void ddb_expr_env_free(struct ddb_expr_env *env)
{
    if (env == NULL) {
        return;
    }
    for (struct block *b = env->blocks; b != NULL;) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
    free(env->names.items);
    free(env->values.items);
    free(env);
}

static const cJSON *use(struct bindings *b, const char *placeholder)
{
    for (size_t i = 0; i < b->len; i++) {
        if (strcmp(b->items[i].key, placeholder) == 0) {
            b->items[i].used = true;
            return b->items[i].value;
        }
    }
    return NULL;
}

const char *ddb_expr_env_name(struct ddb_expr_env *env, const char *placeholder)
{
    const cJSON *v = use(&env->names, placeholder);

    return v == NULL ? NULL : v->valuestring;
}

const cJSON *ddb_expr_env_value(struct ddb_expr_env *env, const char *placeholder)
{
    return use(&env->values, placeholder);
}

static enum err_code check_used(const struct bindings *b, const char *param, struct err *e)
{
    struct strbuf unused = STRBUF_LIMIT(300);

    for (size_t i = 0; i < b->len; i++) {
        if (!b->items[i].used) {
            strbuf_addf(&unused, "%s%s", unused.len > 0 ? ", " : "", b->items[i].key);
        }
    }
    bool all = unused.data == NULL && !unused.overflow;
    if (!all) {
        (void)err_set(e, E_INVALID, "Value provided in %s unused in expressions: keys: {%s}", param,
                      strbuf_str(&unused));
    }
    strbuf_clear(&unused);
    return all ? E_OK : E_INVALID;
}

enum err_code ddb_expr_env_check_used(const struct ddb_expr_env *env, struct err *e)
{
    enum err_code rc = check_used(&env->names, "ExpressionAttributeNames", e);

    return rc != E_OK ? rc : check_used(&env->values, "ExpressionAttributeValues", e);
}
