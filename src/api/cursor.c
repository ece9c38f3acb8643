/* The cursor of a list of jobs as text. */
#include "cursor.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/number.h"

enum { LIST_SIZE = 17 };

/* The name of a list: a short digest of user and status. */
static void list_name(const char *user_id, const char *status, char out[LIST_SIZE])
{
    char hex[65];
    char *both = xasprintf("%s\n%s", user_id, status == NULL ? "" : status);

    sigv4_sha256_hex(both, strlen(both), hex);
    (void)snprintf(out, LIST_SIZE, "%.16s", hex);
    free(both);
}

void cursor_clear(struct cursor *c)
{
    user_place_clear(&c->index);
    free(c->stray.id);
    *c = (struct cursor){.index_done = false};
}

static char *base64url(const char *s)
{
    size_t len = strlen(s);
    char *out = xcalloc(1, (len + 2) / 3 * 4 + 1);
    int n = EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)s, (int)len);

    while (n > 0 && out[n - 1] == '=') {
        out[--n] = '\0';
    }
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    }
    return out;
}

/* The decoded bytes, owned, with their length; NULL when the text is no base64url. */
static char *from_base64url(const char *s, size_t *out_len)
{
    size_t len = strlen(s);
    size_t padded = (len + 3) / 4 * 4;
    char *text = xcalloc(1, padded + 1);
    char *out = xcalloc(1, padded / 4 * 3 + 1);

    memset(text, '=', padded);
    for (size_t i = 0; i < len; i++) {
        text[i] = s[i] == '-' ? '+' : s[i] == '_' ? '/' : s[i];
    }
    int n = len % 4 == 1 || strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_") != len
                ? -1
                : EVP_DecodeBlock((unsigned char *)out, (unsigned char *)text, (int)padded);
    free(text);
    if (n < 0) {
        free(out);
        return NULL;
    }
    *out_len = (size_t)n - (padded - len);
    out[*out_len] = '\0';
    return out;
}

char *cursor_text(const struct cursor *c, const char *user_id, const char *status)
{
    cJSON *doc = json_new_object();
    char list[LIST_SIZE];
    char ms[24];

    list_name(user_id, status, list);
    json_set_str(doc, "l", list);
    if (c->index.created != NULL) {
        json_set_str(doc, "c", c->index.created);
        json_set_str(doc, "i", c->index.job_id);
    }
    json_set_bool(doc, "x", c->index_done);
    if (c->stray.id != NULL) {
        (void)snprintf(ms, sizeof ms, "%" PRId64, c->stray.time_ms);
        json_set_str(doc, "m", ms);
        json_set_str(doc, "j", c->stray.id);
    }
    char *text = json_text(doc);
    char *out = base64url(text);
    free(text);
    cJSON_Delete(doc);
    return out;
}

static bool read_places(const cJSON *doc, struct cursor *out)
{
    const char *created = json_str(doc, "c");
    const char *id = json_str(doc, "i");
    const char *ms = json_str(doc, "m");
    const char *stray = json_str(doc, "j");

    if ((created == NULL) != (id == NULL) || (ms == NULL) != (stray == NULL)) {
        return false;
    }
    if (created != NULL) {
        if (created[0] == '\0' || id[0] == '\0') {
            return false;
        }
        user_place_set(&out->index, created, id);
    }
    if (ms != NULL) {
        if (!number_parse(ms, INT64_MIN, INT64_MAX, &out->stray.time_ms)) {
            return false;
        }
        out->stray.id = xstrdup(stray);
    }
    out->index_done = json_bool(doc, "x", false);
    return true;
}

enum err_code cursor_parse(const char *text, const char *user_id, const char *status,
                           struct cursor *out, struct err *e)
{
    size_t len = 0;
    char list[LIST_SIZE];

    *out = (struct cursor){.index_done = false};
    char *plain = strnlen(text, CURSOR_MAX + 1) > CURSOR_MAX ? NULL : from_base64url(text, &len);
    cJSON *doc = plain == NULL ? NULL : json_parse(plain, len, "cursor", NULL);
    const char *of = json_str(doc, "l");
    enum err_code rc = E_OK;

    list_name(user_id, status, list);
    bool ours = of != NULL && strcmp(of, list) == 0;
    if (of != NULL && !ours) {
        rc = err_set(e, E_INVALID,
                     "cursor belongs to another list: give it with the same user and status");
    } else if (!ours || !read_places(doc, out)) {
        rc = err_set(e, E_INVALID, "cursor was not made by this server");
    }
    if (rc != E_OK) {
        cursor_clear(out);
    }
    cJSON_Delete(doc);
    free(plain);
    return rc;
}
