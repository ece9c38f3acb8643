/* A machine that stops. */
#include "power_loss.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "core/strbuf.h"
#include "src/ops/sync_log_read.h"

off_t size_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? st.st_size : -1;
}

/* Where the last record of a log begins. */
static size_t last_record(const char *text, size_t len)
{
    size_t last = 0;

    for (size_t at = 0; at < len;) {
        size_t bytes = 0;
        last = at;
        cr_assert_eq(sscanf(text + at, "%*8x %*c %zu", &bytes), 1, "%s", text + at);
        at += strcspn(text + at, "\n") + 1 + bytes + 1;
    }
    return last;
}

void change_boot(const char *path, enum tail tail)
{
    char *text = NULL;
    size_t len = 0;
    struct strbuf out = STRBUF_INIT;

    cr_assert_eq(path_read(path, 1 << 20, &text, &len, NULL), E_OK);
    size_t first = strcspn(text, "\n") + 1;
    first += strcspn(text + first, "\n") + 1;
    size_t last = last_record(text, len);
    len = tail == TAIL_WHOLE ? len : tail == TAIL_GONE ? last : last + (len - last) / 2;
    sync_record_add(&out, SYNC_BEGIN, "-", "another-boot", 12);
    strbuf_add(&out, text + first, len - first);
    cr_assert_eq(path_write_atomic(path, out.data, out.len, 0600, NULL), E_OK);
    strbuf_clear(&out);
    free(text);
}
