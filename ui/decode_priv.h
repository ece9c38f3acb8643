/* decode_priv.h - what decode.c (bytes in, events out) and decode_token.c (the grammar) share. */
#ifndef UI_DECODE_PRIV_H
#define UI_DECODE_PRIV_H

#include "core/strbuf.h"
#include "ui/decode.h"

enum {
    DECODE_CSI_MAX = 256, /* bytes of a control sequence; of a longer one all is dropped */
    SEQUENCE_MAX = 16,    /* of terminfo */
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
    bool starts[256]; /* first bytes of them */

    char held[DECODE_CSI_MAX + 16 + DECODE_FEED_MAX];
    size_t at, len;  /* what is not taken yet: held[at .. len) */
    int64_t last_ms; /* when the last byte came */
    int64_t age_ms;  /* since then, during decode_next */
    int limit_ms;    /* what is held is given up then; -1: nothing waits */
    enum skip skip;
    size_t run;          /* tokens of the read just before this one; 0: it was no moment ago */
    size_t taken;        /* tokens since the last decode_feed */
    int64_t esc_gone_ms; /* an Esc was given because nothing followed it; 0: not lately */

    bool pasting;
    bool stalled;        /* its rest did not come for a while */
    char alone;          /* the byte of a read that held no other, a moment after the last; or 0 */
    bool given;          /* `paste` was handed out: it is empty at the next call */
    struct strbuf paste; /* at most DECODE_PASTE_MAX */

    int64_t click_ms;
    int click_row, click_col;
};

/* The length of the token at the start of `p`, whose event is in `ev` (none: it is dropped); 0
 * while its rest is still to come. It may start a paste or a string (`pasting`, `skip`). */
size_t decode_token(struct decode *d, const char *p, size_t n, struct input_event *ev);
/* Is what is held too old to wait for its rest? Else `limit_ms` is noted as what is waited for. */
bool decode_given_up(struct decode *d, int limit_ms);
#endif
