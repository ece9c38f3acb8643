/* DynamoDB of the local cloud: the parameters of Query and Scan, and the range of keys that they
 * mean. */
#include "ddb_read.h"

#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"

enum { SORT_END = DDB_SORT_MAX + 2 };

static bool read_index_param(struct ddb_read_call *c)
{
    bool ok = true;
    const char *name = ddb_string(c->in, "IndexName", c->r, &ok);

    c->x = &c->t->indexes[0];
    if (name != NULL) {
        c->x = ddb_index_find(c->t, name);
        if (c->x == NULL) {
            return ddb_invalid(c->r, "The table does not have the specified index: %.100s", name);
        }
    }
    if (!ok || !ddb_flag(c->in, "ConsistentRead", &c->consistent, c->r)) {
        return false;
    }
    if (c->consistent && c->x->global) {
        return ddb_invalid(c->r, "Consistent reads are not supported on global secondary indexes");
    }
    return true;
}

static bool read_select(struct ddb_read_call *c, bool has_projection)
{
    static const char *const kinds[] = {"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES",
                                        "ALL_PROJECTED_ATTRIBUTES", NULL};
    const char *fallback = has_projection ? kinds[0] : c->x->name != NULL ? kinds[3] : kinds[2];
    const char *s = ddb_choice(c->in, "Select", kinds, fallback, c->r);

    if (s == NULL) {
        return false;
    }
    if (has_projection && s != kinds[0]) {
        return ddb_invalid(c->r, "Cannot specify the ProjectionExpression when choosing to get %s",
                           s);
    }
    if (!has_projection && s == kinds[0]) {
        return ddb_invalid(c->r, "Must specify the AttributesToGet or ProjectionExpression when "
                                 "choosing to get SPECIFIC_ATTRIBUTES");
    }
    if (s == kinds[3] && c->x->name == NULL) {
        return ddb_invalid(c->r, "One or more parameter values were invalid: "
                                 "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an "
                                 "IndexName");
    }
    if (s == kinds[2] && c->x->global && c->x->projection != DDB_PROJECT_ALL) {
        return ddb_invalid(c->r,
                           "One or more parameter values were invalid: Select type ALL_ATTRIBUTES "
                           "is not supported for global secondary index %s because its projection "
                           "type is not ALL",
                           c->x->name);
    }
    c->select = s == kinds[1]   ? SELECT_COUNT
                : s == kinds[0] ? SELECT_SPECIFIC
                : s == kinds[3] ? SELECT_PROJECTED
                                : SELECT_ALL;
    return true;
}

/* A global index can give only the attributes that it holds. */
static bool check_projected(struct ddb_read_call *c)
{
    for (size_t i = 0; i < c->projection.len; i++) {
        if (!ddb_path_ok(c->t, &c->projection.paths[i], c->r)) {
            return false;
        }
    }
    for (size_t i = 0; i < c->projection.len && c->x->global; i++) {
        const char *name = c->projection.paths[i].steps[0].name;
        if (!ddb_index_has(c->t, c->x, name)) {
            return ddb_invalid(c->r,
                               "One or more parameter values were invalid: Global secondary index "
                               "%s does not project [%.120s]",
                               c->x->name, name);
        }
    }
    return true;
}

/* Quotes each name as it stands in the stored text, for the projection that does not parse. */
static void quote_names(struct ddb_read_call *c)
{
    if (!c->projection.top_level || c->projection.len == 0) {
        return;
    }
    c->quoted = xcalloc(c->projection.len, sizeof *c->quoted);
    for (size_t i = 0; i < c->projection.len; i++) {
        cJSON *name = cJSON_CreateStringReference(c->projection.paths[i].steps[0].name);
        c->quoted[i] = json_text(name);
        cJSON_Delete(name);
    }
}

struct key_check {
    const struct ddb_read_call *c;
    const char *found;                  /* a key attribute of the index that is read */
    const struct ddb_expr_path *nested; /* a path that leads into a key of any index */
};

static void note_key_path(void *arg, const struct ddb_expr_path *path)
{
    struct key_check *k = arg;
    const struct ddb_index *x = k->c->x;
    const char *name = path->steps[0].name;
    struct cloud_reply unused = {.status = 200};

    if (strcmp(name, x->hash) == 0 || (x->range != NULL && strcmp(name, x->range) == 0)) {
        k->found = name;
    }
    if (!ddb_path_ok(k->c->t, path, &unused)) {
        k->nested = path;
    }
}

static bool read_filter(struct ddb_read_call *c)
{
    struct err e;
    bool ok = true;
    const char *text = ddb_string(c->in, "FilterExpression", c->r, &ok);

    if (text == NULL) {
        return ok;
    }
    c->filter = ddb_expr_parse_condition(c->env, text, "FilterExpression", &e);
    if (c->filter == NULL) {
        return ddb_fail(c->r, &e);
    }
    return true;
}

/* Checks the filter against the table's schema. */
static bool check_filter(struct ddb_read_call *c)
{
    struct key_check k = {.c = c};

    if (c->filter != NULL) {
        ddb_expr_walk_paths(c->filter, note_key_path, &k);
    }
    if (k.nested != NULL) {
        return ddb_path_ok(c->t, k.nested, c->r);
    }
    return k.found == NULL || !c->query ||
           ddb_invalid(c->r,
                       "Filter Expression can only contain non-primary key attributes: Primary key "
                       "attribute: %.120s",
                       k.found);
}

static bool read_projection(struct ddb_read_call *c)
{
    struct err e;
    bool ok = true;
    const char *text = ddb_string(c->in, "ProjectionExpression", c->r, &ok);

    if (text != NULL && ddb_expr_parse_projection(c->env, text, &c->projection, &e) != E_OK) {
        return ddb_fail(c->r, &e);
    }
    return ok;
}

static bool parse_key_condition(struct ddb_read_call *c)
{
    struct err e;
    bool ok = true;
    const char *text = ddb_string(c->in, "KeyConditionExpression", c->r, &ok);

    if (!c->query || !ok) {
        return ok;
    }
    if (text == NULL) {
        return ddb_invalid(c->r, "Either the KeyConditions or KeyConditionExpression parameter "
                                 "must be specified in the request.");
    }
    c->keys = ddb_expr_parse_condition(c->env, text, "KeyConditionExpression", &e);
    return c->keys != NULL || ddb_fail(c->r, &e);
}

/* Checks everything that can be wrong whatever table is read. */
static bool read_expressions(struct ddb_read_call *c)
{
    struct err e;
    bool has_expr = json_get(c->in, "FilterExpression") != NULL ||
                    json_get(c->in, "ProjectionExpression") != NULL ||
                    json_get(c->in, "KeyConditionExpression") != NULL;

    c->env = ddb_expr_env_new(json_get(c->in, "ExpressionAttributeNames"),
                              json_get(c->in, "ExpressionAttributeValues"), has_expr, &e);
    if (c->env == NULL) {
        return ddb_fail(c->r, &e);
    }
    if (!read_filter(c) || !read_projection(c) || !parse_key_condition(c)) {
        return false;
    }
    return ddb_expr_env_check_used(c->env, &e) == E_OK || ddb_fail(c->r, &e);
}

static bool read_common(struct ddb_read_call *c)
{
    if (!ddb_shapes_ok(c->in, c->r) || !ddb_no_legacy(c->in, c->r)) {
        return false;
    }
    c->capacity = ddb_capacity_mode(c->in, c->r);
    if (c->capacity == NULL || !ddb_number(c->in, "Limit", 1, INT32_MAX, 0, &c->limit, c->r) ||
        !read_expressions(c)) {
        return false;
    }
    c->t = ddb_wanted_table(c->cloud, c->in, c->r);
    if (c->t == NULL || !read_index_param(c) || !read_select(c, c->projection.len > 0) ||
        !check_filter(c)) {
        return false;
    }
    quote_names(c);
    return check_projected(c);
}

/* ---- ranges ----------------------------------------------------------------------------- */

/* The next byte string after all those that begin with `b`; false when there is none (all bytes are
 * 0xff). */
static bool after_prefix(struct strbuf *b)
{
    while (b->len > 0 && (unsigned char)b->data[b->len - 1] == 0xff) {
        strbuf_truncate(b, b->len - 1);
    }
    if (b->len == 0) {
        return false;
    }
    b->data[b->len - 1] = (char)((unsigned char)b->data[b->len - 1] + 1);
    return true;
}

/* Sets an end above every sort key: longer than the longest key, all bytes 0xff. */
static void set_end(struct strbuf *b)
{
    strbuf_reset(b);
    for (size_t i = 0; i < SORT_END; i++) {
        strbuf_addc(b, (char)0xff);
    }
}

/* Every test on a sort key is a half-open range: the key that directly follows key K is K with a
 * zero byte at its end. */
static void set_sort_range(struct ddb_read_call *c, const struct ddb_expr_key_condition *k)
{
    set_end(&c->high);
    if (k->low == NULL) {
        return;
    }
    struct strbuf v = STRBUF_INIT;
    ddb_key_encode(&v, k->low);
    if (k->op != EXPR_LT && k->op != EXPR_LE) {
        strbuf_add(&c->low, strbuf_str(&v), v.len);
    }
    switch (k->op) {
    case EXPR_GT:
        strbuf_addc(&c->low, '\0');
        break;
    case EXPR_GE:
        break;
    case EXPR_BETWEEN:
        strbuf_reset(&c->high);
        ddb_key_encode(&c->high, k->high);
        strbuf_addc(&c->high, '\0');
        break;
    case EXPR_BEGINS_WITH:
        if (after_prefix(&v)) {
            strbuf_reset(&c->high);
            strbuf_add(&c->high, strbuf_str(&v), v.len);
        }
        break;
    default: /* the operators =, < and <= */
        strbuf_reset(&c->high);
        strbuf_add(&c->high, strbuf_str(&v), v.len);
        if (k->op != EXPR_LT) {
            strbuf_addc(&c->high, '\0');
        }
        break;
    }
    strbuf_clear(&v);
}

static bool check_value(struct ddb_read_call *c, const char *name, const cJSON *av)
{
    struct err e;

    return av == NULL || ddb_key_value_check(name, av, name == c->x->hash, &e) == E_OK ||
           ddb_fail(c->r, &e);
}

static bool read_key_condition(struct ddb_read_call *c)
{
    struct err e;
    bool forward = true;
    struct ddb_expr_key_condition k;

    if (!ddb_flag(c->in, "ScanIndexForward", &forward, c->r)) {
        return false;
    }
    c->backward = !forward;
    if (ddb_expr_key_condition(c->keys, c->x->hash, c->x->hash_type, c->x->range, c->x->range_type,
                               &k, &e) != E_OK) {
        return ddb_fail(c->r, &e);
    }
    if (!check_value(c, c->x->hash, k.hash) || !check_value(c, c->x->range, k.low) ||
        !check_value(c, c->x->range, k.high)) {
        return false;
    }
    ddb_key_encode(&c->hash, k.hash);
    c->first_bucket = c->last_bucket = ddb_key_bucket(strbuf_str(&c->hash), c->hash.len);
    set_sort_range(c, &k);
    return true;
}

static bool read_segment(struct ddb_read_call *c)
{
    int64_t segment, total;

    if (!ddb_number(c->in, "TotalSegments", 1, DDB_SEGMENTS_MAX, 0, &total, c->r) ||
        !ddb_number(c->in, "Segment", 0, DDB_SEGMENTS_MAX - 1, -1, &segment, c->r)) {
        return false;
    }
    c->last_bucket = UINT32_MAX;
    if (total == 0 && segment >= 0) {
        return ddb_invalid(c->r, "The TotalSegments parameter is required but was not present in "
                                 "the request when Segment parameter is present");
    }
    if (total > 0 && segment < 0) {
        return ddb_invalid(c->r, "The Segment parameter is required but was not present in the "
                                 "request when parameter TotalSegments is present");
    }
    if (total > 0 && segment >= total) {
        return ddb_invalid(c->r,
                           "The Segment parameter is zero-based and must be less than parameter "
                           "TotalSegments: Segment: %lld is not less than TotalSegments: %lld",
                           (long long)segment, (long long)total);
    }
    if (total > 0) {
        c->first_bucket = (uint32_t)(((uint64_t)segment << 32) / (uint64_t)total);
        c->last_bucket = (uint32_t)((((uint64_t)(segment + 1) << 32) / (uint64_t)total) - 1);
    }
    return true;
}

static int compare_bytes(const struct strbuf *a, const struct strbuf *b)
{
    size_t n = a->len < b->len ? a->len : b->len;
    int order = n == 0 ? 0 : memcmp(a->data, b->data, n);

    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static size_t key_attributes(const struct ddb_table *t, const struct ddb_index *x)
{
    const char *names[4] = {x->hash, x->range, t->indexes[0].hash, t->indexes[0].range};
    size_t n = 0;

    for (size_t i = 0; i < 4; i++) {
        bool seen = names[i] == NULL;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = names[k] != NULL && strcmp(names[k], names[i]) == 0;
        }
        n += !seen;
    }
    return n;
}

bool ddb_read_one_item(const struct ddb_read_call *c)
{
    return c->query && c->x->name == NULL && c->x->range == NULL;
}

static bool read_start(struct ddb_read_call *c)
{
    const cJSON *key = json_get(c->in, "ExclusiveStartKey");
    const cJSON *av = NULL;
    struct err e;

    if (key == NULL || cJSON_IsNull(key)) {
        return true;
    }
    cJSON_ArrayForEach(av, key)
    {
        if (attr_validate(av, &e) != E_OK) {
            return ddb_fail(c->r, &e);
        }
    }
    if (!cJSON_IsObject(key) || (size_t)cJSON_GetArraySize(key) != key_attributes(c->t, c->x) ||
        !ddb_pos_of(c->t, c->x, key, &c->start)) {
        return ddb_invalid(c->r, c->x->name == NULL
                                     ? "The provided starting key is invalid: The provided key "
                                       "element does not match the schema"
                                     : "The provided starting key is invalid");
    }
    if (ddb_read_one_item(c)) {
        return ddb_invalid(c->r, "The provided exclusive start key is invalid: ExclusiveStartKey "
                                 "cannot be used in a Query on a table without a sort key");
    }
    c->has_start = true;
    if (c->query && compare_bytes(&c->start.hash, &c->hash) != 0) {
        return ddb_invalid(c->r, "The provided starting key is outside query boundaries based on "
                                 "provided conditions");
    }
    if (c->query && (compare_bytes(&c->start.sort, &c->low) < 0 ||
                     compare_bytes(&c->start.sort, &c->high) >= 0)) {
        return ddb_invalid(c->r,
                           "The provided starting key does not match the range key predicate");
    }
    if (!c->query && (c->start.bucket < c->first_bucket || c->start.bucket > c->last_bucket)) {
        return ddb_invalid(c->r, "The provided starting key is invalid: Invalid ExclusiveStartKey. "
                                 "Please use ExclusiveStartKey with correct Segment.");
    }
    return true;
}

bool ddb_read_params(struct ddb_read_call *c)
{
    return read_common(c) && (c->query ? read_key_condition(c) : read_segment(c)) && read_start(c);
}

void ddb_read_clear(struct ddb_read_call *c)
{
    for (size_t i = 0; c->quoted != NULL && i < c->projection.len; i++) {
        free(c->quoted[i]);
    }
    free(c->quoted);
    ddb_expr_env_free(c->env);
    strbuf_clear(&c->hash);
    strbuf_clear(&c->low);
    strbuf_clear(&c->high);
    strbuf_clear(&c->items);
    ddb_pos_clear(&c->start);
    cJSON_Delete(c->last);
}
