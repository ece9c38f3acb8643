/* The file of Batch's owners with any bytes: it is taken whole or not at all, and what is taken
 * reads back as it was written. With the right checksum put behind them the lines are read too. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crc32.h"
#include "core/strbuf.h"
#include "src/ops/batch_names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

static void try(const char *text, size_t len)
{
    struct batch_names *n = batch_names_new();
    size_t written = 0;

    if (batch_names_parse(n, text, len, "here", NULL) == E_OK) {
        struct batch_names *again = batch_names_new();
        char *out = batch_names_text(n, "here", &written);
        must(batch_names_parse(again, out, written, "here", NULL) == E_OK);
        must(batch_names_below(again, INT64_MAX) == batch_names_below(n, INT64_MAX));
        free(out);
        batch_names_free(again);
    } else {
        must(batch_names_below(n, INT64_MAX) == INT64_MIN); /* nothing is covered */
    }
    batch_names_free(n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "mvpdash batch names 1\nplace here\n";
    struct strbuf b = STRBUF_INIT;
    size_t jobs = 0;

    try((const char *)data, size);
    strbuf_adds(&b, head);
    strbuf_add(&b, data, size);
    if (size > 0 && data[size - 1] != '\n') {
        strbuf_addc(&b, '\n');
    }
    for (const char *p = b.data; p != NULL; p = strchr(p + 1, '\n')) {
        jobs += strncmp(p, "\njob ", 5) == 0;
    }
    strbuf_addf(&b, "end %zu %08" PRIx32 "\n", jobs, crc32_of(b.data, b.len));
    try(b.data, b.len);
    strbuf_clear(&b);
    return 0;
}
