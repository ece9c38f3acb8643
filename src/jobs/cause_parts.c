/* Which parts of a message differ from job to job. */
#include "cause_parts.h"

#include <ctype.h>
#include <string.h>

enum { JOB_ID_TAIL = 9 };

bool cause_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_of(const char *set, char c)
{
    return c != '\0' && strchr(set, c) != NULL;
}

bool cause_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

bool cause_word(char c)
{
    return cause_digit(c) || cause_letter(c) || c == '_' || c == '-';
}

bool cause_blank(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

/* Ends an ARN or an address in running text. */
bool cause_end(char c)
{
    return cause_blank(c) || is_of("\"'`<>(),;", c);
}

static bool is_path(char c)
{
    return cause_digit(c) || cause_letter(c) || is_of("/._~@+-%", c);
}

char cause_peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->len ? r->s[r->at + ahead] : '\0';
}

static bool starts(const struct reader *r, const char *with)
{
    size_t n = strlen(with);

    return r->len - r->at >= n && memcmp(r->s + r->at, with, n) == 0;
}

/* ---- parts that are known by how they begin: each gives the length of the part, 0: there is
 * none ---- */

static size_t arn_len(const struct reader *r)
{
    size_t n = 0;

    while (starts(r, "arn:") && r->at + n < r->len && !cause_end(r->s[r->at + n])) {
        n++;
    }
    return n > 4 ? n : 0;
}

/* A dot that ends a sentence does not belong to the part before it. */
size_t cause_without_dots(const struct reader *r, size_t n)
{
    while (n > 0 && r->s[r->at + n - 1] == '.') {
        n--;
    }
    return n;
}

/* A path: it begins with '/', "./", "../", "~/" or a drive letter, or has two slashes, or one
 * before a name with a dot. "and/or", "TCP/IP" are none. */
static size_t path_len(const struct reader *r)
{
    bool drive = isalpha((unsigned char)cause_peek(r, 0)) && cause_peek(r, 1) == ':' &&
                 cause_peek(r, 2) == '\\';
    size_t n = 0;
    size_t slashes = 0;
    bool dot = false;

    while (drive && r->at + n < r->len && !cause_end(r->s[r->at + n])) {
        n++;
    }
    if (drive) {
        return cause_without_dots(r, n);
    }
    while (r->at + n < r->len && is_path(r->s[r->at + n])) {
        slashes += r->s[r->at + n] == '/';
        dot = dot || (r->s[r->at + n] == '.' && slashes > 0);
        n++;
    }
    n = cause_without_dots(r, n);
    bool rooted =
        n > 1 && (starts(r, "/") || starts(r, "./") || starts(r, "../") || starts(r, "~/"));
    dot = dot && memchr(r->s + r->at, '.', n) != NULL;
    return rooted || slashes >= 2 || (slashes == 1 && dot && n > 3) ? n : 0;
}

static size_t email_len(const struct reader *r)
{
    size_t n = 0;
    size_t at = 0;
    bool dot = false;

    while (r->at + n < r->len && (cause_word(r->s[r->at + n]) || is_of(".+@", r->s[r->at + n]))) {
        char c = r->s[r->at + n];
        if (c == '@' && at > 0) {
            break;
        }
        at = c == '@' ? n : at;
        dot = dot || (at > 0 && c == '.' && n > at + 1);
        n++;
    }
    n = cause_without_dots(r, n);
    dot = dot && at > 0 && n > at && memchr(r->s + r->at + at, '.', n - at) != NULL;
    return dot && isalpha((unsigned char)r->s[r->at + at + 1]) ? n : 0;
}

/* A date, with what follows of its time. */
static size_t time_len(const struct reader *r)
{
    static const char form[] = "dddd-dd-dd";
    size_t n = 0;

    for (; form[n] != '\0'; n++) {
        char c = cause_peek(r, n);
        if (form[n] == 'd' ? !cause_digit(c) : c != form[n]) {
            return 0;
        }
    }
    bool clock = (cause_peek(r, n) == 'T' || cause_peek(r, n) == ' ') &&
                 cause_digit(cause_peek(r, n + 1)) && cause_digit(cause_peek(r, n + 2)) &&
                 cause_peek(r, n + 3) == ':';
    if (clock) {
        n++;
        while (r->at + n < r->len &&
               (cause_digit(cause_peek(r, n)) || is_of(":.,+Z", cause_peek(r, n)))) {
            n++;
        }
        while (is_of(".,:", r->s[r->at + n - 1])) {
            n--;
        }
    }
    return cause_word(cause_peek(r, n)) ? 0 : n;
}

/* Digits, and further digits after '.', ',' or ':': times of the day, versions, addresses. */
size_t cause_number(const struct reader *r)
{
    size_t n = 0;

    while (cause_digit(cause_peek(r, n))) {
        n++;
        if (is_of(".,:", cause_peek(r, n)) && cause_digit(cause_peek(r, n + 1))) {
            n++;
        }
    }
    return n;
}

static size_t uuid_len(const struct reader *r)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t n = 0;

    for (; form[n] != '\0'; n++) {
        char c = cause_peek(r, n);
        if (form[n] == 'x' ? !isxdigit((unsigned char)c) : c != '-') {
            return 0;
        }
    }
    return isalnum((unsigned char)cause_peek(r, n)) ? 0 : n;
}

/* One of our own job ids. */
static size_t job_id_len(const struct reader *r)
{
    size_t n = 4;
    size_t tail = 0;

    if (!starts(r, "job_")) {
        return 0;
    }
    while (cause_digit(cause_peek(r, n))) {
        n++;
    }
    if (n == 4 || cause_peek(r, n) != '_') {
        return 0;
    }
    n++;
    while (cause_digit(cause_peek(r, n + tail)) ||
           (cause_peek(r, n + tail) >= 'a' && cause_peek(r, n + tail) <= 'z')) {
        tail++;
    }
    return tail == JOB_ID_TAIL ? n + tail : 0;
}

static const struct {
    size_t (*len)(const struct reader *r);
    const char *becomes;
} parts[] = {
    {arn_len,    "<arn>"  },
    {job_id_len, "<id>"   },
    {uuid_len,   "<id>"   },
    {email_len,  "<email>"},
    {path_len,   "<path>" },
    {time_len,   "<time>" },
};

/* The length of an address's scheme with its "://"; what follows is a host, then a path. */
size_t cause_scheme(const struct reader *r)
{
    size_t n = 0;

    while (isalpha((unsigned char)cause_peek(r, n))) {
        n++;
    }
    return n > 0 && cause_peek(r, n) == ':' && cause_peek(r, n + 1) == '/' &&
                   cause_peek(r, n + 2) == '/'
               ? n + 3
               : 0;
}

/* What stands for a part already. */
size_t cause_mark(const struct reader *r)
{
    static const char *const marks[] = {"<n>", "<id>", "<arn>", "<email>", "<path>", "<time>"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (starts(r, marks[i])) {
            return strlen(marks[i]);
        }
    }
    return 0;
}

/* The length of an escape sequence that colours a terminal's text. */
size_t cause_escape(const struct reader *r)
{
    size_t n = 2;

    if (cause_peek(r, 0) != 0x1b || cause_peek(r, 1) != '[') {
        return 0;
    }
    while (r->at + n < r->len && (cause_peek(r, n) < 0x40 || cause_peek(r, n) > 0x7e)) {
        n++;
    }
    return r->at + n < r->len ? n + 1 : n;
}

size_t cause_part(const struct reader *r, char before, const char **becomes)
{
    if (cause_word(before) || is_of("./>", before)) {
        return 0; /* a part does not begin inside a word, nor behind a mark */
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = parts[i].len(r);
        if (n > 0) {
            *becomes = parts[i].becomes;
            return n;
        }
    }
    return 0;
}
