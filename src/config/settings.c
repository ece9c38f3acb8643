/* Loading the settings from all their sources.
 *
 * DESIGN: settings_load walks the rows once. For each row it asks the sources in SPEC 9's order:
 * the first one that has a value wins, the row's kind checks the value, and a sentence is kept that
 * tells where the value came from. The sources are read as a whole before that (input.c): the env
 * file and config.ini become lists with line numbers. Their texts are kept, so that the same
 * settings can be made with another context in force. Nothing is changed outside: what the AWS
 * client reads for itself becomes a value (environment.c). */
#include "config/settings.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/envfile.h"
#include "core/secret.h"
#include "core/text.h"
#include "src/config/settings_priv.h"

/* ---- the value of one setting ---- */

static bool take(struct settings *s, enum setting_id id, enum setting_origin origin,
                 const char *text, char *origin_text)
{
    struct setting_value *v = &s->values[id];

    if (text == NULL || text[0] == '\0') {
        free(origin_text);
        return false;
    }
    v->text = xstrdup(text);
    v->origin = origin;
    v->origin_text = origin_text;
    return true;
}

static bool from_environment(struct settings *s, const struct setting_row *r, const char *name)
{
    return name != NULL &&
           take(s, r->id, ORIGIN_ENVIRONMENT, getenv(name), xasprintf("environment %s", name));
}

static bool from_env_file(struct settings *s, const struct setting_row *r, const char *name)
{
    const struct env_entry *x = name == NULL ? NULL : env_file_find(&s->env, name);

    if (x == NULL || (r->id == SET_PROFILE && !settings_env_file_identity(s)) ||
        settings_env_verdict(s, x) > ENV_TAKEN) {
        return false;
    }
    return take(s, r->id, ORIGIN_ENV_FILE, x->value, xasprintf("%s:%d", s->env_path, x->line));
}

static bool from_config(struct settings *s, const struct setting_row *r)
{
    const struct ini_value *plain = &s->ini[r->id];
    const struct ini_value *own = s->context == NULL ? NULL : &s->context->ini[r->id];

    if (r->id == SET_PROFILE) { /* keys that come first are used without a profile */
        char *first = settings_identity_named(s);
        free(first);
        if (first != NULL) {
            return false;
        }
    }
    if (own != NULL && own->text != NULL && own->text[0] != '\0') {
        return take(s, r->id, ORIGIN_CONTEXT, own->text, contexts_from(s, own));
    }
    return plain->text != NULL &&
           take(s, r->id, ORIGIN_CONFIG, plain->text, xasprintf("%s:%d", s->ini_path, plain->line));
}

static enum err_code from_flags(struct settings *s, const struct setting_row *r, bool *found,
                                struct err *e)
{
    const struct settings_input *in = &s->input;

    *found = false;
    for (size_t i = in->flags_len; i > 0; i--) {
        const struct setting_flag *f = &in->flags[i - 1];
        if (f->id != r->id) {
            continue;
        }
        *found = take(s, r->id, ORIGIN_FLAG, f->value, xasprintf("flag --%s", r->flag));
        return *found ? E_OK : err_set(e, E_INVALID, "--%s: the value is empty", r->flag);
    }
    return E_OK;
}

/* A price that cannot be read spoils nothing but itself: it is not known then. */
static enum err_code check_price(struct settings *s, const struct setting_row *r)
{
    struct setting_value *v = &s->values[r->id];
    struct err why = {0};

    if (setting_check(r, v, &why) != E_OK) {
        settings_warn(s, xasprintf("%s; the price is not known then", why.msg));
        free(v->text);
        v->text = NULL;
    }
    return E_OK;
}

/* Forgets a value that cannot be used: the next source is asked. What the AWS client would find in
 * the env file goes with it. */
static void forget(struct settings *s, const struct setting_row *r)
{
    struct setting_value *v = &s->values[r->id];
    const char *const names[] = {r->env, r->env2};

    for (size_t i = 0; v->origin == ORIGIN_ENV_FILE && i < sizeof names / sizeof *names; i++) {
        const struct env_entry *x = names[i] == NULL ? NULL : env_file_find(&s->env, names[i]);
        if (x != NULL && strcmp(x->value, v->text) == 0) {
            x->value[0] = '\0';
        }
    }
    secret_free(v->text);
    free(v->origin_text);
    *v = (struct setting_value){0};
}

/* Is the value that a source gave good? A bad one of a file is a fault, and is forgotten. */
static bool accept(struct settings *s, const struct setting_row *r, enum err_code *rc,
                   struct err *e)
{
    struct setting_value *v = &s->values[r->id];
    struct err why = {0};

    if (r->kind == KIND_PRICE) {
        *rc = check_price(s, r);
        return true;
    }
    *rc = setting_check(r, v, &why);
    bool fault = v->origin == ORIGIN_CONFIG || v->origin == ORIGIN_ENV_FILE ||
                 (s->input.explain && v->origin != ORIGIN_FLAG);
    if (*rc == E_OK || !fault || r->id == SET_CONTEXT) {
        if (*rc != E_OK && e != NULL) {
            *e = why;
        }
        return true;
    }
    settings_fault(s, xstrdup(why.msg), (int)v->origin, fault_of(r->id));
    forget(s, r);
    *rc = E_OK;
    return false;
}

/* Asks one source after the other, the first one first; false: that was the last one. */
static bool ask(struct settings *s, const struct setting_row *r, int source, bool *found)
{
    /* For the embedded cloud only the names are fixed; its endpoint and region are in the
     * environment. */
    bool environment = !s->local_cloud || strcmp(r->section, "names") != 0 || r->secret;
    bool files = !s->local_cloud || strcmp(r->section, "ui") == 0 ||
                 strcmp(r->section, "alerts") == 0 || strcmp(r->section, "cost") == 0;

    switch (source) {
    case 0:
        *found = environment && from_environment(s, r, r->env);
        return true;
    case 1:
        *found = environment && from_environment(s, r, r->env2);
        return true;
    case 2:
        *found = files && from_env_file(s, r, r->env);
        return true;
    case 3:
        *found = files && from_env_file(s, r, r->env2);
        return true;
    case 4:
        *found = files && from_config(s, r);
        return true;
    default:
        return false;
    }
}

static enum err_code resolve(struct settings *s, const struct setting_row *r, struct err *e)
{
    bool found = false;
    enum err_code rc = from_flags(s, r, &found, e);

    if (rc != E_OK) {
        return rc;
    }
    if (found) {
        (void)accept(s, r, &rc, e);
        return rc;
    }
    for (int source = 0; ask(s, r, source, &found); source++) {
        if (found && accept(s, r, &rc, e)) {
            return rc;
        }
    }
    if (!take(s, r->id, ORIGIN_DEFAULT, r->fallback, xstrdup("default"))) {
        s->values[r->id].origin_text = xstrdup("default");
    }
    return E_OK;
}

/* Finds out which context is chosen, before the other settings are resolved. */
static enum err_code choose(struct settings *s, struct err *e)
{
    const struct setting_row *row = &setting_rows[SET_CONTEXT];
    struct setting_value *name = &s->values[SET_CONTEXT];
    struct err why = {0};
    bool found = false;

    if (s->local_cloud) {
        enum err_code rc = from_flags(s, row, &found, e);
        if (rc == E_OK && !found) {
            name->origin_text = xstrdup("default");
        }
        return rc != E_OK || !found
                   ? rc
                   : err_set(e, E_INVALID, "--context: the embedded local cloud has no contexts");
    }
    enum err_code rc = resolve(s, row, &why);
    if (rc == E_OK && name->text != NULL) {
        rc = contexts_choose(s, name, &why);
    }
    if (rc == E_CONFIG && s->input.explain) {
        settings_fault(s, xstrdup(why.msg), ORIGIN_ABOVE_ALL, fault_of(SET_CONTEXT));
        return E_OK;
    }
    if (rc != E_OK && s->input.any_context) {
        settings_warn(s, xstrdup(why.msg));
        return E_OK;
    }
    if (rc != E_OK && e != NULL) {
        *e = why;
    }
    return rc;
}

/* Puts the context with this name in force, or none, whatever the sources say. */
static enum err_code choose_this(struct settings *s, const char *name, struct err *e)
{
    struct setting_value *v = &s->values[SET_CONTEXT];

    if (name == NULL) {
        v->origin_text = xstrdup("default");
        return E_OK;
    }
    *v = (struct setting_value){xstrdup(name), xstrdup("context"), ORIGIN_FLAG};
    return contexts_choose(s, v, e);
}

/* Resolves everything else when the context is known. Takes `s`, on failure too. */
static struct settings *finish(struct settings *s, struct err *e)
{
    for (int i = 0; i < SET_COUNT; i++) {
        if (i != SET_CONTEXT && resolve(s, &setting_rows[i], e) != E_OK) {
            settings_free(s);
            return NULL;
        }
    }
    settings_note_ignored(s);
    contexts_note_hidden(s);
    settings_make_environment(s);
    settings_judge_faults(s);
    return s;
}

struct settings *settings_load(const struct settings_sources *src, struct err *e)
{
    struct settings *s = xcalloc(1, sizeof *s);

    if (settings_read_input(s, src, e) != E_OK || settings_parse_input(s, e) != E_OK ||
        (src->no_context ? choose_this(s, NULL, e) : choose(s, e)) != E_OK) {
        settings_free(s);
        return NULL;
    }
    return finish(s, e);
}

/* Drops the warnings that `other` has too. */
static void drop_warnings(struct settings *s, const struct settings *other)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->warnings_len; i++) {
        if (settings_warned(other, s->warnings[i])) {
            free(s->warnings[i]);
        } else {
            s->warnings[kept++] = s->warnings[i];
        }
    }
    s->warnings_len = kept;
}

struct settings *settings_with_context(const struct settings *from, const char *name, struct err *e)
{
    if (from->local_cloud && name != NULL) {
        (void)err_set(e, E_INVALID, "context %s: the embedded local cloud has no contexts", name);
        (void)err_hint_set(e, "start mvpdash without --local");
        return NULL;
    }
    struct settings *s = xcalloc(1, sizeof *s);

    settings_copy_input(s, from);
    if (settings_parse_input(s, e) != E_OK || choose_this(s, name, e) != E_OK) {
        settings_free(s);
        return NULL;
    }
    s = finish(s, e);
    if (s != NULL) {
        drop_warnings(s, from);
    }
    return s;
}

bool settings_local(const struct settings *s)
{
    return s->local_cloud;
}

void settings_warn(struct settings *s, char *text)
{
    s->warnings = xgrow(s->warnings, s->warnings_len, &s->warnings_cap, sizeof *s->warnings);
    s->warnings[s->warnings_len++] = text;
}

void settings_free(struct settings *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < SET_COUNT; i++) {
        secret_free(s->values[i].text);
        free(s->values[i].origin_text);
        secret_free(s->ini[i].text);
    }
    for (size_t i = 0; i < s->keys_len; i++) {
        free((char *)s->keys[i].action);
        free((char *)s->keys[i].keys);
    }
    for (size_t i = 0; i < s->warnings_len; i++) {
        free(s->warnings[i]);
    }
    for (size_t i = 0; i < s->ignored_len; i++) {
        free(s->ignored[i].name);
        free(s->ignored[i].from);
        free(s->ignored[i].why);
    }
    free(s->ignored);
    contexts_free(s);
    free(s->keys);
    named_lines_free(&s->views);
    named_lines_free(&s->commands);
    free(s->warnings);
    free(s->faults);
    free(s->unsafe);
    settings_clear_input(s);
    env_free(s->environment);
    env_free(s->programs);
    env_file_clear(&s->env);
    free(s);
}
