/* The folders that a person has confirmed: STATE/trusted holds one small file for each, named by
 * the folder's path, with a digest of the endpoints that were confirmed. Other lines of the env
 * file may change; a new or changed endpoint has to be confirmed again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/hex.h"
#include "core/path.h"
#include "core/sha256.h"
#include "core/strbuf.h"
#include "src/config/settings_priv.h"

enum { RECORD_MAX = 8192, HEX_SIZE = 2 * SHA256_SIZE + 1 };

static void hex_of(const char *text, size_t len, char out[HEX_SIZE])
{
    unsigned char digest[SHA256_SIZE];

    sha256(text, len, digest);
    hex_text(digest, sizeof digest, out);
}

/* Writes what a person has to confirm as text; false when there is nothing. */
static bool endpoints(struct settings *s, struct strbuf *out)
{
    bool trusted = s->env_trusted;

    s->env_trusted = false; /* takes only what would not count without a confirmation */
    for (size_t i = 0; i < s->env.len; i++) {
        const struct env_entry *x = &s->env.items[i];
        if (env_file_find(&s->env, x->key) == x && settings_env_verdict(s, x) == ENV_UNCONFIRMED) {
            strbuf_addf(out, "%s=%s\n", x->key, x->value);
        }
    }
    s->env_trusted = trusted;
    return out->len > 0;
}

/* The path of the folder's file in STATE/trusted; NULL when the folder has no path. Owned. */
static char *record_path(char **folder)
{
    char hex[HEX_SIZE];

    *folder = getcwd(NULL, 0);
    if (*folder == NULL) {
        return NULL;
    }
    hex_of(*folder, strlen(*folder), hex);
    char *state = path_state_dir(), *dir = path_join(state, "trusted");
    char *path = path_join(dir, hex);
    free(dir);
    free(state);
    return path;
}

bool settings_folder_trusted(struct settings *s)
{
    struct strbuf wanted = STRBUF_INIT;
    char *folder = NULL, *text = NULL, *path = NULL;
    char hex[HEX_SIZE];
    size_t len = 0;
    bool trusted = false;

    if (endpoints(s, &wanted) && (path = record_path(&folder)) != NULL &&
        path_read_own(path, RECORD_MAX, &text, &len, NULL) == E_OK) {
        hex_of(strbuf_str(&wanted), wanted.len, hex);
        trusted =
            len >= HEX_SIZE && memcmp(text, hex, HEX_SIZE - 1) == 0 && text[HEX_SIZE - 1] == ' ';
    }
    free(text);
    free(path);
    free(folder);
    strbuf_clear(&wanted);
    return trusted;
}

enum err_code settings_trust(struct settings *s, bool trust, char **said, struct err *e)
{
    struct strbuf wanted = STRBUF_INIT, record = STRBUF_INIT, text = STRBUF_INIT;
    char *folder = NULL, *dir = NULL;
    char *path = record_path(&folder);
    char hex[HEX_SIZE];
    enum err_code rc = E_OK;

    *said = NULL;
    if (path == NULL) {
        rc = err_set(e, E_IO, "this folder has no path: %s", strerror(errno));
        goto out;
    }
    if (!trust) {
        bool was = unlink(path) == 0;
        if (!was && errno != ENOENT) {
            rc = err_set(e, E_IO, "%s: %s", path, strerror(errno));
            goto out;
        }
        strbuf_addf(&text, was ? "%s is no longer confirmed" : "%s was not confirmed", folder);
        *said = strbuf_take(&text);
        goto out;
    }
    if (!endpoints(s, &wanted)) {
        rc = err_set(e, E_INVALID, "%s: nothing needs to be confirmed", folder);
        (void)err_hint_set(
            e, "only endpoints of other machines and ARNs in ./.env.eventbridge need it");
        goto out;
    }
    hex_of(strbuf_str(&wanted), wanted.len, hex);
    strbuf_addf(&record, "%s %s\n", hex, folder);
    dir = xstrndup(path, strlen(path) - HEX_SIZE);
    rc = path_mkdirs(dir, 0700, e);
    if (rc == E_OK) {
        rc = path_write_atomic(path, record.data, record.len, 0600, e);
    }
    strbuf_addf(
        &text,
        "%s is confirmed; these lines of its .env.eventbridge are used until they change:\n%s",
        folder, strbuf_str(&wanted));
    strbuf_truncate(&text, text.len - 1); /* removes the end of the last line */
    *said = rc == E_OK ? strbuf_take(&text) : NULL;
out:
    free(dir);
    free(path);
    free(folder);
    strbuf_clear(&wanted);
    strbuf_clear(&record);
    strbuf_clear(&text);
    return rc;
}
