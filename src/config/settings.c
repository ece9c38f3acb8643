/* Loading the settings from all their sources.
 *
 * DESIGN: settings_load walks the rows once. For each row it asks the sources in SPEC 9's order:
 * the first one that has a value wins, the row's kind checks the value, and a sentence is kept that
 * tells where the value came from. The sources are read as a whole before that: the env file and
 * config.ini become lists with line numbers. Nothing is changed outside until settings_export
 * (export.c). */
#include "config/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/envfile.h"
#include "core/path.h"
#include "core/secret.h"
#include "core/text.h"
#include "src/config/settings_priv.h"

#define IMPLICIT_ENV_FILE "./.env.eventbridge"

static void warn(struct settings *s, char *text)
{
    s->warnings = xgrow(s->warnings, s->warnings_len, &s->warnings_cap, sizeof *s->warnings);
    s->warnings[s->warnings_len++] = text;
}

/* May the env file of the current folder be trusted? It is read without being asked for, so only
 * the user (or root) may have been able to write it. */
static bool implicit_file_trusted(struct settings *s)
{
    struct stat st;

    if (stat(IMPLICIT_ENV_FILE, &st) != 0) {
        return false;
    }
    if (!S_ISREG(st.st_mode)) { /* reading a pipe could keep every command waiting */
        warn(s, xasprintf("%s is ignored: it is no plain file; name it with --env-file to use it "
                          "all the same",
                          IMPLICIT_ENV_FILE));
        return false;
    }
    if ((st.st_uid != getuid() && st.st_uid != 0) || (st.st_mode & S_IWOTH) != 0) {
        warn(s, xasprintf("%s is ignored: it belongs to somebody else or everybody may write to "
                          "it; name it with --env-file to use it all the same",
                          IMPLICIT_ENV_FILE));
        return false;
    }
    return true;
}

static enum err_code read_env_file(struct settings *s, const char *given, struct err *e)
{
    char *text = NULL;
    size_t len = 0;

    if (given == NULL && !implicit_file_trusted(s)) {
        return E_OK;
    }
    s->env_named = given != NULL;
    s->env_path = xstrdup(given != NULL ? given : IMPLICIT_ENV_FILE);
    enum err_code rc = given != NULL
                           ? path_read(s->env_path, ENV_FILE_MAX_BYTES, &text, &len, e)
                           : path_read_plain(s->env_path, ENV_FILE_MAX_BYTES, &text, &len, e);
    if (rc != E_OK) {
        if (e != NULL) {
            e->code = E_CONFIG;
            (void)err_hint_set(e, "name a file that exists and is readable with --env-file");
        }
        return E_CONFIG;
    }
    rc = env_file_parse(text, len, s->env_path, &s->env, e);
    secret_free_bytes(text, len);
    for (size_t i = 0; rc == E_OK && i < s->env.warnings_len; i++) {
        warn(s, xstrdup(s->env.warnings[i]));
    }
    s->env_trusted = rc == E_OK && !s->env_named && settings_folder_trusted(s);
    return rc;
}

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

static enum err_code from_flags(struct settings *s, const struct setting_row *r,
                                const struct settings_sources *src, bool *found, struct err *e)
{
    *found = false;
    for (size_t i = src->flags_len; i > 0; i--) {
        const struct setting_flag *f = &src->flags[i - 1];
        if (f->id != r->id) {
            continue;
        }
        *found = take(s, r->id, ORIGIN_FLAG, f->value, xasprintf("flag --%s", r->flag));
        return *found ? E_OK : err_set(e, E_INVALID, "--%s: the value is empty", r->flag);
    }
    return E_OK;
}

static enum err_code resolve(struct settings *s, const struct setting_row *r,
                             const struct settings_sources *src, struct err *e)
{
    bool found = false;
    /* For the embedded cloud only the names are fixed; its endpoint and region are in the
     * environment. */
    bool environment = !src->local_cloud || strcmp(r->section, "names") != 0 || r->secret;
    bool files =
        !src->local_cloud || strcmp(r->section, "ui") == 0 || strcmp(r->section, "alerts") == 0;
    enum err_code rc = from_flags(s, r, src, &found, e);

    if (rc != E_OK) {
        return rc;
    }
    if (!found && environment) {
        found = from_environment(s, r, r->env) || from_environment(s, r, r->env2);
    }
    if (!found && files) {
        found = from_env_file(s, r, r->env) || from_env_file(s, r, r->env2) || from_config(s, r);
    }
    if (!found && !take(s, r->id, ORIGIN_DEFAULT, r->fallback, xstrdup("default"))) {
        s->values[r->id].origin_text = xstrdup("default");
    }
    return setting_check(r, &s->values[r->id], e);
}

/* Finds out which context is chosen, before the other settings are resolved. */
static enum err_code choose(struct settings *s, const struct settings_sources *src, struct err *e)
{
    const struct setting_row *row = &setting_rows[SET_CONTEXT];
    struct setting_value *name = &s->values[SET_CONTEXT];
    struct err why = {0};
    bool found = false;

    if (src->local_cloud) {
        enum err_code rc = from_flags(s, row, src, &found, e);
        if (rc == E_OK && !found) {
            name->origin_text = xstrdup("default");
        }
        return rc != E_OK || !found
                   ? rc
                   : err_set(e, E_INVALID, "--context: the embedded local cloud has no contexts");
    }
    enum err_code rc = resolve(s, row, src, &why);
    if (rc == E_OK && name->text != NULL) {
        rc = contexts_choose(s, name, &why);
    }
    if (rc != E_OK && src->any_context) {
        warn(s, xstrdup(why.msg));
        return E_OK;
    }
    if (rc != E_OK && e != NULL) {
        *e = why;
    }
    return rc;
}

struct settings *settings_load(const struct settings_sources *src, struct err *e)
{
    struct settings *s = xcalloc(1, sizeof *s);

    if (!src->local_cloud && read_env_file(s, src->env_file, e) != E_OK) {
        goto fail;
    }
    if (settings_read_ini(s, src->config_ini, e) != E_OK) {
        goto fail;
    }
    for (size_t i = 0; i < src->flags_len; i++) {
        s->profile_flag = s->profile_flag || src->flags[i].id == SET_PROFILE;
    }
    s->local_cloud = src->local_cloud;
    if (choose(s, src, e) != E_OK) {
        goto fail;
    }
    for (int i = 0; i < SET_COUNT; i++) {
        if (i != SET_CONTEXT && resolve(s, &setting_rows[i], src, e) != E_OK) {
            goto fail;
        }
    }
    settings_note_ignored(s);
    contexts_note_hidden(s);
    return s;
fail:
    settings_free(s);
    return NULL;
}

void settings_warn(struct settings *s, char *text)
{
    warn(s, text);
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
    free(s->warnings);
    free(s->ini_path);
    free(s->env_path);
    env_file_clear(&s->env);
    free(s);
}

const char *settings_get(const struct settings *s, enum setting_id id)
{
    return s->values[id].text;
}

const char *settings_flag(const struct settings *s, enum setting_id id)
{
    return s->values[id].origin == ORIGIN_FLAG ? s->values[id].text : NULL;
}

char *setting_shown(enum setting_id id, const char *text)
{
    struct strbuf b = STRBUF_INIT;

    if (text == NULL) {
        return NULL;
    }
    if (setting_rows[id].secret || setting_rows[id].kind == KIND_URL) {
        struct strbuf masked = STRBUF_INIT;
        secret_mask_url(&masked, text);
        text_clean(&b, strbuf_str(&masked), masked.len, TEXT_ONE_LINE);
        strbuf_wipe(&masked);
    } else {
        text_clean(&b, text, strlen(text), TEXT_ONE_LINE);
    }
    return strbuf_take(&b);
}

char *settings_shown(const struct settings *s, enum setting_id id)
{
    return setting_shown(id, s->values[id].text);
}

bool settings_bool(const struct settings *s, enum setting_id id)
{
    bool value = false;

    return s->values[id].text != NULL && setting_parse_bool(s->values[id].text, &value) && value;
}

int settings_int(const struct settings *s, enum setting_id id, int fallback)
{
    const char *text = s->values[id].text;
    char *end = NULL;

    if (text == NULL || text[0] == '\0') {
        return fallback;
    }
    errno = 0;
    long n = strtol(text, &end, 10);
    return errno != 0 || *end != '\0' || n < -1000000 || n > 1000000 ? fallback : (int)n;
}

enum setting_origin settings_origin(const struct settings *s, enum setting_id id)
{
    return s->values[id].origin;
}

const char *settings_origin_text(const struct settings *s, enum setting_id id)
{
    return s->values[id].origin_text;
}

const char *settings_env_file(const struct settings *s)
{
    return s->env_path;
}

const char *settings_config_file(const struct settings *s)
{
    return s->ini_path;
}

size_t settings_warnings_len(const struct settings *s)
{
    return s->warnings_len;
}

const char *settings_warning(const struct settings *s, size_t i)
{
    return i < s->warnings_len ? s->warnings[i] : "";
}

size_t settings_keys(const struct settings *s, const struct setting_key **out)
{
    *out = s->keys;
    return s->keys_len;
}
