/* Messages of programs as any bytes: a short text without control characters, well-formed when
 * the message is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "jobs/cause.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t size, size_t room)
{
    char out[CAUSE_SIZE];
    char again[CAUSE_SIZE];
    size_t n = cause_normalise((const char *)data, size, out, room);

    if (n >= room || strlen(out) != n) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)out[i] < ' ' || out[i] == 0x7f) {
            abort();
        }
    }
    if (text_utf8_valid((const char *)data, size) && !text_utf8_valid(out, n)) {
        abort();
    }
    /* A second run may find more, in a text that has the form of an address, but ends as well. */
    if (cause_normalise(out, n, again, room) >= room) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, CAUSE_SIZE);
    check(data, size, 8 + size % 40);
    return 0;
}
