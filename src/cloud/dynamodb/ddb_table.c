/* DynamoDB of the local cloud: the stored definition of a table, read into a struct and kept in a
 * cache until a definition changes. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "ddb.h"

static void table_free(void *p)
{
    struct ddb_table *t = p;

    if (t != NULL) {
        cJSON_Delete(t->def);
        free(t->indexes);
        free(t->name);
        free(t);
    }
}

struct ddb_state *ddb_state_of(struct cloud *cloud)
{
    void **slot = cloud_slot(cloud, AWS_DYNAMODB);

    if (*slot == NULL) {
        *slot = xcalloc(1, sizeof(struct ddb_state));
    }
    return *slot;
}

/* The cache: name -> struct ddb_table. The cloud's lock guards it. */
static struct map *cache_of(struct cloud *cloud)
{
    struct ddb_state *state = ddb_state_of(cloud);

    if (state->tables == NULL) {
        state->tables = map_new();
    }
    return state->tables;
}

void ddb_tables_forget(struct cloud *cloud)
{
    struct ddb_state *state = ddb_state_of(cloud);

    map_free(state->tables, table_free);
    state->tables = NULL;
}

static const char *type_of_attribute(const cJSON *def, const char *name)
{
    const cJSON *a = NULL;

    cJSON_ArrayForEach(a, json_array(def, "AttributeDefinitions"))
    {
        if (name != NULL && strcmp(json_str_or(a, "AttributeName", ""), name) == 0) {
            return json_str(a, "AttributeType");
        }
    }
    return NULL;
}

static const char *key_name(const cJSON *schema, const char *type)
{
    const cJSON *k = NULL;

    cJSON_ArrayForEach(k, schema)
    {
        if (strcmp(json_str_or(k, "KeyType", ""), type) == 0) {
            return json_str(k, "AttributeName");
        }
    }
    return NULL;
}

static struct ddb_index read_index(const cJSON *def, const cJSON *index, bool global)
{
    const cJSON *schema = json_array(index, "KeySchema");
    const cJSON *projection = json_object(index, "Projection");
    const char *kind = json_str_or(projection, "ProjectionType", "ALL");
    struct ddb_index x = {.id = json_int(index, "IndexId", 0),
                          .name = json_str(index, "IndexName"),
                          .global = global,
                          .hash = key_name(schema, "HASH"),
                          .range = key_name(schema, "RANGE"),
                          .include = json_array(projection, "NonKeyAttributes")};

    x.hash_type = type_of_attribute(def, x.hash);
    x.range_type = type_of_attribute(def, x.range);
    x.projection = strcmp(kind, "ALL") == 0         ? DDB_PROJECT_ALL
                   : strcmp(kind, "KEYS_ONLY") == 0 ? DDB_PROJECT_KEYS
                                                    : DDB_PROJECT_INCLUDE;
    return x;
}

static struct ddb_table *table_new(int64_t id, const char *name, cJSON *def)
{
    struct ddb_table *t = xcalloc(1, sizeof *t);
    const cJSON *globals = json_array(def, "GlobalSecondaryIndexes");
    const cJSON *locals = json_array(def, "LocalSecondaryIndexes");
    const cJSON *index = NULL;
    size_t room = 1 + (size_t)cJSON_GetArraySize(globals) + (size_t)cJSON_GetArraySize(locals);

    t->id = id;
    t->name = xstrdup(name);
    t->def = def;
    t->created_ms = json_int(def, "CreatedMs", 0);
    t->stream_id = json_int(def, "StreamId", 0);
    t->view_type = json_str(json_object(def, "StreamSpecification"), "StreamViewType");
    t->ttl = json_str(json_object(def, "TimeToLive"), "AttributeName");
    t->indexes = xcalloc(room, sizeof *t->indexes);
    t->indexes[t->len++] = read_index(def, def, false);
    cJSON_ArrayForEach(index, globals)
    {
        t->indexes[t->len++] = read_index(def, index, true);
    }
    cJSON_ArrayForEach(index, locals)
    {
        t->indexes[t->len++] = read_index(def, index, false);
    }
    return t;
}

const char *ddb_name_of_arn(const char *name_or_arn)
{
    const char *at = strncmp(name_or_arn, "arn:", 4) == 0 ? strstr(name_or_arn, ":table/") : NULL;

    return at == NULL ? name_or_arn : at + strlen(":table/");
}

const struct ddb_table *ddb_table_find(struct cloud *cloud, const char *name_or_arn)
{
    const char *name = ddb_name_of_arn(name_or_arn);
    struct ddb_table *t = map_find(cache_of(cloud), name);

    if (t != NULL) {
        return t;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT id,name,def FROM ddb_table WHERE name=?1");
    (void)sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    if (sqlite3_step(q) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(q, 2);
        cJSON *def = json_parse(text, strlen(text), "table definition", NULL);
        if (def != NULL) {
            t = table_new(sqlite3_column_int64(q, 0), (const char *)sqlite3_column_text(q, 1), def);
            (void)map_put(cache_of(cloud), t->name, t);
        }
    }
    cloud_stmt_done(cloud, q);
    return t;
}

const struct ddb_index *ddb_index_find(const struct ddb_table *t, const char *name)
{
    for (size_t i = 1; i < t->len; i++) {
        if (strcmp(t->indexes[i].name, name) == 0) {
            return &t->indexes[i];
        }
    }
    return NULL;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && strcmp(a, b) == 0;
}

bool ddb_index_has(const struct ddb_table *t, const struct ddb_index *x, const char *attribute)
{
    const cJSON *v = NULL;

    if (x->projection == DDB_PROJECT_ALL || same(x->hash, attribute) || same(x->range, attribute) ||
        same(t->indexes[0].hash, attribute) || same(t->indexes[0].range, attribute)) {
        return true;
    }
    cJSON_ArrayForEach(v, x->include)
    {
        if (same(v->valuestring, attribute)) {
            return true;
        }
    }
    return false;
}

char *ddb_table_arn(struct cloud *cloud, const char *table_name)
{
    return xasprintf("arn:aws:dynamodb:%s:%s:table/%s", cloud_region(cloud), cloud_account(cloud),
                     table_name);
}
