/* Reading the head of a request.
 *
 * DESIGN: there are two steps. The scan looks at each byte once, in order, and stops at the first
 * one that is in doubt, so it does not matter in which parts a head comes. When the head is
 * complete, the second step looks at what it means: its lengths and its host. */
#include "head.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

enum { METHOD_MAX = 32, VERSION_MAX = 16, BLANK_MAX = 4, LENGTH_DIGITS = 18, HOST_MAX = 255 };

enum part {        /* the part of the head that the next byte belongs to */
            BLANK, /* an empty line, or the method */
            BLANK_LF,
            METHOD,
            TARGET,
            VERSION,
            VERSION_LF,
            FIELDS,
            WHOLE
};

/* ---- the scan ---- */

static void refuse(struct http_head_scan *s, int status, const char *why)
{
    s->status = status;
    s->why = why;
}

static void take_method(struct http_head_scan *s, char c)
{
    size_t len = s->at - s->method;

    if (c == ' ' && len > 0) {
        s->method_end = s->at;
        s->target = s->at + 1;
        s->part = TARGET;
    } else if (!http_is_token_char(c)) {
        refuse(s, 400, "the request does not begin with a method and one space");
    } else if (len == METHOD_MAX) {
        refuse(s, 501, "the method is longer than 32 bytes");
    }
}

static void take_blank(struct http_head_scan *s, char c)
{
    if (c != '\r') {
        s->method = s->at;
        s->part = METHOD;
        take_method(s, c);
    } else if (s->blank++ == BLANK_MAX) {
        refuse(s, 400, "more than four empty lines stand before the request");
    } else {
        s->part = BLANK_LF;
    }
}

static void take_target(struct http_head_scan *s, char c, size_t max)
{
    size_t len = s->at - s->target;

    if (c == ' ' && len > 0) {
        s->target_end = s->at;
        s->version = s->at + 1;
        s->part = VERSION;
    } else if (c == ' ') {
        refuse(s, 400, "two spaces stand between the method and the request target");
    } else if (c == '\r' || c == '\n') {
        refuse(s, 400, "the request line has no HTTP version");
    } else if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f) {
        refuse(s, 400, "the request target holds a byte that is not a visible ASCII character");
    } else if (len == max) {
        refuse(s, 414, "the request target is too long");
    }
}

/* Is it HTTP/ and a number, perhaps with a dot and another number? */
static bool is_version(const char *s, size_t len)
{
    static const char digits[] = "0123456789";
    char text[VERSION_MAX + 1];

    memcpy(text, s, len);
    text[len] = '\0';
    if (memchr(s, '\0', len) != NULL || strncmp(text, "HTTP/", 5) != 0) {
        return false;
    }
    size_t major = strspn(text + 5, digits);
    const char *rest = text + 5 + major;
    return major > 0 && (*rest == '\0' || (*rest == '.' && rest[1] != '\0' &&
                                           rest[1 + strspn(rest + 1, digits)] == '\0'));
}

static void take_version(struct http_head_scan *s, const char *bytes)
{
    const char *version = bytes + s->version;
    size_t len = s->at - s->version;
    char c = bytes[s->at];

    if (c != '\r') {
        if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f || len == VERSION_MAX) {
            refuse(s, 400, "the request line does not end with an HTTP version and CR LF");
        }
    } else if (len == 8 && memcmp(version, "HTTP/1.1", 8) == 0) {
        s->minor = 1;
        s->part = VERSION_LF;
    } else if (len == 8 && memcmp(version, "HTTP/1.0", 8) == 0) {
        s->minor = 0;
        s->part = VERSION_LF;
    } else if (is_version(version, len)) {
        refuse(s, 505, "the server speaks only HTTP/1.1 and HTTP/1.0");
    } else {
        refuse(s, 400, "the request line does not end with an HTTP version and CR LF");
    }
}

static void take_lf(struct http_head_scan *s, char c)
{
    if (c != '\n') {
        refuse(s, 400, "a carriage return has no line feed behind it");
    } else if (s->part == VERSION_LF) {
        s->fields = s->at + 1;
        s->part = FIELDS;
    } else {
        s->part = BLANK;
    }
}

static void take_field(struct http_head_scan *s, char c)
{
    const char *why = http_lines_take(&s->lines, c);

    if (why != NULL) {
        refuse(s, s->lines.status, why);
    } else if (s->lines.at == HTTP_LINES_END) {
        s->part = WHOLE;
    }
}

static void take(struct http_head_scan *s, const char *bytes, const struct http_head_limits *l)
{
    char c = bytes[s->at];

    switch ((enum part)s->part) {
    case BLANK:
        take_blank(s, c);
        break;
    case METHOD:
        take_method(s, c);
        break;
    case TARGET:
        take_target(s, c, l->target_max);
        break;
    case VERSION:
        take_version(s, bytes);
        break;
    case BLANK_LF:
    case VERSION_LF:
        take_lf(s, c);
        break;
    case FIELDS:
        take_field(s, c);
        break;
    case WHOLE:
        break;
    }
}

/* ---- what a whole head means ---- */

static const char *length_doubt(const struct http_fields *f)
{
    const char *length = http_fields_get(f, "Content-Length");

    if (length == NULL) {
        return NULL;
    }
    if (http_fields_get(f, "Transfer-Encoding") != NULL) {
        return "both Content-Length and Transfer-Encoding give the body's length";
    }
    if (http_fields_count(f, "Content-Length") > 1) {
        return "Content-Length is given more than once";
    }
    /* "2, 2" is a list of lengths: it is refused too, although RFC 9110 8.6 allows a server to
     * repair it. */
    size_t n = strlen(length);
    return n > 0 && n <= LENGTH_DIGITS && strspn(length, "0123456789") == n
               ? NULL
               : "Content-Length is not a number of bytes";
}

static const char *coding_doubt(const struct http_fields *f, int minor, int *status)
{
    const char *coding = http_fields_get(f, "Transfer-Encoding");

    if (coding == NULL) {
        return NULL;
    }
    *status = 400;
    if (minor == 0) {
        return "Transfer-Encoding does not exist in HTTP/1.0";
    }
    if (http_fields_count(f, "Transfer-Encoding") > 1) {
        return "Transfer-Encoding is given more than once";
    }
    *status = 501;
    return http_same(coding, strlen(coding), "chunked")
               ? NULL
               : "Transfer-Encoding is not chunked, the only one that the server knows";
}

static bool is_port(const char *s)
{
    size_t n = strspn(s, "0123456789");

    /* an empty port is allowed: RFC 3986 3.2.3 */
    return s[n] == '\0' && n <= 5 && strtol(s, NULL, 10) <= 65535;
}

/* Is this a name of DNS or an address, perhaps with a port? RFC 3986 allows more in a name ("a,b",
 * "a%20b"): no client sends that, and two programs may read two different hosts. */
static bool is_host(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_-.";
    struct in6_addr ignored;
    size_t n = 0;

    if (*s == '[') {
        char text[INET6_ADDRSTRLEN] = "";
        n = strcspn(s, "]");
        if (s[n] != ']' || n > sizeof text) {
            return false;
        }
        memcpy(text, s + 1, n - 1);
        if (inet_pton(AF_INET6, text, &ignored) != 1) {
            return false;
        }
        n++;
    } else {
        n = strspn(s, letters);
        if (n == 0 || n > HOST_MAX || strspn(s, ".-") > 0) {
            return false;
        }
    }
    return s[n] == '\0' || (s[n] == ':' && is_port(s + n + 1));
}

static const char *host_doubt(const struct http_fields *f, int minor)
{
    const char *host = http_fields_get(f, "Host");
    size_t n = http_fields_count(f, "Host");

    if (n > 1) {
        return "Host is given more than once";
    }
    if (n == 0) {
        return minor == 0 ? NULL : "Host is not given";
    }
    return is_host(host) ? NULL : "Host is neither a name nor an address, with or without a port";
}

/* Does the request expect 100-continue? HTTP/1.0 knows no interim reply, so there the field is
 * ignored (RFC 9110 10.1.1). */
static bool expects_another(const struct http_fields *f)
{
    for (size_t i = 0; i < f->len; i++) {
        const char *value = f->items[i].value;
        if (http_same(f->items[i].name, strlen(f->items[i].name), "Expect") && *value != '\0' &&
            !http_same(value, strlen(value), "100-continue")) {
            return true;
        }
    }
    return false;
}

static void understand(struct http_head *h)
{
    const struct http_fields *f = &h->fields;
    int status = 400;
    const char *why = host_doubt(f, h->minor);

    why = why == NULL ? length_doubt(f) : why;
    why = why == NULL ? coding_doubt(f, h->minor, &status) : why;
    if (why == NULL && expects_another(f)) {
        status = 417;
        why = "Expect asks for something else than 100-continue";
    }
    if (why != NULL) {
        h->status = status;
        h->why = why;
        return;
    }
    const char *length = http_fields_get(f, "Content-Length");
    unsigned long long bytes = length == NULL ? 0 : strtoull(length, NULL, 10);
    h->length = (size_t)(bytes < SIZE_MAX ? bytes : SIZE_MAX); /* size_t may have 32 bits */
    h->chunked = http_fields_get(f, "Transfer-Encoding") != NULL;
    h->keep = !http_fields_list_has(f, "Connection", "close") &&
              (h->minor == 1 || http_fields_list_has(f, "Connection", "keep-alive"));
    h->expects = h->minor == 1 && (h->chunked || h->length > 0) &&
                 http_fields_list_has(f, "Expect", "100-continue");
}

/* Takes the fields of the complete lines, all of which have passed the scan. */
static void take_fields(const char *at, const char *end, struct http_fields *out)
{
    const char *lf = memchr(at, '\n', (size_t)(end - at));

    while (lf != NULL && *at != '\r') {
        const char *colon = memchr(at, ':', (size_t)(lf - at));
        http_fields_add(out, at, (size_t)(colon - at), colon + 1, (size_t)(lf - colon) - 2);
        at = lf + 1;
        lf = memchr(at, '\n', (size_t)(end - at));
    }
}

static void fill(const struct http_head_scan *s, const char *bytes, struct http_head *out)
{
    out->minor = 1;
    out->status = s->status;
    out->why = s->why;
    if (s->method_end > 0) {
        out->method = xstrndup(bytes + s->method, s->method_end - s->method);
    }
    if (s->target_end > 0) {
        out->target = xstrndup(bytes + s->target, s->target_end - s->target);
    }
    if (s->fields > 0) {
        out->minor = s->minor;
        take_fields(bytes + s->fields, bytes + s->at, &out->fields);
    }
    if (s->status == 0) {
        understand(out);
    }
}

size_t http_head_read(struct http_head_scan *s, const char *bytes, size_t len,
                      const struct http_head_limits *l, struct http_head *out)
{
    *out = (struct http_head){.status = 0};
    while (s->at < len && s->part != WHOLE && s->status == 0) {
        if (s->at == l->head_max) {
            break;
        }
        take(s, bytes, l);
        s->at += s->status == 0;
    }
    if (s->status == 0 && s->part != WHOLE && s->at == l->head_max) {
        refuse(s, 431, "the request line and the header fields are too long");
    }
    if (s->status == 0 && s->part != WHOLE) {
        return 0;
    }
    fill(s, bytes, out);
    /* for a head that is refused: the bytes before the one in doubt */
    return s->at > 0 ? s->at : 1;
}

void http_head_clear(struct http_head *h)
{
    free(h->method);
    free(h->target);
    http_fields_clear(&h->fields);
    *h = (struct http_head){.status = 0};
}
