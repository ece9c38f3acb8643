/* CloudWatch Logs of the local cloud: filter patterns over plain text. */
#include "logfilter.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "logregex.h"

enum term_kind { TERM_ALL, TERM_ANY, TERM_NONE };

struct term {
    enum term_kind kind;
    char *text; /* owned */
};

struct cloud_logs_filter {
    struct term *terms; /* owned */
    size_t len, cap;
    size_t all;                     /* terms of TERM_ALL */
    struct cloud_logs_regex *regex; /* owned; then there are no terms; NULL */
};

/* Letters and digits, those beyond ASCII too, and the underscore: all else stands in quotes. */
static size_t plain_len(const char *p)
{
    size_t n = 0;

    while (isalnum((unsigned char)p[n]) || p[n] == '_' || (unsigned char)p[n] >= 0x80) {
        n++;
    }
    return n;
}

static const char *refuse_characters(const char *p, struct err *e)
{
    size_t n = 1;

    while (p[n] != '\0' && strchr(" \t\r\n", p[n]) == NULL && plain_len(p + n) == 0) {
        n++;
    }
    (void)err_set(e, E_INVALID, "Invalid character(s) in term '%.*s'", (int)n, p);
    return NULL;
}

/* Reads a quoted phrase after its opening quote; NULL when the phrase does not end. */
static const char *read_quoted(const char *p, struct strbuf *out)
{
    while (*p != '"') {
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\')) {
            p++;
        }
        if (*p == '\0') {
            return NULL;
        }
        strbuf_addc(out, *p++);
    }
    return p + 1;
}

static const char *read_term(struct cloud_logs_filter *f, const char *p, struct err *e)
{
    enum term_kind kind = *p == '?' ? TERM_ANY : *p == '-' ? TERM_NONE : TERM_ALL;
    struct strbuf b = STRBUF_INIT;

    if (kind != TERM_ALL) {
        p++;
    }
    if (*p == '"') {
        p = read_quoted(p + 1, &b);
        if (p == NULL) {
            strbuf_clear(&b);
            (void)err_set(e, E_INVALID, "Invalid filter pattern: a quote is not closed");
            return NULL;
        }
    } else {
        size_t n = plain_len(p);
        strbuf_add(&b, p, n);
        p += n;
        if (*p != '\0' && strchr(" \t\r\n\"", *p) == NULL) {
            strbuf_clear(&b);
            return refuse_characters(p, e);
        }
    }
    if (b.len == 0) {
        strbuf_clear(&b);
        (void)err_set(e, E_INVALID, "Invalid filter pattern: an empty term");
        return NULL;
    }
    f->terms = xgrow(f->terms, f->len, &f->cap, sizeof *f->terms);
    f->terms[f->len++] = (struct term){.kind = kind, .text = strbuf_take(&b)};
    f->all += kind == TERM_ALL;
    return p;
}

/* Reads the regular expression after its opening %. */
static bool read_regex(struct cloud_logs_filter *f, const char *p, struct err *e)
{
    size_t n = 0;

    while (p[n] != '\0' && p[n] != '%') {
        n += p[n] == '\\' && p[n + 1] != '\0' ? 2 : 1;
    }
    if (p[n] == '\0') {
        (void)err_set(e, E_INVALID, "Invalid filter pattern: a %% is not closed");
        return false;
    }
    if (p[n + 1 + strspn(p + n + 1, " \t\r\n")] != '\0') {
        (void)err_set(e, E_INVALID,
                      "Invalid filter pattern: the local cloud reads a %%regular expression%% only "
                      "by itself");
        return false;
    }
    f->regex = cloud_logs_regex_new(p, n, e);
    return f->regex != NULL;
}

struct cloud_logs_filter *cloud_logs_filter_new(const char *pattern, struct err *e)
{
    const char *p = pattern != NULL ? pattern : "";

    p += strspn(p, " \t\r\n");
    if (strlen(p) > LOGFILTER_MAX) {
        (void)err_set(e, E_INVALID, "Invalid filter pattern: over %d characters", LOGFILTER_MAX);
        return NULL;
    }
    if (*p == '{' || *p == '[') {
        (void)err_set(
            e, E_INVALID,
            "Invalid filter pattern: the local cloud reads terms, \"phrases\", ?optional "
            "and -excluded terms and a %%regular expression%%; no JSON or field patterns");
        return NULL;
    }
    struct cloud_logs_filter *f = xcalloc(1, sizeof *f);
    if (*p == '%') {
        if (!read_regex(f, p + 1, e)) {
            cloud_logs_filter_free(f);
            return NULL;
        }
        return f;
    }
    while (*p != '\0') {
        p = read_term(f, p, e);
        if (p == NULL) {
            cloud_logs_filter_free(f);
            return NULL;
        }
        p += strspn(p, " \t\r\n");
    }
    return f;
}

void cloud_logs_filter_free(struct cloud_logs_filter *f)
{
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < f->len; i++) {
        free(f->terms[i].text);
    }
    free(f->terms);
    cloud_logs_regex_free(f->regex);
    free(f);
}

/* As in the service, ?terms count only where no plain term stands beside them. */
bool cloud_logs_filter_match(const struct cloud_logs_filter *f, const char *message)
{
    bool any_wanted = false, any = false;

    if (f->regex != NULL) {
        return cloud_logs_regex_match(f->regex, message);
    }
    for (size_t i = 0; i < f->len; i++) {
        bool there = strstr(message, f->terms[i].text) != NULL;
        switch (f->terms[i].kind) {
        case TERM_ALL:
            if (!there) {
                return false;
            }
            break;
        case TERM_NONE:
            if (there) {
                return false;
            }
            break;
        case TERM_ANY:
            any_wanted = true;
            any = any || there;
            break;
        }
    }
    return f->all > 0 || !any_wanted || any;
}
