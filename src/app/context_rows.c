/* The contexts of config.ini as rows to choose from. */
#include "context_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"

/* What tells one environment from another, the most telling first. */
static const enum setting_id shown[] = {SET_ACCOUNT, SET_REGION,       SET_TABLE,
                                        SET_PROFILE, SET_ENDPOINT_URL, SET_BUS};

/* "111122223333, eu-central-1, mvp-prod-jobs, read-only": what the i-th context has of its own. */
static char *differences(const struct settings *s, size_t i)
{
    struct strbuf b = STRBUF_INIT;
    char *read_only = settings_context_differs(s, i, SET_READ_ONLY);

    for (size_t n = 0; n < sizeof shown / sizeof *shown; n++) {
        char *value = settings_context_differs(s, i, shown[n]);
        if (value != NULL) {
            strbuf_addf(&b, "%s%s", b.len > 0 ? ", " : "", value);
        }
        free(value);
    }
    if (read_only != NULL) {
        strbuf_addf(&b, "%sread_only = %s", b.len > 0 ? ", " : "", read_only);
    }
    free(read_only);
    return strbuf_take(&b);
}

/* What is wrong without what the row says already: "config.ini:12: ..." */
static char *mistake_text(const struct settings *s, const char *mistake)
{
    const char *file = settings_config_file(s);
    const char *slash = file == NULL ? NULL : strrchr(file, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash + 1 - file);
    const char *from =
        strncmp(mistake, file == NULL ? "" : file, folder) == 0 ? mistake + folder : mistake;
    const char *name = strstr(from, " [context");
    const char *end = name == NULL ? NULL : strstr(name, "]: ");
    char *text =
        end == NULL ? xstrdup(from) : xasprintf("%.*s%s", (int)(name - from), from, end + 1);
    char *clean = text_cleaned(text, TEXT_ONE_LINE);

    free(text);
    return clean;
}

void context_rows_init(struct context_rows *c, const struct settings *s)
{
    size_t len = settings_local(s) ? 0 : settings_contexts_len(s);

    *c = (struct context_rows){0};
    if (len == 0) {
        return;
    }
    c->items = xcalloc(len + 2, sizeof *c->items);
    for (size_t i = 0; i < len; i++) {
        struct setting_context x = settings_context_at(s, i);
        c->items[i] = (struct context_row){.name = x.name,
                                           .label = text_cleaned(x.name, TEXT_ONE_LINE),
                                           .text = x.mistake != NULL ? mistake_text(s, x.mistake)
                                                                     : differences(s, i),
                                           .colour = x.colour,
                                           .spoiled = x.mistake != NULL,
                                           .now = x.chosen};
    }
    c->items[len] = (struct context_row){.name = "*",
                                         .label = xstrdup("(all)"),
                                         .text = xstrdup("the jobs of all contexts in one list")};
    c->items[len + 1] = (struct context_row){.label = xstrdup("(no context)"),
                                             .text = xstrdup("the plain sections of config.ini"),
                                             .now = settings_context(s) == NULL};
    c->len = len + 2;
}

void context_rows_done(struct context_rows *c)
{
    for (size_t i = 0; i < c->len; i++) {
        free(c->items[i].label);
        free(c->items[i].text);
    }
    free(c->items);
    *c = (struct context_rows){0};
}
