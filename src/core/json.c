/* Helpers over cJSON: reading members, building trees, printing them exactly and safely. */
#include "core/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"

enum { UTF8_MAX = 4 }; /* bytes of a character */

static cJSON *must(cJSON *v)
{
    if (v == NULL) {
        /* cJSON fails to create a node only when memory runs out: the program then ends as it does
         * in alloc.h. */
        void *never = xmalloc(SIZE_MAX / 2);
        free(never);
        abort();
    }
    return v;
}

const char *json_digits(const cJSON *v)
{
    return cJSON_IsNumber(v) || cJSON_IsRaw(v) ? v->valuestring : NULL;
}

/* Turns the numbers that carry their digits into raw text, which prints as the number came. */
static void make_exact(cJSON *v)
{
    if (cJSON_IsNumber(v) && v->valuestring != NULL) {
        /* the node's name may be a constant, so its flag for that stays */
        v->type = (v->type & ~0xff) | cJSON_Raw;
    }
    for (cJSON *child = v->child; child != NULL; child = child->next) {
        make_exact(child);
    }
}

cJSON *json_copy_exact(const cJSON *value)
{
    cJSON *copy = json_copy(value);
    make_exact(copy);
    return copy;
}

const cJSON *json_get(const cJSON *obj, const char *key)
{
    return cJSON_IsObject(obj) ? cJSON_GetObjectItemCaseSensitive(obj, key) : NULL;
}

const char *json_str(const cJSON *obj, const char *key)
{
    const cJSON *v = json_get(obj, key);
    return cJSON_IsString(v) ? v->valuestring : NULL;
}

const char *json_str_or(const cJSON *obj, const char *key, const char *fallback)
{
    const char *s = json_str(obj, key);
    return s == NULL ? fallback : s;
}

bool json_bool(const cJSON *obj, const char *key, bool fallback)
{
    const cJSON *v = json_get(obj, key);
    return cJSON_IsBool(v) ? cJSON_IsTrue(v) != 0 : fallback;
}

int64_t json_int(const cJSON *obj, const char *key, int64_t fallback)
{
    const cJSON *v = json_get(obj, key);
    if (!cJSON_IsNumber(v) || v->valuedouble != v->valuedouble) {
        return fallback;
    }
    if (v->valuedouble >= 9.2e18) {
        return INT64_MAX;
    }
    return v->valuedouble <= -9.2e18 ? INT64_MIN : (int64_t)v->valuedouble;
}

const cJSON *json_object(const cJSON *obj, const char *key)
{
    const cJSON *v = json_get(obj, key);
    return cJSON_IsObject(v) ? v : NULL;
}

const cJSON *json_array(const cJSON *obj, const char *key)
{
    const cJSON *v = json_get(obj, key);
    return cJSON_IsArray(v) ? v : NULL;
}

cJSON *json_new_object(void)
{
    return must(cJSON_CreateObject());
}

cJSON *json_new_array(void)
{
    return must(cJSON_CreateArray());
}

void json_set(cJSON *obj, const char *key, cJSON *value)
{
    if (value == NULL) {
        value = must(cJSON_CreateNull());
    }
    cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
    if (!cJSON_AddItemToObject(obj, key, value)) {
        (void)must(NULL);
    }
}

cJSON *json_new_str(const char *s)
{
    return must(s == NULL ? cJSON_CreateNull() : cJSON_CreateString(s));
}

cJSON *json_new_int(int64_t n)
{
    char digits[32];

    /* Beyond 2^53 a double is not exact: the digits themselves are printed. */
    if (n > -(INT64_C(1) << 53) && n < (INT64_C(1) << 53)) {
        return must(cJSON_CreateNumber((double)n));
    }
    (void)snprintf(digits, sizeof digits, "%" PRId64, n);
    return must(cJSON_CreateRaw(digits));
}

void json_set_str(cJSON *obj, const char *key, const char *s)
{
    json_set(obj, key, json_new_str(s));
}

void json_set_int(cJSON *obj, const char *key, int64_t n)
{
    json_set(obj, key, json_new_int(n));
}

void json_set_bool(cJSON *obj, const char *key, bool b)
{
    json_set(obj, key, must(cJSON_CreateBool(b)));
}

void json_change_str(cJSON *string, const char *s)
{
    char *copy = xstrdup(s);

    if ((string->type & cJSON_IsReference) == 0) {
        cJSON_free(string->valuestring);
    }
    string->type &= ~cJSON_IsReference;
    string->valuestring = copy;
}

void json_push(cJSON *array, cJSON *value)
{
    if (!cJSON_AddItemToArray(array, value == NULL ? must(cJSON_CreateNull()) : value)) {
        (void)must(NULL);
    }
}

void json_push_str(cJSON *array, const char *s)
{
    json_push(array, json_new_str(s));
}

cJSON *json_copy(const cJSON *value)
{
    return must(cJSON_Duplicate(value, 1));
}

char *json_text(const cJSON *value)
{
    char *s = cJSON_PrintUnformatted(value);
    return s == NULL ? xstrdup("null") : s;
}

/* Adds the escape for one character of `n` bytes; `n` 0: the byte is no UTF-8. */
static void add_escape(struct strbuf *out, uint32_t cp, size_t n)
{
    if (n == 0) {
        strbuf_adds(out, "\\ufffd");
    } else if (cp > 0xffff) {
        strbuf_addf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((cp - 0x10000) >> 10)),
                    (unsigned)(0xdc00 + ((cp - 0x10000) & 0x3ff)));
    } else {
        strbuf_addf(out, "\\u%04x", (unsigned)cp);
    }
}

/* A JSON text has characters outside ASCII only in its strings, so an escape may stand in the place
 * of each of them. What needs none is added in runs: a call for each byte took a third of the time
 * of a long list. */
static void add_escaped(struct strbuf *out, const char *s, size_t len)
{
    size_t from = 0; /* the run that is not added yet begins here */

    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        if ((unsigned char)s[i] < 0x7f) {
            i++;
            continue;
        }
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        if (n > 0 && !text_is_dangerous(cp)) {
            i += n;
            continue;
        }
        strbuf_add(out, s + from, i - from);
        add_escape(out, cp, n);
        i += n == 0 ? 1 : n;
        from = i;
    }
    strbuf_add(out, s + from, len - from);
}

char *json_safe(const cJSON *value)
{
    char *raw = json_text(value);
    struct strbuf b = STRBUF_INIT;

    add_escaped(&b, raw, strlen(raw));
    free(raw);
    return strbuf_take(&b);
}

/* cJSON indents with tabs and puts a tab after each colon; it writes a tab inside a string as \t.
 * So every tab byte in its output is one of its own. */
char *json_pretty(const cJSON *value)
{
    char *tabs = cJSON_Print(value);
    struct strbuf b = STRBUF_INIT;

    for (const char *p = tabs == NULL ? "null" : tabs; *p != '\0'; p++) {
        if (*p != '\t') {
            strbuf_addc(&b, *p);
        } else {
            strbuf_adds(&b, p[-1] == ':' ? " " : "  ");
        }
    }
    free(tabs);
    struct strbuf safe = STRBUF_INIT;
    add_escaped(&safe, strbuf_str(&b), b.len);
    strbuf_clear(&b);
    return strbuf_take(&safe);
}

/* How many bytes from here on stand for themselves in a string, and are ASCII. */
static size_t plain_len(const char *s)
{
    size_t n = 0;

    while ((unsigned char)s[n] >= 0x20 && (unsigned char)s[n] < 0x7f && s[n] != '"' &&
           s[n] != '\\') {
        n++;
    }
    return n;
}

/* Adds the character that `s` begins with, which is none of plain_len; returns its bytes. */
static size_t add_special(struct strbuf *out, const char *s, bool safe)
{
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    unsigned char c = (unsigned char)*s;
    uint32_t cp = 0;
    size_t n = text_utf8_decode(s, strnlen(s, UTF8_MAX), &cp);
    const char *named = memchr(from, c, sizeof from - 1);

    if (named != NULL) {
        strbuf_addc(out, '\\');
        strbuf_addc(out, to[named - from]);
    } else if (c < 0x20) {
        strbuf_addf(out, "\\u%04x", c);
    } else if (safe && (n == 0 || text_is_dangerous(cp))) {
        add_escape(out, cp, n);
    } else if (n == 0) {
        strbuf_adds(out, "\xef\xbf\xbd");
    } else {
        strbuf_add(out, s, n);
    }
    return n == 0 ? 1 : n;
}

static void quote(struct strbuf *out, const char *s, bool safe)
{
    strbuf_addc(out, '"');
    for (;;) {
        size_t plain = plain_len(s);
        strbuf_add(out, s, plain);
        s += plain;
        if (*s == '\0') {
            break;
        }
        s += add_special(out, s, safe);
    }
    strbuf_addc(out, '"');
}

void json_quote(struct strbuf *out, const char *s)
{
    quote(out, s, false);
}

void json_quote_safe(struct strbuf *out, const char *s)
{
    quote(out, s, true);
}
