/* DynamoDB's expressions: reading, finding and comparing document paths; and projections, which are
 * lists of paths. */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "expr_parts.h"

enum { INDEX_DIGITS_MAX = 8 };

/* ---- document paths --------------------------------------------------------------------- */

static const char *read_name(struct ddb_expr_parser *p)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);
    char *text;

    if (t->kind != TOKEN_WORD && t->kind != TOKEN_NAME) {
        return ddb_expr_fail_syntax(p);
    }
    text = ddb_expr_copy_token(p, t);
    if (t->kind == TOKEN_NAME) {
        const char *name = ddb_expr_env_name(p->env, text);
        if (name == NULL) {
            return ddb_expr_fail(p,
                                 "An expression attribute name used in the document path is not "
                                 "defined; attribute name: %s",
                                 text);
        }
        p->at++;
        return name;
    }
    if (ddb_expr_is_reserved(t->at, t->len)) {
        return ddb_expr_fail(p, "Attribute name is a reserved keyword; reserved keyword: %s", text);
    }
    p->at++;
    return text;
}

static bool read_index(struct ddb_expr_parser *p, size_t *index)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);

    if (t->kind != TOKEN_NUMBER) {
        (void)ddb_expr_fail_syntax(p);
        return false;
    }
    if (t->len > INDEX_DIGITS_MAX) {
        (void)ddb_expr_fail(p, "List index is not within the allowable range; index: [%.*s]",
                            (int)(t->len > 40 ? 40 : t->len), t->at);
        return false;
    }
    *index = strtoul(t->at, NULL, 10);
    p->at++;
    return ddb_expr_want_symbol(p, "]");
}

bool ddb_expr_read_path(struct ddb_expr_parser *p, struct ddb_expr_path *out)
{
    struct ddb_expr_step steps[EXPR_PATH_MAX];
    size_t len = 0;

    if (p->failed) {
        return false;
    }
    steps[len++] = (struct ddb_expr_step){.name = read_name(p)};
    while (!p->failed && (ddb_expr_is_symbol(p, ".") || ddb_expr_is_symbol(p, "["))) {
        struct ddb_expr_step step = {0};
        if (len == EXPR_PATH_MAX) {
            (void)ddb_expr_fail(p,
                                "The document path has too many nesting levels; nesting limit: %d",
                                EXPR_PATH_MAX);
        } else if (ddb_expr_take_symbol(p, ".")) {
            step.name = read_name(p);
        } else {
            p->at++;
            (void)read_index(p, &step.index);
        }
        if (!p->failed) {
            steps[len++] = step;
        }
    }
    if (p->failed) {
        return false;
    }
    out->steps = ddb_expr_alloc(p->env, len * sizeof *steps);
    memcpy(out->steps, steps, len * sizeof *steps);
    out->len = len;
    return true;
}

const cJSON *ddb_expr_path_find(const struct ddb_expr_path *path, const cJSON *item)
{
    const cJSON *av = json_get(item, path->steps[0].name);

    for (size_t i = 1; i < path->len && av != NULL; i++) {
        const struct ddb_expr_step *step = &path->steps[i];
        enum attr_type t = attr_type_of(av);
        if (step->name != NULL) {
            av = t == ATTR_M ? json_get(attr_value(av), step->name) : NULL;
        } else {
            av = t == ATTR_L ? cJSON_GetArrayItem(attr_value(av), (int)step->index) : NULL;
        }
    }
    return av;
}

char *ddb_expr_path_text(const struct ddb_expr_path *path)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addc(&b, '[');
    for (size_t i = 0; i < path->len; i++) {
        strbuf_adds(&b, i > 0 ? ", " : "");
        if (path->steps[i].name != NULL) {
            strbuf_adds(&b, path->steps[i].name);
        } else {
            strbuf_addf(&b, "[%zu]", path->steps[i].index);
        }
    }
    strbuf_addc(&b, ']');
    return strbuf_take(&b);
}

static bool same_step(const struct ddb_expr_step *a, const struct ddb_expr_step *b)
{
    if ((a->name == NULL) != (b->name == NULL)) {
        return false;
    }
    return a->name != NULL ? strcmp(a->name, b->name) == 0 : a->index == b->index;
}

/* Are the two paths the same, or does one lead through the other? */
static bool ddb_expr_paths_overlap(const struct ddb_expr_path *a, const struct ddb_expr_path *b)
{
    size_t n = a->len < b->len ? a->len : b->len;

    for (size_t i = 0; i < n; i++) {
        if (!same_step(&a->steps[i], &b->steps[i])) {
            return false;
        }
    }
    return true;
}

bool ddb_expr_path_equal(const struct ddb_expr_path *a, const struct ddb_expr_path *b)
{
    return a->len == b->len && ddb_expr_paths_overlap(a, b);
}

/* Do the paths use the same place in different ways, one as a map and the other as a list? */
static bool paths_conflict(const struct ddb_expr_path *a, const struct ddb_expr_path *b)
{
    for (size_t i = 0; i < a->len && i < b->len; i++) {
        if (!same_step(&a->steps[i], &b->steps[i])) {
            return (a->steps[i].name == NULL) != (b->steps[i].name == NULL);
        }
    }
    return false;
}

bool ddb_expr_check_overlaps(struct ddb_expr_parser *p, const struct ddb_expr_path *const *paths,
                             size_t len)
{
    for (size_t i = 0; i < len && !p->failed; i++) {
        for (size_t k = i + 1; k < len && !p->failed; k++) {
            bool overlap = ddb_expr_paths_overlap(paths[i], paths[k]);
            if (overlap || paths_conflict(paths[i], paths[k])) {
                char *one = ddb_expr_path_text(paths[i]);
                char *two = ddb_expr_path_text(paths[k]);
                (void)ddb_expr_fail(
                    p,
                    "Two document paths %s with each other; must remove or rewrite one "
                    "of these paths; path one: %s, path two: %s",
                    overlap ? "overlap" : "conflict", one, two);
                free(one);
                free(two);
            }
        }
    }
    return !p->failed;
}

/* ---- projection ------------------------------------------------------------------------- */

/* The paths of a projection that lead through one value. */
struct path_set {
    const struct ddb_expr_path **items; /* owned */
    size_t len;
};

static cJSON *project_value(const struct path_set *set, size_t depth, const cJSON *av);

/* Narrows the set to the paths whose step at `depth` is this member or index. */
static struct path_set narrow(const struct path_set *set, size_t depth, const char *name,
                              size_t index)
{
    struct path_set out = {.items = xcalloc(set->len + 1, sizeof(void *))};

    for (size_t i = 0; i < set->len; i++) {
        const struct ddb_expr_step *s = &set->items[i]->steps[depth];
        bool match = name != NULL ? s->name != NULL && strcmp(s->name, name) == 0
                                  : s->name == NULL && s->index == index;
        if (match) {
            out.items[out.len++] = set->items[i];
        }
    }
    return out;
}

/* The part of the members (or elements) of `inside` that the paths name. */
static cJSON *project_inside(const struct path_set *set, size_t depth, const cJSON *inside)
{
    bool object = cJSON_IsObject(inside);
    cJSON *out = object ? json_new_object() : json_new_array();
    size_t index = 0;

    for (const cJSON *v = inside->child; v != NULL; v = v->next, index++) {
        struct path_set below = narrow(set, depth, object ? v->string : NULL, index);
        cJSON *part = below.len == 0 ? NULL : project_value(&below, depth + 1, v);
        free(below.items);
        if (part != NULL && object) {
            json_set(out, v->string, part);
        } else if (part != NULL) {
            json_push(out, part);
        }
    }
    return out;
}

/* The part of a value, reached by `depth` steps, that the paths name. NULL when they name nothing
 * in it. */
static cJSON *project_value(const struct path_set *set, size_t depth, const cJSON *av)
{
    enum attr_type t = attr_type_of(av);

    for (size_t i = 0; i < set->len; i++) {
        if (set->items[i]->len == depth) {
            return json_copy(av);
        }
    }
    if (t != ATTR_M && t != ATTR_L) {
        return NULL;
    }
    cJSON *inside = project_inside(set, depth, attr_value(av));
    if (inside->child == NULL) {
        cJSON_Delete(inside);
        return NULL;
    }
    return t == ATTR_M ? attr_new_map(inside) : attr_new_list(inside);
}

cJSON *ddb_expr_project(const struct ddb_expr_path *paths, size_t len, const cJSON *item)
{
    struct path_set all = {.items = xcalloc(len + 1, sizeof(void *)), .len = len};

    for (size_t i = 0; i < len; i++) {
        all.items[i] = &paths[i];
    }
    cJSON *out = project_inside(&all, 0, item);
    free(all.items);
    return out;
}

enum err_code ddb_expr_parse_projection(struct ddb_expr_env *env, const char *text,
                                        struct ddb_expr_projection *out, struct err *e)
{
    struct ddb_expr_parser p;
    struct ddb_expr_path path;
    size_t cap = 0;
    size_t len = 0;
    struct ddb_expr_path *paths = NULL;

    *out = (struct ddb_expr_projection){.top_level = true};
    if (!ddb_expr_begin(&p, env, text, "ProjectionExpression", e)) {
        return E_INVALID;
    }
    do {
        if (ddb_expr_read_path(&p, &path)) {
            paths = xgrow(paths, len, &cap, sizeof *paths);
            paths[len++] = path;
            out->top_level = out->top_level && path.len == 1;
        }
    } while (ddb_expr_take_symbol(&p, ","));
    ddb_expr_want_end(&p);
    if (!p.failed && len > 0) {
        const struct ddb_expr_path **list = ddb_expr_alloc(env, len * sizeof(void *));
        out->paths = ddb_expr_alloc(env, len * sizeof *paths);
        for (size_t i = 0; i < len; i++) {
            out->paths[i] = paths[i];
            list[i] = &out->paths[i];
        }
        out->len = len;
        (void)ddb_expr_check_overlaps(&p, list, len);
    }
    free(paths);
    return p.failed ? E_INVALID : E_OK;
}
