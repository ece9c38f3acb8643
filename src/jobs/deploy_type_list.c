/* deploy_type_list.c - the type of fields whose value is a list of words. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "deploy_type.h"

static void list_clear(void *at)
{
    struct deploy_list *l = at;

    for (size_t i = 0; i < l->len; i++) {
        free(l->items[i]);
    }
    free(l->items);
    *l = (struct deploy_list){0};
}

void deploy_list_add(struct deploy_list *l, const char *s, size_t len)
{
    l->items = xrealloc(l->items, (l->len + 1) * sizeof *l->items);
    l->items[l->len++] = xstrndup(s, len);
}

static void list_copy(void *to, const void *from)
{
    const struct deploy_list *l = from;

    for (size_t i = 0; i < l->len; i++) {
        deploy_list_add(to, l->items[i], strlen(l->items[i]));
    }
}

static bool list_given(const void *at)
{
    return ((const struct deploy_list *)at)->len > 0;
}

static enum err_code list_check(const struct deploy_field *f, const void *at, struct err *e)
{
    const struct deploy_list *l = at;
    enum err_code rc = E_OK;

    if (l->len > (size_t)f->most) {
        return err_set(e, E_INVALID, "%s has %zu of them: give at most %" PRId64, f->name, l->len,
                       f->most);
    }
    for (size_t i = 0; i < l->len && rc == E_OK; i++) {
        rc = rule_text(f->name, l->items[i], 1, RULE_WORD_MAX, e);
    }
    return rc;
}

/* Comma-separated; blanks around each are not part of it, empty ones do not count. */
static enum err_code list_set(const struct deploy_field *f, struct deploy_request *r, const char *s,
                              struct err *e)
{
    struct deploy_list draft = {0};

    while (*s != '\0') {
        size_t len = strcspn(s, ",");
        size_t start = 0;
        size_t end = len;
        while (start < end && (s[start] == ' ' || s[start] == '\t')) {
            start++;
        }
        while (end > start && (s[end - 1] == ' ' || s[end - 1] == '\t')) {
            end--;
        }
        if (end > start) {
            deploy_list_add(&draft, s + start, end - start);
        }
        s += len + (s[len] == ',');
    }
    enum err_code rc = list_check(f, &draft, e);
    if (rc == E_OK) {
        list_clear(field_at(f, r));
        *(struct deploy_list *)field_at(f, r) = draft; /* moved */
    } else {
        list_clear(&draft);
    }
    return rc;
}

static void list_show(const void *at, struct strbuf *out)
{
    const struct deploy_list *l = at;

    for (size_t i = 0; i < l->len; i++) {
        strbuf_addf(out, "%s%s", i == 0 ? "" : ",", l->items[i]);
    }
}

static void list_faults(const struct deploy_field *f, const char *path, const cJSON *v,
                        struct faults *out)
{
    rule_list_faults(path, v, (int)f->most, out);
}

static enum err_code list_take(const struct deploy_field *f, struct deploy_request *r,
                               const cJSON *v, struct err *e)
{
    struct deploy_list *l = field_at(f, r);
    struct faults wrong = {.len = 0};
    const cJSON *word;

    list_faults(f, f->name, v, &wrong);
    enum err_code rc = faults_err(&wrong, e);
    faults_clear(&wrong);
    if (rc != E_OK) {
        return rc;
    }
    list_clear(l);
    cJSON_ArrayForEach(word, v)
    {
        deploy_list_add(l, word->valuestring, strlen(word->valuestring));
    }
    return E_OK;
}

static cJSON *list_json(const void *at, bool mask)
{
    const struct deploy_list *l = at;

    (void)mask;
    if (l->len == 0) {
        return NULL;
    }
    cJSON *v = json_new_array();
    for (size_t i = 0; i < l->len; i++) {
        json_push_str(v, l->items[i]);
    }
    return v;
}

const struct field_type field_list = {
    .clear = list_clear,
    .copy = list_copy,
    .given = list_given,
    .check = list_check,
    .set = list_set,
    .show = list_show,
    .take = list_take,
    .faults = list_faults,
    .json = list_json,
    .schema = schema_list,
};
