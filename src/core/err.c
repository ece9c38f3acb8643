/* Errors as values: their codes, sentences, remedies and exit statuses. */
#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/platform.h"
#include "core/secret.h"
#include "core/text.h"

#define ERR_ROW(name, exit_status, http, word, retry_after_s, means, hint)                         \
    {#name, exit_status, means, http, retry_after_s, word, hint},
static const struct {
    const char *name;
    int exit_status;
    unsigned means;
    int http;
    int retry_after_s;
    const char *word;
    const char *hint;
} rows[E_COUNT] = {ERR_MAP(ERR_ROW)};
#undef ERR_ROW

/* Replaces what could drive a terminal: the text may quote a server's words. */
static void tame(char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c < 0x20 || c == 0x7f) {
            *s = c == '\n' || c == '\t' ? ' ' : '?';
        } else if (c == 0xc2 && (unsigned char)s[1] >= 0x80 && (unsigned char)s[1] <= 0x9f) {
            s[0] = '?'; /* a C1 control character in UTF-8 */
            s[1] = '?';
        }
    }
}

enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    if (e == NULL) {
        return code;
    }
    char text[sizeof e->msg];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    text_mend(text);
    tame(text);
    secret_mask_message(text, sizeof text);
    *e = (struct err){.code = code};
    memcpy(e->msg, text, sizeof text);
    return code;
}

enum err_code err_hint_set(struct err *e, const char *fmt, ...)
{
    if (e == NULL) {
        return E_SERVICE;
    }
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
    text_mend(e->hint);
    tame(e->hint);
    secret_mask_message(e->hint, sizeof e->hint);
    return e->code;
}

enum err_code err_wrap(struct err *e, const char *fmt, ...)
{
    if (e == NULL) {
        return E_SERVICE;
    }
    char text[sizeof e->msg];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof text) {
        (void)snprintf(text + n, sizeof text - (size_t)n, ": %s", e->msg);
    }
    text_mend(text);
    tame(text);
    memcpy(e->msg, text, sizeof text);
    return e->code;
}

enum err_code err_no_thread(struct err *e, int number, const char *what)
{
    char words[80];

    (void)err_set(e, E_IO, "cannot start %s: %s", what,
                  platform_errno_text(number, words, sizeof words));
    (void)err_hint_set(e, "raise the limits of memory and of processes (ulimit -v, ulimit -u; of a "
                          "container: memory, pids), or end other programs");
    return E_IO;
}

const char *err_name(enum err_code code)
{
    return (unsigned)code < E_COUNT ? rows[code].name : "E_?";
}

const char *err_hint(const struct err *e)
{
    if (e->hint[0] != '\0') {
        return e->hint;
    }
    return (unsigned)e->code < E_COUNT ? rows[e->code].hint : "";
}

const char *err_full(const struct err *e, char buf[ERR_TEXT_SIZE])
{
    const char *hint = err_hint(e);

    (void)snprintf(buf, ERR_TEXT_SIZE, "%s%s%s", e->msg, hint[0] == '\0' ? "" : ": ", hint);
    return buf;
}

int err_exit_status(enum err_code code)
{
    return (unsigned)code < E_COUNT ? rows[code].exit_status : 1;
}

bool err_means(enum err_code code, unsigned what)
{
    return (unsigned)code < E_COUNT && (rows[code].means & what) != 0;
}

struct err_answer err_answer(enum err_code code)
{
    unsigned i = (unsigned)code < E_COUNT ? (unsigned)code : E_OK;

    return (struct err_answer){
        .status = rows[i].http, .word = rows[i].word, .retry_after_s = rows[i].retry_after_s};
}

/* AWS names what it refuses; a bare status (a redirect, a login page) is of somebody on the way. */
static bool is_foreign(const struct err *e)
{
    return e->aws_code[0] >= '0' && e->aws_code[0] <= '9';
}

bool err_may_pass(const struct err *e)
{
    return e->maybe_done || err_means(e->code, ERR_OPEN) ||
           (e->code == E_SERVICE && (e->http_status == 0 || is_foreign(e)));
}
