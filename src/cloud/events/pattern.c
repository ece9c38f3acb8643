/* The event patterns of EventBridge: compiling and matching. */
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "pattern_leaf.h"

/* DESIGN. A pattern is a list of alternatives; it matches when one of them does. An alternative is
 * a tree that mirrors the JSON: an object node holds fields, all of which must match; a field holds
 * an object node, leaf tests (one of which must match), or both. There is one alternative unless
 * the pattern has $or: what was read before an $or is copied for each of its objects, as the public
 * Ruler does. Members are read in their order, and the last word on a path counts, in the same
 * object (a key given twice) or in an object of $or beside the same key.
 *
 * Matching walks an alternative and the event together. Where the event has an array, one element
 * must satisfy the whole sub-pattern; this keeps {"a":{"x":[1],"y":[4]}} from matching
 * [{"x":1,"y":2},{"x":3,"y":4}]. A field below something that is no object counts as absent. */

/* The most alternatives of one pattern (AWS-WIRE 2.3: combinations of $or). */
enum { ALTERNATIVES_MAX = 1000 };

/* The leaf tests of one field; alternatives that were copied from one share them. */
struct leaves {
    size_t refs;
    size_t len;
    struct cloud_events_pattern_leaf **items; /* owned */
};

struct field {
    char *name;            /* owned */
    struct object *object; /* owned, or NULL */
    struct leaves *leaves; /* counted by references, or NULL */
};

struct object {
    struct field *fields; /* owned */
    size_t len, cap;
};

struct alternatives {
    struct object *items; /* owned */
    size_t len, cap;
};

struct cloud_events_pattern {
    struct alternatives any;
};

/* The compiler's place in the pattern: the names that lead there. */
struct path {
    const struct path *above; /* NULL: this is the top */
    const char *name;
};

static void leaves_drop(struct leaves *l)
{
    if (l == NULL || --l->refs > 0) {
        return;
    }
    for (size_t i = 0; i < l->len; i++) {
        cloud_events_pattern_leaf_free(l->items[i]);
    }
    free(l->items);
    free(l);
}

static void object_clear(struct object *o)
{
    for (size_t i = 0; i < o->len; i++) {
        struct field *f = &o->fields[i];
        free(f->name);
        leaves_drop(f->leaves);
        if (f->object != NULL) {
            object_clear(f->object);
            free(f->object);
        }
    }
    free(o->fields);
    *o = (struct object){0};
}

static void object_copy(struct object *to, const struct object *from)
{
    *to = (struct object){.fields = xcalloc(from->len + 1, sizeof *to->fields),
                          .len = from->len,
                          .cap = from->len + 1};
    for (size_t i = 0; i < from->len; i++) {
        const struct field *f = &from->fields[i];
        to->fields[i] = (struct field){.name = xstrdup(f->name), .leaves = f->leaves};
        if (f->leaves != NULL) {
            f->leaves->refs++;
        }
        if (f->object != NULL) {
            to->fields[i].object = xcalloc(1, sizeof(struct object));
            object_copy(to->fields[i].object, f->object);
        }
    }
}

static void alternatives_clear(struct alternatives *a)
{
    for (size_t i = 0; i < a->len; i++) {
        object_clear(&a->items[i]);
    }
    free(a->items);
    *a = (struct alternatives){0};
}

static struct object *alternatives_add(struct alternatives *a)
{
    a->items = xgrow(a->items, a->len, &a->cap, sizeof *a->items);
    a->items[a->len] = (struct object){0};
    return &a->items[a->len++];
}

void cloud_events_pattern_free(struct cloud_events_pattern *p)
{
    if (p != NULL) {
        alternatives_clear(&p->any);
        free(p);
    }
}

/* ---- compiling --------------------------------------------------------------------------- */

static struct field *field_at(struct object *o, const char *name)
{
    for (size_t i = 0; i < o->len; i++) {
        if (strcmp(o->fields[i].name, name) == 0) {
            return &o->fields[i];
        }
    }
    o->fields = xgrow(o->fields, o->len, &o->cap, sizeof *o->fields);
    o->fields[o->len] = (struct field){.name = xstrdup(name)};
    return &o->fields[o->len++];
}

/* The object that the path leads to; it is made where it is missing. */
static struct object *object_at(struct object *root, const struct path *path)
{
    if (path == NULL) {
        return root;
    }
    struct field *f = field_at(object_at(root, path->above), path->name);
    if (f->object == NULL) {
        f->object = xcalloc(1, sizeof *f->object);
    }
    return f->object;
}

/* The leaf tests, with one reference; NULL with `e`. */
static struct leaves *compile_leaves(const cJSON *array, struct err *e)
{
    size_t n = (size_t)cJSON_GetArraySize(array);

    if (n == 0) {
        (void)err_set(e, E_INVALID, "Empty arrays are not allowed");
        return NULL;
    }
    struct leaves *l = xcalloc(1, sizeof *l);
    l->refs = 1;
    l->items = xcalloc(n, sizeof(struct cloud_events_pattern_leaf *));
    for (const cJSON *v = array->child; v != NULL; v = v->next) {
        struct cloud_events_pattern_leaf *one = cloud_events_pattern_leaf_new(v, e);
        if (one == NULL) {
            leaves_drop(l);
            return NULL;
        }
        l->items[l->len++] = one;
    }
    return l;
}

static enum err_code compile_field(struct alternatives *all, const struct path *path,
                                   const cJSON *array, struct err *e)
{
    struct leaves *l = compile_leaves(array, e);

    if (l == NULL) {
        return E_INVALID;
    }
    for (size_t i = 0; i < all->len; i++) {
        struct field *f = field_at(object_at(&all->items[i], path), array->string);
        leaves_drop(f->leaves);
        f->leaves = l;
        l->refs++;
    }
    leaves_drop(l);
    return E_OK;
}

static enum err_code compile_object(struct alternatives *all, const struct path *path,
                                    const cJSON *doc, struct err *e);

/* Is the member the operator $or? As Ruler reads it, "$or" is the operator only when it is a list
 * of objects whose members are fields; otherwise it is a field that happens to have that name. */
static bool is_or(const cJSON *m)
{
    if (strcmp(m->string, "$or") != 0 || !cJSON_IsArray(m) || m->child == NULL) {
        return false;
    }
    for (const cJSON *v = m->child; v != NULL; v = v->next) {
        if (!cJSON_IsObject(v) || v->child == NULL ||
            cloud_events_pattern_leaf_is_operator(v->child->string)) {
            return false;
        }
    }
    return true;
}

/* Turns each alternative so far into one for each object of the list. */
static enum err_code compile_or(struct alternatives *all, const struct path *path,
                                const cJSON *list, struct err *e)
{
    struct alternatives before = *all;
    enum err_code rc = E_OK;

    if (cJSON_GetArraySize(list) < 2) {
        return err_set(e, E_INVALID, "There must have at least 2 Objects in $or relationship.");
    }
    *all = (struct alternatives){0};
    for (const cJSON *v = list->child; v != NULL && rc == E_OK; v = v->next) {
        struct alternatives branch = {0};
        for (size_t i = 0; i < before.len; i++) {
            object_copy(alternatives_add(&branch), &before.items[i]);
        }
        rc = compile_object(&branch, path, v, e);
        if (rc == E_OK && all->len + branch.len > ALTERNATIVES_MAX) {
            rc = err_set(e, E_INVALID,
                         "Rule is too complex - try using fewer combinations of values"
                         " within $or fields");
        }
        for (size_t i = 0; i < branch.len && rc == E_OK; i++) {
            *alternatives_add(all) = branch.items[i];
            branch.items[i] = (struct object){0}; /* moved */
        }
        alternatives_clear(&branch);
    }
    alternatives_clear(&before);
    return rc;
}

static enum err_code compile_object(struct alternatives *all, const struct path *path,
                                    const cJSON *doc, struct err *e)
{
    enum err_code rc = E_OK;

    if (doc->child == NULL) {
        return err_set(e, E_INVALID, "Empty objects are not allowed");
    }
    for (const cJSON *m = doc->child; m != NULL && rc == E_OK; m = m->next) {
        const struct path below = {.above = path, .name = m->string};
        if (is_or(m)) {
            rc = compile_or(all, path, m, e);
        } else if (cJSON_IsArray(m)) {
            rc = compile_field(all, path, m, e);
        } else if (cJSON_IsObject(m)) {
            rc = compile_object(all, &below, m, e);
        } else {
            rc = err_set(e, E_INVALID, "\"%s\" must be an object or an array", m->string);
        }
    }
    return rc;
}

static enum err_code pattern_compile(const cJSON *doc, struct cloud_events_pattern **out,
                                     struct err *e)
{
    struct cloud_events_pattern *p = xcalloc(1, sizeof *p);
    struct err why = {.code = E_OK};
    enum err_code rc;

    *out = NULL;
    (void)alternatives_add(&p->any);
    if (!cJSON_IsObject(doc)) {
        rc = err_set(&why, E_INVALID, "Filter is not an object");
    } else {
        rc = compile_object(&p->any, NULL, doc, &why);
    }
    if (rc != E_OK) {
        cloud_events_pattern_free(p);
        return err_set(e, E_INVALID, "Event pattern is not valid. Reason: %s", why.msg);
    }
    *out = p;
    return E_OK;
}

enum err_code cloud_events_pattern_compile_text(const char *text, size_t len,
                                                struct cloud_events_pattern **out, struct err *e)
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

/* ---- matching ---------------------------------------------------------------------------- */

static bool match_object(const struct object *o, const cJSON *value);

static bool leaves_any(const struct field *f, const cJSON *scalar)
{
    for (size_t i = 0; i < f->leaves->len; i++) {
        if (cloud_events_pattern_leaf_match(f->leaves->items[i], scalar)) {
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
    for (size_t i = 0; i < o->len; i++) {
        const struct field *f = &o->fields[i];
        const cJSON *v = cJSON_IsObject(value) ? json_get(value, f->name) : NULL;
        if ((f->object != NULL && !match_object(f->object, v)) ||
            (f->leaves != NULL && !match_leaves(f, v))) {
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

bool cloud_events_pattern_match(const struct cloud_events_pattern *p, const cJSON *event)
{
    for (size_t i = 0; i < p->any.len; i++) {
        if (match_fields(&p->any.items[i], event)) {
            return true;
        }
    }
    return false;
}
