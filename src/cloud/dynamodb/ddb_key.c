/* DynamoDB of the local cloud: keys as byte strings, whose order by memcmp is DynamoDB's order. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "base64.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/map.h"
#include "ddb.h"
#include "expr.h"

/* A number as its significant digits and the power of ten of the first digit. */
struct digits {
    bool negative;
    int power;
    size_t len;     /* 0: the number is zero */
    char digit[44]; /* values 0-9; a valid number has at most 38 */
};

static void read_digits(const char *s, struct digits *out)
{
    /* how many digits stood before the point so far, from the first significant one on */
    int point = 0;
    bool after_point = false;

    *out = (struct digits){.negative = *s == '-'};
    s += *s == '-' || *s == '+';
    for (; isdigit((unsigned char)*s) || *s == '.'; s++) {
        if (*s == '.') {
            after_point = true;
            continue;
        }
        if (out->len == 0 && *s == '0') {
            point -= after_point;
            continue;
        }
        point += !after_point;
        if (out->len < sizeof out->digit) {
            out->digit[out->len++] = (char)(*s - '0');
        }
    }
    out->power = point - 1;
    /* Zero may have any exponent, also one that no int holds; the exponents of other numbers were
     * checked. */
    if (out->len > 0 && (*s == 'e' || *s == 'E')) {
        out->power += (int)strtol(s + 1, NULL, 10);
    }
    while (out->len > 0 && out->digit[out->len - 1] == 0) {
        out->len--;
    }
}

/* Zero is the byte 0x80. A positive number is 0xC0, its power + 130 (so 0-255), then two digits a
 * byte, each pair + 1: a shorter number sorts first, because trailing zeros are gone. A negative
 * number has every byte complemented and an end mark above all of them, so that a longer number
 * sorts first. */
static void encode_number(struct strbuf *out, const char *text)
{
    struct digits d;
    unsigned char bytes[32];
    size_t n = 0;

    read_digits(text, &d);
    if (d.len == 0) {
        strbuf_addc(out, (char)0x80);
        return;
    }
    bytes[n++] = 0xC0;
    bytes[n++] = (unsigned char)(d.power + 130);
    for (size_t i = 0; i < d.len; i += 2) {
        int pair = d.digit[i] * 10 + (i + 1 < d.len ? d.digit[i + 1] : 0);
        bytes[n++] = (unsigned char)(pair + 1);
    }
    for (size_t i = 0; i < n && d.negative; i++) {
        bytes[i] = (unsigned char)~bytes[i];
    }
    if (d.negative) {
        bytes[n++] = 0xFF;
    }
    strbuf_add(out, bytes, n);
}

void ddb_key_encode(struct strbuf *out, const cJSON *av)
{
    const char *text = attr_value(av)->valuestring;

    switch (attr_type_of(av)) {
    case ATTR_N:
        encode_number(out, text);
        break;
    case ATTR_B: {
        size_t len = 0;
        unsigned char *bytes = ddb_base64_decode(text, &len);
        strbuf_add(out, bytes, len);
        free(bytes);
        break;
    }
    default:
        strbuf_adds(out, text);
        break;
    }
}

/* FNV-1a with a final mix, so that keys which differ little spread over all segments. The hashes
 * are stored, so this function must never change. */
uint32_t ddb_key_bucket(const void *bytes, size_t len)
{
    uint64_t h = hash_bytes(HASH_START, bytes, len);

    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    h ^= h >> 33;
    return (uint32_t)(h >> 32);
}

/* ---- values ----------------------------------------------------------------------------- */

static size_t value_bytes(const cJSON *av)
{
    const char *text = attr_value(av)->valuestring;

    return attr_type_of(av) == ATTR_B ? ddb_base64_len(text) : strlen(text);
}

enum err_code ddb_key_value_check(const char *name, const cJSON *av, bool is_hash, struct err *e)
{
    enum attr_type t = attr_type_of(av);
    size_t size = t == ATTR_N ? 1 : value_bytes(av);

    if (size == 0) {
        return err_set(e, E_INVALID,
                       "One or more parameter values are not valid. The AttributeValue for a key "
                       "attribute cannot contain an empty %s value. Key: %.120s",
                       t == ATTR_S ? "string" : "binary", name);
    }
    if (is_hash && size > DDB_HASH_MAX) {
        return err_set(e, E_INVALID,
                       "One or more parameter values were invalid: Size of hashkey has exceeded "
                       "the maximum size limit of%d bytes",
                       DDB_HASH_MAX);
    }
    if (!is_hash && size > DDB_SORT_MAX) {
        return err_set(e, E_INVALID,
                       "One or more parameter values were invalid: Aggregated size of all range "
                       "keys has exceeded the size limit of %d bytes",
                       DDB_SORT_MAX);
    }
    return E_OK;
}

/* The value of a key attribute when it has the wanted type, else NULL. */
static const cJSON *key_value(const cJSON *item, const char *name, const char *type)
{
    const cJSON *av = json_get(item, name);

    return av != NULL && strcmp(attr_type_name(attr_type_of(av)), type) == 0 ? av : NULL;
}

/* ---- positions -------------------------------------------------------------------------- */

/* The table's key as one string, with a length that keeps ("a","bc") and ("ab","c") apart. */
static bool encode_tie(const struct ddb_index *table, const cJSON *item, struct strbuf *out)
{
    const cJSON *hash = key_value(item, table->hash, table->hash_type);
    const cJSON *range =
        table->range == NULL ? NULL : key_value(item, table->range, table->range_type);
    struct strbuf b = STRBUF_INIT;

    if (hash == NULL || (table->range != NULL && range == NULL)) {
        return false;
    }
    ddb_key_encode(&b, hash);
    strbuf_addc(out, (char)(b.len >> 8));
    strbuf_addc(out, (char)(b.len & 0xff));
    strbuf_add(out, strbuf_str(&b), b.len);
    if (range != NULL) {
        ddb_key_encode(out, range);
    }
    strbuf_clear(&b);
    return true;
}

bool ddb_pos_of(const struct ddb_table *t, const struct ddb_index *x, const cJSON *item,
                struct ddb_pos *out)
{
    const cJSON *hash = key_value(item, x->hash, x->hash_type);
    const cJSON *range = x->range == NULL ? NULL : key_value(item, x->range, x->range_type);

    *out = (struct ddb_pos){0};
    if (hash == NULL || (x->range != NULL && range == NULL)) {
        return false;
    }
    /* An item that is older than the index may have a value here that no key can have. */
    if (x->name != NULL &&
        (ddb_key_value_check(x->hash, hash, true, NULL) != E_OK ||
         (range != NULL && ddb_key_value_check(x->range, range, false, NULL) != E_OK))) {
        return false;
    }
    ddb_key_encode(&out->hash, hash);
    out->bucket = ddb_key_bucket(strbuf_str(&out->hash), out->hash.len);
    if (range != NULL) {
        ddb_key_encode(&out->sort, range);
    }
    if (x->name != NULL && !encode_tie(&t->indexes[0], item, &out->tie)) {
        ddb_pos_clear(out);
        return false;
    }
    return true;
}

void ddb_pos_clear(struct ddb_pos *p)
{
    strbuf_clear(&p->hash);
    strbuf_clear(&p->sort);
    strbuf_clear(&p->tie);
}

bool ddb_key_note(struct map *seen, const struct ddb_table *t, const cJSON *item)
{
    struct ddb_pos pos;
    struct strbuf name = STRBUF_INIT;

    if (!ddb_pos_of(t, &t->indexes[0], item, &pos)) {
        return true; /* the key's own check refuses it */
    }
    strbuf_addf(&name, "%lld:", (long long)t->id);
    for (size_t i = 0; i < pos.hash.len; i++) {
        strbuf_addf(&name, "%02x", (unsigned char)pos.hash.data[i]);
    }
    strbuf_addc(&name, ':');
    for (size_t i = 0; i < pos.sort.len; i++) {
        strbuf_addf(&name, "%02x", (unsigned char)pos.sort.data[i]);
    }
    bool fresh = map_put(seen, strbuf_str(&name), seen) == NULL;
    strbuf_clear(&name);
    ddb_pos_clear(&pos);
    return fresh;
}

/* ---- checks ----------------------------------------------------------------------------- */

enum err_code ddb_key_check(const struct ddb_table *t, const cJSON *key, struct err *e)
{
    const struct ddb_index *x = &t->indexes[0];
    const cJSON *av = NULL;

    cJSON_ArrayForEach(av, key)
    {
        enum err_code rc = attr_validate(av, e);
        if (rc != E_OK) {
            return rc;
        }
    }
    const cJSON *hash = key_value(key, x->hash, x->hash_type);
    const cJSON *range = x->range == NULL ? NULL : key_value(key, x->range, x->range_type);
    if (cJSON_GetArraySize(key) != (x->range == NULL ? 1 : 2) || hash == NULL ||
        (x->range != NULL && range == NULL)) {
        return err_set(e, E_INVALID, "The provided key element does not match the schema");
    }
    enum err_code rc = ddb_key_value_check(x->hash, hash, true, e);
    return rc != E_OK || range == NULL ? rc : ddb_key_value_check(x->range, range, false, e);
}

cJSON *ddb_key_of(const struct ddb_table *t, const struct ddb_index *x, const cJSON *item)
{
    const char *names[4] = {x->hash, x->range, t->indexes[0].hash, t->indexes[0].range};
    cJSON *key = json_new_object();

    for (size_t i = 0; i < 4; i++) {
        const cJSON *av = names[i] == NULL ? NULL : json_get(item, names[i]);
        if (av != NULL && json_get(key, names[i]) == NULL) {
            json_set(key, names[i], json_copy(av));
        }
    }
    return key;
}

static enum err_code check_table_key(const char *name, const char *type, bool is_hash,
                                     const cJSON *item, struct err *e)
{
    const cJSON *av = json_get(item, name);

    if (av == NULL) {
        return err_set(e, E_INVALID,
                       "One or more parameter values were invalid: Missing the key %.120s in the "
                       "item",
                       name);
    }
    if (strcmp(attr_type_name(attr_type_of(av)), type) != 0) {
        return err_set(e, E_INVALID,
                       "One or more parameter values were invalid: Type mismatch for key %.120s "
                       "expected: %s actual: %s",
                       name, type, attr_type_name(attr_type_of(av)));
    }
    return ddb_key_value_check(name, av, is_hash, e);
}

/* An item may lack an index's key (it is then not in the index), but may not have it in another
 * type or empty. */
static enum err_code check_index_key(const struct ddb_index *x, const char *name, const char *type,
                                     const cJSON *item, const cJSON *was, struct err *e)
{
    const cJSON *av = json_get(item, name), *old = was == NULL ? NULL : json_get(was, name);
    enum attr_type t = attr_type_of(av);
    bool update = was != NULL;

    if (av == NULL || (old != NULL && ddb_expr_equal(av, old))) {
        return E_OK;
    }
    if (strcmp(attr_type_name(t), type) != 0) {
        return err_set(e, E_INVALID,
                       "%s: Type mismatch for Index Key %.80s Expected: %s Actual: %s IndexName: "
                       "%.80s",
                       update ? "The update expression attempted to update a secondary index key "
                                "to unsupported type"
                              : "One or more parameter values were invalid",
                       name, type, attr_type_name(t), x->name);
    }
    if (t != ATTR_N && value_bytes(av) == 0) {
        return err_set(e, E_INVALID,
                       "One or more parameter values are not valid. %s. The AttributeValue for a "
                       "key attribute cannot contain an empty %s value. IndexName: %.60s, "
                       "IndexKey: %.60s",
                       update ? "The update expression attempted to update a secondary index key "
                                "to a value that is not supported"
                              : "A value specified for a secondary index key is not supported",
                       t == ATTR_S ? "string" : "binary", x->name, name);
    }
    bool is_hash = name == x->hash;
    return ddb_key_value_check(name, av, is_hash, e);
}

enum err_code ddb_item_check_keys(const struct ddb_table *t, const cJSON *item, const cJSON *was,
                                  struct err *e)
{
    const struct ddb_index *x = &t->indexes[0];
    enum err_code rc = check_table_key(x->hash, x->hash_type, true, item, e);

    if (rc == E_OK && x->range != NULL) {
        rc = check_table_key(x->range, x->range_type, false, item, e);
    }
    for (size_t i = 1; i < t->len && rc == E_OK; i++) {
        x = &t->indexes[i];
        rc = check_index_key(x, x->hash, x->hash_type, item, was, e);
        if (rc == E_OK && x->range != NULL) {
            rc = check_index_key(x, x->range, x->range_type, item, was, e);
        }
    }
    return rc;
}
