/* The grammar of what terminals send: each function gives the length of the token at the start of
 * `p`, 0 while its rest has not come (DESIGN in decode.c). */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "ui/decode_keys.h"
#include "ui/decode_priv.h"

enum { ESC = 27, SS3_MAX = 6 };

bool decode_given_up(struct decode *d, int limit_ms)
{
    d->limit_ms = d->limit_ms < 0 || limit_ms < d->limit_ms ? limit_ms : d->limit_ms;
    return d->age_ms >= limit_ms;
}

static size_t incomplete(struct decode *d, size_t n, int limit_ms)
{
    return decode_given_up(d, limit_ms) ? n : 0;
}

static void set_key(struct input_event *ev, const char *name)
{
    ev->kind = INPUT_KEY;
    (void)snprintf(ev->key, sizeof ev->key, "%s", name);
}

/* Handles "ESC [" and similar beginnings that nothing follows: somebody typed the character with
 * Alt. */
static size_t introducer_alone(struct decode *d, const char *p, size_t n, struct input_event *ev)
{
    if (!decode_given_up(d, DECODE_INTRODUCER_MS)) {
        return 0;
    }
    if (p[0] == ESC) {
        (void)snprintf(ev->key, sizeof ev->key, "M-%c", p[1]);
        ev->kind = INPUT_KEY;
    }
    return n;
}

/* Takes a press of the left button or a turn of the wheel; everything else (releases, moves, other
 * buttons, the wheel sideways) makes no event. `code` is xterm's. */
static void mouse(struct decode *d, int code, int col, int row, struct input_event *ev)
{
    bool wheel = (code & 64) != 0;

    if ((code & ~(64 | 28 | 1)) != 0 || (!wheel && (code & 1) != 0) || row < 1 || col < 1) {
        return;
    }
    ev->kind = INPUT_MOUSE;
    ev->row = row - 1;
    ev->col = col - 1;
    if (wheel) {
        ev->button = (code & 1) != 0 ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
        return;
    }
    bool again =
        d->click_ms != 0 && d->last_ms - d->click_ms <= DECODE_CLICK_MS && d->click_row == row;
    ev->button = again ? MOUSE_DOUBLE : MOUSE_LEFT;
    d->click_ms = again ? 0 : d->last_ms;
    d->click_row = row;
}

/* Takes a control sequence that is complete. */
static void take_csi(struct decode *d, const char *bytes, size_t len, char final,
                     struct input_event *ev)
{
    struct csi c;

    csi_parse(&c, bytes, len, final);
    if ((final == 'M' || final == 'm') && c.prefix == '<' && c.params == 3) {
        if (final == 'M') {
            mouse(d, c.n[0][0], c.n[1][0], c.n[2][0], ev);
        }
    } else if (final == 'M' && c.prefix == 0 && c.params == 3) { /* the form of rxvt */
        mouse(d, c.n[0][0] - 32, c.n[1][0], c.n[2][0], ev);
    } else if (final == '~' && c.prefix == 0 && c.params == 1 && c.n[0][0] == 200) {
        d->pasting = true;
        d->stalled = false;
        strbuf_reset(&d->paste);
    } else if (csi_key(&c, ev->key)) {
        ev->kind = INPUT_KEY;
    }
}

/* Does rxvt end a shifted key here? It uses "$", which is an intermediate byte for all other
 * terminals. */
static bool rxvt_shift(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < '0' || bytes[i] > '9') {
            return false;
        }
    }
    return len == 1 || len == 2;
}

/* Is this the last byte of a control sequence? A `char` has a sign on some machines and none on
 * others. */
static bool is_final(char c)
{
    return (unsigned char)c >= 0x40 && (unsigned char)c < 0x7f;
}

static size_t csi(struct decode *d, const char *p, size_t n, size_t head, struct input_event *ev)
{
    size_t i = head;

    if (n == head) {
        return introducer_alone(d, p, n, ev);
    }
    if (p[i] == '[') { /* the linux console's F1 to F5 */
        if (n == head + 1) {
            return incomplete(d, n, DECODE_REST_MS);
        }
        if (p[i + 1] >= 'A' && p[i + 1] <= 'E') {
            set_key(ev, (char[]){'F', (char)(p[i + 1] - 'A' + '1'), '\0'});
        }
        return (unsigned char)p[i + 1] < 0x20 ? head + 1 : head + 2;
    }
    if (p[i] == 'M') { /* the oldest mouse reports have three bytes of any value */
        if (n < head + 4) {
            return incomplete(d, n, DECODE_REST_MS);
        }
        int code = (unsigned char)p[i + 1] - 32;
        mouse(d, (code & 3) == 3 ? 3 : code, (unsigned char)p[i + 2] - 32,
              (unsigned char)p[i + 3] - 32, ev);
        return head + 4;
    }
    while (i < n && p[i] >= 0x20 && p[i] < 0x40 &&
           (p[i] != '$' || !rxvt_shift(p + head, i - head))) {
        i++;
    }
    if (i == n && n > DECODE_CSI_MAX) {
        d->skip = SKIP_CSI;
        return n;
    }
    if (i == n) {
        return incomplete(d, n, DECODE_REST_MS);
    }
    if (p[i] != '$' && !is_final(p[i])) {
        return i; /* a byte that has no place in the sequence broke it off: that byte counts */
    }
    take_csi(d, p + head, i - head, p[i], ev);
    return i + 1;
}

/* Reads "SS3 5 A" of old xterms and "SS3 1 ; 5 P" of VTE: the last number is the modifier. */
static size_t ss3(struct decode *d, const char *p, size_t n, size_t head, struct input_event *ev)
{
    size_t i = head;
    int modifier = 1;

    if (n == head) {
        return introducer_alone(d, p, n, ev);
    }
    for (bool begun = false; i < n && i < head + SS3_MAX; i++) {
        bool digit = p[i] >= '0' && p[i] <= '9';
        if (!digit && (p[i] != ';' || i == head)) {
            break;
        }
        modifier = !digit ? 1 : begun ? modifier * 10 + (p[i] - '0') : p[i] - '0';
        begun = digit;
    }
    if (i == n) {
        return incomplete(d, n, DECODE_REST_MS);
    }
    if ((unsigned char)p[i] < 0x20 || (unsigned char)p[i] >= 0x7f) {
        return i;
    }
    if (ss3_key(modifier, p[i], ev->key)) {
        ev->kind = INPUT_KEY;
    }
    return i + 1;
}

/* Reads a character outside ASCII. When the bytes are no character, only the first byte is dropped,
 * because the rest may be good. */
static size_t character(struct decode *d, const char *p, size_t n, struct input_event *ev)
{
    unsigned char first = (unsigned char)p[0];
    size_t want = first >= 0xf5 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    uint32_t cp = 0;

    for (size_t i = 1; i < want; i++) {
        if (i == n) {
            return incomplete(d, n, DECODE_INTRODUCER_MS);
        }
        if (((unsigned char)p[i] & 0xc0) != 0x80) {
            return i;
        }
    }
    if (want != 0 && text_utf8_decode(p, want, &cp) == want && text_key(cp, ev->key)) {
        ev->kind = INPUT_KEY;
    }
    return want == 0 ? 1 : want;
}

/* Reads what an introducer opens; `which` is the second byte of its form with ESC. */
static size_t introduced(struct decode *d, const char *p, size_t n, size_t head, int which,
                         struct input_event *ev)
{
    switch (which) {
    case '[':
        return csi(d, p, n, head, ev);
    case 'O':
        return ss3(d, p, n, head, ev);
    default: /* OSC, DCS, SOS, PM, APC */
        if (n == head) {
            return introducer_alone(d, p, n, ev);
        }
        d->skip = SKIP_STRING;
        return head;
    }
}

static bool introducer(int c)
{
    return c == '[' || c == 'O' || c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_';
}

static size_t grammar(struct decode *d, const char *p, size_t n, struct input_event *ev);

/* Takes back what a token has done that shall not count. */
static void undo(struct decode *d, struct input_event *ev)
{
    *ev = (struct input_event){0};
    d->pasting = false;
    d->skip = SKIP_NONE;
    d->limit_ms = -1;
}

static size_t esc_alone(struct decode *d, struct input_event *ev)
{
    d->limit_ms = -1;
    set_key(ev, "Esc");
    return 1;
}

/* Reads an Esc and one more token: rxvt and others send Alt in this way. */
static size_t with_alt(struct decode *d, const char *p, size_t n, struct input_event *ev)
{
    size_t used = grammar(d, p + 1, n - 1, ev);

    if (used == 0) {
        return 0;
    }
    if (ev->kind == INPUT_KEY && alt_key(ev->key)) {
        return used + 1;
    }
    if (ev->kind == INPUT_NONE && used >= 2 && (p[2] == 'O' || strchr("~^$@", p[used]) != NULL)) {
        return used + 1; /* the token is a key that we have no name for */
    }
    /* The token is a report after an Esc that was typed, or a key that has Alt already: each counts
     * by itself. */
    undo(d, ev);
    return esc_alone(d, ev);
}

static size_t escape(struct decode *d, const char *p, size_t n, struct input_event *ev)
{
    unsigned char next;

    if (n == 1) {
        if (!decode_given_up(d, d->esc_ms)) {
            return 0;
        }
        d->esc_gone_ms = d->last_ms + d->age_ms;
        return esc_alone(d, ev);
    }
    next = (unsigned char)p[1];
    if (introducer(next)) {
        return introduced(d, p, n, 2, next, ev);
    }
    if (next == ESC && n == 2) {
        return decode_given_up(d, d->esc_ms) ? esc_alone(d, ev) : 0;
    }
    /* Ctrl-C counts in any case, and in Esc Esc the second one may begin a sequence. */
    if (next == 3 || (next == ESC && p[2] != '[' && p[2] != 'O')) {
        return esc_alone(d, ev);
    }
    return with_alt(d, p, n, ev);
}

/* Is this the rest of a sequence whose Esc was taken for the key because the rest came so much
 * later? Nobody types "[A" at once. */
static bool late_rest(const struct decode *d, const char *p, size_t n)
{
    char ignored[KEY_NAME_SIZE];
    size_t i = n > 2 && p[1] == '[' ? 2 : 1;

    if (n < 2 || d->esc_gone_ms == 0 || d->taken > 0 ||
        d->last_ms - d->esc_gone_ms >= DECODE_INTRODUCER_MS) {
        return false;
    }
    if (p[0] == 'O') {
        return n == 2 && ss3_key(1, p[1], ignored);
    }
    while (i < n && p[i] >= 0x20 && p[i] < 0x40) {
        i++;
    }
    return p[0] == '[' && i + 1 == n && is_final(p[i]);
}

/* Reads ECMA-48's introducers in one character (C1), as a byte or in UTF-8. */
static size_t c1(struct decode *d, const char *p, size_t n, struct input_event *ev)
{
    unsigned char first = (unsigned char)p[0], second = n > 1 ? (unsigned char)p[1] : 0;

    if (first == 0xc2 && second >= 0x80 && second < 0xa0 && introducer(second - 0x40)) {
        return introduced(d, p, n, 2, second - 0x40, ev);
    }
    /* As a byte only these count: the others are letters in the code pages of Windows. */
    if (first == 0x9b || first == 0x8f) {
        return introduced(d, p, n, 1, first - 0x40, ev);
    }
    return character(d, p, n, ev);
}

static size_t grammar(struct decode *d, const char *p, size_t n, struct input_event *ev)
{
    unsigned char c = (unsigned char)p[0];

    if (c == ESC) {
        return escape(d, p, n, ev);
    }
    if (c >= 0x80) {
        return c1(d, p, n, ev);
    }
    ev->kind = INPUT_KEY;
    if (c == d->erase) {
        set_key(ev, "Backspace");
    } else if (c < 0x20 || c == 0x7f) {
        control_key(c, ev->key);
    } else {
        (void)text_key(c, ev->key);
    }
    return 1;
}

/* ---- what goes before the grammar ---- */

/* The longest key of terminfo that the bytes begin with; `*longer`: they may become another one. */
static const struct terminfo_key *terminfo_key(const struct decode *d, const char *p, size_t n,
                                               bool *longer)
{
    const struct terminfo_key *best = NULL;

    *longer = false;
    for (size_t i = 0; d->starts[(unsigned char)p[0]] && i < d->keys_len; i++) {
        const struct terminfo_key *k = &d->keys[i];
        if (k->len > n) {
            *longer |= memcmp(k->sequence, p, n) == 0;
        } else if (memcmp(k->sequence, p, k->len) == 0 && (best == NULL || k->len > best->len)) {
            best = k;
        }
    }
    return best;
}

size_t decode_token(struct decode *d, const char *p, size_t n, struct input_event *ev)
{
    bool longer = false;

    if (late_rest(d, p, n)) {
        return n;
    }
    const struct terminfo_key *k = terminfo_key(d, p, n, &longer);
    size_t used = grammar(d, p, n, ev);
    if (k != NULL && k->len >= used && (used > 0 || !longer)) {
        undo(d, ev);
        set_key(ev, k->name);
        return k->len;
    }
    if (used > 0 && longer && d->age_ms < d->esc_ms) {
        undo(d, ev);
        (void)decode_given_up(d, d->esc_ms); /* it is not time yet: this notes when it will be */
        return 0;
    }
    return used;
}
