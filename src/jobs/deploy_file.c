/* Reading a file of deploys, JSON Lines or CSV, with every mistake that is in it. */
#include "jobs/deploy_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/utf16.h"
#include "deploy_columns.h"
#include "deploy_text.h"
#include "deploy_type.h"

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
        x->field[0] = '\0'; /* the column's name does not fit: no name is better than half of one */
    }
    free(clean);
}

/* The field that a rule's sentence begins with, when it is a field of the table. */
static const char *field_of(const struct err *why, char buf[64])
{
    size_t n = strcspn(why->msg, ": .[");

    if (n == 0 || n >= 64 || why->msg[n] == '\0') {
        return NULL;
    }
    memcpy(buf, why->msg, n);
    buf[n] = '\0';
    const struct deploy_field *known = deploy_field_named(buf);
    return known == NULL ? NULL : known->name;
}

static void add_rule_error(struct deploy_file *f, size_t line, const struct err *why)
{
    char buf[64];

    add_error(f, line, field_of(why, buf), why);
}

/* Takes the request when it is complete, else notes what is wrong with it. */
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
        (void)err_set(&why, E_INVALID, "is one deploy too many: a file can hold at most %d",
                      DEPLOY_FILE_LEN_MAX);
        add_error(f, line, NULL, &why);
        deploy_request_clear(r);
        return;
    }
    f->requests = xgrow(f->requests, f->len, &f->cap, sizeof *f->requests);
    f->lines = xgrow(f->lines, f->len, &f->lines_cap, sizeof *f->lines);
    f->requests[f->len] = *r; /* the request is moved, not copied */
    f->lines[f->len++] = line;
}

/* ---- JSON Lines ---- */

/* The first key that an object has twice; NULL when there is none. Which of the two values counts
 * would be a guess. */
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
    return err_set(e, E_INVALID, "%s is given twice: give it once", rule_shown(key).text);
}

/* A duration that is given as a text ("4h") becomes its seconds, as in a column of CSV. */
static enum err_code read_durations(cJSON *doc, struct err *e)
{
    cJSON *at[] = {doc, cJSON_GetObjectItemCaseSensitive(doc, "metadata")};

    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        for (cJSON *v = cJSON_IsObject(at[i]) ? at[i]->child : NULL; v != NULL; v = v->next) {
            const struct deploy_field *field = deploy_field_named(v->string);
            struct deploy_request r;
            if (field == NULL || field->type != &field_seconds || !cJSON_IsString(v)) {
                continue;
            }
            deploy_request_init(&r);
            enum err_code rc = deploy_request_set(&r, field->name, v->valuestring, e);
            cJSON *seconds = rc == E_OK ? deploy_field_json(field, &r, false) : NULL;
            deploy_request_clear(&r);
            if (rc != E_OK) {
                return rc;
            }
            if (seconds != NULL) { /* no key stands twice: check_keys */
                (void)cJSON_ReplaceItemInObjectCaseSensitive(at[i], field->name, seconds);
                break;
            }
        }
    }
    return E_OK;
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
    } else if (read_durations(doc, &why) != E_OK ||
               deploy_request_from_json(&r, doc, &why) != E_OK) {
        add_rule_error(f, line, &why);
    } else {
        take(f, line, &r);
    }
    cJSON_Delete(doc);
}

/* Makes the result empty again; its arrays stay allocated. */
static void forget(struct deploy_file *f)
{
    for (size_t i = 0; i < f->len; i++) {
        deploy_request_clear(&f->requests[i]);
    }
    f->len = 0;
    f->errors_len = 0;
    f->more_errors = false;
}

/* Handles a file of JSON documents that do not stand one on each line: an error for each line would
 * not say the one thing that has to be done. */
static void name_documents(struct deploy_file *f, const char *text, size_t len)
{
    const char *filter = text[strspn(text, " \t\r\n")] == '[' ? ".[]" : ".";
    struct deploy_documents docs;
    struct err why = {0};

    if (!deploy_text_documents(text, len, &docs) || (!docs.lines && filter[1] == '\0')) {
        return;
    }
    forget(f);
    if (docs.len == 1) {
        (void)err_set(&why, E_INVALID,
                      "is one JSON document: give one object a line, as `jq -c '%s' FILE` makes "
                      "them",
                      filter);
    } else {
        (void)err_set(&why, E_INVALID,
                      "is a stream of %zu JSON documents, which take several lines each: give one "
                      "object a line, as `jq -c '%s' FILE` makes them",
                      docs.len, filter);
    }
    add_error(f, 1, NULL, &why);
}

/* The length of the line up to its "
 * ", "\r
 * " or lone "\r"; no text in JSON holds one of these. */
static size_t line_len(const char *text, const char *end)
{
    const char *nl = memchr(text, '\n', (size_t)(end - text));
    size_t n = (size_t)((nl == NULL ? end : nl) - text);
    const char *cr = memchr(text, '\r', n);

    return cr == NULL ? n : (size_t)(cr - text);
}

static void read_json_lines(struct deploy_file *f, const char *text, size_t len)
{
    const char *start = text;
    const char *end = text + len;
    size_t line = 0;

    while (text < end && f->errors_len <= DEPLOY_FILE_ERRORS_MAX && !f->more_errors) {
        size_t n = line_len(text, end);
        const char *value = text;
        size_t len_of_value = text_trim(&value, n);
        line++;
        if (len_of_value > 0) {
            json_line(f, line, value, len_of_value);
        }
        text += n;
        text += text + 1 < end && text[0] == '\r' && text[1] == '\n' ? 2 : text < end ? 1 : 0;
    }
    if (f->errors_len > 0) {
        name_documents(f, start, len);
    }
}

/* ---- CSV ---- */

/* Sets a column that is no field: it becomes a key of metadata with a text. */
static enum err_code set_further(struct deploy_request *r, const char *key, const char *text,
                                 struct err *e)
{
    if (r->metadata != NULL && json_get(r->metadata, key) != NULL) {
        return err_set(e, E_INVALID, "metadata has the key %s, which is also a column",
                       rule_shown(key).text);
    }
    cJSON *holder = json_new_object();
    json_set_str(holder, key, text);
    enum err_code rc = deploy_take_metadata(r, holder->child, e);
    cJSON_Delete(holder);
    return rc;
}

static bool is_blank(const char *cell)
{
    return text_trim(&cell, strlen(cell)) == 0;
}

/* The cell of a column; a record that ends early has empty cells in the columns after its end. */
static const char *cell_at(const struct csv *c, size_t i)
{
    return i < c->len ? c->cells[i] : "";
}

/* The first cell with a value in a column that the header gives no name; c->len when there is
 * none. */
static size_t nameless(const struct csv *c, const struct columns *h)
{
    size_t i = 0;

    while (i < c->len && ((i < h->len && h->names[i][0] != '\0') || is_blank(c->cells[i]))) {
        i++;
    }
    return i;
}

static enum err_code set_cell(struct deploy_request *r, const struct deploy_field *field,
                              const char *column, const char *cell, struct err *e)
{
    bool id = field != NULL && field->id;
    enum err_code rc = deploy_text_check_cell(field != NULL ? field->name : column, id, cell, e);

    if (rc != E_OK) {
        return rc;
    }
    return field != NULL ? deploy_request_set(r, field->name, cell, e)
                         : set_further(r, column, cell, e);
}

/* Sets the metadata first, so that a key in it that is a field gives way to the field's own
 * column. */
static bool set_cells(struct deploy_file *f, const struct csv *c, const struct columns *h,
                      struct deploy_request *r)
{
    bool good = true;

    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < h->len; i++) {
            const struct deploy_field *field = h->field[i];
            bool whole = field != NULL && field->type == &field_object;
            struct err why = {0};
            const char *cell = cell_at(c, i);
            bool empty = is_blank(cell);
            if (whole != (round == 0) || (empty && (field == NULL || !field->required))) {
                continue;
            }
            if (empty) {
                (void)err_set(&why, E_INVALID, "%s is missing: give %s", field->name, field->help);
                add_error(f, c->start_line, field->name, &why);
                good = false;
                continue;
            }
            enum err_code rc = set_cell(r, field, h->names[i], cell, &why);
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

    size_t extra = nameless(c, h);
    if (extra < c->len) {
        (void)err_set(&why, E_INVALID,
                      "has a value in column %zu, which has no name in the header: the header has "
                      "%zu column%s",
                      extra + 1, h->len, h->len == 1 ? "" : "s");
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
    struct csv c;
    struct columns h = {0};
    struct err why = {0};
    enum err_code rc = E_OK;

    csv_begin(&c, text, len);
    bool more = csv_header(&c, &rc, &why);
    if (more && rc == E_OK) {
        rc = columns_read(&c, &h, &why);
    }
    if (rc != E_OK) {
        add_rule_error(f, c.start_line, &why);
        more = false; /* without a header no later line means anything */
    }
    while (more && !f->more_errors && csv_next_full(&c, &rc, &why)) {
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
            (void)err_set(&why, E_INVALID, "jobId: %s is also that of line %zu", id, *first);
            add_error(f, f->lines[i], "jobId", &why);
        }
    }
    map_free(seen, NULL);
}

static enum err_code verdict(const struct deploy_file *f, struct err *e)
{
    if (f->errors_len == 0) {
        if (f->len > 0) {
            return E_OK;
        }
        char *names = deploy_required_names();
        (void)err_set(e, E_INVALID, "it contains no deploy");
        (void)err_hint_set(e, "write one deploy a line: JSON, or CSV below a header that names %s",
                           names);
        free(names);
        return E_INVALID;
    }
    const struct deploy_file_error *x = &f->errors[0];
    return err_set(e, E_INVALID, "line %zu: %s", x->line, x->err.msg);
}

static void read_utf8(struct deploy_file *out, const char *text, size_t len)
{
    const char *first = text;

    /* MS-DOS marks the end of a text with this byte */
    len -= len > 0 && text[len - 1] == 0x1a ? 1 : 0;
    if (text_trim(&first, len) > 0 && (*first == '{' || *first == '[')) {
        read_json_lines(out, text, len);
    } else {
        while (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
            text += 3;
            len -= 3;
        }
        read_csv(out, text, len);
    }
}

/* What kind of file this is, when a spreadsheet or another program wrote it and it is no text; NULL
 * when it may be a text. */
static const char *other_kind(const char *text, size_t len)
{
    static const struct {
        const char *start, *kind;
    } kinds[] = {
        {"PK\x03\x04",       "is a workbook (.xlsx, .ods, .numbers) or a zip archive"},
        {"\xd0\xcf\x11\xe0", "is a workbook of Excel (.xls)"                         },
        {"\x1f\x8b",         "is compressed by gzip"                                 },
        {"%PDF-",            "is a PDF"                                              },
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].start);
        if (len >= n && memcmp(text, kinds[i].start, n) == 0) {
            return kinds[i].kind;
        }
    }
    return NULL;
}

enum err_code deploy_file_read(const char *text, size_t len, struct deploy_file *out, struct err *e)
{
    *out = (struct deploy_file){0};
    if (len > DEPLOY_FILE_MAX) {
        return err_set(e, E_INVALID, "is over %d MiB", DEPLOY_FILE_MAX >> 20);
    }
    struct err why = {0};
    const char *kind = other_kind(text, len);
    if (kind != NULL) {
        (void)err_set(&why, E_INVALID, "%s: save the sheet as \"CSV UTF-8\"", kind);
        add_error(out, 1, NULL, &why);
    } else if (utf16_is(text, len)) {
        size_t utf8_len = 0;
        char *utf8 = utf16_to_utf8(text, len, &utf8_len, &why);
        if (utf8 == NULL) {
            add_error(out, 1, NULL, &why);
        } else {
            read_utf8(out, utf8, utf8_len);
            secret_free_bytes(utf8, utf8_len);
        }
    } else {
        read_utf8(out, text, len);
    }
    check_job_ids(out);
    return verdict(out, e);
}

void deploy_file_clear(struct deploy_file *f)
{
    forget(f);
    free(f->requests);
    free(f->lines);
    free(f->errors);
    *f = (struct deploy_file){0};
}
