/* The header of a CSV file of deploys: which column is which field. */
#include "deploy_columns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/text.h"
#include "deploy_rules.h"

void columns_clear(struct columns *h)
{
    for (size_t i = 0; i < h->len; i++) {
        free(h->names[i]);
    }
    free(h->names);
    free(h->field);
}

static char *trimmed(const char *s)
{
    size_t len = text_trim(&s, strlen(s));

    return xstrndup(s, len);
}

static enum err_code check_column(const struct columns *h, size_t at, struct err *e)
{
    const char *name = h->names[at];

    if (*name == '\0') {
        return E_OK; /* Excel leaves such columns behind; they may not have a value */
    }
    for (size_t i = 0; i < at; i++) {
        if (h->field[at] != NULL ? h->field[i] == h->field[at] : strcmp(h->names[i], name) == 0) {
            return err_set(e, E_INVALID, "columns %zu and %zu of the header are the same: %s",
                           i + 1, at + 1, rule_shown(name).text);
        }
    }
    return E_OK;
}

/* Checks that the header has a column for each required field, because no line can do without
 * it. */
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
        return err_set(e, E_INVALID, "%s: the header has no such column", deploy_fields[i].name);
    }
    return E_OK;
}

/* The headings by which the list of jobs, and people, call a field. */
static const struct deploy_field *by_heading(const char *name)
{
    static const char *const headings[][2] = {
        {"business", "businessName"     },
        {"prio",     "priority"         },
        {"duration", "estimatedDuration"},
        {"user",     "userId"           },
        {"product",  "productId"        },
        {"dbUrl",    "founderdashDbUrl" },
        {"database", "founderdashDbUrl" },
    };

    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++) {
        if (strcasecmp(name, headings[i][0]) == 0) {
            return deploy_field_named(headings[i][1]);
        }
    }
    return NULL;
}

/* Checks that no column that would go into metadata nearly has the name of a field that has no
 * column: a deploy without its business name cannot be undone. */
static enum err_code check_near(const struct columns *h, struct err *e)
{
    for (size_t i = 0; i < h->len; i++) {
        const struct deploy_field *near =
            h->field[i] != NULL || deploy_field_named(h->names[i]) != NULL ? NULL
            : by_heading(h->names[i]) != NULL                              ? by_heading(h->names[i])
                                              : deploy_field_near(h->names[i]);
        for (size_t at = 0; at < h->len && near != NULL; at++) {
            near = h->field[at] == near ? NULL : near;
        }
        if (near != NULL) {
            struct shown name = rule_shown(h->names[i]);
            return err_set(e, E_INVALID,
                           "%s is not a field: did you mean %s? A key of metadata that is meant so "
                           "goes into a column metadata, as {%s:...}",
                           name.text, near->name, name.text);
        }
    }
    return E_OK;
}

enum err_code columns_read(const struct csv *c, struct columns *h, struct err *e)
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
    rc = rc == E_OK ? check_near(h, e) : rc;
    return rc == E_OK ? check_required(h, e) : rc;
}
