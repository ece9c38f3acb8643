/* Input, InputPath and InputTransformer of a target, applied to an event. */
#include "jobs/transform.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"

/* The limit of a target's text. An event of 1 MB that is embedded a few times stays below it. */
#define MAX_OUTPUT (8U << 20)

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Reads "['key']" or "[12]" at *p and moves *at into that member. False when the path is
 * malformed. */
static bool path_bracket(const char **p, const cJSON **at)
{
    const char *s = *p + 1;

    if (*s == '\'' || *s == '"') {
        const char *end = strchr(s + 1, *s);
        if (end == NULL || end[1] != ']') {
            return false;
        }
        char *key = xstrndup(s + 1, (size_t)(end - s - 1));
        *at = cJSON_IsObject(*at) ? json_get(*at, key) : NULL;
        free(key);
        *p = end + 2;
        return true;
    }
    char *end;
    if (!isdigit((unsigned char)*s)) {
        return false;
    }
    unsigned long index = strtoul(s, &end, 10);
    if (*end != ']') {
        return false;
    }
    *at = cJSON_IsArray(*at) && index < 1000000 ? cJSON_GetArrayItem(*at, (int)index) : NULL;
    *p = end + 1;
    return true;
}

enum err_code transform_path(const char *path, const cJSON *event, const cJSON **found,
                             struct err *e)
{
    const char *p = path;

    *found = NULL;
    if (*p != '$' || strlen(path) > TRANSFORM_MAX_PATH) {
        return err_set(e, E_INVALID, "Invalid JSON path '%.60s': it starts with $", path);
    }
    const cJSON *at = event;
    for (p++; *p != '\0';) {
        if (*p == '[') {
            if (!path_bracket(&p, &at)) {
                return err_set(e, E_INVALID, "Invalid JSON path '%.60s'", path);
            }
            continue;
        }
        size_t n = *p == '.' ? strcspn(p + 1, ".[]*\"' ") : 0;
        if (n == 0) {
            return err_set(e, E_INVALID, "Invalid JSON path '%.60s': dot notation is supported",
                           path);
        }
        char *key = xstrndup(p + 1, n);
        at = cJSON_IsObject(at) ? json_get(at, key) : NULL;
        free(key);
        p += n + 1;
    }
    *found = at;
    return E_OK;
}

/* Appends `s`, escaped for the inside of a JSON string. */
static void add_escaped(struct strbuf *out, const char *s)
{
    struct strbuf quoted = STRBUF_INIT;

    json_quote(&quoted, s);
    strbuf_add(out, quoted.data + 1, quoted.len - 2);
    strbuf_clear(&quoted);
}

static void add_value(struct strbuf *out, const cJSON *v, bool in_string)
{
    if (v == NULL) {
        strbuf_adds(out, in_string ? "" : "null");
        return;
    }
    if (cJSON_IsString(v)) {
        if (in_string) {
            add_escaped(out, v->valuestring);
        } else {
            json_quote(out, v->valuestring);
        }
        return;
    }
    char *text = json_text(v);
    if (in_string) {
        add_escaped(out, text);
    } else {
        strbuf_adds(out, text);
    }
    free(text);
}

static void add_reserved_text(struct strbuf *out, const char *s, bool in_string)
{
    if (in_string) {
        add_escaped(out, s);
    } else {
        json_quote(out, s);
    }
}

/* Replaces <aws.events...>; false when the name is no reserved one. */
static bool add_reserved(struct strbuf *out, const char *name, const cJSON *event,
                         const struct transform_vars *vars, bool in_string)
{
    if (strcmp(name, "aws.events.rule-arn") == 0) {
        add_reserved_text(out, vars->rule_arn, in_string);
    } else if (strcmp(name, "aws.events.rule-name") == 0) {
        add_reserved_text(out, vars->rule_name, in_string);
    } else if (strcmp(name, "aws.events.event.ingestion-time") == 0) {
        add_reserved_text(out, vars->ingestion_time, in_string);
    } else if (strcmp(name, "aws.events.event.json") == 0) {
        add_value(out, event, in_string);
    } else if (strcmp(name, "aws.events.event") == 0) {
        cJSON *bare = json_copy(event);
        cJSON_DeleteItemFromObjectCaseSensitive(bare, "detail");
        add_value(out, bare, in_string);
        cJSON_Delete(bare);
    } else {
        return false;
    }
    return true;
}

/* The length of the placeholder at `p` ("<name>"), whose name is copied; 0 when no placeholder is
 * there. */
static size_t placeholder(const char *p, char name[TRANSFORM_MAX_PATH + 1])
{
    size_t n = 0;

    while (n < TRANSFORM_MAX_PATH && (name_char(p[1 + n]) || p[1 + n] == '.')) {
        name[n] = p[1 + n];
        n++;
    }
    name[n] = '\0';
    return n > 0 && p[1 + n] == '>' ? n + 2 : 0;
}

/* Expands the template. A placeholder that is neither mapped nor reserved stays as it is. */
static enum err_code expand(const char *template, const cJSON *paths, const cJSON *event,
                            const struct transform_vars *vars, struct strbuf *out, struct err *e)
{
    bool in_string = false;
    char name[TRANSFORM_MAX_PATH + 1];

    for (const char *p = template; *p != '\0';) {
        size_t n = *p == '<' ? placeholder(p, name) : 0;
        if (n > 0) {
            const char *path = json_str(paths, name);
            const cJSON *v = NULL;
            if (path != NULL) {
                enum err_code rc = transform_path(path, event, &v, e);
                if (rc != E_OK) {
                    return rc;
                }
                add_value(out, v, in_string);
            } else if (!add_reserved(out, name, event, vars, in_string)) {
                strbuf_add(out, p, n);
            }
            p += n;
            continue;
        }
        if (*p == '\\' && in_string && p[1] != '\0') {
            strbuf_add(out, p, 2);
            p += 2;
            continue;
        }
        if (*p == '"') {
            in_string = !in_string;
        }
        strbuf_addc(out, *p++);
    }
    return out->overflow
               ? err_set(e, E_TOO_BIG, "the transformed input is over %u bytes", MAX_OUTPUT)
               : E_OK;
}

/* Checks that the text is one JSON value, or lines of JSON strings, as a template must be. */
static enum err_code check_json(const char *text, struct err *e)
{
    const char *p = text + strspn(text, " \t\r\n");
    struct err why = {.code = E_OK};
    cJSON *doc = json_parse(text, strlen(text), "the transformed input", &why);

    if (doc != NULL) {
        cJSON_Delete(doc);
        return E_OK;
    }
    if (*p != '"') {
        return err_set(e, E_INVALID, "%s", why.msg);
    }
    while (*p != '\0') {
        size_t line = strcspn(p, "\n");
        size_t used = line > 0 && p[line - 1] == '\r' ? line - 1 : line;
        if (strspn(p, " \t\r") < line) {
            doc = json_parse(p, used, "a line of the transformed input", &why);
            if (doc == NULL) {
                return err_set(e, E_INVALID, "%s", why.msg);
            }
            cJSON_Delete(doc);
        }
        p += line + (p[line] == '\n');
    }
    return E_OK;
}

static enum err_code apply_transformer(const cJSON *t, const cJSON *event,
                                       const struct transform_vars *vars, char **out, struct err *e)
{
    struct strbuf b = STRBUF_LIMIT(MAX_OUTPUT);
    enum err_code rc = expand(json_str_or(t, "InputTemplate", ""), json_object(t, "InputPathsMap"),
                              event, vars, &b, e);

    if (rc == E_OK) {
        rc = check_json(strbuf_str(&b), e);
    }
    if (rc == E_OK) {
        *out = strbuf_take(&b);
    }
    strbuf_clear(&b);
    return rc;
}

enum err_code transform_apply(const cJSON *target, const cJSON *event,
                              const struct transform_vars *vars, char **out, struct err *e)
{
    const char *input = json_str(target, "Input");
    const char *path = json_str(target, "InputPath");
    const cJSON *t = json_object(target, "InputTransformer");
    const cJSON *found = event;

    *out = NULL;
    if (t != NULL) {
        return apply_transformer(t, event, vars, out, e);
    }
    if (input != NULL) {
        *out = xstrdup(input);
        return E_OK;
    }
    if (path != NULL) {
        enum err_code rc = transform_path(path, event, &found, e);
        if (rc != E_OK) {
            return rc;
        }
    }
    if (found == NULL) {
        *out = xstrdup("null");
    } else {
        *out = json_text(found);
    }
    return E_OK;
}

static enum err_code check_paths(const cJSON *paths, struct err *e)
{
    const cJSON *found;

    if (cJSON_GetArraySize(paths) > TRANSFORM_MAX_PATHS) {
        return err_set(e, E_INVALID, "InputPathsMap has over %d entries", TRANSFORM_MAX_PATHS);
    }
    for (const cJSON *m = paths != NULL ? paths->child : NULL; m != NULL; m = m->next) {
        size_t n = strlen(m->string), good = 0;
        while (name_char(m->string[good])) {
            good++;
        }
        if (n == 0 || n > TRANSFORM_MAX_PATH || good != n) {
            return err_set(e, E_INVALID,
                           "InputPathsMap: the key '%.60s' must be 1 to 256 of "
                           "[A-Za-z0-9_-]",
                           m->string);
        }
        if (!cJSON_IsString(m)) {
            return err_set(e, E_INVALID, "InputPathsMap: the path of '%.60s' must be a string",
                           m->string);
        }
        enum err_code rc = transform_path(m->valuestring, NULL, &found, e);
        if (rc != E_OK) {
            return rc;
        }
    }
    return E_OK;
}

static enum err_code check_transformer(const cJSON *t, struct err *e)
{
    const struct transform_vars none = {.rule_arn = "", .rule_name = "", .ingestion_time = ""};
    const char *template = json_str(t, "InputTemplate");
    const cJSON *paths = json_object(t, "InputPathsMap");
    char *text = NULL;
    struct err why = {.code = E_OK};

    if (template == NULL || *template == '\0') {
        return err_set(e, E_INVALID, "InputTransformer needs an InputTemplate");
    }
    if (strlen(template) > TRANSFORM_MAX_TEMPLATE) {
        return err_set(e, E_INVALID, "InputTemplate is over %d characters", TRANSFORM_MAX_TEMPLATE);
    }
    enum err_code rc = check_paths(paths, e);
    if (rc != E_OK) {
        return rc;
    }
    cJSON *empty = json_new_object();
    rc = apply_transformer(t, empty, &none, &text, &why);
    cJSON_Delete(empty);
    free(text);
    return rc == E_OK ? E_OK
                      : err_set(e, E_INVALID, "Invalid InputTemplate for target: %s", why.msg);
}

enum err_code transform_check(const cJSON *target, struct err *e)
{
    const char *input = json_str(target, "Input");
    const char *path = json_str(target, "InputPath");
    const cJSON *t = json_object(target, "InputTransformer");
    const cJSON *found;

    if ((input != NULL) + (path != NULL) + (t != NULL) > 1) {
        return err_set(e, E_INVALID,
                       "Only one of Input, InputPath, or InputTransformer must be provided for "
                       "target");
    }
    if (path != NULL) {
        return transform_path(path, NULL, &found, e);
    }
    if (input != NULL) {
        cJSON *doc = strlen(input) <= TRANSFORM_MAX_TEMPLATE
                         ? json_parse(input, strlen(input), "Input", e)
                         : NULL;
        if (doc == NULL) {
            return err_set(e, E_INVALID, "JSON syntax error in input for target");
        }
        cJSON_Delete(doc);
    }
    return t != NULL ? check_transformer(t, e) : E_OK;
}
