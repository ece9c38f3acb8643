#include "profile.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/strbuf.h"

enum { FILE_MAX = 4 << 20 };

const char *env_get(const char *name)
{
    const char *v = getenv(name); /* NOLINT: nothing here changes the environment */

    return v == NULL || *v == '\0' ? NULL : v;
}

bool env_true(const char *name)
{
    const char *v = env_get(name);

    return v != NULL && (strcasecmp(v, "true") == 0 || strcmp(v, "1") == 0);
}

static char *file_path(const char *variable, const char *name)
{
    const char *given = env_get(variable);
    char *home = path_home();
    char *path = NULL;

    if (given != NULL && given[0] == '~' && given[1] == '/') {
        path = path_join(home, given + 2);
    } else if (given != NULL) {
        path = xstrdup(given);
    } else {
        char *dir = path_join(home, ".aws");
        path = path_join(dir, name);
        free(dir);
    }
    free(home);
    return path;
}

static enum err_code load(const char *path, struct awsini **out, struct err *e)
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
    *out = awsini_parse(text, len);
    OPENSSL_cleanse(text, len);
    free(text);
    return E_OK;
}

/* Section of a profile in the config file. */
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
    const char *v = NULL;

    config_section(profile, section, sizeof section);
    v = not_empty(awsini_get(p->config, section, key));
    if (v == NULL && strcmp(profile, "default") == 0) {
        v = not_empty(awsini_get(p->config, profile, key));
    }
    return v;
}

const char *profiles_get(const struct profiles *p, const char *profile, const char *key)
{
    const char *v = profiles_get_credentials(p, profile, key);

    return v != NULL ? v : profiles_get_config(p, profile, key);
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

static void add_name(struct strbuf *out, const char *name)
{
    strbuf_adds(out, out->len == 0 ? "" : ", ");
    strbuf_adds(out, name);
}

static enum err_code unknown_profile(const struct profiles *p, struct err *e)
{
    struct strbuf known = STRBUF_LIMIT(200);
    const char *name;

    for (size_t i = 0; (name = awsini_section(p->config, i)) != NULL; i++) {
        if (strncmp(name, "profile ", 8) == 0) {
            add_name(&known, name + 8);
        } else if (strcmp(name, "default") == 0) {
            add_name(&known, name);
        }
    }
    for (size_t i = 0; (name = awsini_section(p->credentials, i)) != NULL; i++) {
        char section[512];
        config_section(name, section, sizeof section);
        if (!awsini_has(p->config, section) && !awsini_has(p->config, name)) {
            add_name(&known, name);
        }
    }
    enum err_code rc = err_set(e, E_CONFIG, "there is no profile \"%.64s\" in %s or %s", p->name,
                               p->config_path, p->credentials_path);
    if (known.len > 0) {
        (void)err_hint_set(e, "these exist: %s", known.data);
    } else {
        (void)err_hint_set(e, "run `aws configure --profile %.64s`, or unset AWS_PROFILE", p->name);
    }
    strbuf_clear(&known);
    return rc;
}

enum err_code profiles_load(struct profiles *p, const char *profile, struct err *e)
{
    const char *chosen = not_empty(profile);

    *p = (struct profiles){.explicit = chosen != NULL};
    if (chosen == NULL) {
        chosen = env_get("AWS_PROFILE");
    }
    if (chosen == NULL) {
        chosen = env_get("AWS_DEFAULT_PROFILE");
    }
    bool named = chosen != NULL;
    p->name = xstrdup(named ? chosen : "default");
    p->config_path = file_path("AWS_CONFIG_FILE", "config");
    p->credentials_path = file_path("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    enum err_code rc = load(p->config_path, &p->config, e);
    if (rc == E_OK) {
        rc = load(p->credentials_path, &p->credentials, e);
    }
    if (rc == E_OK && named && !profiles_has(p, p->name) && strcmp(p->name, "default") != 0) {
        rc = unknown_profile(p, e);
    }
    if (rc != E_OK) {
        profiles_clear(p);
    }
    return rc;
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
