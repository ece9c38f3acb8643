/* From the bytes of a terminal to events.
 *
 * DESIGN: bytes are kept until they make a complete token: a character, a control character, Esc
 * alone, a control sequence (CSI), a single shift (SS3), or the start of a string (OSC, DCS, APC,
 * SOS, PM). decode_token looks at the kept bytes and says how long the token at their start is; 0
 * means that its rest has not come, and then how long after the last byte the token is given up. So
 * it does not matter how the bytes were cut into reads. Strings may be long: their bytes are
 * dropped as they come (`skip`). A paste is collected as it comes, too, and is over with its end
 * mark.
 *
 * The times: an Esc that nothing follows is the key. Once more of a sequence has been seen, nobody
 * typed it by hand: a slow link gets seconds for the rest, and then the whole sequence is
 * dropped. */
#include "ui/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "ui/decode_priv.h"

enum {
    RUN_MS = 20, /* a read that comes sooner than this after one of RUN_MIN tokens ... */
    RUN_MIN = 8  /* ... belongs to the same paste */
};

static const char paste_end[] = "\033[201~";
enum { PASTE_END_LEN = sizeof paste_end - 1 };

/* ---- strings, and control sequences that are too long: dropped as they come ---- */

/* Is this the end of a string, which takes two bytes: ESC \\ or C1's ST in UTF-8? */
static bool string_terminator(const char *p)
{
    return (p[0] == '\033' && p[1] == '\\') ||
           ((unsigned char)p[0] == 0xc2 && (unsigned char)p[1] == 0x9c);
}

/* How many bytes of the string are dropped. 0: either the end may have begun, or (`skip` is over)
 * the first byte ended the string and counts itself, as any control character does that has no
 * place in a string. */
static size_t skip_string(struct decode *d, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c >= 0x20 && c != 0xc2) {
            continue;
        }
        if ((c == '\033' || c == 0xc2) && i + 1 == n) {
            if (i > 0 || !decode_given_up(d, DECODE_REST_MS)) {
                return i;
            }
            d->skip = SKIP_NONE;
            return 0;
        }
        if ((c == '\033' || c == 0xc2) && string_terminator(p + i)) {
            d->skip = SKIP_NONE;
            return i + 2;
        }
        if (c != 0xc2) {
            d->skip = SKIP_NONE;
            return c == '\a' || c == 0x18 || c == 0x1a ? i + 1 : i; /* BEL, CAN, SUB */
        }
    }
    return n;
}

static size_t skip_csi(struct decode *d, const char *p, size_t n)
{
    size_t i = 0;

    while (i < n && p[i] >= 0x20 && p[i] < 0x40) {
        i++;
    }
    if (i < n) {
        d->skip = SKIP_NONE;
        i += (unsigned char)p[i] >= 0x40 && (unsigned char)p[i] < 0x7f;
    }
    return i;
}

struct decode *decode_new(unsigned char erase, int esc_ms)
{
    struct decode *d = xcalloc(1, sizeof *d);

    d->erase = erase > 0 && erase < 0x20 ? erase : 0x7f;
    d->esc_ms = esc_ms;
    d->limit_ms = -1;
    return d;
}

void decode_free(struct decode *d)
{
    if (d != NULL) {
        strbuf_clear(&d->paste);
        free(d);
    }
}

void decode_add_key(struct decode *d, const char *sequence, const char *name)
{
    size_t len = strlen(sequence);
    unsigned char first = (unsigned char)sequence[0];
    bool control = first < 0x20 || first >= 0x7f;

    if (len == 0 || len > SEQUENCE_MAX || !control || d->keys_len == TERMINFO_MAX ||
        strlen(name) >= KEY_NAME_SIZE || strcmp(sequence, "\033") == 0 ||
        /* the mouse's sequence, which is the same on all terminals that have one */
        strcmp(sequence, "\033[M") == 0) {
        return;
    }
    struct terminfo_key *k = &d->keys[d->keys_len++];
    memcpy(k->sequence, sequence, len);
    k->len = len;
    (void)snprintf(k->name, sizeof k->name, "%s", name);
    d->starts[first] = true;
}

size_t decode_room(const struct decode *d)
{
    size_t left = sizeof d->held - (d->len - d->at);

    return left < DECODE_FEED_MAX ? left : DECODE_FEED_MAX;
}

void decode_feed(struct decode *d, const void *bytes, size_t len, int64_t now_ms)
{
    if (len == 0 || len > decode_room(d)) {
        return;
    }
    if (d->skip != SKIP_NONE && now_ms - d->last_ms >= DECODE_REST_MS) {
        d->skip = SKIP_NONE;
    }
    d->stalled = d->pasting && (d->stalled || now_ms - d->last_ms >= DECODE_STALL_MS);
    d->run = now_ms - d->last_ms < RUN_MS ? d->taken : 0;
    d->alone = 0;
    if (len == 1 && now_ms - d->last_ms >= DECODE_ALONE_MS) {
        memcpy(&d->alone, bytes, 1);
    }
    d->last_ms = now_ms;
    d->taken = 0;
    memmove(d->held, d->held + d->at, d->len - d->at);
    d->len -= d->at;
    d->at = 0;
    memcpy(d->held + d->len, bytes, len);
    d->len += len;
}

/* ---- pastes ---- */

static void paste_add(struct decode *d, const char *p, size_t n)
{
    for (size_t i = 0; i < n && d->paste.len < DECODE_PASTE_MAX; i++) {
        strbuf_addc(&d->paste, p[i] == '\r' ? '\n' : p[i]);
    }
}

static void give_paste(struct decode *d, struct input_event *ev)
{
    ev->kind = INPUT_PASTE;
    ev->paste = strbuf_str(&d->paste);
    ev->paste_len = d->paste.len;
    d->given = true;
}

/* Gives what came of a paste whose rest does not come for a while. */
static bool give_stalled(struct decode *d, struct input_event *ev)
{
    d->stalled |= d->pasting && d->age_ms >= DECODE_STALL_MS;
    if (!d->pasting || !d->stalled || d->paste.len == 0) {
        return false;
    }
    d->limit_ms = -1;
    give_paste(d, ev);
    return true;
}

/* Did a person leave the paste by hand? A paste whose end mark was lost would take every key of a
 * person who goes on typing. Terminals let no Esc or Ctrl-C into a paste, so Ctrl-C alone, Esc
 * twice, or Esc and a second without input end the paste, and do nothing else. */
static bool left_by_hand(struct decode *d, struct input_event *ev)
{
    size_t n = d->len - d->at;
    bool esc = d->alone == '\033' && n > 0;

    if (!d->pasting || d->stalled || n == 0 ||
        !(d->alone == '\003' || (esc && n == 2 && d->held[d->at] == '\033') ||
          (esc && n == 1 && d->age_ms >= DECODE_INTRODUCER_MS))) {
        return false;
    }
    d->pasting = false;
    d->at = d->len;
    if (d->paste.len == 0) {
        return false;
    }
    d->limit_ms = -1;
    give_paste(d, ev);
    return true;
}

/* How many bytes at the end of `p` may be the beginning of the end mark. */
static size_t end_begun(const char *p, size_t n)
{
    for (size_t k = n < PASTE_END_LEN ? n : PASTE_END_LEN - 1; k > 0; k--) {
        if (memcmp(p + n - k, paste_end, k) == 0) {
            return k;
        }
    }
    return 0;
}

/* Was a key typed after a stall? One key alone was typed, because the end mark was lost; more bytes
 * are the rest of the paste. */
static bool typed_after_stall(struct decode *d, const char *p, size_t n, size_t *used,
                              struct input_event *ev)
{
    d->pasting = false;
    *used = decode_token(d, p, n, ev);
    if (*used == n && ev->kind == INPUT_KEY) {
        return true;
    }
    *ev = (struct input_event){0};
    d->pasting = true;
    d->skip = SKIP_NONE;
    return *used == 0;
}

static size_t take_pasted(struct decode *d, const char *p, size_t n, struct input_event *ev)
{
    const char *end = memmem(p, n, paste_end, PASTE_END_LEN);
    size_t used = 0;

    if (end == NULL && d->stalled && typed_after_stall(d, p, n, &used, ev)) {
        return used;
    }
    if (end != NULL) {
        paste_add(d, p, (size_t)(end - p));
        d->pasting = false;
        give_paste(d, ev);
        return (size_t)(end - p) + PASTE_END_LEN;
    }
    d->stalled = false;
    size_t keep = d->age_ms < DECODE_REST_MS ? end_begun(p, n) : 0;
    paste_add(d, p, n - keep);
    return n - keep;
}

/* ---- the whole ---- */

/* Notes what silence will end: a string, or a paste of which a piece of the end mark may be
 * held. */
static void wait_for_silence(struct decode *d)
{
    if (d->skip != SKIP_NONE && decode_given_up(d, DECODE_REST_MS)) {
        d->skip = SKIP_NONE;
        d->limit_ms = -1;
    }
    if (d->pasting && d->alone == '\033' && d->at < d->len && d->age_ms < DECODE_INTRODUCER_MS) {
        (void)decode_given_up(d, DECODE_INTRODUCER_MS);
    } else if (d->pasting && (d->paste.len > 0 || d->at < d->len)) {
        (void)decode_given_up(d, d->age_ms < DECODE_STALL_MS ? DECODE_STALL_MS : DECODE_REST_MS);
    }
}

bool decode_next(struct decode *d, int64_t now_ms, struct input_event *ev)
{
    *ev = (struct input_event){0};
    if (d->given) {
        strbuf_reset(&d->paste);
        d->given = false;
    }
    d->age_ms = now_ms - d->last_ms;
    d->limit_ms = -1;
    if (left_by_hand(d, ev) || give_stalled(d, ev)) {
        return true;
    }
    while (d->at < d->len) {
        const char *p = d->held + d->at;
        size_t n = d->len - d->at;
        enum skip skipping = d->skip;
        size_t used = d->pasting                ? take_pasted(d, p, n, ev)
                      : skipping == SKIP_STRING ? skip_string(d, p, n)
                      : skipping == SKIP_CSI    ? skip_csi(d, p, n)
                                                : decode_token(d, p, n, ev);
        if (used == 0 && skipping != SKIP_NONE && d->skip == SKIP_NONE) {
            continue; /* the byte that ended the string is looked at now */
        }
        if (used == 0) {
            break;
        }
        d->at += used;
        d->taken++;
        d->limit_ms = -1;
        if (ev->kind != INPUT_NONE) {
            bool run = d->run >= RUN_MIN || d->taken > RUN_MIN;
            /* A paste holds no keys that send a sequence: F5 is pressed. */
            ev->amid = d->at < d->len || (run && used == 1);
            ev->burst = run || d->at < d->len || d->taken > 1;
            return true;
        }
    }
    if (give_stalled(d, ev)) {
        return true;
    }
    wait_for_silence(d);
    return false;
}

int decode_wait_ms(const struct decode *d, int64_t now_ms)
{
    if (d->limit_ms < 0) {
        return -1;
    }
    int64_t left = d->last_ms + d->limit_ms - now_ms;
    return left < 0 ? 0 : left > d->limit_ms ? d->limit_ms : (int)left;
}
