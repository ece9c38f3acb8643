/* Reading the body of a request.
 *
 * DESIGN: a machine reads a chunked body byte by byte, except for the content itself, so it does
 * not matter in which parts the body comes. A line ends with CR LF and nothing else: most attacks
 * by chunks used a line that another program saw end elsewhere.
 *
 * Chunk extensions are read and dropped (RFC 9112 7.1.1): a well-formed one leaves no doubt about
 * the end of its line. Blanks around their parts, which only old senders wrote, are refused, and
 * there may be few extensions, because body_max does not count their bytes. */
#include "body.h"

#include <stdint.h>
#include <string.h>

#include "core/alloc.h"

enum {
    SIZE_DIGITS = 16,
    EXTRA_MAX = 8192 /* bytes of extensions and trailer together */
};

enum at {       /* the part of the body that the next byte belongs to */
          SIZE, /* a digit of a size, or what follows the digits */
          EXT_NAME,
          EXT_VALUE, /* after the '=' */
          EXT_TOKEN,
          EXT_QUOTED,
          EXT_ESCAPED, /* after a '\' in a quoted string */
          EXT_CLOSED,  /* after a quoted string */
          SIZE_LF,
          CONTENT,
          CONTENT_CR,
          CONTENT_LF,
          TRAILER,
          ENDED,
          BROKEN
};

void http_body_init(struct http_body *b, bool chunked, size_t length, size_t max)
{
    *b = (struct http_body){.chunked = chunked, .max = max};
    if (chunked) {
        b->at = SIZE;
        return;
    }
    b->left = length;
    b->at = length == 0 ? ENDED : CONTENT;
    b->too_big = length > max;
}

void http_body_clear(struct http_body *b)
{
    strbuf_wipe(&b->data);
}

static void broken(struct http_body *b, const char *why)
{
    b->why = why;
    b->at = BROKEN;
}

/* Begins a chunk: the line with its size is complete. */
static void begin_chunk(struct http_body *b)
{
    b->digits = 0;
    if (b->left == 0) {
        b->at = TRAILER;
        return;
    }
    b->at = CONTENT;
    if (!b->too_big && b->left > b->max - b->data.len) {
        b->too_big = true;
        strbuf_wipe(&b->data);
    }
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Takes what may follow a size, an extension's name or its value. */
static void end_part(struct http_body *b, char c, const char *why)
{
    if (c == '\r') {
        b->at = SIZE_LF;
    } else if (c == ';') {
        b->at = EXT_NAME;
        b->name_len = 0;
    } else {
        broken(b, why);
    }
}

static void take_size(struct http_body *b, char c)
{
    static const char why[] = "a chunk's size is not a hexadecimal number followed by CR LF";
    int digit = hex(c);

    if (digit < 0) {
        if (b->digits == 0) {
            broken(b, why);
        } else {
            end_part(b, c, why);
        }
    } else if (b->digits == SIZE_DIGITS || b->left > SIZE_MAX >> 4) {
        broken(b, "a chunk's size has more than 16 digits");
    } else {
        b->left = b->left << 4 | (size_t)digit;
        b->digits++;
    }
}

static void take_extension(struct http_body *b, char c)
{
    static const char why[] = "a chunk's extension is not ;name, ;name=token or ;name=\"text\"";
    bool control = (unsigned char)c < 0x20 || c == 0x7f;

    switch ((enum at)b->at) {
    case EXT_NAME:
        if (http_is_token_char(c)) {
            b->name_len = 1;
        } else if (c == '=' && b->name_len > 0) {
            b->at = EXT_VALUE;
        } else if (b->name_len > 0) {
            end_part(b, c, why);
        } else {
            broken(b, why);
        }
        break;
    case EXT_VALUE:
        if (c == '"') {
            b->at = EXT_QUOTED;
        } else if (http_is_token_char(c)) {
            b->at = EXT_TOKEN;
        } else {
            broken(b, why);
        }
        break;
    case EXT_TOKEN:
        if (!http_is_token_char(c)) {
            end_part(b, c, why);
        }
        break;
    case EXT_QUOTED:
        if (control) {
            broken(b, "a chunk's extension holds a control character");
        } else if (c == '"') {
            b->at = EXT_CLOSED;
        } else if (c == '\\') {
            b->at = EXT_ESCAPED;
        }
        break;
    case EXT_ESCAPED:
        if (control) {
            broken(b, "a chunk's extension holds a control character");
        } else {
            b->at = EXT_QUOTED;
        }
        break;
    default:
        end_part(b, c, why);
        break;
    }
}

/* Is this a field that says where a message ends or whom it is for? After the body such a field is
 * too late, and another program may believe it. */
static bool is_framing(const char *name, size_t len)
{
    return http_same(name, len, "Content-Length") || http_same(name, len, "Transfer-Encoding") ||
           http_same(name, len, "Host");
}

static void take_trailer(struct http_body *b, char c)
{
    bool in_name = b->trailer.at == HTTP_LINES_NAME;
    const char *why = http_lines_take(&b->trailer, c);

    if (why != NULL) {
        broken(b, why);
    } else if (b->trailer.at == HTTP_LINES_NAME) {
        b->name_len = in_name ? b->name_len : 0;
        if (b->name_len < sizeof b->name) {
            b->name[b->name_len] = c;
        }
        b->name_len++;
    } else if (in_name && is_framing(b->name, b->name_len)) {
        broken(b, "the trailer behind the body holds Content-Length, Transfer-Encoding or Host");
    } else if (b->trailer.at == HTTP_LINES_END) {
        b->at = ENDED;
    }
}

static void take_lf(struct http_body *b, char c)
{
    if (c != '\n') {
        broken(b, "a carriage return has no line feed behind it");
    } else if (b->at == SIZE_LF) {
        begin_chunk(b);
    } else {
        b->left = 0;
        b->at = SIZE;
    }
}

/* Takes one byte that is not content. */
static void take(struct http_body *b, char c)
{
    switch ((enum at)b->at) {
    case SIZE:
        take_size(b, c);
        break;
    case SIZE_LF:
    case CONTENT_LF:
        take_lf(b, c);
        break;
    case CONTENT_CR:
        if (c == '\r') {
            b->at = CONTENT_LF;
        } else {
            broken(b, "a chunk does not end where its size says");
        }
        break;
    case TRAILER:
        b->extra++;
        take_trailer(b, c);
        break;
    default:
        b->extra++;
        take_extension(b, c);
        break;
    }
    if (b->extra > EXTRA_MAX && b->at != BROKEN) {
        broken(b, "the chunk extensions and the trailer are too long");
    }
}

/* Makes room in a way that leaves no copy of a secret in freed memory. */
static void make_room(struct strbuf *b, size_t n)
{
    struct strbuf more = STRBUF_LIMIT(b->max);

    if (b->len + n < b->cap) {
        return;
    }
    more.cap = (b->len + n) * 2 + 1;
    more.data = xmalloc(more.cap);
    more.len = b->len;
    if (b->len > 0) {
        memcpy(more.data, b->data, b->len);
    }
    strbuf_wipe(b);
    *b = more;
}

static size_t take_content(struct http_body *b, const char *bytes, size_t len)
{
    size_t n = len < b->left ? len : b->left;

    if (!b->too_big) {
        make_room(&b->data, n);
        strbuf_add(&b->data, bytes, n);
    }
    b->received += n;
    b->left -= n;
    if (b->left == 0) {
        b->at = b->chunked ? CONTENT_CR : ENDED;
    }
    return n;
}

enum http_body_state http_body_take(struct http_body *b, const char *bytes, size_t len,
                                    size_t *used)
{
    *used = 0;
    while (*used < len && b->at != ENDED && b->at != BROKEN) {
        if (b->at == CONTENT) {
            *used += take_content(b, bytes + *used, len - *used);
        } else {
            take(b, bytes[*used]);
            *used += b->at != BROKEN;
        }
    }
    if (b->at == BROKEN) {
        return HTTP_BODY_BAD;
    }
    if (b->at == ENDED) {
        return HTTP_BODY_END;
    }
    return b->too_big ? HTTP_BODY_TOO_BIG : HTTP_BODY_MORE;
}
