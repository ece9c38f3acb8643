/* Any bytes from a terminal, in any reads, at any times: they end in events with names that the key
 * map may hold, nothing waits for ever, and a Ctrl-C after it all is heard. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "ui/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct input_event *ev)
{
    if (ev->kind == INPUT_KEY && (ev->key[0] == '\0' || strlen(ev->key) >= KEY_NAME_SIZE ||
                                  !text_utf8_valid(ev->key, strlen(ev->key)))) {
        abort();
    }
    if (ev->kind == INPUT_PASTE && ev->paste_len > DECODE_PASTE_MAX) {
        abort();
    }
    if (ev->kind == INPUT_MOUSE && (ev->row < 0 || ev->col < 0)) {
        abort();
    }
    if (ev->kind == INPUT_NONE) {
        abort();
    }
}

static size_t drain(struct decode *d, int64_t now)
{
    struct input_event ev;
    size_t n = 0;

    for (; decode_next(d, now, &ev); n++) {
        check(&ev);
    }
    if (decode_wait_ms(d, now) == 0) {
        abort(); /* the loop would turn for ever */
    }
    return n;
}

/* The first byte of each piece says how long it is and how much time passes before it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int gaps[] = {0, 1, 60, 1500, 10000, 3, 30, 2500};
    struct decode *d = decode_new(size % 3 == 0 ? 8 : 0x7f, DECODE_ESC_MS);
    int64_t now = 1;

    decode_add_key(d, "\033[224z", "F1");
    decode_add_key(d, "\001@\r", "F2");
    decode_add_key(d, "\033[[A", "F1");
    while (size > 1) {
        size_t n = 1 + (data[0] & 31U);
        now += gaps[data[0] >> 5];
        data++;
        size--;
        n = n < size ? n : size;
        (void)drain(d, now);
        if (decode_room(d) < n) {
            abort();
        }
        decode_feed(d, data, n, now);
        (void)drain(d, now);
        data += n;
        size -= n;
    }
    for (int wait = decode_wait_ms(d, now), i = 0; wait >= 0; wait = decode_wait_ms(d, now)) {
        now += wait;
        (void)drain(d, now);
        if (++i > 16) {
            abort(); /* each wait must give up something that was held */
        }
    }
    decode_feed(d, "\003", 1, now + 20000);
    if (drain(d, now + 20000) == 0) {
        abort();
    }
    decode_free(d);
    return 0;
}
