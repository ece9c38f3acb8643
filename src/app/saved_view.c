/* Views that have a name: reading, checking, keeping. */
#include "saved_view.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "jobs/filter.h"
#include "own_line.h"

enum { PARTS = 4, TEXT_LIMIT = 2000 };

void saved_view_done(struct saved_view *v)
{
    free(v->name);
    free(v->filter);
    free(v->sort);
    free(v->columns);
    free(v->states);
    free(v->mistake);
    *v = (struct saved_view){0};
}

/* ---- reading ---- */

/* Goes past a term of the filter (jobs/filter.h): its quotes and its /regular expression/. NULL:
 * the end of these is missing. */
static const char *skip_term(const char *p)
{
    p += *p == '!';
    if (*p == '/') {
        for (p++; *p != '\0' && *p != '/'; p++) {
            p += p[0] == '\\' && p[1] != '\0';
        }
        return *p == '/' ? p + 1 : NULL;
    }
    bool quoted = false;
    for (; *p != '\0'; p++) {
        quoted ^= *p == '"';
        if (!quoted && (*p == '|' || isspace((unsigned char)*p) != 0)) {
            break;
        }
    }
    return quoted ? NULL : p;
}

static char *part(const char *from, const char *to)
{
    size_t len = text_trim(&from, (size_t)(to - from));

    return xstrndup(from, len);
}

/* Are the parts good, one by one? E_INVALID names the part. */
static enum err_code check(const struct saved_view *v, struct err *e)
{
    struct column_set columns;
    struct chips chips;
    enum column_id id;
    bool descending;
    struct filter *f = filter_new(v->filter, e);

    if (f == NULL) {
        return E_INVALID;
    }
    filter_free(f);
    if (v->sort[0] != '\0' && column_sort_parse(v->sort, &id, &descending, e) != E_OK) {
        return E_INVALID;
    }
    if (v->columns[0] != '\0' && column_set_parse(v->columns, &columns, e) != E_OK) {
        return E_INVALID;
    }
    if (chips_parse(v->states, &chips, e) != E_OK) {
        return E_INVALID;
    }
    return v->filter[0] != '\0' || v->sort[0] != '\0' || v->columns[0] != '\0' ||
                   v->states[0] != '\0'
               ? E_OK
               : err_set(e, E_INVALID,
                         "the view is empty; expected filter | sort | columns | states; each may "
                         "be empty, but not all of them (the states `all` show everything)");
}

enum err_code saved_view_parse(const char *text, struct saved_view *out, struct err *e)
{
    char **const parts[PARTS] = {&out->filter, &out->sort, &out->columns, &out->states};
    const char *from = text, *at = text;
    size_t n = 0;

    if (strnlen(text, TEXT_LIMIT + 1) > TEXT_LIMIT || !text_utf8_valid(text, strlen(text))) {
        return err_set(e, E_INVALID, "a view is at most %d bytes of UTF-8 text", TEXT_LIMIT);
    }
    while (*at != '\0' && n < PARTS) {
        if (*at == '|') {
            *parts[n++] = part(from, at++);
            from = at;
        } else {
            at = isspace((unsigned char)*at) != 0 ? at + 1 : skip_term(at);
        }
        if (at == NULL) {
            return err_set(e, E_INVALID, "filter: a quote or a /regular expression/ has no end");
        }
    }
    if (n == PARTS) {
        return err_set(e, E_INVALID,
                       "it has more than four parts; expected filter | sort | columns | states");
    }
    *parts[n++] = part(from, at);
    for (; n < PARTS; n++) {
        *parts[n] = xstrdup("");
    }
    return check(out, e);
}

char *saved_view_text(const struct saved_view *v)
{
    return xasprintf("%s | %s | %s | %s", v->filter, v->sort, v->columns, v->states);
}

/* ---- the list ---- */

/* Words after `:view` that name no view. */
static bool is_reserved(const char *name)
{
    return strcmp(name, "save") == 0 || strcmp(name, "delete") == 0;
}

static struct saved_view *add(struct saved_views *all, size_t at, struct saved_view v)
{
    all->items = xgrow(all->items, all->len, &all->cap, sizeof *all->items);
    memmove(all->items + at + 1, all->items + at, (all->len - at) * sizeof *all->items);
    all->len++;
    all->items[at] = v;
    return &all->items[at];
}

void saved_views_read(struct saved_views *all, const struct setting_line *lines, size_t len,
                      const char *file)
{
    for (size_t i = 0; i < len; i++) {
        const struct setting_line *l = &lines[i];
        struct saved_view *v =
            add(all, all->len, (struct saved_view){.name = xstrdup(l->name), .line = l->line});
        struct err e = {0};
        if (l->mistake != NULL) {
            (void)err_set(&e, E_CONFIG, "%s", l->mistake);
        } else if (is_reserved(l->name)) {
            (void)err_set(&e, E_CONFIG, "`:view %s` is a command; give the view another name",
                          l->name);
        } else if (saved_view_parse(l->value, v, &e) == E_OK) {
            continue;
        }
        v->mistake = own_line_mistake(l, file, "views", e.msg);
    }
}

const struct saved_view *saved_views_find(const struct saved_views *all, const char *name)
{
    for (size_t i = 0; i < all->len; i++) {
        if (all->items[i].mistake == NULL && strcmp(all->items[i].name, name) == 0) {
            return &all->items[i];
        }
    }
    return NULL;
}

static size_t kept(const struct saved_views *all)
{
    size_t n = 0;

    while (n < all->len && all->items[n].line == 0) {
        n++;
    }
    return n;
}

bool saved_views_delete(struct saved_views *all, const char *name)
{
    for (size_t i = 0; i < kept(all); i++) {
        if (strcmp(all->items[i].name, name) == 0) {
            saved_view_done(&all->items[i]);
            memmove(all->items + i, all->items + i + 1, (all->len - i - 1) * sizeof *all->items);
            all->len--;
            return true;
        }
    }
    return false;
}

enum err_code saved_views_keep(struct saved_views *all, struct saved_view *v, struct err *e)
{
    const char *why = setting_name_why(v->name);
    enum err_code rc = E_OK;

    if (why != NULL || is_reserved(v->name)) {
        rc = err_set(e, E_INVALID, "\"%.40s\" is no name of a view; expected %s", v->name,
                     why != NULL ? why : "a name other than save and delete");
    } else if (!saved_views_delete(all, v->name) && kept(all) == SAVED_VIEWS_KEPT_MAX) {
        rc = err_set(e, E_TOO_BIG,
                     "%d views are kept, which is the limit: `:view delete NAME` deletes one",
                     SAVED_VIEWS_KEPT_MAX);
    }
    if (rc != E_OK) {
        saved_view_done(v);
        return rc;
    }
    v->line = 0;
    (void)add(all, kept(all), *v);
    *v = (struct saved_view){0};
    return E_OK;
}

void saved_views_done(struct saved_views *all)
{
    for (size_t i = 0; i < all->len; i++) {
        saved_view_done(&all->items[i]);
    }
    free(all->items);
    *all = (struct saved_views){0};
}

/* ---- kept between runs ---- */

cJSON *saved_view_json(const struct saved_view *v)
{
    cJSON *o = json_new_object();

    json_set_str(o, "name", v->name);
    json_set_str(o, "filter", v->filter);
    json_set_str(o, "sort", v->sort);
    json_set_str(o, "columns", v->columns);
    json_set_str(o, "states", v->states);
    return o;
}

cJSON *saved_views_kept(const struct saved_views *all)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < kept(all); i++) {
        const struct saved_view *v = &all->items[i];
        json_push(list, saved_view_json(v));
    }
    return list;
}

static char *member(const cJSON *o, const char *name)
{
    const char *s = json_str(o, name);

    return xstrdup(s == NULL ? "" : s);
}

static bool is_kept(const struct saved_views *all, const char *name)
{
    for (size_t i = 0; i < kept(all); i++) {
        if (strcmp(all->items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

void saved_views_load(struct saved_views *all, const cJSON *doc)
{
    const cJSON *o;

    cJSON_ArrayForEach(o, doc)
    {
        struct saved_view v = {.name = member(o, "name"),
                               .filter = member(o, "filter"),
                               .sort = member(o, "sort"),
                               .columns = member(o, "columns"),
                               .states = member(o, "states")};
        if (is_kept(all, v.name) || check(&v, NULL) != E_OK) {
            saved_view_done(&v);
        } else {
            (void)!saved_views_keep(all, &v, NULL);
        }
    }
}
