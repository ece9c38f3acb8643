/* Masking of secrets in texts and in JSON trees: one pass over a text puts stars over passwords in
 * URLs (mask_url.c) and in data source names (mask_dsn.c), over webhooks (mask_webhook.c) and over
 * the values beside names of secrets (mask_name.c, mask_value.c); everything else is passed on byte
 * for byte. A tree of JSON is walked by the names of its members; its strings are masked like any
 * text. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "src/core/mask_priv.h"

enum { AHEAD_MAX = 1 << 25 };

bool mask_looks_too_far(struct mask_text *t, size_t bytes)
{
    t->ahead += bytes;
    return t->ahead > AHEAD_MAX;
}

bool mask_in_quotes(struct mask_text *t, const char *p)
{
    for (; t->quotes_at < p; t->quotes_at++) {
        char c = *t->quotes_at;
        if (c == '\n') {
            t->quoted = false;
        } else if (c == '\\' && t->quotes_at + 1 < p) {
            t->quotes_at++;
        } else if (c == '"') {
            t->quoted = !t->quoted;
        }
    }
    return t->quoted;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool hex_of(const char *p, const char *end, char c)
{
    return end - p >= 2 && hex_digit(p[0]) == (unsigned char)c / 16 &&
           hex_digit(p[1]) == (unsigned char)c % 16;
}

size_t mask_char(const char *p, const char *end, unsigned times, char c)
{
    const char *from = p;

    if (p >= end) {
        return 0;
    }
    if (times > 0) {
        if (*p++ != '%') {
            return 0;
        }
        for (unsigned i = 1; i < times; i++) {
            if (end - p < 2 || p[0] != '2' || p[1] != '5') {
                return 0;
            }
            p += 2;
        }
        return hex_of(p, end, c) ? (size_t)(p - from) + 2 : 0;
    }
    if (*p == c) {
        return 1;
    }
    while (p < end && *p == '\\') {
        p++;
    }
    if (p == from || p == end) {
        return 0;
    }
    if (*p == c && c == '/') {
        return (size_t)(p - from) + 1;
    }
    bool unicode = *p == 'u' && end - p >= 5 && p[1] == '0' && p[2] == '0';
    return unicode && hex_of(p + 3, end, c) ? (size_t)(p - from) + 5 : 0;
}

bool mask_at_start(const struct mask_text *t, const char *p)
{
    return p == t->start || (unsigned char)p[-1] <= ' ' || strchr("\"'`=(<[{,;", p[-1]) != NULL;
}

static void mask(struct strbuf *out, const char *text, bool whole, bool message)
{
    struct mask_text t = {
        .start = text, .end = text + strlen(text), .quotes_at = text, .message = message};
    const char *p = text, *host = NULL;

    while (p < t.end) {
        const char *next = NULL;
        bool in_word = p > text && p != host && (isalnum((unsigned char)p[-1]) || p[-1] == '_');
        if (strchr(":/%\\", *p) != NULL) {
            next = mask_user_info(out, &t, p, whole);
            host = next; /* a word begins behind "%2F", too */
        }
        if (next == NULL && !in_word && (isalnum((unsigned char)*p) || *p == '_' || *p == '-')) {
            next = mask_word(out, &t, p);
        }
        if (next == NULL) {
            strbuf_addc(out, *p);
            next = p + 1;
        }
        p = next;
    }
}

/* Can the text hold a secret at all? Most texts have none of the marks that come before a
 * secret. */
static bool may_hold_secret(const char *text)
{
    return strpbrk(text, ":=@%_-/") != NULL;
}

void secret_mask_text(struct strbuf *out, const char *text)
{
    if (!may_hold_secret(text)) {
        strbuf_adds(out, text);
        return;
    }
    mask(out, text, mask_is_service_url(text), false);
}

void secret_mask_url(struct strbuf *out, const char *url)
{
    if (url[0] == '\0') {
        return;
    }
    if (strstr(url, "://") == NULL) {
        strbuf_adds(out, MASK_STARS);
        return;
    }
    mask(out, url, true, false);
}

/* Puts the masked text back into the buffer of the original. Stars may be longer than what they
 * hide: the text then loses as much at its end. No byte of the original stays behind the new
 * end. */
static void put_back(char *text, size_t room, const struct strbuf *masked)
{
    size_t len = masked->len < room ? masked->len : room;
    size_t was = strlen(text);

    while (len > 0 && len < masked->len && ((unsigned char)masked->data[len] & 0xc0) == 0x80) {
        len--;
    }
    memcpy(text, strbuf_str(masked), len);
    memset(text + len, 0, was > len ? was - len : 1);
}

void secret_mask_message(char *text, size_t size)
{
    struct strbuf b = STRBUF_INIT;

    if (strpbrk(text, "=@/") == NULL && strstr(text, "\":") == NULL) {
        return;
    }
    mask(&b, text, false, true);
    put_back(text, size - 1, &b);
    strbuf_wipe(&b);
}

void secret_mask_in_place(char *text)
{
    struct strbuf b = STRBUF_INIT;

    if (!may_hold_secret(text)) {
        return;
    }
    secret_mask_text(&b, text);
    put_back(text, strlen(text), &b);
    strbuf_wipe(&b);
}

char *secret_masked(const char *text)
{
    struct strbuf b = STRBUF_INIT;

    secret_mask_text(&b, text);
    return strbuf_take(&b);
}

/* ---- JSON ---- */

static void change(cJSON *v, void (*how)(struct strbuf *, const char *))
{
    struct strbuf b = STRBUF_INIT;

    how(&b, v->valuestring);
    if (strcmp(strbuf_str(&b), v->valuestring) != 0) {
        json_change_str(v, strbuf_str(&b));
    }
    strbuf_wipe(&b);
}

/* Turns the value into the string "****". Its place in the tree and its name stay. */
static void hide_leaf(cJSON *v)
{
    if (cJSON_IsNumber(v) || cJSON_IsRaw(v)) {
        if ((v->type & cJSON_IsReference) == 0) {
            cJSON_free(v->valuestring);
        }
        v->type = (v->type & ~(cJSON_Number | cJSON_Raw | cJSON_IsReference)) | cJSON_String;
        v->valuestring = xstrdup(MASK_STARS);
    } else if (cJSON_IsString(v) && v->valuestring[0] != '\0') {
        json_change_str(v, MASK_STARS);
    }
}

/* The name of the secret may be the value of another member: {"name":"DB_PASSWORD","value":"x"}. */
static bool named_by_member(const cJSON *object)
{
    static const char *const members[] = {"name", "Name", "key", "Key"};

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *name = json_str(object, members[i]);
        if (name != NULL && mask_name(name, strlen(name)) == NAME_SECRET) {
            return true;
        }
    }
    return false;
}

static bool is_value_member(const char *name)
{
    return strcmp(name, "value") == 0 || strcmp(name, "Value") == 0;
}

static void mask_tree(cJSON *v, enum mask_name kind, bool counts)
{
    bool pair = kind == NAME_PLAIN && cJSON_IsObject(v) && named_by_member(v);

    if (v->child == NULL) {
        if (cJSON_IsString(v) && kind == NAME_DATABASE) {
            change(v, secret_mask_url);
        } else if (kind == NAME_SECRET && !(counts && !cJSON_IsString(v))) {
            hide_leaf(v);
        } else if (cJSON_IsString(v)) {
            change(v, secret_mask_text);
        }
        return;
    }
    for (cJSON *child = v->child; child != NULL; child = child->next) {
        const char *name = cJSON_IsObject(v) ? child->string : NULL;
        size_t len = name == NULL ? 0 : strlen(name);
        enum mask_name own = name == NULL ? NAME_PLAIN : mask_name(name, len);
        bool value = pair && name != NULL && is_value_member(name);
        own = value || kind == NAME_SECRET ? NAME_SECRET : own != NAME_PLAIN ? own : kind;
        mask_tree(child, own, counts || (len > 0 && mask_counts(name, len)));
    }
}

void secret_mask_json(cJSON *v)
{
    mask_tree(v, NAME_PLAIN, false);
}
