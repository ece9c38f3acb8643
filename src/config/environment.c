/* The choice of the variables of the env file and config.ini that the AWS client finds in its
 * environment: keys, profile and endpoints. settings_environment in the header has the rules. */
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "src/config/settings_priv.h"

/* The variables of one identity, which count as a whole or not at all. */
static const char *const identity[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                       "AWS_SESSION_TOKEN", "AWS_PROFILE"};

bool settings_is_identity(const char *key)
{
    for (size_t i = 0; i < sizeof identity / sizeof *identity; i++) {
        if (strcmp(key, identity[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool in_environment(const char *key)
{
    return env_get(NULL, key) != NULL;
}

static bool identity_in_environment(void)
{
    for (size_t i = 0; i < sizeof identity / sizeof *identity; i++) {
        if (in_environment(identity[i])) {
            return true;
        }
    }
    return false;
}

bool settings_env_file_identity(const struct settings *s)
{
    return !s->profile_flag && !identity_in_environment();
}

static char *env_file_identity(const struct settings *s)
{
    for (size_t i = 0; i < sizeof identity / sizeof *identity; i++) {
        const struct env_entry *x = env_file_find(&s->env, identity[i]);
        if (x != NULL && x->value[0] != '\0' && settings_env_verdict(s, x) == ENV_TAKEN) {
            return xasprintf("%s:%d", s->env_path, x->line);
        }
    }
    return NULL;
}

char *settings_identity_named(const struct settings *s)
{
    for (size_t i = 0; i < sizeof identity / sizeof *identity; i++) {
        if (in_environment(identity[i])) {
            return xasprintf("environment %s", identity[i]);
        }
    }
    return s->profile_flag ? NULL : env_file_identity(s);
}

static bool from_config_ini(const struct settings *s, enum setting_id id)
{
    return s->values[id].origin == ORIGIN_CONFIG || s->values[id].origin == ORIGIN_CONTEXT;
}

static bool is_region(const char *key)
{
    return strcmp(key, "AWS_REGION") == 0 || strcmp(key, "AWS_DEFAULT_REGION") == 0;
}

static void take_env_file(struct settings *s, struct env *out)
{
    bool whole = settings_env_file_identity(s);

    for (size_t i = 0; i < s->env.len; i++) {
        const struct env_entry *x = &s->env.items[i];
        if (x->value[0] == '\0' || is_region(x->key) || settings_is_unasked_general(s, x->key) ||
            settings_env_verdict(s, x) != ENV_TAKEN || env_file_find(&s->env, x->key) != x) {
            continue;
        }
        if (settings_is_identity(x->key) ? whole : !in_environment(x->key)) {
            env_set(out, x->key, x->value);
        }
    }
}

static struct env *make(struct settings *s)
{
    struct env *out = env_new();

    if (s->local_cloud) {
        return out;
    }
    take_env_file(s, out);
    if (from_config_ini(s, SET_PROFILE) && !identity_in_environment()) {
        env_set(out, "AWS_PROFILE", s->values[SET_PROFILE].text);
    }
    if (from_config_ini(s, SET_ENDPOINT_URL)) {
        env_set(out, "AWS_ENDPOINT_URL", s->values[SET_ENDPOINT_URL].text);
    }
    return out;
}

/* Adds what mvpdash, or the AWS CLI, needs to work on the same place when a program calls it. */
static void add_place(const struct settings *s, struct env *out)
{
    const struct setting_value *region = &s->values[SET_REGION];

    for (int id = 0; id < SET_COUNT; id++) {
        const struct setting_row *r = &setting_rows[id];
        const struct setting_value *v = &s->values[id];
        if (v->origin == ORIGIN_FLAG && v->text != NULL && r->env != NULL && !r->secret &&
            id != SET_CONTEXT) {
            env_set(out, r->env, v->text);
        }
    }
    if (s->context != NULL) {
        env_set(out, "MVPDASH_CONTEXT", s->context->name);
    }
    if (region->origin != ORIGIN_DEFAULT && region->text != NULL) {
        env_set(out, "AWS_REGION", region->text);
        env_set(out, "AWS_DEFAULT_REGION", region->text);
    }
}

void settings_make_environment(struct settings *s)
{
    s->environment = make(s);
    s->programs = make(s);
    if (!s->local_cloud) {
        add_place(s, s->programs);
    }
}

const struct env *settings_program_environment(const struct settings *s)
{
    return s->programs;
}

const struct env *settings_environment(const struct settings *s)
{
    return s->environment;
}

const char *settings_environment_endpoint_from(const struct settings *s)
{
    return !s->local_cloud && from_config_ini(s, SET_ENDPOINT_URL)
               ? s->values[SET_ENDPOINT_URL].origin_text
               : NULL;
}
