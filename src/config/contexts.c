/* The contexts of config.ini: reading them, choosing one, and telling what hides its values. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/suggest.h"
#include "core/text.h"
#include "src/config/settings_priv.h"

#define SERVICE_ENDPOINT "AWS_ENDPOINT_URL_"

/* The words "config.ini:12 [context prod]". Owned. */
static char *place_of(const struct settings *s, const struct context *c, int line)
{
    char *name = text_cleaned(c->name, TEXT_ONE_LINE);
    char *text = xasprintf("%s:%d [context%s%.*s]", s->ini_path, line, name[0] == '\0' ? "" : " ",
                           text_cut(name, 64), name);

    free(name);
    return text;
}

char *contexts_from(const struct settings *s, const struct ini_value *v)
{
    return place_of(s, s->context, v->line);
}

/* ---- reading ---- */

static struct context *find(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->contexts_len; i++) {
        if (strcmp(s->contexts[i].name, name) == 0) {
            return &s->contexts[i];
        }
    }
    return NULL;
}

/* Keeps a mistake and warns of it. Takes `text`. */
static void spoil(struct settings *s, struct context *c, char *text)
{
    if (!s->input.no_context) {
        settings_warn(s, xstrdup(text));
    }
    if (c->mistake == NULL) {
        c->mistake = text;
    } else {
        free(text);
    }
}

/* Checks a value that stands in `line`. */
static void check(struct settings *s, struct context *c, enum setting_id id, char *text, int line)
{
    char *place = place_of(s, c, line);
    const struct setting_value v = {.text = text, .origin_text = place, .origin = ORIGIN_CONTEXT};
    struct err e = {0};

    if (setting_check(&setting_rows[id], &v, &e) != E_OK) {
        spoil(s, c, xstrdup(e.msg));
    }
    free(place);
}

void contexts_begin(struct settings *s, int line, const char *name)
{
    size_t len = strlen(name);
    size_t n = text_trim(&name, len);
    char *own = xstrndup(name, n);
    struct context *c = find(s, own);

    if (c != NULL) {
        s->contexts_at = (size_t)(c - s->contexts);
        free(own);
        contexts_mistake(s, line,
                         xasprintf("there is a context of this name already, in line %d", c->line));
        return;
    }
    s->contexts = xgrow(s->contexts, s->contexts_len, &s->contexts_cap, sizeof *s->contexts);
    s->contexts_at = s->contexts_len++;
    c = &s->contexts[s->contexts_at];
    *c = (struct context){.name = own, .line = line};
    if (n == 0) {
        contexts_mistake(s, line, xstrdup("it has no name; expected [context NAME]"));
        return;
    }
    check(s, c, SET_CONTEXT, own, line);
}

void contexts_mistake(struct settings *s, int line, char *what)
{
    struct context *c = &s->contexts[s->contexts_at];
    char *place = place_of(s, c, line);

    spoil(s, c, xasprintf("%s: %s", place, what));
    free(place);
    free(what);
}

static char *unknown_key(const char *name)
{
    struct suggest near = suggest_for(name);
    char *shown = text_cleaned(name, TEXT_ONE_LINE);

    for (size_t i = 0; i < SET_COUNT; i++) {
        suggest_offer(&near, i == SET_CONTEXT ? NULL : setting_rows[i].ini);
    }
    char *text = suggest_best(&near) != NULL
                     ? xasprintf("there is no setting \"%s\"; did you mean \"%s\"?", shown,
                                 suggest_best(&near))
                     : xasprintf("there is no setting \"%s\"", shown);
    free(shown);
    return text;
}

void contexts_take(struct settings *s, int line, const char *name, const char *value)
{
    const struct setting_row *r =
        setting_row_by_ini(NULL, strcmp(name, "color") == 0 ? setting_rows[SET_COLOUR].ini : name);

    if (r == NULL) {
        contexts_mistake(s, line, unknown_key(name));
        return;
    }
    if (r->id == SET_CONTEXT) {
        contexts_mistake(s, line, xasprintf("\"%s\" belongs in [%s]", r->ini, r->section));
        return;
    }
    if (value[0] == '\0') { /* an empty account would guard nothing */
        contexts_mistake(
            s, line, xasprintf("\"%s\" has no value; give it one or leave the line out", r->ini));
        return;
    }
    struct ini_value *v = &s->contexts[s->contexts_at].ini[r->id];
    if (v->text != NULL) {
        contexts_mistake(s, line,
                         xasprintf("\"%s\" is given again (first in line %d)", r->ini, v->line));
        secret_free(v->text);
    }
    *v = (struct ini_value){xstrdup(value), line};
}

void contexts_check(struct settings *s)
{
    for (size_t i = 0; i < s->contexts_len; i++) {
        struct context *c = &s->contexts[i];
        for (int id = 0; id < SET_COUNT; id++) {
            const struct ini_value *v = &c->ini[id];
            /* a price spoils only itself, and is told of when the context is chosen */
            if (v->text != NULL && setting_rows[id].kind != KIND_PRICE) {
                check(s, c, (enum setting_id)id, v->text, v->line);
            }
        }
    }
}

/* ---- choosing ---- */

static enum err_code unknown(const struct settings *s, const struct setting_value *name,
                             struct err *e)
{
    struct suggest near = suggest_for(name->text);
    struct strbuf known = STRBUF_LIMIT(160);
    enum err_code code = name->origin == ORIGIN_FLAG ? E_INVALID : E_CONFIG;
    const char *file = s->ini_path == NULL ? "config.ini, which does not exist" : s->ini_path;

    for (size_t i = 0; i < s->contexts_len; i++) {
        if (s->contexts[i].name[0] == '\0') {
            continue;
        }
        char *shown = text_cleaned(s->contexts[i].name, TEXT_ONE_LINE);
        strbuf_addf(&known, "%s%s", known.len == 0 ? "" : ", ", shown);
        suggest_offer(&near, s->contexts[i].name);
        free(shown);
    }
    const char *best = suggest_best(&near);
    bool named = strcmp(name->origin_text, "context") != 0; /* a flag or a file names it */
    (void)err_set(e, code, "%s%sthere is no context \"%s\" in %s%s%s%s",
                  named ? name->origin_text : "", named ? ": " : "", name->text, file,
                  best == NULL ? "" : "; did you mean \"", best == NULL ? "" : best,
                  best == NULL ? "" : "\"?");
    if (known.len == 0) {
        (void)err_hint_set(e, "config.ini has no context: add a section [context %s]", name->text);
    } else {
        (void)err_hint_set(e, "these exist: %s; to make one, add a section [context %s]",
                           strbuf_str(&known), name->text);
    }
    strbuf_clear(&known);
    return code;
}

enum err_code contexts_choose(struct settings *s, const struct setting_value *name, struct err *e)
{
    const struct context *c = find(s, name->text);

    if (c == NULL) { /* a name that no context can have says that first */
        enum err_code rc = setting_check(&setting_rows[SET_CONTEXT], name, e);
        return rc == E_OK ? unknown(s, name, e) : rc;
    }
    if (c->mistake != NULL) {
        char *shown = text_cleaned(c->name, TEXT_ONE_LINE);
        (void)err_set(e, E_CONFIG, "context %.*s cannot be used: %s", text_cut(shown, 64), shown,
                      c->mistake);
        free(shown);
        return err_hint_set(e, "correct that line; `mvpdash config --contexts` lists the contexts");
    }
    s->context = c;
    return E_OK;
}

/* ---- what hides a value ---- */

/* Takes `by`. */
static void hide(struct settings *s, enum setting_id id, char *by, const char *how)
{
    const struct ini_value *v = &s->context->ini[id];

    char *text = xasprintf("%s %s the %s of [context %s] (%s:%d)", by, how, setting_rows[id].ini,
                           s->context->name, s->ini_path, v->line);
    settings_warn(s, xstrdup(text));
    s->hidden = xgrow(s->hidden, s->hidden_len, &s->hidden_cap, sizeof *s->hidden);
    s->hidden[s->hidden_len++] = (struct setting_hidden){
        .id = id, .by = by, .from = xasprintf("%s:%d", s->ini_path, v->line), .text = text};
}

/* Notes the endpoints of single services that come before the context's endpoint. */
static void hide_endpoint(struct settings *s, const char *endpoint)
{
    extern char **environ;
    static const char prefix[] = SERVICE_ENDPOINT;

    for (char **v = environ; v != NULL && *v != NULL; v++) {
        size_t n = strcspn(*v, "=");
        const char *value = (*v)[n] == '=' ? *v + n + 1 : "";
        if (strncmp(*v, prefix, sizeof prefix - 1) == 0 && value[0] != '\0' &&
            strcmp(value, endpoint) != 0) {
            hide(s, SET_ENDPOINT_URL, xasprintf("environment %.*s", (int)n, *v),
                 "hides, for its service,");
        }
    }
    for (size_t i = 0; i < s->env.len; i++) {
        const struct env_entry *x = &s->env.items[i];
        if (strncmp(x->key, prefix, sizeof prefix - 1) == 0 && x->value[0] != '\0' &&
            strcmp(x->value, endpoint) != 0 && settings_env_verdict(s, x) == ENV_TAKEN &&
            getenv(x->key) == NULL) {
            hide(s, SET_ENDPOINT_URL, xasprintf("%s:%d", s->env_path, x->line),
                 "hides, for its service,");
        }
    }
}

static void hide_profile(struct settings *s, const char *own)
{
    const struct setting_value *v = &s->values[SET_PROFILE];
    char *by = settings_identity_named(s);
    const char *web = getenv("AWS_WEB_IDENTITY_TOKEN_FILE");

    if (by != NULL) {
        bool same = v->text != NULL && strcmp(v->text, own) == 0;
        if (same && strcmp(by, v->origin_text) == 0) { /* both name the same profile */
            free(by);
        } else {
            hide(s, SET_PROFILE, by, "hides");
        }
    } else if (web != NULL && web[0] != '\0') {
        hide(s, SET_PROFILE, xstrdup("environment AWS_WEB_IDENTITY_TOKEN_FILE"),
             "comes, unless the profile takes on a role, before");
    }
}

void contexts_note_hidden(struct settings *s)
{
    for (int id = 0; s->context != NULL && id < SET_COUNT; id++) {
        const struct setting_value *v = &s->values[id];
        const char *own = s->context->ini[id].text;
        if (own == NULL || v->origin == ORIGIN_FLAG) {
            continue;
        }
        if (id == SET_PROFILE) {
            hide_profile(s, own);
        } else if (v->origin > ORIGIN_CONTEXT && strcmp(v->text, own) != 0) {
            hide(s, (enum setting_id)id, xstrdup(v->origin_text), "hides");
        } else if (id == SET_ENDPOINT_URL) {
            hide_endpoint(s, own);
        }
    }
}

/* ---- telling ---- */

const char *settings_context(const struct settings *s)
{
    return s->context == NULL ? NULL : s->context->name;
}

enum setting_colour settings_colour(const struct settings *s)
{
    return setting_colour_of(s->values[SET_COLOUR].text);
}

size_t settings_hidden(const struct settings *s, const struct setting_hidden **out)
{
    *out = s->hidden;
    return s->hidden_len;
}

size_t settings_contexts_len(const struct settings *s)
{
    return s->contexts_len;
}

struct setting_context settings_context_at(const struct settings *s, size_t i)
{
    const struct context *c = &s->contexts[i];

    return (struct setting_context){.name = c->name,
                                    .mistake = c->mistake,
                                    .line = c->line,
                                    .colour = setting_colour_of(c->ini[SET_COLOUR].text),
                                    .chosen = c == s->context};
}

char *settings_context_differs(const struct settings *s, size_t i, enum setting_id id)
{
    const char *own = s->contexts[i].ini[id].text;
    const char *plain = s->ini[id].text != NULL ? s->ini[id].text : setting_rows[id].fallback;

    return own == NULL || (plain != NULL && strcmp(own, plain) == 0) ? NULL
                                                                     : setting_shown(id, own);
}

void contexts_free(struct settings *s)
{
    for (size_t i = 0; i < s->contexts_len; i++) {
        for (int id = 0; id < SET_COUNT; id++) {
            secret_free(s->contexts[i].ini[id].text);
        }
        free(s->contexts[i].name);
        free(s->contexts[i].mistake);
    }
    for (size_t i = 0; i < s->hidden_len; i++) {
        free(s->hidden[i].by);
        free(s->hidden[i].from);
        free(s->hidden[i].text);
    }
    free(s->contexts);
    free(s->hidden);
}
