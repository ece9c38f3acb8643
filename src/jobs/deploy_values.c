/* deploy_values.c - the rules for what may lie in metadata, at any depth: every fault, each with
 * its path. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "deploy_rules.h"

/* The kind of a JSON value, such as "a number"; static. */
static const char *type_name(const cJSON *v)
{
    return cJSON_IsString(v)   ? "a text"
           : cJSON_IsNumber(v) ? "a number"
           : cJSON_IsBool(v)   ? "true or false"
           : cJSON_IsArray(v)  ? "a list"
           : cJSON_IsObject(v) ? "an object"
                               : "null";
}

enum err_code rule_wrong_type(const cJSON *v, const char *wanted, struct err *e)
{
    return err_set(e, E_INVALID, "%s is %s: give %s", v->string, type_name(v), wanted);
}

void rule_path_add(struct strbuf *path, const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-$";

    if (name[0] != '\0' && strspn(name, plain) == strlen(name)) {
        strbuf_addf(path, "%s%s", path->len == 0 ? "" : ".", name);
    } else {
        strbuf_addc(path, '[');
        json_quote(path, name);
        strbuf_addc(path, ']');
    }
}

static void add(struct faults *f, const struct strbuf *path, enum err_code rc, const struct err *e)
{
    if (rc != E_OK) {
        faults_add(f, strbuf_str(path), e->msg);
    }
}

/* DynamoDB takes up to 38 digits from 1E-130 to 9.9E+125. */
static enum err_code check_number(const cJSON *v, struct err *e)
{
    const char *digits = json_digits(v);
    double n = fabs(v->valuedouble);
    bool fits = isfinite(n) && n <= RULE_NUMBER_MAX && (n == 0 || n >= RULE_NUMBER_LEAST);

    if (digits != NULL && (fits || cJSON_IsRaw(v))) {
        char *normal = attr_num_normalise(digits, NULL);
        fits = normal != NULL;
        free(normal);
    }
    return fits ? E_OK
                : err_set(e, E_INVALID,
                          "is a number out of DynamoDB's range: give at most 38 digits, or a text");
}

/* A walk through a value: what is looked at, and the path to it. */
struct walk {
    struct strbuf path;
    struct faults *faults;
};

static void check_value(struct walk *w, const cJSON *v, int depth);

/* JSON allows a key to stand twice in an object, and different readers take different ones of the
 * two. The path ends with the key. */
static void check_key(struct walk *w, struct map *seen, const cJSON *child)
{
    struct err e;

    if (child->string[0] == '\0') {
        add(w->faults, &w->path, err_set(&e, E_INVALID, "is an empty key: give it a name"), &e);
    } else if (map_put(seen, child->string, (void *)child) != NULL) {
        add(w->faults, &w->path, err_set(&e, E_INVALID, "is given more than once: give it once"),
            &e);
    }
}

static void check_members(struct walk *w, const cJSON *v, int depth)
{
    struct map *seen = cJSON_IsObject(v) ? map_new() : NULL;
    size_t at = w->path.len;
    const cJSON *child;
    struct err e;
    int i = 0;

    cJSON_ArrayForEach(child, v)
    {
        if (i == RULE_KEYS_MAX) {
            add(w->faults, &w->path,
                err_set(&e, E_INVALID, "has more than %d members", RULE_KEYS_MAX), &e);
            break;
        }
        if (seen != NULL) {
            rule_path_add(&w->path, child->string);
            check_key(w, seen, child);
        } else {
            strbuf_addf(&w->path, "[%d]", i);
        }
        check_value(w, child, depth + 1);
        strbuf_truncate(&w->path, at);
        i++;
    }
    map_free(seen, NULL);
}

/* Checks DynamoDB's limits for a value in metadata. */
static void check_value(struct walk *w, const cJSON *v, int depth)
{
    struct err e;

    if (depth > RULE_DEPTH_MAX) {
        add(w->faults, &w->path,
            err_set(&e, E_INVALID, "is nested more than %d levels deep", RULE_DEPTH_MAX), &e);
    } else if (cJSON_IsNumber(v) || cJSON_IsRaw(v)) {
        add(w->faults, &w->path, check_number(v, &e), &e);
    } else {
        check_members(w, v, depth);
    }
}

/* Does the starter pipeline take the value as a simulated exit code? A process ends with 0 to
 * 255. */
static bool is_exit_code(const cJSON *code)
{
    /* the digits of a text, or of a number that is kept to the digit */
    const char *text = code->valuestring;

    if (cJSON_IsNumber(code)) {
        double n = code->valuedouble;
        return n >= 0 && n <= (double)RULE_EXIT_CODE_MAX && floor(n) == n;
    }
    size_t n = text == NULL ? 0 : strlen(text);
    return n >= 1 && n <= 3 && strspn(text, "0123456789") == n &&
           strtol(text, NULL, 10) <= RULE_EXIT_CODE_MAX;
}

static void check_exit_code(struct walk *w, const cJSON *code)
{
    struct err e;

    if (code == NULL || cJSON_IsNull(code) || is_exit_code(code)) {
        return;
    }
    char *text = json_text(code);
    rule_path_add(&w->path, "simulate");
    rule_path_add(&w->path, "exitCode");
    add(w->faults, &w->path,
        err_set(&e, E_INVALID, "%s is not an exit code: give 0 to %d", rule_shown(text).text,
                RULE_EXIT_CODE_MAX),
        &e);
    free(text);
}

void rule_metadata_faults(const char *field, const cJSON *object, struct faults *f)
{
    struct walk w = {.path = STRBUF_INIT, .faults = f};

    if (!cJSON_IsObject(object)) {
        faults_add(f, field, "is not a JSON object: give one like {\"key\":\"value\"}");
        return;
    }
    strbuf_adds(&w.path, field);
    check_value(&w, object, 1);
    check_exit_code(&w, json_get(json_object(object, "simulate"), "exitCode"));
    strbuf_clear(&w.path);
}

enum err_code rule_metadata(const char *field, const cJSON *object, struct err *e)
{
    struct faults f = {.len = 0};

    rule_metadata_faults(field, object, &f);
    enum err_code rc = faults_err(&f, e);
    faults_clear(&f);
    return rc;
}

void rule_list_faults(const char *field, const cJSON *list, int most, struct faults *f)
{
    struct strbuf path = STRBUF_INIT;
    const cJSON *v;
    struct err e;
    int i = 0;

    strbuf_adds(&path, field);
    if (!cJSON_IsArray(list)) {
        add(f, &path, err_set(&e, E_INVALID, "is %s: give a list of texts", type_name(list)), &e);
    } else if (cJSON_GetArraySize(list) > most) {
        add(f, &path,
            err_set(&e, E_INVALID, "has %d of them: give at most %d", cJSON_GetArraySize(list),
                    most),
            &e);
    } else {
        cJSON_ArrayForEach(v, list)
        {
            strbuf_addf(&path, "[%d]", i++);
            if (!cJSON_IsString(v)) {
                add(f, &path, err_set(&e, E_INVALID, "is %s: give a text", type_name(v)), &e);
            } else if (rule_text("", v->valuestring, 1, RULE_WORD_MAX, &e) != E_OK) {
                faults_add(f, strbuf_str(&path), e.msg + strspn(e.msg, ": "));
            }
            strbuf_truncate(&path, strlen(field));
        }
    }
    strbuf_clear(&path);
}
