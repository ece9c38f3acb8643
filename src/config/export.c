/* Which variables of the env file and config.ini reach the process environment, where the AWS
 * client reads its keys, profile and endpoints. See settings_export in the header for the rules. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "src/config/settings_priv.h"

/* One identity: taken as a whole or not at all. */
static const char *const identity[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                       "AWS_SESSION_TOKEN", "AWS_PROFILE"};

static bool is_identity(const char *key)
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
    const char *value = getenv(key);

    return value != NULL && value[0] != '\0';
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

static bool is_region(const char *key)
{
    return strcmp(key, "AWS_REGION") == 0 || strcmp(key, "AWS_DEFAULT_REGION") == 0;
}

/* A file that is read unasked may not name programs to run (AWS_CONFIG_FILE with its
 * credential_process), other credential endpoints or a CA to trust. */
static bool may_set(const struct settings *s, const char *key)
{
    return s->env_named || is_identity(key) || is_region(key) ||
           strncmp(key, "AWS_ENDPOINT_URL", 16) == 0 || strcmp(key, "AWS_MAX_ATTEMPTS") == 0;
}

void settings_warn_refused(struct settings *s)
{
    for (size_t i = 0; i < s->env.len; i++) {
        const struct env_entry *x = &s->env.items[i];
        if (strncmp(x->key, "AWS_", 4) == 0 && !may_set(s, x->key)) {
            settings_warn(s, xasprintf("%s:%d: %s is ignored in a file that is read by itself; "
                                       "use --env-file %s",
                                       s->env_path, x->line, x->key, s->env_path));
        }
    }
}

static void export_env_file(const struct settings *s)
{
    bool whole = settings_env_file_identity(s);

    for (size_t i = 0; i < s->env.len; i++) {
        const struct env_entry *x = &s->env.items[i];
        if (strncmp(x->key, "AWS_", 4) != 0 || x->value[0] == '\0' || is_region(x->key) ||
            !may_set(s, x->key) || env_file_find(&s->env, x->key) != x) {
            continue;
        }
        if (is_identity(x->key) ? whole : !in_environment(x->key)) {
            (void)setenv(x->key, x->value, 1);
        }
    }
}

void settings_export(const struct settings *s)
{
    if (s->local_cloud) {
        return;
    }
    export_env_file(s);
    if (s->values[SET_PROFILE].origin == ORIGIN_CONFIG && !identity_in_environment()) {
        (void)setenv("AWS_PROFILE", s->values[SET_PROFILE].text, 1);
    }
    if (s->values[SET_ENDPOINT_URL].origin == ORIGIN_CONFIG) {
        (void)setenv("AWS_ENDPOINT_URL", s->values[SET_ENDPOINT_URL].text, 1);
    }
}
