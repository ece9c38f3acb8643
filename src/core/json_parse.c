/* A parser of JSON that builds cJSON trees.
 *
 * DESIGN: this program has a parser of its own because loading jobs is measured against parsing
 * (SPEC 10), and because cJSON accepts input that must not come in from outside. The parser reads
 * the bytes once: it checks grammar, UTF-8 and nesting on the way. Most of cJSON's time goes into
 * malloc and free, so a string node holds its text in its own block (cJSON_IsReference tells cJSON
 * not to free the text), and the member names of DynamoDB's AttributeValues, which are every second
 * name in a reply, are constants (cJSON_StringIsConst). Otherwise the trees are like those that
 * cJSON makes, and cJSON_Delete frees them; but an element that is only lent (json_parse_each) lies
 * in the parser's own room (json_room.h). */
#include <endian.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "json_room.h"
#include "json_why.h"

enum { DEPTH_MAX = 200, EXACT_DIGITS = 15, SHORT_NUMBER = 64 };

struct parser {
    const char *at;
    const char *end;
    const char *why; /* static text; NULL: the error is a plain syntax error */
    int depth;
    const struct json_each *each; /* NULL: everything goes into the tree */
    bool lends;                   /* an element is being read: its nodes are taken from `room` */
    struct json_room room;
};

static cJSON *parse_value(struct parser *p);
static cJSON *parse_container(struct parser *p, int type, char close, const struct json_each *to);

static void skip_space(struct parser *p)
{
    while (p->at < p->end &&
           (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r')) {
        p->at++;
    }
}

static void *take_room(struct parser *p, size_t size)
{
    return p->lends ? json_room_take(&p->room, size) : xmalloc(size);
}

static void drop(const struct parser *p, void *room)
{
    if (!p->lends) {
        free(room);
    }
}

/* Makes a node with room for `text` bytes and their NUL after it. */
static cJSON *new_node(struct parser *p, int type, size_t text)
{
    cJSON *v = take_room(p, sizeof *v + text);

    *v = (cJSON){.type = type};
    return v;
}

static bool word(struct parser *p, const char *w, size_t n)
{
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, w, n) != 0) {
        return false;
    }
    p->at += n;
    return true;
}

/* --- strings ------------------------------------------------------------------------------- */

/* Looks at eight bytes at once, the first one lowest, and marks a quote, a backslash, a control
 * character and a byte over 0x7f. Only the lowest mark is sure: a carry may mark a byte above a
 * true one as well. */
static uint64_t specials(uint64_t w)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t quote = w ^ (ones * '"');
    uint64_t slash = w ^ (ones * '\\');

    return (w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) & high;
}

/* Goes on to the next byte that is special, or to the last seven bytes of the text. */
static void skip_plain(struct parser *p)
{
    uint64_t w;

    while (p->end - p->at >= (ptrdiff_t)sizeof w) {
        memcpy(&w, p->at, sizeof w);
        uint64_t marks = specials(le64toh(w));
        if (marks != 0) {
            p->at += __builtin_ctzll(marks) / 8;
            return;
        }
        p->at += sizeof w;
    }
}

/* Goes from the place after the opening quote to the closing quote, which is not included. False
 * when there is no closing quote, or a raw control character comes before it. */
static bool scan_string(struct parser *p, bool *escapes, bool *beyond_ascii)
{
    *escapes = false;
    *beyond_ascii = false;
    skip_plain(p);
    while (p->at < p->end) {
        unsigned char c = (unsigned char)*p->at;
        if (c >= 0x20 && c != '"' && c != '\\' && c < 0x80) {
            p->at++;
            skip_plain(p);
        } else if (c == '"') {
            return true;
        } else if (c == '\\') {
            *escapes = true;
            p->at += 2;
        } else if (c >= 0x80) {
            *beyond_ascii = true;
            p->at++;
        } else {
            p->why = c == 0 ? "a NUL byte" : "a control character in a string";
            return false;
        }
    }
    p->at = p->end;
    return false;
}

static int hex4(const char *s, const char *end)
{
    int n = 0;

    if (end - s < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char c = s[i];
        int d = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (d < 0) {
            return -1;
        }
        n = n * 16 + d;
    }
    return n;
}

static char *put_utf8(char *to, uint32_t cp)
{
    if (cp < 0x80) {
        *to++ = (char)cp;
    } else if (cp < 0x800) {
        *to++ = (char)(0xc0 | cp >> 6);
        *to++ = (char)(0x80 | (cp & 0x3f));
    } else if (cp < 0x10000) {
        *to++ = (char)(0xe0 | cp >> 12);
        *to++ = (char)(0x80 | (cp >> 6 & 0x3f));
        *to++ = (char)(0x80 | (cp & 0x3f));
    } else {
        *to++ = (char)(0xf0 | cp >> 18);
        *to++ = (char)(0x80 | (cp >> 12 & 0x3f));
        *to++ = (char)(0x80 | (cp >> 6 & 0x3f));
        *to++ = (char)(0x80 | (cp & 0x3f));
    }
    return to;
}

/* Reads the code point after "\u": a surrogate pair takes two escapes. A code point that C strings
 * or UTF-8 cannot hold becomes U+FFFD. Returns the place after it, NULL when it is malformed. */
static const char *unicode_escape(const char *s, const char *end, char **to)
{
    int unit = hex4(s, end);
    uint32_t cp = (uint32_t)unit;

    if (unit < 0) {
        return NULL;
    }
    s += 4;
    if (cp >= 0xd800 && cp < 0xdc00 && end - s >= 6 && s[0] == '\\' && s[1] == 'u') {
        int low = hex4(s + 2, end);
        if (low >= 0xdc00 && low < 0xe000) {
            cp = 0x10000 + ((cp - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            s += 6;
        }
    }
    if (cp == 0 || (cp >= 0xd800 && cp < 0xe000)) {
        cp = 0xfffd;
    }
    *to = put_utf8(*to, cp);
    return s;
}

/* Decodes [s, end) into `to`, which has room for as many bytes: decoding never makes a text
 * longer. */
static bool unescape(char *to, const char *s, const char *end)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";

    while (s < end) {
        const char *slash = memchr(s, '\\', (size_t)(end - s));
        size_t n = (size_t)((slash == NULL ? end : slash) - s);
        memcpy(to, s, n);
        to += n;
        s += n;
        if (slash == NULL) {
            break;
        }
        if (s[1] == 'u') {
            s = unicode_escape(s + 2, end, &to);
            if (s == NULL) {
                return false;
            }
            continue;
        }
        const char *name = strchr(names, s[1]);
        if (name == NULL || s[1] == '\0') {
            return false;
        }
        *to++ = values[name - names];
        s += 2;
    }
    *to = '\0';
    return true;
}

/* Reads a string from its opening quote on: finds its end and checks it. */
static bool read_string(struct parser *p, const char **from, size_t *len, bool *escapes)
{
    bool beyond_ascii = false;

    p->at++;
    *from = p->at;
    if (!scan_string(p, escapes, &beyond_ascii)) {
        return false;
    }
    *len = (size_t)(p->at - *from);
    if (beyond_ascii && !text_utf8_valid(*from, *len)) {
        p->why = "bytes that are not UTF-8";
        return false;
    }
    p->at++;
    return true;
}

static bool copy_string(char *to, const char *from, size_t len, bool escapes)
{
    if (escapes) {
        return unescape(to, from, from + len);
    }
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

static cJSON *parse_string(struct parser *p)
{
    const char *from;
    size_t len;
    bool escapes;

    if (!read_string(p, &from, &len, &escapes)) {
        return NULL;
    }
    cJSON *v = new_node(p, cJSON_String | cJSON_IsReference, len + 1);
    v->valuestring = (char *)(v + 1);
    if (!copy_string(v->valuestring, from, len, escapes)) {
        drop(p, v);
        return NULL;
    }
    return v;
}

/* The constant for the name of an AttributeValue's member; NULL when the name is another one. */
static const char *constant_name(const char *s, size_t len)
{
    static const char *const singles[] = {"S", "N", "M", "L", "B"};

    if (len == 1) {
        for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
            if (s[0] == singles[i][0]) {
                return singles[i];
            }
        }
    } else if (len == 2 && s[1] == 'S') {
        return s[0] == 'S' ? "SS" : s[0] == 'N' ? "NS" : s[0] == 'B' ? "BS" : NULL;
    } else if (len == 4) {
        return memcmp(s, "BOOL", 4) == 0 ? "BOOL" : memcmp(s, "NULL", 4) == 0 ? "NULL" : NULL;
    }
    return NULL;
}

/* --- numbers ------------------------------------------------------------------------------- */

static size_t digits(const char *s, const char *end)
{
    const char *from = s;

    while (s < end && *s >= '0' && *s <= '9') {
        s++;
    }
    return (size_t)(s - from);
}

/* The end of a number by JSON's grammar, NULL when the number is malformed. Sets `*whole` when the
 * number has digits only. */
static const char *scan_number(const char *s, const char *end, bool *whole)
{
    s += s < end && *s == '-';
    size_t n = digits(s, end);
    if (n == 0 || (n > 1 && *s == '0')) {
        return NULL;
    }
    s += n;
    *whole = n <= EXACT_DIGITS;
    if (s < end && *s == '.') {
        *whole = false;
        n = digits(s + 1, end);
        if (n == 0) {
            return NULL;
        }
        s += 1 + n;
    }
    if (s < end && (*s == 'e' || *s == 'E')) {
        *whole = false;
        s++;
        s += s < end && (*s == '+' || *s == '-');
        n = digits(s, end);
        if (n == 0) {
            return NULL;
        }
        s += n;
    }
    return s;
}

bool json_is_number(const char *s)
{
    const char *end = s + strlen(s);
    bool whole = true;

    return scan_number(s, end, &whole) == end;
}

static double number_value(const char *s, size_t len, bool whole)
{
    char few[SHORT_NUMBER];

    if (whole) {
        bool negative = *s == '-';
        int64_t n = 0;
        for (size_t i = negative; i < len; i++) {
            n = n * 10 + (s[i] - '0');
        }
        return negative ? -(double)n : (double)n;
    }
    char *copy = len < sizeof few ? few : xmalloc(len + 1);
    memcpy(copy, s, len);
    copy[len] = '\0';
    double d = strtod(copy, NULL); /* LC_NUMERIC stays "C": main sets LC_CTYPE only */
    if (copy != few) {
        free(copy);
    }
    return d;
}

static cJSON *parse_number(struct parser *p)
{
    bool whole = false;
    const char *stop = scan_number(p->at, p->end, &whole);

    if (stop == NULL) {
        return NULL;
    }
    size_t len = (size_t)(stop - p->at);
    cJSON *v;
    if (len <= EXACT_DIGITS) {
        v = new_node(p, cJSON_Number, 0);
    } else { /* json_digits reads these digits */
        v = new_node(p, cJSON_Number | cJSON_IsReference, len + 1);
        v->valuestring = (char *)(v + 1);
        memcpy(v->valuestring, p->at, len);
        v->valuestring[len] = '\0';
    }
    v->valuedouble = number_value(p->at, len, whole);
    v->valueint = v->valuedouble >= INT_MAX   ? INT_MAX
                  : v->valuedouble <= INT_MIN ? INT_MIN
                                              : (int)v->valuedouble;
    p->at = stop;
    return v;
}

/* --- containers ---------------------------------------------------------------------------- */

static void append(cJSON *parent, cJSON *v)
{
    if (parent->child == NULL) {
        parent->child = v;
    } else {
        cJSON *last = parent->child->prev;
        last->next = v;
        v->prev = last;
    }
    /* cJSON keeps the last child there, and finds the end of the list by it */
    parent->child->prev = v;
}

/* Is this the member of the outermost object whose elements are handed over one by one? */
static bool is_each(const struct parser *p, const char *name, size_t len)
{
    return p->each != NULL && p->depth == 1 && strlen(p->each->member) == len &&
           memcmp(p->each->member, name, len) == 0;
}

/* Parses a member's name, the colon and the value. */
static cJSON *parse_member(struct parser *p)
{
    const char *from;
    size_t len;
    bool escapes;
    char *name = NULL;

    if (p->at >= p->end || *p->at != '"' || !read_string(p, &from, &len, &escapes)) {
        return NULL;
    }
    const char *constant = escapes ? NULL : constant_name(from, len);
    if (constant == NULL) {
        name = take_room(p, len + 1);
        if (!copy_string(name, from, len, escapes)) {
            drop(p, name);
            return NULL;
        }
    }
    skip_space(p);
    cJSON *v = NULL;
    if (p->at < p->end && *p->at == ':') {
        p->at++;
        skip_space(p);
        bool each = !escapes && is_each(p, from, len) && p->at < p->end && *p->at == '[';
        v = each ? parse_container(p, cJSON_Array, ']', p->each) : parse_value(p);
    }
    if (v == NULL) {
        drop(p, name);
        return NULL;
    }
    v->string = constant != NULL ? (char *)constant : name;
    v->type |= constant != NULL ? cJSON_StringIsConst : 0;
    return v;
}

/* Hands an element over (NULL: it was none) and takes its room back. */
static void lend(struct parser *p, const struct json_each *to, const cJSON *element)
{
    if (element != NULL) {
        to->element(to->arg, element);
    }
    p->lends = false;
    json_room_empty(&p->room);
}

/* Parses an array or an object. Its values go into the tree, or to `to` when that is given. */
static cJSON *parse_container(struct parser *p, int type, char close, const struct json_each *to)
{
    cJSON *all = NULL;

    if (p->depth >= DEPTH_MAX) {
        p->why = "nesting over 200 levels";
        return NULL;
    }
    p->depth++;
    p->at++;
    all = new_node(p, type, 0);
    skip_space(p);
    if (p->at < p->end && *p->at == close) {
        p->at++;
        p->depth--;
        return all;
    }
    for (;;) {
        skip_space(p);
        p->lends = p->lends || to != NULL;
        cJSON *v = type == cJSON_Object ? parse_member(p) : parse_value(p);
        if (to != NULL) {
            lend(p, to, v);
        } else if (v != NULL) {
            append(all, v);
        }
        if (v == NULL) {
            break;
        }
        skip_space(p);
        if (p->at < p->end && *p->at == ',') {
            p->at++;
        } else if (p->at < p->end && *p->at == close) {
            p->at++;
            p->depth--;
            return all;
        } else {
            break;
        }
    }
    if (!p->lends) {
        cJSON_Delete(all);
    }
    return NULL;
}

static cJSON *parse_value(struct parser *p)
{
    skip_space(p);
    if (p->at >= p->end) {
        return NULL;
    }
    switch (*p->at) {
    case '"':
        return parse_string(p);
    case '{':
        return parse_container(p, cJSON_Object, '}', NULL);
    case '[':
        return parse_container(p, cJSON_Array, ']', NULL);
    case 't':
        if (word(p, "true", 4)) {
            cJSON *v = new_node(p, cJSON_True, 0);
            v->valueint = 1;
            return v;
        }
        return NULL;
    case 'f':
        return word(p, "false", 5) ? new_node(p, cJSON_False, 0) : NULL;
    case 'n':
        return word(p, "null", 4) ? new_node(p, cJSON_NULL, 0) : NULL;
    default:
        return parse_number(p);
    }
}

cJSON *json_parse_each(const char *text, size_t len, const char *what, const struct json_each *each,
                       struct err *e)
{
    struct parser p = {.at = text, .end = text + len, .each = each};

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        p.at += 3;
    }
    cJSON *v = parse_value(&p);
    size_t at = (size_t)(p.at - text);
    json_room_clear(&p.room);
    if (v == NULL && p.why != NULL) {
        (void)err_set(e, E_PARSE, "%s: not JSON: it has %s near byte %zu", what, p.why, at);
        return NULL;
    }
    if (v == NULL) {
        char why[160];
        if (e != NULL && json_why(text, len, why, sizeof why)) {
            (void)err_set(e, E_PARSE, "%s: not JSON: %s", what, why);
        } else {
            (void)err_set(e, E_PARSE, "%s: not JSON: error near byte %zu", what, at);
        }
        return NULL;
    }
    skip_space(&p);
    if (p.at != p.end) {
        (void)err_set(e, E_PARSE, "%s: not JSON: something follows the value at byte %zu", what,
                      (size_t)(p.at - text));
        cJSON_Delete(v);
        return NULL;
    }
    return v;
}

cJSON *json_parse(const char *text, size_t len, const char *what, struct err *e)
{
    return json_parse_each(text, len, what, NULL, e);
}

/* The place where a sound JSON text has an escape for something that no string can hold; NULL when
 * there is none. */
static const char *lossy_escape(const char *text, size_t len)
{
    const char *end = text + len;
    const char *s = text;

    while ((s = memchr(s, '\\', (size_t)(end - s))) != NULL) {
        int unit = s[1] == 'u' ? hex4(s + 2, end) : 1;
        bool high = unit >= 0xd800 && unit < 0xdc00;
        int low = high && end - s >= 12 && s[6] == '\\' && s[7] == 'u' ? hex4(s + 8, end) : 0;
        if (unit == 0 || (high ? low < 0xdc00 || low >= 0xe000 : unit >= 0xdc00 && unit < 0xe000)) {
            return s;
        }
        s += s[1] != 'u' ? 2 : high ? 12 : 6;
    }
    return NULL;
}

cJSON *json_parse_whole(const char *text, size_t len, const char *what, struct err *e)
{
    cJSON *v = json_parse(text, len, what, e);
    const char *bad = v == NULL ? NULL : lossy_escape(text, len);

    if (bad != NULL) {
        (void)err_set(e, E_PARSE, "%s: it has an escaped NUL or half a surrogate pair at byte %zu",
                      what, (size_t)(bad - text));
        cJSON_Delete(v);
        return NULL;
    }
    return v;
}
