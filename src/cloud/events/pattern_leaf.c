/* The event patterns of EventBridge: compiling one leaf test. */
#include "pattern_leaf.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "src/cloud/events/pattern_priv.h"

static const char *const operators[] = {"prefix", "suffix",       "equals-ignore-case",
                                        "exists", "anything-but", "wildcard",
                                        "cidr",   "numeric"};

bool cloud_events_pattern_leaf_is_operator(const char *name)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (strcmp(name, operators[i]) == 0) {
            return true;
        }
    }
    return false;
}

void cloud_events_pattern_leaf_free(struct cloud_events_pattern_leaf *l)
{
    if (l == NULL) {
        return;
    }
    for (size_t i = 0; i < l->but_len; i++) {
        cloud_events_pattern_leaf_free(l->but[i]);
    }
    free(l->but);
    free(l->text);
    free(l);
}

static struct cloud_events_pattern_leaf *leaf_alloc(enum leaf_kind kind)
{
    struct cloud_events_pattern_leaf *l = xcalloc(1, sizeof *l);
    l->kind = kind;
    return l;
}

static struct cloud_events_pattern_leaf *leaf_text(enum leaf_kind kind, const char *text,
                                                   bool ignore_case)
{
    struct cloud_events_pattern_leaf *l = leaf_alloc(kind);
    l->ignore_case = ignore_case;
    l->text = ignore_case ? cloud_events_pattern_fold(text) : xstrdup(text);
    return l;
}

static struct cloud_events_pattern_leaf *fail(struct err *e, const char *reason, const char *what)
{
    (void)(what != NULL ? err_set(e, E_INVALID, "%s %s", what, reason)
                        : err_set(e, E_INVALID, "%s", reason));
    return NULL;
}

/* Compiles prefix and suffix: a string, or {"equals-ignore-case": string}. */
static struct cloud_events_pattern_leaf *compile_affix(enum leaf_kind kind, const char *name,
                                                       const cJSON *v, struct err *e)
{
    const cJSON *inner = cJSON_IsObject(v) ? v->child : NULL;

    if (cJSON_IsString(v)) {
        return leaf_text(kind, v->valuestring, false);
    }
    if (inner == NULL) {
        return fail(e, "match pattern must be a string", name);
    }
    if (inner->next != NULL) {
        return fail(e, "Only one key allowed in match expression", NULL);
    }
    if (strcmp(inner->string, "equals-ignore-case") != 0) {
        return fail(e, "only equals-ignore-case is allowed inside", name);
    }
    if (!cJSON_IsString(inner)) {
        return fail(e, "match pattern must be a string", "equals-ignore-case");
    }
    return leaf_text(kind, inner->valuestring, true);
}

static struct cloud_events_pattern_leaf *compile_wildcard(const cJSON *v, struct err *e)
{
    if (!cJSON_IsString(v)) {
        return fail(e, "match pattern must be a string", "wildcard");
    }
    const char *s = v->valuestring;
    for (size_t i = 0; s[i] != '\0'; i++) {
        if (s[i] == '*' && s[i + 1] == '*') {
            err_set(e, E_INVALID, "Consecutive wildcard characters at pos %zu", i);
            return NULL;
        }
        if (s[i] == '\\') {
            if (s[i + 1] != '*' && s[i + 1] != '\\') {
                err_set(e, E_INVALID, "Invalid escape character at pos %zu", i);
                return NULL;
            }
            i++;
        }
    }
    return leaf_text(LEAF_WILDCARD, s, false);
}

static struct cloud_events_pattern_leaf *compile_cidr(const cJSON *v, struct err *e)
{
    const char *s = cJSON_IsString(v) ? v->valuestring : NULL;
    const char *slash = s != NULL ? strchr(s, '/') : NULL;
    char ip[64], *end = NULL;

    if (s == NULL) {
        return fail(e, "match pattern must be a string", "cidr");
    }
    if (slash == NULL || (size_t)(slash - s) >= sizeof ip || slash[1] < '0' || slash[1] > '9') {
        return fail(e, "Malformed CIDR, one '/' required", NULL);
    }
    memcpy(ip, s, (size_t)(slash - s));
    ip[slash - s] = '\0';
    unsigned long bits = strtoul(slash + 1, &end, 10);
    struct cloud_events_pattern_leaf *l = leaf_text(LEAF_CIDR, s, false);
    l->cidr.family = strchr(ip, ':') != NULL ? AF_INET6 : AF_INET;
    bool six = l->cidr.family == AF_INET6;
    if (*end != '\0' || inet_pton(l->cidr.family, ip, l->cidr.net) != 1) {
        cloud_events_pattern_leaf_free(l);
        err_set(e, E_INVALID, "Malformed CIDR: %s", s);
        return NULL;
    }
    if (bits >= (six ? 128 : 32)) { /* a single address is a value, not a network */
        cloud_events_pattern_leaf_free(l);
        return fail(e, six ? "mask bits must be < 128" : "mask bits must be < 32",
                    six ? "IPv6" : "IPv4");
    }
    l->cidr.bits = (unsigned)bits;
    return l;
}

/* Reads one `operator, number` pair of a numeric expression. */
static bool numeric_pair(struct cloud_events_pattern_leaf *l, const cJSON *op, const cJSON *number,
                         bool second, struct err *e)
{
    if (!cJSON_IsString(op)) {
        return fail(e, "Invalid member in numeric match", NULL) != NULL;
    }
    const char *o = op->valuestring;
    if (!cJSON_IsNumber(number)) {
        err_set(e, E_INVALID, "Value of %s must be numeric", o);
        return false;
    }
    double n = number->valuedouble;
    if (fabs(n) > NUMERIC_LIMIT) {
        err_set(e, E_INVALID, "Value must be between -5.0E9 and +5.0E9, inclusive");
        return false;
    }
    if (strcmp(o, "=") == 0 && !second) {
        l->range.low = l->range.high = n;
        l->flag = true; /* no second pair may follow */
    } else if ((strcmp(o, ">") == 0 || strcmp(o, ">=") == 0) && !second) {
        l->range.low = n;
        l->range.low_open = o[1] == '\0';
    } else if (strcmp(o, "<") == 0 || strcmp(o, "<=") == 0) {
        l->range.high = n;
        l->range.high_open = o[1] == '\0';
        l->flag = !second;
    } else {
        err_set(e, E_INVALID,
                second ? "Bad numeric range operator: %s"
                       : "Unrecognized numeric range operator: %s",
                o);
        return false;
    }
    return true;
}

static struct cloud_events_pattern_leaf *compile_numeric(const cJSON *v, struct err *e)
{
    int n = cJSON_GetArraySize(v);

    if (!cJSON_IsArray(v)) {
        return fail(e, "Value of numeric must be an array.", NULL);
    }
    if (n == 0) {
        return fail(e, "Invalid member in numeric match: ']'", NULL);
    }
    if (n > 4) {
        return fail(e, "Too many terms in numeric range expression", NULL);
    }
    struct cloud_events_pattern_leaf *l = leaf_alloc(LEAF_NUMERIC);
    l->range.low = -NUMERIC_LIMIT;
    l->range.high = NUMERIC_LIMIT;
    const cJSON *op = v->child;
    bool ok = numeric_pair(l, op, op->next, false, e);
    if (ok && n > 2) {
        const cJSON *op2 = op->next->next;
        if (l->flag) {
            ok = fail(e, "Too many terms in numeric range expression", NULL) != NULL;
        } else {
            ok = numeric_pair(l, op2, op2->next, true, e);
        }
        if (ok && l->range.low >= l->range.high) {
            ok = fail(e, "Bottom must be less than top", NULL) != NULL;
        }
    }
    if (!ok) {
        cloud_events_pattern_leaf_free(l);
        return NULL;
    }
    return l;
}

static struct cloud_events_pattern_leaf *compile_operator(const cJSON *op, struct err *e);

static bool but_push(struct cloud_events_pattern_leaf *l, struct cloud_events_pattern_leaf *one)
{
    if (one == NULL) {
        return false;
    }
    l->but = xrealloc(l->but, (l->but_len + 1) * sizeof(struct cloud_events_pattern_leaf *));
    l->but[l->but_len++] = one;
    return true;
}

/* Compiles a text under an operator of anything-but, which takes only a text; a prefix or suffix
 * must leave something to match. */
static bool but_text(struct cloud_events_pattern_leaf *l, const cJSON *op, struct err *e)
{
    bool affix = strcmp(op->string, "prefix") == 0 || strcmp(op->string, "suffix") == 0;

    if (!cJSON_IsString(op)) {
        return fail(e, "match pattern must be a string", op->string) != NULL;
    }
    if (affix && op->valuestring[0] == '\0') {
        return fail(e, "Null prefix/suffix not allowed", NULL) != NULL;
    }
    return but_push(l, compile_operator(op, e));
}

/* Compiles anything-but {"prefix": "a"} or {"prefix": ["a","b"]}; likewise for suffix,
 * equals-ignore-case and wildcard. */
static bool but_operator(struct cloud_events_pattern_leaf *l, const cJSON *op, struct err *e)
{
    if (op == NULL || op->next != NULL) {
        return fail(e, "Only one key allowed in match expression", NULL) != NULL;
    }
    if (strcmp(op->string, "prefix") != 0 && strcmp(op->string, "suffix") != 0 &&
        strcmp(op->string, "equals-ignore-case") != 0 && strcmp(op->string, "wildcard") != 0) {
        err_set(e, E_INVALID, "Unsupported anything-but pattern: %s", op->string);
        return false;
    }
    if (!cJSON_IsArray(op)) {
        return but_text(l, op, e);
    }
    if (op->child == NULL) {
        return fail(e, "Empty arrays are not allowed", NULL) != NULL;
    }
    for (const cJSON *v = op->child; v != NULL; v = v->next) {
        cJSON one = *v; /* a copy of the value, under the operator's name; the copy owns nothing */
        one.string = op->string;
        one.next = NULL;
        if (!but_text(l, &one, e)) {
            return false;
        }
    }
    return true;
}

static bool but_list(struct cloud_events_pattern_leaf *l, const cJSON *list, struct err *e)
{
    bool strings = cJSON_IsString(list->child);

    if (list->child == NULL) {
        return fail(e, "Empty arrays are not allowed", NULL) != NULL;
    }
    for (const cJSON *v = list->child; v != NULL; v = v->next) {
        if (!cJSON_IsString(v) && !cJSON_IsNumber(v)) {
            return fail(e, "Inside anything but list, start|null|boolean is not supported.",
                        NULL) != NULL;
        }
        if ((cJSON_IsString(v) != 0) != strings) {
            return fail(e,
                        "Inside anything but list, either all values are number or string, mixed "
                        "type is not supported",
                        NULL) != NULL;
        }
        if (!but_push(l, cloud_events_pattern_leaf_new(v, e))) {
            return false;
        }
    }
    return true;
}

static struct cloud_events_pattern_leaf *compile_anything_but(const cJSON *v, struct err *e)
{
    struct cloud_events_pattern_leaf *l = leaf_alloc(LEAF_ANYTHING_BUT);
    bool ok;

    if (cJSON_IsObject(v)) {
        ok = but_operator(l, v->child, e);
    } else if (cJSON_IsArray(v)) {
        ok = but_list(l, v, e);
    } else if (cJSON_IsString(v) || cJSON_IsNumber(v)) {
        ok = but_push(l, cloud_events_pattern_leaf_new(v, e));
    } else {
        ok = fail(e, "Value of anything-but must be an array or single string/number value.",
                  NULL) != NULL;
    }
    if (!ok) {
        cloud_events_pattern_leaf_free(l);
        return NULL;
    }
    return l;
}

static struct cloud_events_pattern_leaf *compile_operator(const cJSON *op, struct err *e)
{
    const char *name = op->string;

    if (strcmp(name, "prefix") == 0) {
        return compile_affix(LEAF_PREFIX, name, op, e);
    }
    if (strcmp(name, "suffix") == 0) {
        return compile_affix(LEAF_SUFFIX, name, op, e);
    }
    if (strcmp(name, "equals-ignore-case") == 0) {
        return cJSON_IsString(op) ? leaf_text(LEAF_STRING, op->valuestring, true)
                                  : fail(e, "match pattern must be a string", name);
    }
    if (strcmp(name, "wildcard") == 0) {
        return compile_wildcard(op, e);
    }
    if (strcmp(name, "cidr") == 0) {
        return compile_cidr(op, e);
    }
    if (strcmp(name, "numeric") == 0) {
        return compile_numeric(op, e);
    }
    if (strcmp(name, "anything-but") == 0) {
        return compile_anything_but(op, e);
    }
    if (strcmp(name, "exists") == 0) {
        if (!cJSON_IsBool(op)) {
            return fail(e, "exists match pattern must be either true or false.", NULL);
        }
        struct cloud_events_pattern_leaf *l = leaf_alloc(LEAF_EXISTS);
        l->flag = cJSON_IsTrue(op) != 0;
        return l;
    }
    err_set(e, E_INVALID, "Unrecognized match type %s", name);
    return NULL;
}

struct cloud_events_pattern_leaf *cloud_events_pattern_leaf_new(const cJSON *entry, struct err *e)
{
    struct cloud_events_pattern_leaf *l;

    if (cJSON_IsString(entry)) {
        return leaf_text(LEAF_STRING, entry->valuestring, false);
    }
    if (cJSON_IsNumber(entry)) {
        l = leaf_alloc(LEAF_NUMBER);
        l->number = entry->valuedouble;
        return l;
    }
    if (cJSON_IsBool(entry)) {
        l = leaf_alloc(LEAF_BOOL);
        l->flag = cJSON_IsTrue(entry) != 0;
        return l;
    }
    if (cJSON_IsNull(entry)) {
        return leaf_alloc(LEAF_NULL);
    }
    if (!cJSON_IsObject(entry)) {
        return fail(e, "Match value must be String, number, true, false, or null", NULL);
    }
    if (entry->child == NULL) {
        return fail(e, "Empty objects are not allowed", NULL);
    }
    if (entry->child->next != NULL) {
        return fail(e, "Only one key allowed in match expression", NULL);
    }
    return compile_operator(entry->child, e);
}
