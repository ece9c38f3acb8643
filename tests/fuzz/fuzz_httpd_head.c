/* The head of a request. It must not matter in which parts it comes, nothing that follows may
 * change it, and one that is not refused leaves no doubt: written out again it reads the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "src/httpd/head.h"

static const struct http_head_limits limits = {.head_max = 1024, .target_max = 256};

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

static bool same_text(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static void same(const struct http_head *a, const struct http_head *b)
{
    must(a->status == b->status && a->why == b->why && a->minor == b->minor);
    must(a->chunked == b->chunked && a->length == b->length && a->keep == b->keep);
    must(a->expects == b->expects && a->fields.len == b->fields.len);
    must(same_text(a->method, b->method) && same_text(a->target, b->target));
    for (size_t i = 0; i < a->fields.len; i++) {
        must(strcmp(a->fields.items[i].name, b->fields.items[i].name) == 0);
        must(strcmp(a->fields.items[i].value, b->fields.items[i].value) == 0);
    }
}

/* What a sound head means by its text, found in another way than the reader's. */
static void check_sound(const struct http_head *h, const char *bytes, size_t n)
{
    const char *request = bytes;

    must(n >= 4 && n <= limits.head_max && memcmp(bytes + n - 4, "\r\n\r\n", 4) == 0);
    must(memchr(bytes, '\0', n) == NULL);
    while (memcmp(request, "\r\n", 2) == 0) {
        request += 2;
    }
    must(memmem(request, (size_t)(bytes + n - request), "\r\n\r\n", 4) == bytes + n - 4);
    for (size_t i = 0; i < n; i++) {
        must((bytes[i] == '\n') == (i > 0 && bytes[i - 1] == '\r'));
    }
    must(h->minor == 0 || http_fields_count(&h->fields, "host") == 1);
    must(!h->chunked || (h->length == 0 && h->minor == 1));
    must(h->chunked == (http_fields_count(&h->fields, "transfer-encoding") == 1));
    must(h->length == 0 || http_fields_count(&h->fields, "content-length") == 1);
    must(h->method != NULL && *h->method != '\0' && h->target != NULL && *h->target != '\0');
}

static void again(const struct http_head *h)
{
    struct http_head_scan scan = {.at = 0};
    struct strbuf b = STRBUF_INIT;
    struct http_head head;

    strbuf_addf(&b, "%s %s HTTP/1.%d\r\n", h->method, h->target, h->minor);
    for (size_t i = 0; i < h->fields.len; i++) {
        strbuf_addf(&b, "%s:%s\r\n", h->fields.items[i].name, h->fields.items[i].value);
    }
    strbuf_adds(&b, "\r\n");
    must(http_head_read(&scan, b.data, b.len, &limits, &head) == b.len);
    same(&head, h);
    http_head_clear(&head);
    strbuf_clear(&b);
}

/* The first byte says of how many bytes each part is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_head_scan at_once = {.at = 0};
    struct http_head_scan scan = {.at = 0};
    struct http_head whole;
    struct http_head parts;
    size_t told = 0;

    if (size < 2) {
        return 0;
    }
    const char *bytes = (const char *)data + 1;
    size_t len = size - 1;
    size_t step = data[0] % 7 == 0 ? 1 : data[0];
    size_t n = http_head_read(&at_once, bytes, len, &limits, &whole);
    must(n <= len || whole.status != 0);
    for (size_t at = 0; told == 0 && at < len; at += step) {
        size_t end = len - at < step ? len : at + step;
        char *copy = xmalloc(end);
        memcpy(copy, bytes, end);
        told = http_head_read(&scan, copy, end, &limits, &parts);
        free(copy);
        if (told == 0) {
            must(parts.method == NULL && parts.fields.len == 0);
        }
    }
    must(told == n);
    if (n > 0) {
        same(&parts, &whole);
        must((whole.status == 0) == (whole.why == NULL));
    }
    if (n > 0 && whole.status == 0) {
        check_sound(&whole, bytes, n);
        again(&whole);
    }
    http_head_clear(&whole);
    http_head_clear(&parts);
    return 0;
}
