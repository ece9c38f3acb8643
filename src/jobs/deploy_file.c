#include "jobs/deploy_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "core/text.h"
#include "deploy_csv.h"
#include "deploy_rules.h"

static void add_error(struct deploy_file *f, size_t line, const char *field, const struct err *why)
{
    if (f->errors_len == DEPLOY_FILE_ERRORS_MAX) {
        f->more_errors = true;
        return;
    }
    f->errors = xgrow(f->errors, f->errors_len, &f->errors_cap, sizeof *f->errors);
    struct deploy_file_error *x = &f->errors[f->errors_len++];
    *x = (struct deploy_file_error){.line = line, .err = *why};
    char *clean = text_cleaned(field == NULL ? "" : field, TEXT_ONE_LINE);
    (void)snprintf(x->field, sizeof x->field, "%.*s", (int)text_fit(clean, 60, NULL), clean);
    if (!text_utf8_valid(x->field, strlen(x->field))) {
        x->field[0] = '\0'; /* wider in bytes than the room: no name is better than half of one */
    }
    free(clean);
}

/* The field that a rule's sentence begins with, where it is one of the table or of metadata. */
static const char *field_of(const struct err *why, char buf[64])
{
    size_t n = strcspn(why->msg, ": .[");

    if (n == 0 || n >= 64 || why->msg[n] == '\0') {
        return NULL;
    }
    memcpy(buf, why->msg, n);
    buf[n] = '\0';
    const struct deploy_field *known = deploy_field_find(buf);
    if (known != NULL && strcmp(known->name, buf) == 0) {
        return known->name;
    }
    return strcmp(buf, "timestamp") == 0 || strcmp(buf, "retryOf") == 0 ? buf : NULL;
}

static void add_rule_error(struct deploy_file *f, size_t line, const struct err *why)
{
    char buf[64];

    add_error(f, line, field_of(why, buf), why);
}

/* Takes the request when it is whole, else notes what is wrong with it. */
static void take(struct deploy_file *f, size_t line, struct deploy_request *r)
{
    const char *field = NULL;
    struct err why = {0};

    if (deploy_request_check(r, &field, &why) != E_OK) {
        add_error(f, line, field, &why);
        deploy_request_clear(r);
        return;
    }
    if (f->len == DEPLOY_FILE_LEN_MAX) {
        (void)err_set(&why, E_INVALID, "is one deploy too many: a file has at most %d",
                      DEPLOY_FILE_LEN_MAX);
        add_error(f, line, NULL, &why);
        deploy_request_clear(r);
        return;
    }
    f->requests = xgrow(f->requests, f->len, &f->cap, sizeof *f->requests);
    f->lines = xgrow(f->lines, f->len, &f->lines_cap, sizeof *f->lines);
    f->requests[f->len] = *r; /* moved */
    f->lines[f->len++] = line;
}

/* ---- JSON Lines ---- */

/* The first key that an object has twice; NULL when there is none. Which of the two counts would be
 * a guess. */
static const char *twice(const cJSON *obj)
{
    struct map *seen = map_new();
    const char *found = NULL;
    const cJSON *v;

    cJSON_ArrayForEach(v, obj)
    {
        if (found == NULL && v->string != NULL && map_put(seen, v->string, seen) != NULL) {
            found = v->string;
        }
    }
    map_free(seen, NULL);
    return found;
}

static enum err_code check_keys(const cJSON *doc, const char **field, struct err *e)
{
    const char *key = twice(doc);

    if (key == NULL) {
        key = twice(json_object(doc, "metadata"));
    }
    if (key == NULL) {
        return E_OK;
    }
    *field = key;
    return err_set(e, E_INVALID, "%s is there twice: give it once", rule_shown(key).text);
}

static void json_line(struct deploy_file *f, size_t line, const char *text, size_t len)
{
    struct deploy_request r;
    struct err why = {0};

    if (len > DEPLOY_FILE_LINE_MAX) {
        (void)err_set(&why, E_INVALID, "is over %d bytes", DEPLOY_FILE_LINE_MAX);
        add_error(f, line, NULL, &why);
        return;
    }
    struct err parse = {0};
    cJSON *doc = json_parse(text, len, "", &parse);
    if (doc == NULL) {
        (void)err_set(&why, E_INVALID, "%s", parse.msg + strspn(parse.msg, ": "));
        add_error(f, line, NULL, &why);
        return;
    }
    const char *field = NULL;
    if (check_keys(doc, &field, &why) != E_OK) {
        add_error(f, line, field, &why);
    } else if (deploy_request_from_json(&r, doc, &why) == E_OK) {
        take(f, line, &r);
    } else {
        add_rule_error(f, line, &why);
    }
    cJSON_Delete(doc);
}

/* One JSON value over several lines, or a list of deploys: what would be told line by line says
 * nothing of the one thing to do. */
static bool is_one_document(const char *text, size_t len)
{
    size_t first = 0;

    while (first < len && strchr(" \t\r\n", text[first]) != NULL && text[first] != '\0') {
        first++;
    }
    const char *nl = memchr(text + first, '\n', len - first);
    cJSON *line =
        nl == NULL ? NULL : json_parse(text + first, (size_t)(nl - text) - first, "", NULL);
    bool several = nl != NULL && line == NULL;
    cJSON_Delete(line);
    if (text[first] != '[' && !several) {
        return false;
    }
    cJSON *doc = json_parse(text, len, "", NULL);
    bool one = doc != NULL && (several || cJSON_IsArray(doc));
    cJSON_Delete(doc);
    return one;
}

static void read_json_lines(struct deploy_file *f, const char *text, size_t len)
{
    const char *end = text + len;
    size_t line = 0;

    if (is_one_document(text, len)) {
        struct err why = {0};
        (void)err_set(&why, E_INVALID,
                      "is one JSON document: give one object a line, as `jq -c '%s' FILE` makes "
                      "them",
                      text[strspn(text, " \t\r\n")] == '[' ? ".[]" : ".");
        add_error(f, 1, NULL, &why);
        return;
    }

    while (text < end && f->errors_len <= DEPLOY_FILE_ERRORS_MAX && !f->more_errors) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((nl == NULL ? end : nl) - text);
        size_t blank = 0;
        line++;
        while (blank < n && strchr(" \t\r", text[blank]) != NULL && text[blank] != '\0') {
            blank++;
        }
        if (blank < n) {
            json_line(f, line, text, n);
        }
        text += n + (nl != NULL);
    }
}

/* ---- CSV ---- */

struct columns {
    char **names;                      /* owned, trimmed */
    const struct deploy_field **field; /* NULL: goes into metadata */
    size_t len;
};

static void columns_clear(struct columns *h)
{
    for (size_t i = 0; i < h->len; i++) {
        free(h->names[i]);
    }
    free(h->names);
    free(h->field);
}

static char *trimmed(const char *s)
{
    s += strspn(s, " \t");
    size_t n = strlen(s);
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t')) {
        n--;
    }
    return xstrndup(s, n);
}

static enum err_code check_column(const struct columns *h, size_t at, struct err *e)
{
    const char *name = h->names[at];

    if (*name == '\0') {
        return err_set(e, E_INVALID, "column %zu of the header has no name", at + 1);
    }
    for (size_t i = 0; i < at; i++) {
        if (h->field[at] != NULL ? h->field[i] == h->field[at] : strcmp(h->names[i], name) == 0) {
            return err_set(e, E_INVALID, "columns %zu and %zu of the header are the same: %s",
                           i + 1, at + 1, rule_shown(name).text);
        }
    }
    return E_OK;
}

/* The header needs a column for each required field, so that no line can do without. */
static enum err_code check_required(const struct columns *h, struct err *e)
{
    for (size_t i = 0; i < deploy_fields_len; i++) {
        bool there = !deploy_fields[i].required;
        for (size_t at = 0; at < h->len; at++) {
            there = there || h->field[at] == &deploy_fields[i];
        }
        if (there) {
            continue;
        }
        (void)err_set(e, E_INVALID, "%s: the header has no such column", deploy_fields[i].name);
        if (h->len == 1 && strpbrk(h->names[0], ";\t|") != NULL) {
            (void)err_set(e, E_INVALID,
                          "%s: the header has no such column: separate columns by commas",
                          deploy_fields[i].name);
        }
        return E_INVALID;
    }
    return E_OK;
}

static enum err_code read_header(const struct csv *c, struct columns *h, struct err *e)
{
    enum err_code rc = E_OK;

    h->names = xcalloc(c->len, sizeof *h->names);
    h->field = xcalloc(c->len, sizeof *h->field);
    for (size_t i = 0; i < c->len && rc == E_OK; i++) {
        h->names[i] = trimmed(c->cells[i]);
        h->field[i] = deploy_field_find(h->names[i]);
        h->len = i + 1;
        rc = check_column(h, i, e);
    }
    return rc == E_OK ? check_required(h, e) : rc;
}

/* A column that is no field: a key of metadata with a text. */
static enum err_code set_further(struct deploy_request *r, const char *key, const char *text,
                                 struct err *e)
{
    if (r->metadata != NULL && json_get(r->metadata, key) != NULL) {
        return err_set(e, E_INVALID, "metadata has the key %s, which is a column too",
                       rule_shown(key).text);
    }
    cJSON *holder = json_new_object();
    json_set_str(holder, key, text);
    enum err_code rc = deploy_take_metadata(r, holder->child, e);
    cJSON_Delete(holder);
    return rc;
}

/* metadata first: keys in it that are fields give way to their own columns. */
static bool set_cells(struct deploy_file *f, const struct csv *c, const struct columns *h,
                      struct deploy_request *r)
{
    bool good = true;

    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < h->len; i++) {
            const struct deploy_field *field = h->field[i];
            bool whole = field != NULL && strcmp(field->name, "metadata") == 0;
            struct err why = {0};
            bool empty = c->cells[i][strspn(c->cells[i], " \t\r\n")] == '\0';
            if (whole != (round == 0) || (empty && (field == NULL || !field->required))) {
                continue;
            }
            if (empty) {
                (void)err_set(&why, E_INVALID, "%s: is missing: give %s", field->name, field->help);
                add_error(f, c->start_line, field->name, &why);
                good = false;
                continue;
            }
            enum err_code rc = field != NULL ? deploy_request_set(r, field->name, c->cells[i], &why)
                                             : set_further(r, h->names[i], c->cells[i], &why);
            if (rc != E_OK) {
                add_error(f, c->start_line, field != NULL ? field->name : h->names[i], &why);
                good = false;
            }
        }
    }
    return good;
}

static void csv_record(struct deploy_file *f, const struct csv *c, const struct columns *h)
{
    struct deploy_request r;
    struct err why = {0};

    if (c->len != h->len) {
        (void)err_set(&why, E_INVALID, "has %zu column%s where the header has %zu", c->len,
                      c->len == 1 ? "" : "s", h->len);
        add_error(f, c->start_line, NULL, &why);
        return;
    }
    deploy_request_init(&r);
    if (set_cells(f, c, h, &r)) {
        take(f, c->start_line, &r);
    } else {
        deploy_request_clear(&r);
    }
}

static void read_csv(struct deploy_file *f, const char *text, size_t len)
{
    struct csv c = {.at = text, .end = text + len, .line = 1};
    struct columns h = {0};
    struct err why = {0};
    enum err_code rc = E_OK;
    bool more = csv_next(&c, &rc, &why);

    if (more && rc == E_OK) {
        rc = read_header(&c, &h, &why);
    }
    if (rc != E_OK) {
        add_rule_error(f, c.start_line, &why);
        more = false; /* without a header nothing after it means anything */
    }
    while (more && !f->more_errors && csv_next(&c, &rc, &why)) {
        if (rc == E_OK) {
            csv_record(f, &c, &h);
        } else {
            add_error(f, c.start_line, NULL, &why);
        }
    }
    columns_clear(&h);
    csv_clear(&c);
}

/* ---- the whole file ---- */

static void check_job_ids(struct deploy_file *f)
{
    struct map *seen = map_new();
    struct err why = {0};

    for (size_t i = 0; i < f->len; i++) {
        const char *id = f->requests[i].job_id;
        const size_t *first = id[0] == '\0' ? NULL : map_put(seen, id, &f->lines[i]);
        if (first != NULL) {
            (void)err_set(&why, E_INVALID, "jobId: %s is that of line %zu too", id, *first);
            add_error(f, f->lines[i], "jobId", &why);
        }
    }
    map_free(seen, NULL);
}

static enum err_code verdict(const struct deploy_file *f, struct err *e)
{
    if (f->errors_len == 0) {
        return f->len > 0 ? E_OK : err_set(e, E_INVALID, "there is no deploy in it");
    }
    const struct deploy_file_error *x = &f->errors[0];
    return err_set(e, E_INVALID, "line %zu: %s", x->line, x->err.msg);
}

enum err_code deploy_file_read(const char *text, size_t len, struct deploy_file *out, struct err *e)
{
    size_t first = 0;

    *out = (struct deploy_file){0};
    if (len > DEPLOY_FILE_MAX) {
        return err_set(e, E_INVALID, "is over %d MiB", DEPLOY_FILE_MAX >> 20);
    }
    if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        struct err why = {0};
        (void)err_set(&why, E_INVALID, "is text in UTF-16: save the file as UTF-8");
        add_error(out, 1, NULL, &why);
        return verdict(out, e);
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    while (first < len && strchr(" \t\r\n", text[first]) != NULL && text[first] != '\0') {
        first++;
    }
    if (first < len && (text[first] == '{' || text[first] == '[')) {
        read_json_lines(out, text, len);
    } else {
        read_csv(out, text, len);
    }
    check_job_ids(out);
    return verdict(out, e);
}

void deploy_file_clear(struct deploy_file *f)
{
    for (size_t i = 0; i < f->len; i++) {
        deploy_request_clear(&f->requests[i]);
    }
    free(f->requests);
    free(f->lines);
    free(f->errors);
    *f = (struct deploy_file){0};
}
