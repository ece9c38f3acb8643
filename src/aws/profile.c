/* The shared files of AWS's tools. */
#include "profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profiles.h"
#include "core/alloc.h"
#include "core/path.h"
#include "core/secret.h"
#include "core/strbuf.h"

enum { FILE_MAX = 4 << 20, NAMES_MAX = 64 << 10 };

/* Replaces "$HOME" and "${HOME}" in a path, as the AWS CLI does for paths that no shell has seen (a
 * unit of systemd, a container's environment). A variable that is not set keeps its text. */
static char *expand_variables(const struct env *env, const char *path)
{
    struct strbuf out = STRBUF_INIT;

    while (*path != '\0') {
        bool braced = path[0] == '$' && path[1] == '{';
        const char *name = path + (braced ? 2 : 1);
        size_t n = *path != '$' ? 0
                                : strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                                               "abcdefghijklmnopqrstuvwxyz0123456789");
        char *wanted = xstrndup(name, n);
        const char *value = n == 0 || (braced && name[n] != '}') ? NULL : env_get(env, wanted);
        free(wanted);
        if (value == NULL) {
            strbuf_addc(&out, *path++);
        } else {
            strbuf_adds(&out, value);
            path = name + n + (braced ? 1 : 0);
        }
    }
    return strbuf_take(&out);
}

static char *file_path(const struct env *env, const char *variable, const char *name)
{
    const char *typed = env_get(env, variable);
    char *given = typed == NULL ? NULL : expand_variables(env, typed);
    char *home = path_home();
    char *path = NULL;

    if (given != NULL && given[0] == '~' && given[1] == '/') {
        path = path_join(home, given + 2);
    } else if (given != NULL) {
        path = given;
        given = NULL;
    } else {
        char *dir = path_join(home, ".aws");
        path = path_join(dir, name);
        free(dir);
    }
    free(given);
    free(home);
    return path;
}

static enum err_code load(const char *path, enum awsini_kind kind, struct awsini **out,
                          struct err *e)
{
    char *text = NULL;
    size_t len = 0;
    struct err why = {0};
    enum err_code rc = path_read(path, FILE_MAX, &text, &len, &why);

    *out = NULL;
    if (rc == E_NOT_FOUND) {
        return E_OK;
    }
    if (rc != E_OK) {
        return err_set(e, E_CONFIG, "%s", why.msg);
    }
    *out = awsini_parse(text, len, kind);
    secret_free_bytes(text, len);
    return E_OK;
}

/* The name of a profile's section in the config file. */
static void config_section(const char *profile, char *out, size_t size)
{
    (void)snprintf(out, size, "profile %s", profile);
}

static const char *not_empty(const char *s)
{
    return s == NULL || *s == '\0' ? NULL : s;
}

const char *profiles_get_credentials(const struct profiles *p, const char *profile, const char *key)
{
    return not_empty(awsini_get(p->credentials, profile, key));
}

const char *profiles_get_config(const struct profiles *p, const char *profile, const char *key)
{
    char section[512];

    config_section(profile, section, sizeof section);
    /* [profile default] takes the place of the whole of [default]. */
    if (strcmp(profile, "default") == 0 && !awsini_has(p->config, section)) {
        return not_empty(awsini_get(p->config, profile, key));
    }
    return not_empty(awsini_get(p->config, section, key));
}

const char *profiles_get(const struct profiles *p, const char *profile, const char *key)
{
    const char *v = awsini_get(p->credentials, profile, key);

    return v != NULL ? not_empty(v) : profiles_get_config(p, profile, key);
}

bool profiles_has_section(const struct profiles *p, const char *kind, const char *name)
{
    char section[512];

    (void)snprintf(section, sizeof section, "%s %s", kind, name);
    return awsini_has(p->config, section);
}

const char *profiles_get_section(const struct profiles *p, const char *kind, const char *name,
                                 const char *key)
{
    char section[512];

    (void)snprintf(section, sizeof section, "%s %s", kind, name);
    return not_empty(awsini_get(p->config, section, key));
}

bool profiles_has(const struct profiles *p, const char *profile)
{
    char section[512];

    config_section(profile, section, sizeof section);
    return awsini_has(p->credentials, profile) || awsini_has(p->config, section) ||
           (strcmp(profile, "default") == 0 && awsini_has(p->config, profile));
}

static void add_name(struct strbuf *out, const char *between, const char *name)
{
    strbuf_adds(out, out->len == 0 ? "" : between);
    strbuf_adds(out, name);
}

static void add_names(struct strbuf *out, const char *between, const struct profiles *p)
{
    const char *name;

    for (size_t i = 0; (name = awsini_section(p->config, i)) != NULL; i++) {
        if (strncmp(name, "profile ", 8) == 0) {
            add_name(out, between, name + 8);
        } else if (strcmp(name, "default") == 0) {
            add_name(out, between, name);
        }
    }
    for (size_t i = 0; (name = awsini_section(p->credentials, i)) != NULL; i++) {
        char section[512];
        config_section(name, section, sizeof section);
        if (awsini_has(p->credentials, name) && !awsini_has(p->config, section) &&
            !awsini_has(p->config, name)) {
            add_name(out, between, name);
        }
    }
}

static enum err_code unknown_profile(const struct profiles *p, struct err *e)
{
    struct strbuf known = STRBUF_LIMIT(200);

    add_names(&known, ", ", p);
    enum err_code rc = err_set(e, E_CONFIG, "there is no profile \"%.64s\" in %s or %s", p->name,
                               p->config_path, p->credentials_path);
    if (awsini_has(p->config, p->name)) {
        (void)err_hint_set(e, "its section in the config file must be named [profile %.64s]",
                           p->name);
    } else if (known.len > 0) {
        (void)err_hint_set(e, "these exist: %s", known.data);
    } else {
        (void)err_hint_set(e, "run `aws configure --profile %.64s`, or unset AWS_PROFILE", p->name);
    }
    strbuf_clear(&known);
    return rc;
}

enum err_code profiles_load(struct profiles *p, const struct env *env, const char *profile,
                            struct err *e)
{
    const char *chosen = not_empty(profile);

    *p = (struct profiles){.env = env, .explicit = chosen != NULL};
    if (chosen == NULL) {
        chosen = env_get(env, "AWS_PROFILE");
    }
    if (chosen == NULL) {
        chosen = env_get(env, "AWS_DEFAULT_PROFILE");
    }
    bool named = chosen != NULL;
    p->name = xstrdup(named ? chosen : "default");
    p->config_path = file_path(env, "AWS_CONFIG_FILE", "config");
    p->credentials_path = file_path(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    enum err_code rc = load(p->config_path, AWSINI_CONFIG, &p->config, e);
    if (rc == E_OK) {
        rc = load(p->credentials_path, AWSINI_CREDENTIALS, &p->credentials, e);
    }
    if (rc == E_OK && named && !profiles_has(p, p->name) && strcmp(p->name, "default") != 0) {
        rc = unknown_profile(p, e);
    }
    if (rc != E_OK) {
        profiles_clear(p);
    }
    return rc;
}

char *aws_profile_names(const struct env *env)
{
    struct strbuf names = STRBUF_LIMIT(NAMES_MAX);
    struct profiles p;

    if (profiles_load(&p, env, "default", NULL) == E_OK) {
        add_names(&names, "\n", &p);
        profiles_clear(&p);
    }
    return strbuf_take(&names);
}

char *profiles_note(const struct profiles *p, size_t i)
{
    const struct {
        const struct awsini *ini;
        const char *path, *variable;
    } files[] = {
        {p->config,      p->config_path,      "AWS_CONFIG_FILE"            },
        {p->credentials, p->credentials_path, "AWS_SHARED_CREDENTIALS_FILE"}
    };

    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        size_t n = 0;
        if (files[f].ini == NULL && env_get(p->env, files[f].variable) != NULL && i-- == 0) {
            return xasprintf("%s names %s, which does not exist", files[f].variable, files[f].path);
        }
        for (const struct awsini_note *a; (a = awsini_note(files[f].ini, n)) != NULL; n++) {
            if (i-- == 0) {
                return xasprintf("line %zu of %s %s", a->line, files[f].path, a->why);
            }
        }
    }
    return NULL;
}

void profiles_clear(struct profiles *p)
{
    awsini_free(p->config);
    awsini_free(p->credentials);
    free(p->config_path);
    free(p->credentials_path);
    free(p->name);
    *p = (struct profiles){0};
}
