/* Two numbers, split at the first NUL: their keys must compare as their values do. Text that is no
 * number must be refused by attr_validate before it gets here. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "src/cloud/dynamodb/ddb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int compare(const struct strbuf *a, const struct strbuf *b)
{
    size_t n = a->len < b->len ? a->len : b->len;
    int order = n == 0 ? 0 : memcmp(a->data, b->data, n);

    return order != 0 ? (order > 0) - (order < 0) : (a->len > b->len) - (a->len < b->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xstrndup((const char *)data, size);
    size_t cut = strlen(text) < size ? strlen(text) + 1 : size;
    char *other = xstrndup((const char *)data + cut, size - cut);
    cJSON *a = attr_new_num(text);
    cJSON *b = attr_new_num(other);
    struct ddb_slice slice;
    size_t at = 0;

    if (attr_validate(a, NULL) == E_OK && attr_validate(b, NULL) == E_OK) {
        struct strbuf x = STRBUF_INIT, y = STRBUF_INIT;
        int want = attr_num_compare(text, other);
        ddb_key_encode(&x, a);
        ddb_key_encode(&y, b);
        if (compare(&x, &y) != (want > 0) - (want < 0)) {
            abort();
        }
        strbuf_clear(&x);
        strbuf_clear(&y);
    }
    while (ddb_text_next(text, strlen(text), &at, &slice)) {
        if (slice.whole + slice.whole_len > text + strlen(text)) {
            abort();
        }
    }
    cJSON_Delete(a);
    cJSON_Delete(b);
    free(text);
    free(other);
    return 0;
}
