#include "local/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "local/pattern_leaf.h"

/* DESIGN. A pattern is a tree that mirrors the JSON: an object node holds fields (all must match)
 * and $or groups (one alternative of each must match); a field holds either an object node or leaf
 * tests (one must match). Matching walks pattern and event together. Where the event has an array,
 * one element must satisfy the whole sub-pattern, which is what keeps {"a":{"x":[1],"y":[4]}} from
 * matching [{"x":1,"y":2},{"x":3,"y":4}]. A field below something that is no object is absent. */

/* Combinations over all $or groups (AWS-WIRE 2.3). */
#define MAX_OR_COMBINATIONS 1000

struct or_group {
    struct object *items; /* owned */
    size_t len;
};

struct field {
    char *name;                   /* owned */
    struct object *object;        /* owned, or NULL when the field has leaf tests */
    struct pattern_leaf **leaves; /* owned */
    size_t leaves_len;
};

struct object {
    struct field *fields; /* owned */
    size_t fields_len, fields_cap;
    struct or_group *ors; /* owned */
    size_t ors_len, ors_cap;
};

struct pattern {
    struct object root;
    size_t combinations; /* used while compiling */
};

static void object_clear(struct object *o);

static void field_clear(struct field *f)
{
    free(f->name);
    if (f->object != NULL) {
        object_clear(f->object);
        free(f->object);
    }
    for (size_t i = 0; i < f->leaves_len; i++) {
        pattern_leaf_free(f->leaves[i]);
    }
    free(f->leaves);
}

static void object_clear(struct object *o)
{
    for (size_t i = 0; i < o->fields_len; i++) {
        field_clear(&o->fields[i]);
    }
    free(o->fields);
    for (size_t i = 0; i < o->ors_len; i++) {
        for (size_t k = 0; k < o->ors[i].len; k++) {
            object_clear(&o->ors[i].items[k]);
        }
        free(o->ors[i].items);
    }
    free(o->ors);
    *o = (struct object){0};
}

void pattern_free(struct pattern *p)
{
    if (p != NULL) {
        object_clear(&p->root);
        free(p);
    }
}

static enum err_code compile_object(struct pattern *p, const cJSON *doc, struct object *o,
                                    struct err *e);

static enum err_code compile_leaves(const cJSON *array, struct field *f, struct err *e)
{
    size_t n = (size_t)cJSON_GetArraySize(array);

    if (n == 0) {
        return err_set(e, E_INVALID, "Empty arrays are not allowed");
    }
    f->leaves = xcalloc(n, sizeof(struct pattern_leaf *));
    for (const cJSON *v = array->child; v != NULL; v = v->next) {
        struct pattern_leaf *l = pattern_leaf_new(v, e);
        if (l == NULL) {
            return E_INVALID;
        }
        f->leaves[f->leaves_len++] = l;
    }
    return E_OK;
}

/* As Ruler reads it: "$or" is the operator only when it is a list of objects whose members are
 * fields; otherwise it is a field that happens to have that name. */
static bool is_or(const cJSON *m)
{
    if (strcmp(m->string, "$or") != 0 || !cJSON_IsArray(m) || m->child == NULL) {
        return false;
    }
    for (const cJSON *v = m->child; v != NULL; v = v->next) {
        if (!cJSON_IsObject(v) || v->child == NULL || pattern_leaf_is_operator(v->child->string)) {
            return false;
        }
    }
    return true;
}

static enum err_code compile_or(struct pattern *p, const cJSON *list, struct object *o,
                                struct err *e)
{
    size_t n = (size_t)cJSON_GetArraySize(list);

    if (n < 2) {
        return err_set(e, E_INVALID, "There must have at least 2 Objects in $or relationship.");
    }
    p->combinations *= n;
    if (p->combinations > MAX_OR_COMBINATIONS) {
        return err_set(e, E_INVALID,
                       "Rule is too complex - try using fewer combinations of values"
                       " within $or fields");
    }
    o->ors = xgrow(o->ors, o->ors_len, &o->ors_cap, sizeof *o->ors);
    struct or_group *g = &o->ors[o->ors_len++];
    *g = (struct or_group){.items = xcalloc(n, sizeof *g->items)};
    for (const cJSON *v = list->child; v != NULL; v = v->next) {
        enum err_code rc = compile_object(p, v, &g->items[g->len++], e);
        if (rc != E_OK) {
            return rc;
        }
        g = &o->ors[o->ors_len - 1]; /* nested groups go to other objects: still the last one */
    }
    return E_OK;
}

static enum err_code compile_object(struct pattern *p, const cJSON *doc, struct object *o,
                                    struct err *e)
{
    if (doc->child == NULL) {
        return err_set(e, E_INVALID, "Empty objects are not allowed");
    }
    for (const cJSON *m = doc->child; m != NULL; m = m->next) {
        enum err_code rc;
        if (is_or(m)) {
            rc = compile_or(p, m, o, e);
            if (rc != E_OK) {
                return rc;
            }
            continue;
        }
        o->fields = xgrow(o->fields, o->fields_len, &o->fields_cap, sizeof *o->fields);
        struct field *f = &o->fields[o->fields_len++];
        *f = (struct field){.name = xstrdup(m->string)};
        if (cJSON_IsArray(m)) {
            rc = compile_leaves(m, f, e);
        } else if (cJSON_IsObject(m)) {
            f->object = xcalloc(1, sizeof *f->object);
            rc = compile_object(p, m, f->object, e);
        } else {
            rc = err_set(e, E_INVALID, "\"%s\" must be an object or an array", m->string);
        }
        if (rc != E_OK) {
            return rc;
        }
    }
    return E_OK;
}

enum err_code pattern_compile(const cJSON *doc, struct pattern **out, struct err *e)
{
    struct pattern *p = xcalloc(1, sizeof *p);
    struct err why = {.code = E_OK};
    enum err_code rc;

    *out = NULL;
    p->combinations = 1;
    if (!cJSON_IsObject(doc)) {
        rc = err_set(&why, E_INVALID, "Filter is not an object");
    } else {
        rc = compile_object(p, doc, &p->root, &why);
    }
    if (rc != E_OK) {
        pattern_free(p);
        return err_set(e, E_INVALID, "Event pattern is not valid. Reason: %s", why.msg);
    }
    *out = p;
    return E_OK;
}

enum err_code pattern_compile_text(const char *text, size_t len, struct pattern **out,
                                   struct err *e)
{
    struct err why = {.code = E_OK};

    *out = NULL;
    if (len > PATTERN_MAX_BYTES) {
        return err_set(e, E_INVALID, "Event pattern is not valid. Reason: over %d characters",
                       PATTERN_MAX_BYTES);
    }
    cJSON *doc = json_parse(text, len, "the pattern", &why);
    if (doc == NULL) {
        return err_set(e, E_INVALID, "Event pattern is not valid. Reason: %s", why.msg);
    }
    enum err_code rc = pattern_compile(doc, out, e);
    cJSON_Delete(doc);
    return rc;
}

static bool match_object(const struct object *o, const cJSON *value);

static bool leaves_any(const struct field *f, const cJSON *scalar)
{
    for (size_t i = 0; i < f->leaves_len; i++) {
        if (pattern_leaf_match(f->leaves[i], scalar)) {
            return true;
        }
    }
    return false;
}

/* Tries each scalar of a (nested) array. `*seen` tells whether there was any. */
static bool match_elements(const struct field *f, const cJSON *array, bool *seen)
{
    for (const cJSON *v = array->child; v != NULL; v = v->next) {
        if (cJSON_IsArray(v)) {
            if (match_elements(f, v, seen)) {
                return true;
            }
        } else if (!cJSON_IsObject(v)) {
            *seen = true;
            if (leaves_any(f, v)) {
                return true;
            }
        }
    }
    return false;
}

static bool match_leaves(const struct field *f, const cJSON *value)
{
    bool seen = false;

    if (value != NULL && cJSON_IsArray(value)) {
        return match_elements(f, value, &seen) || (!seen && leaves_any(f, NULL));
    }
    return leaves_any(f, cJSON_IsObject(value) ? NULL : value);
}

static bool match_fields(const struct object *o, const cJSON *value)
{
    for (size_t i = 0; i < o->fields_len; i++) {
        const struct field *f = &o->fields[i];
        const cJSON *v = cJSON_IsObject(value) ? json_get(value, f->name) : NULL;
        if (f->object != NULL ? !match_object(f->object, v) : !match_leaves(f, v)) {
            return false;
        }
    }
    for (size_t i = 0; i < o->ors_len; i++) {
        bool any = false;
        for (size_t k = 0; k < o->ors[i].len && !any; k++) {
            any = match_fields(&o->ors[i].items[k], value);
        }
        if (!any) {
            return false;
        }
    }
    return true;
}

static bool match_object(const struct object *o, const cJSON *value)
{
    if (value == NULL || !cJSON_IsArray(value) || value->child == NULL) {
        return match_fields(o, value);
    }
    for (const cJSON *v = value->child; v != NULL; v = v->next) {
        if (match_object(o, v)) {
            return true;
        }
    }
    return false;
}

bool pattern_match(const struct pattern *p, const cJSON *event)
{
    return match_fields(&p->root, event);
}
