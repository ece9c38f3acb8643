/* decode.h - from the bytes that a terminal sends to key names (app/event.h), pasted text and
 * clicks.
 *
 * This is the one parser of input: the grammar of ECMA-48, the forms of xterm, rxvt, the linux
 * console and kitty, and the keys that terminfo names. A sequence is read as a whole, over as many
 * reads as it takes; what is not known (replies of the terminal, focus reports, unknown keys,
 * broken characters) is dropped as a whole and never falls apart into Esc and letters.
 *
 * Pure: bytes and times come in, events go out. No I/O, no clock, no curses. Not shared between
 * threads. */
#ifndef UI_DECODE_H
#define UI_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/event.h"

enum {
    DECODE_ESC_MS = 50, /* an Esc that nothing follows for this long is the key */
    /* the same for "ESC [" and similar beginnings: then the key is M-[ */
    DECODE_INTRODUCER_MS = 1000,
    /* the beginning of a sequence or string is dropped when its rest does not come in this time */
    DECODE_REST_MS = 5000,
    /* of a paste without an end mark, what came is given after this time */
    DECODE_STALL_MS = 2000,
    /* a byte that comes alone, this long after the last one, may be a key */
    DECODE_ALONE_MS = 80,
    DECODE_CLICK_MS = 400,   /* the time between the two clicks of a double click */
    DECODE_FEED_MAX = 1024,  /* bytes that decode_feed takes at once */
    DECODE_PASTE_MAX = 65536 /* bytes of one paste; further ones are dropped */
};

struct decode; /* opaque: the layout lives in ui/decode_priv.h */

enum input_kind {
    INPUT_NONE, /* there is no event now */
    INPUT_KEY,
    INPUT_PASTE,
    INPUT_MOUSE
};

struct input_event {
    enum input_kind kind;
    char key[KEY_NAME_SIZE]; /* INPUT_KEY */
    bool burst;              /* INPUT_KEY: the key came together with other input, not alone */
    /* INPUT_KEY: other input came right after the key, or much came before it */
    bool amid;
    /* INPUT_PASTE: borrowed until the next call; not terminated by a NUL */
    const char *paste;
    size_t paste_len;
    int row, col; /* INPUT_MOUSE, from 0 */
    enum mouse_button button;
};

/* `erase` is the terminal's erase character (stty), which means Backspace; `esc_ms` tells how long
 * an Esc may wait for what follows it (DECODE_ESC_MS, or what ESCDELAY says). */
struct decode *decode_new(unsigned char erase, int esc_ms);
void decode_free(struct decode *d); /* NULL allowed */

/* Adds a sequence that this terminal's terminfo entry gives for a key; it comes before the common
 * forms. A sequence that does not begin with a control character, or is too long, is left out. */
void decode_add_key(struct decode *d, const char *sequence, const char *name);

/* How many bytes the next decode_feed takes at most. */
size_t decode_room(const struct decode *d);
/* Feeds the bytes that one read() gave, `len` <= decode_room. `now_ms` is monotonic. */
void decode_feed(struct decode *d, const void *bytes, size_t len, int64_t now_ms);
/* The next event; false (and INPUT_NONE) when there is none yet. Call it until it says false after
 * each decode_feed, and when decode_wait_ms is over. */
bool decode_next(struct decode *d, int64_t now_ms, struct input_event *out);
/* How long until decode_next has to be called although nothing was fed; -1: not at all. */
int decode_wait_ms(const struct decode *d, int64_t now_ms);
#endif
