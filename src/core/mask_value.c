/* Masking of the value beside the name of a secret.
 *
 * DESIGN: a name of a secret, a mark and a value may stand in many forms: password=x, "password":
 * "x", \"password\":\"x\", Password: x, --password x, password%3Dx, ;pwd={x;y},
 * {"name":"DB_PASSWORD","value":"x"}. A value ends at its closing quote or bracket; a bare value
 * ends at white space, or where the next name=value begins: a ';' or '&' alone may be a part of the
 * password. Where the end cannot be told, more is hidden. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/core/mask_priv.h"

enum { BLANKS_MAX = 8, TOKEN_MIN = 20 };

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static const char *skip_blanks(const char *p, const char *end)
{
    for (int i = 0; i < BLANKS_MAX && p < end && (*p == ' ' || *p == '\t'); i++) {
        p++;
    }
    return p;
}

/* The quote at `p` after any number of backslashes; `*depth` is that number. NULL when no quote is
 * there. */
static const char *quote_at(const char *p, const char *end, size_t *depth)
{
    const char *q = p;

    while (q < end && *q == '\\') {
        q++;
    }
    *depth = (size_t)(q - p);
    return q < end && strchr("\"'`", *q) != NULL ? q : NULL;
}

/* The closing quote, which has as many backslashes before it as the opening quote at `quote`; the
 * end of the text when there is none. */
static const char *closing_quote(const char *quote, const char *end, size_t depth)
{
    size_t slashes = 0;

    for (const char *p = quote + 1; p < end; p++) {
        if (*p == '\\') {
            slashes++;
            continue;
        }
        bool closes = depth == 0 ? slashes % 2 == 0 : slashes <= depth;
        if (*p == *quote && closes) {
            bool doubled = *quote == '\'' && p + 1 < end && p[1] == '\'';
            if (!doubled) {
                return p - (depth == 0 ? 0 : slashes);
            }
            p++;
        }
        slashes = 0;
    }
    return end;
}

/* The place after the bracket that closes the one at `p`; brackets inside quotes do not count. */
static const char *after_bracket(const char *p, const char *end)
{
    int depth = 0;

    while (p < end) {
        size_t slashes = 0;
        const char *quote = quote_at(p, end, &slashes);
        if (quote != NULL && *quote != '\'') {
            const char *close = closing_quote(quote, end, slashes);
            p = close + slashes < end ? close + slashes + 1 : end;
            continue;
        }
        depth += *p == '{' || *p == '[' ? 1 : *p == '}' || *p == ']' ? -1 : 0;
        p++;
        if (depth == 0) {
            return p;
        }
    }
    return end;
}

/* Does `name =` or `name:` begin after the mark at `p`? */
static bool pair_follows(const char *p, const char *end)
{
    const char *from = skip_blanks(p + 1, end);
    const char *q = from;

    q += q < end && *q == '"' ? 1 : 0;
    while (q < end && (word_char(*q) || *q == ' ')) {
        q++;
    }
    return q > from && q < end && (*q == '=' || *q == ':' || *q == '"' || *q == '%');
}

static const char *bare_end(struct mask_text *t, const char *p, unsigned times)
{
    bool quoted = mask_in_quotes(t, p);
    const char *from = p;
    size_t slashes = 0;

    for (; p < t->end && (unsigned char)*p > ' ' && *p != 0x7f; p++) {
        if (*p == '"' && quoted && slashes % 2 == 0) {
            break;
        }
        if (strchr(";&,", *p) != NULL && (times > 0 ? *p == '&' : pair_follows(p, t->end))) {
            break;
        }
        if (times > 0 && (mask_char(p, t->end, times, '&') > 0 || *p == '"')) {
            break;
        }
        slashes = *p == '\\' ? slashes + 1 : 0;
    }
    /* In nested JSON the quote that ends the text around it has a backslash before it. */
    return quoted && p > from && p[-1] == '\\' && p < t->end && *p == '"' ? p - 1 : p;
}

static bool is_word(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(end - p) == n && strncasecmp(p, word, n) == 0;
}

/* Is this no secret although it stands in a secret's place: nothing at all, true, a count of
 * tokens? */
static bool says_nothing(const char *p, const char *end)
{
    return p == end || is_word(p, end, "null") || is_word(p, end, "true") ||
           is_word(p, end, "false") || is_word(p, end, "none") || is_word(p, end, "nil") ||
           is_word(p, end, "undefined");
}

static bool all_digits(const char *p, const char *end)
{
    while (p < end && isdigit((unsigned char)*p)) {
        p++;
    }
    return p == end;
}

/* The place after the word that comes before the secret: "Bearer x", "Basic x", "AWS4-HMAC-SHA256
 * Credential=...". */
static const char *after_scheme(const char *p, const char *end)
{
    static const char *const schemes[] = {"bearer", "basic", "token", "digest", "negotiate"};

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i]);
        if ((size_t)(end - p) > n && strncasecmp(p, schemes[i], n) == 0 && p[n] == ' ') {
            return skip_blanks(p + n, end);
        }
    }
    return p;
}

/* The value that stands beside a name. */
struct value {
    const char *at;
    unsigned times; /* how many percent encodings the mark before the value has */
    bool equals;    /* the form is name=value, not "name": value */
    bool counts;    /* the name counts something, as "maxTokens" does: a number is no secret */
    bool scheme;    /* the name is Authorization: the value may begin with "Bearer" */
};

/* Does the value go on after what seemed to be its end, as in password='it's' and pwd=""x? */
static bool goes_on(struct mask_text *t, const struct value *v, const char *after)
{
    if (after >= t->end || (unsigned char)*after <= ' ' ||
        strchr(v->equals ? ",;&" : ",;)]&", *after) != NULL) {
        return false;
    }
    if (!v->equals) {
        return word_char(*after);
    }
    /* A backslash or a quote may close a text around the value. */
    return (*after != '\\' && *after != '"') || !mask_in_quotes(t, v->at);
}

static const char *hide_quoted(struct strbuf *out, struct mask_text *t, const struct value *v,
                               const char *quote, size_t depth)
{
    const char *close = closing_quote(quote, t->end, depth);
    size_t slashes = 0; /* backslashes before the closing quote */

    while (depth > 0 && close + slashes < t->end && close[slashes] == '\\') {
        slashes++;
    }
    const char *after = close + slashes < t->end ? close + slashes + 1 : t->end;
    bool pair = close < t->end && slashes == depth;
    /* the value is no text in quotes */
    if (!pair || ((depth == 0 || v->equals) && goes_on(t, v, after))) {
        strbuf_adds(out, MASK_STARS);
        return close == t->end ? close : bare_end(t, after, v->times);
    }
    strbuf_add(out, v->at, (size_t)(quote + 1 - v->at));
    const char *from = v->scheme ? after_scheme(quote + 1, close) : quote + 1;
    strbuf_add(out, quote + 1, (size_t)(from - quote - 1));
    strbuf_adds(out, from < close ? MASK_STARS : "");
    return close;
}

static const char *hide_value(struct strbuf *out, struct mask_text *t, const struct value *v)
{
    const char *p = v->at;
    size_t depth = 0;
    const char *quote = quote_at(p, t->end, &depth);

    bool around = depth == 0 && quote != NULL && *quote == '"' && mask_in_quotes(t, p) &&
                  (p + 1 == t->end || strchr(",}]", p[1]) != NULL);
    if (around) {
        return p; /* the text ends right after "... password=" */
    }
    if (quote != NULL) {
        return hide_quoted(out, t, v, quote, depth);
    }
    if (p < t->end && (*p == '{' || *p == '[')) {
        bool json = !v->equals && !mask_in_quotes(t, p);
        strbuf_adds(out, json ? "\"" MASK_STARS "\"" : MASK_STARS);
        const char *after = after_bracket(p, t->end);
        return v->equals && goes_on(t, v, after) ? bare_end(t, after, v->times) : after;
    }
    const char *word = v->scheme ? after_scheme(p, t->end) : p;
    strbuf_add(out, p, (size_t)(word - p));
    const char *end = bare_end(t, word, v->times);
    if (says_nothing(word, end) || (v->counts && all_digits(word, end))) {
        return word;
    }
    strbuf_adds(out, MASK_STARS);
    return end;
}

static bool has_scheme(const char *p, const char *end)
{
    for (; p < end; p++) {
        if (*p == ':' && (mask_char(p + 1, end, 0, '/') > 0)) {
            return true;
        }
        if (*p == '%' && mask_char(p, end, 1, ':') > 0) {
            return true;
        }
    }
    return false;
}

/* The place after the mark between a name and its value; `*times` gets how many percent encodings
 * the mark has. NULL when there is no mark. */
static const char *after_mark(const char *p, const char *end, unsigned *times)
{
    for (*times = 0; *times < 3; (*times)++) {
        size_t n = mask_char(p, end, *times, '=');
        n = n > 0 ? n : mask_char(p, end, *times, ':');
        if (n == 0) {
            continue;
        }
        p += n;
        if (*times == 0 && p < end && (*p == '=' || *p == '>') && p[-1] != '>') {
            p++; /* "=>", ":=", "==" */
        }
        return p;
    }
    *times = 0;
    return NULL;
}

/* The place after the name in {"name":"DB_PASSWORD","value":"x"}, when a member "value" follows. */
static const char *value_member(const char *p, const char *end, size_t depth)
{
    size_t n = 0;

    p = skip_blanks(p, end);
    if (p == end || *p != ',') {
        return NULL;
    }
    p = skip_blanks(p + 1, end);
    const char *quote = quote_at(p, end, &n);
    if (quote == NULL || n != depth || end - quote < 7 || strncasecmp(quote + 1, "value", 5) != 0) {
        return NULL;
    }
    const char *close = quote_at(quote + 6, end, &n);
    if (close == NULL || n != depth) {
        return NULL;
    }
    p = skip_blanks(close + 1, end);
    return p < end && *p == ':' ? skip_blanks(p + 1, end) : NULL;
}

/* The place where the value of the name in [p, name_end) begins; NULL when the name has no
 * value. */
static const char *value_of(const struct mask_text *t, const char *p, const char *name_end,
                            unsigned *times)
{
    size_t depth = 0;
    const char *quote = quote_at(name_end, t->end, &depth);
    const char *at = quote != NULL ? quote + 1 : name_end;

    *times = 0;
    if (at < t->end && *at == ']') { /* env["PASSWORD"] = */
        at++;
    }
    const char *mark = skip_blanks(at, t->end);
    const char *value = after_mark(mark, t->end, times);
    if (value == NULL) {
        if (quote != NULL) {
            return value_member(at, t->end, depth);
        }
        bool option =
            mask_char(p, name_end, 0, '-') > 0 && mark > at && mark < t->end && *mark != '-';
        return option ? mark : NULL; /* --password x */
    }
    /* "arn:aws:secretsmanager:...:secret:name", "a::b", "token://" */
    bool path = quote == NULL && mark < t->end && *mark == ':' &&
                ((p > t->start && (p[-1] == ':' || p[-1] == '/')) ||
                 (value < t->end && (*value == ':' || *value == '/')));
    /* "MVPDASH_API_TOKEN: at most 4096 bytes" */
    bool said = t->message && quote == NULL && mark < t->end && *mark == ':';
    return path || said ? NULL : skip_blanks(value, t->end);
}

static bool is_known_token(const char *p, size_t len)
{
    static const char *const known[] = {"ghp_",        "gho_",     "ghu_",     "ghs_",  "ghr_",
                                        "github_pat_", "glpat-",   "xoxb-",    "xoxp-", "xoxa-",
                                        "xoxs-",       "sk_live_", "rk_live_", "npm_",  "pypi-",
                                        "sk-ant-",     "AIza"};

    for (size_t i = 0; len >= TOKEN_MIN && i < sizeof known / sizeof *known; i++) {
        if (strncmp(p, known[i], strlen(known[i])) == 0) {
            return true;
        }
    }
    return false;
}

const char *mask_word(struct strbuf *out, struct mask_text *t, const char *p)
{
    const char *end = p;
    unsigned times = 0;

    const char *after = mask_dsn(out, t, p);
    if (after != NULL) {
        return after;
    }
    while (end < t->end && word_char(*end)) {
        end++;
    }
    size_t len = (size_t)(end - p);
    after = mask_webhook(out, t, p, len);
    if (after != NULL) {
        return after;
    }
    if (is_known_token(p, len)) {
        strbuf_adds(out, MASK_STARS);
        return end;
    }
    enum mask_name kind = mask_name(p, len);
    if (kind == NAME_PLAIN && p > t->start && strchr("?&", p[-1]) != NULL &&
        mask_parameter_name(p, len)) {
        kind = NAME_SECRET;
    }
    const char *value = kind == NAME_PLAIN ? NULL : value_of(t, p, end, &times);
    if (value != NULL && kind == NAME_DATABASE && value[-1] == ' ' && p[0] == '-') {
        value = NULL; /* in "--database-url URL" this rule hides nothing */
    } else if (value != NULL && kind == NAME_DATABASE) {
        size_t depth = 0;
        const char *quote = quote_at(value, t->end, &depth);
        const char *stop =
            quote != NULL ? closing_quote(quote, t->end, depth) : bare_end(t, value, times);
        bool other = has_scheme(value, stop) || *value == '{' || *value == '[';
        value = other && !mask_looks_too_far(t, (size_t)(stop - value)) ? NULL : value;
    }
    if (value == NULL) {
        strbuf_add(out, p, len);
        return end;
    }
    strbuf_add(out, p, (size_t)(value - p));
    const char *mark = value;
    while (mark > end && (mark[-1] == ' ' || mark[-1] == '\t')) {
        mark--;
    }
    struct value v = {.at = value,
                      .times = times,
                      .equals = mark[-1] != ':' || times > 0,
                      .counts = mask_counts(p, len),
                      .scheme = len >= 13 && strncasecmp(end - 13, "authorization", 13) == 0};
    return hide_value(out, t, &v);
}
