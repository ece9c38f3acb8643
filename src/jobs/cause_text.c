/* cause_text.c - taking out of a message what differs from job to job.
 *
 * DESIGN: the text is read once, part by part. Some parts are known by their beginning (an ARN, a
 * path, an address, a date); all others are words of letters, digits, '-' and '_', or single
 * characters. A word is looked at segment by segment, because ids are built of segments:
 * "job_1734567890123_abc123def", "i-0abc123". What is put in the place of a part holds no
 * digit. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cause_parts.h"
#include "jobs/cause.h"

enum {
    READ_MAX = 600, /* the bytes of a message that are read */
    HASH_LEAST = 7,
    CODE_DIGITS = 5,
    STATUS_DIGITS = 3,
    UNIT_LETTERS = 3,
    SHORT_MIX = 6
};

/* ---- words ---- */

struct writer {
    char *out;
    size_t len, size;
    bool full;
};

static const char ellipsis[] = " \xe2\x80\xa6";

/* Ends the text with an ellipsis, for which there is always room. */
static void put_end(struct writer *w)
{
    size_t skip = w->len == 0 || w->out[w->len - 1] == ' ';

    if (!w->full) {
        memcpy(w->out + w->len, ellipsis + skip, sizeof ellipsis - 1 - skip);
        w->len += sizeof ellipsis - 1 - skip;
        w->full = true;
    }
}

/* Adds a part as a whole, or ends the text. Of a part that alone is longer than most of the text
 * may be, as in a script without blanks, the beginning is kept: an ellipsis alone tells nothing,
 * and would be the same cause for all of them. */
static void put(struct writer *w, const char *s, size_t n)
{
    if (w->full || n == 0) {
        return;
    }
    if (w->len + n + sizeof ellipsis > w->size) {
        size_t room = w->len < w->size / 2 ? w->size - w->len - sizeof ellipsis : 0;
        while (room > 0 && ((unsigned char)s[room] & 0xc0) == 0x80) {
            room--; /* a character stays whole */
        }
        memcpy(w->out + w->len, s, room);
        w->len += room;
        put_end(w);
        return;
    }
    memcpy(w->out + w->len, s, n);
    w->len += n;
}

static void puts_to(struct writer *w, const char *s)
{
    put(w, s, strlen(s));
}

/* What a segment of a word is made of. */
struct makeup {
    size_t digits, lead, tail; /* all digits; the digits, and the letters, that it begins with */
    bool hex, upper;           /* all are hexadecimal; all letters are capitals */
    size_t changes;            /* how often letters and digits take turns */
};

static struct makeup look(const char *s, size_t n)
{
    struct makeup m = {.hex = true, .upper = true};

    for (size_t i = 0; i < n; i++) {
        bool digit = cause_digit(s[i]);
        m.digits += digit;
        m.lead += digit && m.digits == i + 1;
        m.tail += !digit && m.digits == 0;
        m.hex = m.hex && isxdigit((unsigned char)s[i]);
        m.upper = m.upper && (digit || (s[i] >= 'A' && s[i] <= 'Z'));
        m.changes += i > 0 && digit != cause_digit(s[i - 1]);
    }
    return m;
}

/* Is a segment of letters and digits an id, and no word or unit with a number? */
static bool is_id(const struct makeup *m, size_t n)
{
    bool hash = m->hex && n >= HASH_LEAST;
    bool mixed = m->changes > 1 && n >= SHORT_MIX;
    bool unit = m->lead == 0 || m->changes > 1 || n - m->lead <= UNIT_LETTERS;

    return hash || mixed || !unit;
}

/* A segment of letters and digits without its numbers, or as an id. */
static void put_segment(struct writer *w, const char *s, size_t n)
{
    struct makeup m = look(s, n);
    bool code = m.upper && m.changes == 1 && m.tail > 0 && m.digits <= CODE_DIGITS;

    if (m.digits == 0 || code) {
        put(w, s, n);
    } else if (m.digits == n) {
        puts_to(w, "<n>");
    } else if (is_id(&m, n)) {
        puts_to(w, "<id>");
    } else {
        for (size_t i = 0; i < n;) {
            size_t run = 1;
            while (i + run < n && cause_digit(s[i + run]) == cause_digit(s[i])) {
                run++;
            }
            put(w, cause_digit(s[i]) ? "<n>" : s + i, cause_digit(s[i]) ? 3 : run);
            i += run;
        }
    }
}

/* Does the text end in a word that says what the number behind it means, as in "exit code 137",
 * "status=502", "HTTP 404"? */
static bool before_code(const struct writer *w)
{
    static const char *const words[] = {"code", "status", "http", "errno", "signal", "exit"};
    size_t len = w->len;

    while (len > 0 && strchr(" :=(", w->out[len - 1]) != NULL) {
        len--;
    }
    for (size_t i = 0; len < w->len && i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (len >= n && strncasecmp(w->out + len - n, words[i], n) == 0 &&
            (len == n || !cause_word(w->out[len - n - 1]))) {
            return true;
        }
    }
    return false;
}

/* A number that is one part: not the digits at the beginning of a word. */
static bool put_number(struct reader *r, struct writer *w)
{
    size_t n = cause_number(r);
    bool parted = false;

    for (size_t i = 0; i < n; i++) {
        parted = parted || !cause_digit(cause_peek(r, i));
    }
    if (n == 0 || (cause_word(cause_peek(r, n)) && !parted)) {
        return false;
    }
    if (!parted && n <= STATUS_DIGITS && before_code(w)) {
        put(w, r->s + r->at, n);
    } else {
        puts_to(w, "<n>");
    }
    r->at += n;
    return true;
}

/* Reads the segments of one word. */
static void put_word(struct reader *r, struct writer *w)
{
    while (r->at < r->len && cause_word(r->s[r->at])) {
        size_t n = 0;
        while (cause_digit(cause_peek(r, n)) ||
               (r->at + n < r->len && cause_letter(cause_peek(r, n)))) {
            n++;
        }
        if (n == 0) {
            put(w, r->s + r->at, 1); /* '-' or '_' */
            n = 1;
        } else {
            put_segment(w, r->s + r->at, n);
        }
        r->at += n;
    }
}

/* Reads a number, a word or a single character. */
static void put_plain(struct reader *r, struct writer *w)
{
    if (put_number(r, w)) {
        return;
    }
    if (cause_word(r->s[r->at])) {
        put_word(r, w);
        return;
    }
    put(w, r->s + r->at, 1);
    r->at++;
}

/* The host of an address is read as words, its path becomes one part. */
static void put_url(struct reader *r, struct writer *w, size_t scheme)
{
    put(w, r->s + r->at, scheme);
    r->at += scheme;
    while (r->at < r->len && !cause_end(r->s[r->at]) && strchr("/?#", r->s[r->at]) == NULL) {
        put_plain(r, w);
    }
    size_t n = 0;
    while (r->at + n < r->len && !cause_end(r->s[r->at + n])) {
        n++;
    }
    n = cause_without_dots(r, n);
    if (n > 0) {
        puts_to(w, "<path>");
        r->at += n;
    }
}

static void put_next(struct reader *r, struct writer *w)
{
    size_t mark = cause_mark(r);
    size_t scheme = cause_scheme(r);
    const char *becomes = NULL;
    size_t part = cause_part(r, w->len == 0 ? ' ' : w->out[w->len - 1], &becomes);

    if (mark > 0) {
        put(w, r->s + r->at, mark);
        r->at += mark;
    } else if (scheme > 0) {
        put_url(r, w, scheme);
    } else if (part > 0) {
        puts_to(w, becomes);
        r->at += part;
    } else {
        put_plain(r, w);
    }
}

/* The first line with something on it, without the blanks around it. */
static struct reader first_line(const char *text, size_t len)
{
    size_t from = 0;
    size_t n = 0;

    while (from < len && cause_blank(text[from]) && text[from] != 0x1b) {
        from++;
    }
    while (from + n < len && text[from + n] != '\n' && text[from + n] != '\r') {
        n++;
    }
    return (struct reader){.s = text + from, .len = n};
}

size_t cause_normalise(const char *text, size_t len, char *out, size_t size)
{
    struct writer w = {.out = out, .size = size};
    struct reader r = first_line(text, len);
    bool blank = false;
    bool cut = r.len > READ_MAX;

    if (cut) {
        r.len = READ_MAX;
        while (r.len > 0 && ((unsigned char)r.s[r.len] & 0xc0) == 0x80) {
            r.len--; /* a character stays whole */
        }
    }
    while (r.at < r.len && !w.full) {
        size_t escape = cause_escape(&r);
        if (escape > 0 || cause_blank(r.s[r.at])) {
            blank = true;
            r.at += escape > 0 ? escape : 1;
            continue;
        }
        if (blank && w.len > 0) {
            put(&w, " ", 1);
        }
        blank = false;
        put_next(&r, &w);
    }
    if (cut) {
        put_end(&w);
    }
    out[w.len] = '\0';
    return w.len;
}
