/* decode_priv.h - what decode.c (bytes in, events out) and decode_token.c (the grammar) share. */
#ifndef UI_DECODE_PRIV_H
#define UI_DECODE_PRIV_H

#include "core/strbuf.h"
#include "ui/decode.h"

enum {
    DECODE_CSI_MAX = 256, /* bytes of a control sequence; a longer one is dropped completely */
    SEQUENCE_MAX = 16,    /* bytes of a sequence of terminfo */
    TERMINFO_MAX = 192
};

enum skip { SKIP_NONE, SKIP_STRING, SKIP_CSI };

struct terminfo_key {
    char sequence[SEQUENCE_MAX + 1];
    size_t len;
    char name[KEY_NAME_SIZE];
};

struct decode {
    unsigned char erase;
    int esc_ms;
    struct terminfo_key keys[TERMINFO_MAX];
    size_t keys_len;
    bool starts[256]; /* the first bytes of these keys */

    char held[DECODE_CSI_MAX + 16 + DECODE_FEED_MAX];
    size_t at, len;  /* the bytes that are not taken yet: held[at .. len) */
    int64_t last_ms; /* when the last byte came */
    int64_t age_ms;  /* the time since then, while decode_next runs */
    int limit_ms;    /* the age at which the held bytes are given up; -1: nothing waits */
    enum skip skip;
    /* how many tokens the read just before this one had; 0: it was longer than a moment ago */
    size_t run;
    size_t taken;        /* tokens since the last decode_feed */
    int64_t esc_gone_ms; /* when an Esc was given because nothing followed it; 0: not lately */

    bool pasting;
    bool stalled; /* the paste's rest did not come for a while */
    /* the byte of a read that held no other byte, a moment after the last read; or 0 */
    char alone;
    bool given;          /* `paste` was handed out and is emptied at the next call */
    struct strbuf paste; /* at most DECODE_PASTE_MAX */

    int64_t click_ms;
    int click_row;
};

/* The length of the token at the start of `p`, whose event is in `ev` (without an event the token
 * is dropped); 0 while the rest of the token has not come. It may start a paste or a string
 * (`pasting`, `skip`). */
size_t decode_token(struct decode *d, const char *p, size_t n, struct input_event *ev);
/* Are the held bytes too old to wait for their rest? If not, `limit_ms` is noted as the age to wait
 * for. */
bool decode_given_up(struct decode *d, int limit_ms);
#endif
