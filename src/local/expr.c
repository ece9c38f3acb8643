/* Placeholders, tokens and document paths: what all expression kinds have in common. */
#include "local/expr.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "expr_parts.h"

enum { BLOCK_SIZE = 8192, PLACEHOLDER_MAX = 255, PLACEHOLDERS_MAX = 2000, INDEX_DIGITS_MAX = 8 };

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

struct expr_env {
    struct bindings names;
    struct bindings values;
    struct block *blocks;
};

/* ---- environment ------------------------------------------------------------------------ */

void *expr_alloc(struct expr_env *env, size_t size)
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

static enum err_code check_values(const struct expr_env *env, struct err *e)
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

struct expr_env *expr_env_new(const cJSON *names, const cJSON *values, bool has_expr, struct err *e)
{
    struct expr_env *env = xcalloc(1, sizeof *env);

    if (bind(&env->names, names, '#', "ExpressionAttributeNames", has_expr, e) != E_OK ||
        bind(&env->values, values, ':', "ExpressionAttributeValues", has_expr, e) != E_OK ||
        check_values(env, e) != E_OK) {
        expr_env_free(env);
        return NULL;
    }
    return env;
}

void expr_env_free(struct expr_env *env)
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

const char *expr_env_name(struct expr_env *env, const char *placeholder)
{
    const cJSON *v = use(&env->names, placeholder);

    return v == NULL ? NULL : v->valuestring;
}

const cJSON *expr_env_value(struct expr_env *env, const char *placeholder)
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

enum err_code expr_env_check_used(const struct expr_env *env, struct err *e)
{
    enum err_code rc = check_used(&env->names, "ExpressionAttributeNames", e);

    return rc != E_OK ? rc : check_used(&env->values, "ExpressionAttributeValues", e);
}

/* ---- tokens ----------------------------------------------------------------------------- */

static size_t word_len(const char *s)
{
    size_t n = 0;

    while (isalnum((unsigned char)s[n]) || s[n] == '_') {
        n++;
    }
    return n;
}

static struct expr_token next_token(const char *s)
{
    static const char *const symbols[] = {"<>", "<=", ">=", "=", "<", ">", "(",
                                          ")",  "[",  "]",  ".", ",", "+", "-"};
    struct expr_token t = {.kind = TOKEN_BAD, .at = s, .len = 1};

    if (*s == '\0') {
        t.kind = TOKEN_END;
        t.len = 0;
    } else if (*s == '#' || *s == ':') {
        t.len = 1 + word_len(s + 1);
        t.kind = t.len == 1 ? TOKEN_BAD : *s == '#' ? TOKEN_NAME : TOKEN_VALUE;
    } else if (isdigit((unsigned char)*s)) {
        t.len = word_len(s);
        t.kind = strspn(s, "0123456789") == t.len ? TOKEN_NUMBER : TOKEN_BAD;
    } else if (isalpha((unsigned char)*s)) {
        t.len = word_len(s);
        t.kind = TOKEN_WORD;
    } else {
        for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
            if (strncmp(s, symbols[i], strlen(symbols[i])) == 0) {
                t.kind = TOKEN_SYMBOL;
                t.len = strlen(symbols[i]);
                break;
            }
        }
    }
    return t;
}

struct expr_token *expr_lex(struct expr_env *env, const char *text, size_t *len)
{
    /* No token is shorter than a byte, so this is room for all and the end. */
    struct expr_token *tokens = expr_alloc(env, (strlen(text) + 1) * sizeof *tokens);
    const char *s = text;

    *len = 0;
    do {
        s += strspn(s, " \t\r\n");
        tokens[*len] = next_token(s);
        s += tokens[*len].len;
    } while (tokens[(*len)++].kind != TOKEN_END);
    return tokens;
}

/* ---- parser basics ---------------------------------------------------------------------- */

bool expr_begin(struct expr_parser *p, struct expr_env *env, const char *text, const char *what,
                struct err *e)
{
    size_t size = strlen(text);

    *p = (struct expr_parser){.env = env, .what = what, .e = e};
    if (strspn(text, " \t\r\n") == size) {
        (void)expr_fail(p, "The expression can not be empty;");
    } else if (size > EXPR_TEXT_MAX) {
        (void)expr_fail(p,
                        "Expression size has exceeded the maximum allowed size; expression size: "
                        "%zu",
                        size);
    } else {
        p->tokens = expr_lex(env, text, &p->len);
    }
    return !p->failed;
}

void *expr_fail(struct expr_parser *p, const char *fmt, ...)
{
    char text[320];
    va_list args;

    if (!p->failed) {
        va_start(args, fmt);
        (void)vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        (void)err_set(p->e, E_INVALID, "Invalid %s: %s", p->what, text);
        p->failed = true;
    }
    return NULL;
}

void *expr_fail_syntax(struct expr_parser *p)
{
    const struct expr_token *t = expr_peek(p);
    const struct expr_token *from = p->at > 0 ? t - 1 : t;
    const struct expr_token *to = t->kind == TOKEN_END ? t : t + 1;
    int near = (int)(to->at + to->len - from->at);

    return expr_fail(p, "Syntax error; token: \"%.*s\", near: \"%.*s\"",
                     t->kind == TOKEN_END ? 5 : (int)t->len, t->kind == TOKEN_END ? "<EOF>" : t->at,
                     near > 100 ? 100 : near, from->at);
}

const struct expr_token *expr_peek(const struct expr_parser *p)
{
    return &p->tokens[p->at];
}

bool expr_is_symbol(const struct expr_parser *p, const char *symbol)
{
    const struct expr_token *t = expr_peek(p);

    return t->kind == TOKEN_SYMBOL && strlen(symbol) == t->len &&
           strncmp(t->at, symbol, t->len) == 0;
}

bool expr_is_word(const struct expr_parser *p, const char *word)
{
    const struct expr_token *t = expr_peek(p);

    return t->kind == TOKEN_WORD && strlen(word) == t->len && strncasecmp(t->at, word, t->len) == 0;
}

bool expr_take_symbol(struct expr_parser *p, const char *symbol)
{
    bool there = !p->failed && expr_is_symbol(p, symbol);

    p->at += there;
    return there;
}

bool expr_take_word(struct expr_parser *p, const char *word)
{
    bool there = !p->failed && expr_is_word(p, word);

    p->at += there;
    return there;
}

bool expr_want_symbol(struct expr_parser *p, const char *symbol)
{
    bool there = expr_take_symbol(p, symbol);

    if (!there && !p->failed) {
        (void)expr_fail_syntax(p);
    }
    return there;
}

bool expr_count_operator(struct expr_parser *p)
{
    if (++p->operators > EXPR_OPERATORS_MAX) {
        (void)expr_fail(p,
                        "The expression contains too many operators; the maximum is %d operators",
                        EXPR_OPERATORS_MAX);
    }
    return !p->failed;
}

bool expr_enter(struct expr_parser *p)
{
    if (++p->depth > EXPR_DEPTH_MAX) {
        (void)expr_fail(p, "The expression is nested too deeply; the limit is %d levels",
                        EXPR_DEPTH_MAX);
    }
    return !p->failed;
}

void expr_leave(struct expr_parser *p)
{
    p->depth--;
}

void expr_want_end(struct expr_parser *p)
{
    if (!p->failed && expr_peek(p)->kind != TOKEN_END) {
        (void)expr_fail_syntax(p);
    }
}

static char *copy_token(struct expr_parser *p, const struct expr_token *t)
{
    char *s = expr_alloc(p->env, t->len + 1);

    memcpy(s, t->at, t->len);
    return s;
}

struct expr_node *expr_new_node(struct expr_parser *p, enum expr_op op,
                                struct expr_node *const *args, size_t args_len)
{
    if (p->failed) {
        return NULL;
    }
    struct expr_node *n = expr_alloc(p->env, sizeof *n);
    n->op = op;
    n->args_len = args_len;
    if (args_len > 0) {
        n->args = expr_alloc(p->env, args_len * sizeof(void *));
        memcpy(n->args, args, args_len * sizeof(void *));
    }
    return n;
}

struct expr_node *expr_read_value(struct expr_parser *p)
{
    char *placeholder = copy_token(p, expr_peek(p));
    const cJSON *v = expr_env_value(p->env, placeholder);

    if (v == NULL) {
        return expr_fail(p,
                         "An expression attribute value used in expression is not defined; "
                         "attribute value: %s",
                         placeholder);
    }
    p->at++;
    struct expr_node *n = expr_new_node(p, EXPR_VALUE, NULL, 0);
    if (n != NULL) {
        n->value = v;
        n->placeholder = placeholder;
    }
    return n;
}

/* ---- document paths --------------------------------------------------------------------- */

static const char *read_name(struct expr_parser *p)
{
    const struct expr_token *t = expr_peek(p);
    char *text;

    if (t->kind != TOKEN_WORD && t->kind != TOKEN_NAME) {
        return expr_fail_syntax(p);
    }
    text = copy_token(p, t);
    if (t->kind == TOKEN_NAME) {
        const char *name = expr_env_name(p->env, text);
        if (name == NULL) {
            return expr_fail(p,
                             "An expression attribute name used in the document path is not "
                             "defined; attribute name: %s",
                             text);
        }
        p->at++;
        return name;
    }
    if (expr_is_reserved(t->at, t->len)) {
        return expr_fail(p, "Attribute name is a reserved keyword; reserved keyword: %s", text);
    }
    p->at++;
    return text;
}

static bool read_index(struct expr_parser *p, size_t *index)
{
    const struct expr_token *t = expr_peek(p);

    if (t->kind != TOKEN_NUMBER) {
        (void)expr_fail_syntax(p);
        return false;
    }
    if (t->len > INDEX_DIGITS_MAX) {
        (void)expr_fail(p, "List index is not within the allowable range; index: [%.*s]",
                        (int)(t->len > 40 ? 40 : t->len), t->at);
        return false;
    }
    *index = strtoul(t->at, NULL, 10);
    p->at++;
    return expr_want_symbol(p, "]");
}

bool expr_read_path(struct expr_parser *p, struct expr_path *out)
{
    struct expr_step steps[EXPR_PATH_MAX];
    size_t len = 0;

    if (p->failed) {
        return false;
    }
    steps[len++] = (struct expr_step){.name = read_name(p)};
    while (!p->failed && (expr_is_symbol(p, ".") || expr_is_symbol(p, "["))) {
        struct expr_step step = {0};
        if (len == EXPR_PATH_MAX) {
            (void)expr_fail(p, "The document path has too many nesting elements; nesting limit: %d",
                            EXPR_PATH_MAX);
        } else if (expr_take_symbol(p, ".")) {
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
    out->steps = expr_alloc(p->env, len * sizeof *steps);
    memcpy(out->steps, steps, len * sizeof *steps);
    out->len = len;
    return true;
}

const cJSON *expr_path_find(const struct expr_path *path, const cJSON *item)
{
    const cJSON *av = json_get(item, path->steps[0].name);

    for (size_t i = 1; i < path->len && av != NULL; i++) {
        const struct expr_step *step = &path->steps[i];
        enum attr_type t = attr_type_of(av);
        if (step->name != NULL) {
            av = t == ATTR_M ? json_get(attr_value(av), step->name) : NULL;
        } else {
            av = t == ATTR_L ? cJSON_GetArrayItem(attr_value(av), (int)step->index) : NULL;
        }
    }
    return av;
}

char *expr_path_text(const struct expr_path *path)
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

static bool same_step(const struct expr_step *a, const struct expr_step *b)
{
    if ((a->name == NULL) != (b->name == NULL)) {
        return false;
    }
    return a->name != NULL ? strcmp(a->name, b->name) == 0 : a->index == b->index;
}

bool expr_paths_overlap(const struct expr_path *a, const struct expr_path *b)
{
    size_t n = a->len < b->len ? a->len : b->len;

    for (size_t i = 0; i < n; i++) {
        if (!same_step(&a->steps[i], &b->steps[i])) {
            return false;
        }
    }
    return true;
}

bool expr_path_equal(const struct expr_path *a, const struct expr_path *b)
{
    return a->len == b->len && expr_paths_overlap(a, b);
}

/* The same place used as a map by one path and as a list by the other. */
static bool paths_conflict(const struct expr_path *a, const struct expr_path *b)
{
    for (size_t i = 0; i < a->len && i < b->len; i++) {
        if (!same_step(&a->steps[i], &b->steps[i])) {
            return (a->steps[i].name == NULL) != (b->steps[i].name == NULL);
        }
    }
    return false;
}

bool expr_check_overlaps(struct expr_parser *p, const struct expr_path *const *paths, size_t len)
{
    for (size_t i = 0; i < len && !p->failed; i++) {
        for (size_t k = i + 1; k < len && !p->failed; k++) {
            bool overlap = expr_paths_overlap(paths[i], paths[k]);
            if (overlap || paths_conflict(paths[i], paths[k])) {
                char *one = expr_path_text(paths[i]);
                char *two = expr_path_text(paths[k]);
                (void)expr_fail(p,
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

/* The paths that go on at one level: those of `all` for which `take` says so. */
struct path_set {
    const struct expr_path **items; /* owned */
    size_t len;
};

static cJSON *project_value(const struct path_set *set, size_t depth, const cJSON *av);

/* Narrows to the paths whose step at `depth` is this member or index. */
static struct path_set narrow(const struct path_set *set, size_t depth, const char *name,
                              size_t index)
{
    struct path_set out = {.items = xcalloc(set->len + 1, sizeof(void *))};

    for (size_t i = 0; i < set->len; i++) {
        const struct expr_step *s = &set->items[i]->steps[depth];
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

/* `depth` steps led here. NULL when nothing of the value is named. */
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

cJSON *expr_project(const struct expr_path *paths, size_t len, const cJSON *item)
{
    struct path_set all = {.items = xcalloc(len + 1, sizeof(void *)), .len = len};

    for (size_t i = 0; i < len; i++) {
        all.items[i] = &paths[i];
    }
    cJSON *out = project_inside(&all, 0, item);
    free(all.items);
    return out;
}

enum err_code expr_parse_projection(struct expr_env *env, const char *text,
                                    struct expr_projection *out, struct err *e)
{
    struct expr_parser p;
    size_t cap = 0;
    struct expr_path *paths = NULL;
    const struct expr_path **list = NULL;

    *out = (struct expr_projection){.top_level = true};
    if (!expr_begin(&p, env, text, "ProjectionExpression", e)) {
        return E_INVALID;
    }
    do {
        struct expr_path path;
        if (expr_read_path(&p, &path)) {
            paths = xgrow(paths, out->len, &cap, sizeof *paths);
            paths[out->len++] = path;
            out->top_level = out->top_level && path.len == 1;
        }
    } while (expr_take_symbol(&p, ","));
    expr_want_end(&p);
    if (!p.failed) {
        list = xcalloc(out->len, sizeof(void *));
        for (size_t i = 0; i < out->len; i++) {
            list[i] = &paths[i];
        }
        (void)expr_check_overlaps(&p, list, out->len);
        out->paths = expr_alloc(env, out->len * sizeof *paths);
        memcpy(out->paths, paths, out->len * sizeof *paths);
    }
    free(list);
    free(paths);
    return p.failed ? E_INVALID : E_OK;
}
