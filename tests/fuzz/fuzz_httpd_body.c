/* A request's body. It must not matter in which parts it comes; one that ends in chunks, written
 * out again in other chunks, reads the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "src/httpd/body.h"

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

static enum http_body_state feed(struct http_body *b, const char *bytes, size_t len, size_t step,
                                 size_t *used)
{
    size_t n = 0;
    enum http_body_state state = http_body_take(b, "", 0, &n);

    *used = 0;
    while (*used < len && state != HTTP_BODY_END && state != HTTP_BODY_BAD) {
        size_t part = len - *used < step ? len - *used : step;
        char *copy = xmalloc(part);
        memcpy(copy, bytes + *used, part);
        state = http_body_take(b, copy, part, &n);
        free(copy);
        *used += n;
        must(n == part || state == HTTP_BODY_END || state == HTTP_BODY_BAD);
        must(b->data.len <= b->max && (!b->too_big || b->data.len == 0));
        must(state != HTTP_BODY_TOO_BIG || b->too_big);
        must(state != HTTP_BODY_MORE || !b->too_big);
    }
    if (state == HTTP_BODY_END || state == HTTP_BODY_BAD) { /* the reader takes no byte then */
        must(http_body_take(b, "0\r\n\r\n", 5, &n) == state && n == 0);
    }
    return state;
}

static void again(const struct http_body *b)
{
    struct strbuf out = STRBUF_INIT;
    struct http_body other;
    size_t used;

    for (size_t at = 0; at < b->data.len;) {
        size_t n = b->data.len - at < 3 ? b->data.len - at : 3;
        strbuf_addf(&out, "%zx;x=\"\\\";\"\r\n", n);
        strbuf_add(&out, b->data.data + at, n);
        strbuf_adds(&out, "\r\n");
        at += n;
    }
    strbuf_adds(&out, "0\r\nA:b\r\n\r\nmore");
    http_body_init(&other, true, 0, b->max);
    must(http_body_take(&other, out.data, out.len, &used) == HTTP_BODY_END);
    must(used == out.len - 4 && other.received == b->received && other.data.len == b->data.len);
    must(b->data.len == 0 || memcmp(other.data.data, b->data.data, b->data.len) == 0);
    http_body_clear(&other);
    strbuf_clear(&out);
}

/* Two bytes say how long the body is and how it comes: chunked or not, the limit, the parts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_body whole;
    struct http_body parts;
    size_t used_whole;
    size_t used_parts;

    if (size < 3) {
        return 0;
    }
    bool chunked = data[0] % 8 != 0;
    size_t max = data[0];
    size_t step = data[1] % 3 == 0 ? 1 : data[1];
    const char *bytes = (const char *)data + 2;
    http_body_init(&whole, chunked, data[1], max);
    http_body_init(&parts, chunked, data[1], max);
    enum http_body_state state = feed(&whole, bytes, size - 2, size, &used_whole);
    must(feed(&parts, bytes, size - 2, step, &used_parts) == state && used_parts == used_whole);
    must(parts.received == whole.received && parts.too_big == whole.too_big &&
         parts.why == whole.why);
    must(parts.data.len == whole.data.len &&
         memcmp(strbuf_str(&parts.data), strbuf_str(&whole.data), whole.data.len) == 0);
    must((state == HTTP_BODY_BAD) == (whole.why != NULL));
    if (state == HTTP_BODY_END && !whole.too_big) {
        must(whole.received == whole.data.len && (chunked || whole.received == data[1]));
        again(&whole);
    }
    http_body_clear(&whole);
    http_body_clear(&parts);
    return 0;
}
