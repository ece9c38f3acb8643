/* Two logs as any bytes (a NUL stands between them): the parts of their difference tell both whole,
 * and what they call the same is the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/compare.h"

enum { LINES_MAX = 600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t keys_of(const char *text, size_t len, uint64_t *keys)
{
    size_t n = 0;

    for (size_t at = 0; at < len && n < LINES_MAX;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end == NULL ? len - at : (size_t)(end - text) - at;
        keys[n++] = compare_line_key(text + at, line);
        at += line + 1;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t keys[2][LINES_MAX];
    const char *text = (const char *)data;
    const char *nul = size == 0 ? NULL : memchr(text, '\0', size);
    size_t first = nul == NULL ? size : (size_t)(nul - text);
    size_t len[2] = {keys_of(text, first, keys[0]), 0};
    struct compare_diff d;
    size_t at[2] = {0, 0};

    len[1] = nul == NULL ? 0 : keys_of(nul + 1, size - first - 1, keys[1]);
    compare_logs(keys[0], len[0], keys[1], len[1], &d);
    for (size_t i = 0; i < d.len; i++) {
        const struct compare_part *p = &d.items[i];
        if (p->len == 0 || p->at[0] != at[0] || p->at[1] != at[1] ||
            (i > 0 && p->op == d.items[i - 1].op)) {
            abort();
        }
        at[0] += p->op == COMPARE_SECOND ? 0 : p->len;
        at[1] += p->op == COMPARE_FIRST ? 0 : p->len;
        if (at[0] > len[0] || at[1] > len[1] ||
            (p->op == COMPARE_SAME &&
             memcmp(&keys[0][p->at[0]], &keys[1][p->at[1]], p->len * sizeof keys[0][0]) != 0)) {
            abort();
        }
    }
    if (at[0] != len[0] || at[1] != len[1]) {
        abort();
    }
    compare_diff_clear(&d);
    return 0;
}
