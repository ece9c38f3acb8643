/* What settings are made of: the flags, and the texts of the env file and of config.ini. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/envfile.h"
#include "core/path.h"
#include "core/secret.h"
#include "inifile.h"
#include "src/config/settings_priv.h"

#define IMPLICIT_ENV_FILE "./.env.eventbridge"

/* May the env file of the current folder be trusted? It is read without being asked for, so only
 * the user (or root) may have been able to write it. */
static bool implicit_file_trusted(struct settings *s)
{
    struct stat st;

    if (stat(IMPLICIT_ENV_FILE, &st) != 0) {
        return false;
    }
    if (!S_ISREG(st.st_mode)) { /* reading a pipe could keep every command waiting */
        settings_warn(
            s,
            xasprintf(
                "%s is ignored: it is not a plain file; name it with --env-file to use it anyway",
                IMPLICIT_ENV_FILE));
        return false;
    }
    if ((st.st_uid != getuid() && st.st_uid != 0) || (st.st_mode & S_IWOTH) != 0) {
        settings_warn(s, xasprintf("%s is ignored: it belongs to another user, or everybody may "
                                   "write to it; name it with --env-file to use it anyway",
                                   IMPLICIT_ENV_FILE));
        return false;
    }
    return true;
}

static enum err_code read_env_file(struct settings *s, const char *given, struct err *e)
{
    struct settings_input *in = &s->input;

    if (given == NULL && !implicit_file_trusted(s)) {
        return E_OK;
    }
    s->env_named = given != NULL;
    s->env_path = xstrdup(given != NULL ? given : IMPLICIT_ENV_FILE);
    enum err_code rc =
        given != NULL
            ? path_read(s->env_path, ENV_FILE_MAX_BYTES, &in->env_text, &in->env_len, e)
            : path_read_plain(s->env_path, ENV_FILE_MAX_BYTES, &in->env_text, &in->env_len, e);
    if (rc != E_OK) {
        if (e != NULL) {
            e->code = E_CONFIG;
            (void)err_hint_set(e, "name a file that exists and is readable with --env-file");
        }
        return E_CONFIG;
    }
    return E_OK;
}

static enum err_code read_ini(struct settings *s, const char *given, struct err *e)
{
    struct settings_input *in = &s->input;

    if (given != NULL) {
        s->ini_path = xstrdup(given);
    } else {
        char *dir = path_config_dir();
        s->ini_path = path_join(dir, "config.ini");
        free(dir);
    }
    enum err_code rc =
        given != NULL
            ? path_read(s->ini_path, INI_FILE_MAX_BYTES, &in->ini_text, &in->ini_len, e)
            : path_read_plain(s->ini_path, INI_FILE_MAX_BYTES, &in->ini_text, &in->ini_len, e);
    if (rc == E_NOT_FOUND && given == NULL) {
        free(s->ini_path);
        s->ini_path = NULL;
        return err_set(e, E_OK, "%s", "");
    }
    if (rc != E_OK) {
        return e == NULL ? E_CONFIG : (e->code = E_CONFIG);
    }
    return E_OK;
}

static void copy_flags(struct settings *s, const struct setting_flag *flags, size_t len)
{
    s->input.flags = xcalloc(len + 1, sizeof *flags);
    for (size_t i = 0; i < len; i++) {
        s->input.flags[i] = (struct setting_flag){flags[i].id, xstrdup(flags[i].value)};
        s->profile_flag = s->profile_flag || flags[i].id == SET_PROFILE;
    }
    s->input.flags_len = len;
}

/* Where faults are to be shown, a file that cannot be used is one: it may have said anything. */
static enum err_code spoil_file(struct settings *s, enum err_code rc, struct err *e)
{
    if (rc != E_CONFIG || !s->input.explain || e == NULL) {
        return rc;
    }
    settings_fault(s, xstrdup(e->msg), ORIGIN_ABOVE_ALL,
                   fault_of(SET_TABLE) | fault_of(SET_READ_ONLY));
    *e = (struct err){0};
    return E_OK;
}

enum err_code settings_read_input(struct settings *s, const struct settings_sources *src,
                                  struct err *e)
{
    copy_flags(s, src->flags, src->flags_len);
    s->local_cloud = src->local_cloud;
    s->input.any_context = src->any_context;
    s->input.no_context = src->no_context;
    s->input.explain = src->explain;
    enum err_code rc = src->local_cloud ? E_OK : read_env_file(s, src->env_file, e);
    rc = spoil_file(s, rc, e);
    return rc == E_OK ? spoil_file(s, read_ini(s, src->config_ini, e), e) : rc;
}

/* A copy of a file's text, which may hold any byte. Owned. */
static char *copy_text(const char *text, size_t len)
{
    if (text == NULL) {
        return NULL;
    }
    char *copy = xcalloc(len + 1, 1);
    memcpy(copy, text, len);
    return copy;
}

void settings_copy_input(struct settings *to, const struct settings *from)
{
    const struct settings_input *in = &from->input;

    copy_flags(to, in->flags, in->flags_len);
    to->local_cloud = from->local_cloud;
    to->input.no_context = in->no_context;
    to->input.explain = in->explain;
    to->env_named = from->env_named;
    to->env_path = from->env_path == NULL ? NULL : xstrdup(from->env_path);
    to->ini_path = from->ini_path == NULL ? NULL : xstrdup(from->ini_path);
    to->input.env_text = copy_text(in->env_text, in->env_len);
    to->input.env_len = in->env_len;
    to->input.ini_text = copy_text(in->ini_text, in->ini_len);
    to->input.ini_len = in->ini_len;
}

/* Tells of the lines of the env file that are left out. */
static void tell_env_file(struct settings *s)
{
    const struct env_file *f = &s->env;

    for (size_t i = 0; i < f->left_out_len; i++) {
        uint64_t meant = fault_of_variable(f->left_out[i]);
        if (i < f->warnings_len) {
            settings_fault(s, xstrdup(f->warnings[i]), ORIGIN_ENV_FILE, meant);
        } else {
            settings_fault_widen(s, meant);
        }
    }
}

enum err_code settings_parse_input(struct settings *s, struct err *e)
{
    const struct settings_input *in = &s->input;

    if (in->env_text != NULL) {
        enum err_code rc = env_file_parse(in->env_text, in->env_len, s->env_path, &s->env, e);
        rc = spoil_file(s, rc, e);
        if (rc != E_OK) {
            return rc;
        }
        tell_env_file(s);
        s->env_trusted = !s->env_named && settings_folder_trusted(s);
    }
    return in->ini_text == NULL ? E_OK : spoil_file(s, settings_parse_ini(s, e), e);
}

void settings_clear_input(struct settings *s)
{
    struct settings_input *in = &s->input;

    for (size_t i = 0; i < in->flags_len; i++) {
        secret_free((char *)in->flags[i].value);
    }
    free(in->flags);
    secret_free_bytes(in->env_text, in->env_len);
    secret_free_bytes(in->ini_text, in->ini_len);
    free(s->env_path);
    free(s->ini_path);
    *in = (struct settings_input){0};
}
