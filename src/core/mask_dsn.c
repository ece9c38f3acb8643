/* Masking of passwords in data source names that are no URLs: "user:password@tcp(host)/db" of Go's
 * MySQL driver, and "user/password@host" of Oracle, which looks like "owner/repository@version" and
 * like a path. Two things tell an Oracle name apart: what stands before the user ("oracle:",
 * "thin:", a tool such as sqlplus, any other "scheme:") and what stands after the '@' (a host with
 * a port, "//host", a version, a digest). */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/core/mask_priv.h"

enum { REACH = 1024, LOOK_BACK = 96, PORT_DIGITS = 5 };

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static const char *skip_word(const char *p, const char *end)
{
    while (p < end && word_char(*p)) {
        p++;
    }
    return p;
}

static bool one_of(const char *p, size_t len, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strlen(words[i]) == len && strncasecmp(words[i], p, len) == 0) {
            return true;
        }
    }
    return false;
}

#define ONE_OF(p, len, words) one_of((p), (len), (words), sizeof(words) / sizeof *(words))

/* The place where the data source name ends: white space, or the quote that belongs to one before
 * `p` or to the JSON around it. */
static const char *dsn_end(struct mask_text *t, const char *p)
{
    char opener = p > t->start && strchr("\"'`", p[-1]) != NULL ? p[-1] : '\0';
    bool json = mask_in_quotes(t, p);
    const char *end = t->end - p > REACH ? p + REACH : t->end;
    size_t slashes = 0;

    for (const char *q = p; q < end; q++) {
        bool quote = *q == opener || (json && *q == '"');
        if ((unsigned char)*q <= ' ' || (quote && *q != '\0' && slashes % 2 == 0)) {
            return q;
        }
        slashes = *q == '\\' ? slashes + 1 : 0;
    }
    return end;
}

/* Appends stars for the bytes from `from` to `to`; the bytes before `from` are shown. */
static const char *hide(struct strbuf *out, const char *p, const char *from, const char *to)
{
    strbuf_add(out, p, (size_t)(from - p));
    strbuf_adds(out, MASK_STARS);
    return to;
}

static const char *go_dsn(struct strbuf *out, const char *p, const char *end)
{
    static const char *const nets[] = {"tcp", "unix", "udp", "cloudsql", "tcp6"};
    const char *at = NULL, *colon = skip_word(p, end);

    if (colon == p || colon == end || *colon != ':' || strncmp(colon, "://", 3) == 0 ||
        (colon - p == 4 && strncasecmp(p, "jdbc", 4) == 0)) {
        return NULL; /* mask_url.c has rules for "postgres://" */
    }
    for (const char *q = colon; q < end; q++) {
        const char *net_end = *q == '@' ? skip_word(q + 1, end) : end;
        if (net_end < end && *net_end == '(' && ONE_OF(q + 1, (size_t)(net_end - q - 1), nets)) {
            at = q;
        }
    }
    return at == NULL ? NULL : hide(out, p, colon + 1, at);
}

/* ---- Oracle ---- */

/* Is this a database's address, such as "host:1521", "//host" or "(DESCRIPTION="? After an '@'
 * nothing else is written in this way. */
static bool database_at(const char *p, const char *end)
{
    static const char *const others[] = {"npm", "sha256", "sha512"};

    if (p < end && *p == '(') {
        return true;
    }
    if (end - p > 2 && mask_char(p, end, 0, '/') > 0) {
        const char *second = p + mask_char(p, end, 0, '/');
        return mask_char(second, end, 0, '/') > 0;
    }
    const char *colon = skip_word(p, end);
    if (p < end && *p == '[') {
        colon = memchr(p, ']', (size_t)(end - p));
        colon = colon == NULL ? end : colon + 1;
    }
    if (colon == p || colon >= end || *colon != ':' || ONE_OF(p, (size_t)(colon - p), others)) {
        return false;
    }
    const char *port = colon + 1, *after = port;
    while (after < end && isdigit((unsigned char)*after)) {
        after++;
    }
    return after - port >= 2 && after - port <= PORT_DIGITS &&
           (after == end || strchr("/,;)]}\"'\\", *after) != NULL);
}

/* Is this a version, such as "v1.2.3", "main", "sha256:..." or "2x.png"? */
static bool version_at(const char *p, const char *end)
{
    static const char *const names[] = {"main",   "master", "head",   "latest", "next",
                                        "stable", "sha256", "sha512", "npm"};
    const char *word_end = skip_word(p, end);
    const char *digit = p < end && (*p == 'v' || *p == 'V' || *p == '^' || *p == '~') ? p + 1 : p;
    size_t dots = 0, others = 0;

    if (ONE_OF(p, (size_t)(word_end - p), names)) {
        return true;
    }
    for (const char *q = p; q < word_end; q++) {
        dots += *q == '.';
        others += *q != '.' && !isdigit((unsigned char)*q);
    }
    bool address = dots == 3 && others == 0; /* the text is an IPv4 address */
    return digit < end && isdigit((unsigned char)*digit) && !address;
}

/* Does a tool that takes "user/password@service" stand before `p` in its command line? */
static bool oracle_tool_before(const struct mask_text *t, const char *p)
{
    static const char *const tools[] = {"sqlplus", "sqlcl", "sqlldr", "expdp", "impdp", "rman"};
    const char *from = p - t->start > LOOK_BACK ? p - LOOK_BACK : t->start;

    for (const char *q = p; q > from && q[-1] != '\n';) {
        const char *word_end = q;
        while (q > from && word_char(q[-1])) {
            q--;
        }
        if (ONE_OF(q, (size_t)(word_end - q), tools)) {
            return true;
        }
        q -= q > from && q[-1] != '\n' ? 1 : 0;
    }
    return false;
}

enum before { BEFORE_NOTHING, BEFORE_ORACLE, BEFORE_SCHEME, BEFORE_OTHER };

/* Names that stand before a ':' and tell of no connection: names of packages, of places, of log
 * levels. */
static const char *const plain_names[] = {
    "github",    "gitlab", "bitbucket", "gist",  "git",       "npm",    "pkg",   "docker",
    "image",     "uses",   "file",      "path",  "link",      "portal", "jsr",   "nix",
    "flake",     "mailto", "http",      "https", "arn",       "sip",    "xmpp",  "go",
    "from",      "to",     "package",   "ref",   "workspace", "repo",   "s3",    "gs",
    "key",       "object", "prefix",    "dir",   "folder",    "email",  "mail",  "author",
    "principal", "branch", "tag",       "in",    "at",        "info",   "error", "debug",
    "warn",      "warning"};

/* Tells what stands before the user's name at `p`. */
static enum before before_user(const struct mask_text *t, const char *p)
{
    static const char *const oracle[] = {"oracle", "ora", "thin", "oci", "oci8"};
    const char *colon = p - 1, *scheme = colon;

    if (p == t->start || *colon != ':') {
        return oracle_tool_before(t, p) ? BEFORE_ORACLE : BEFORE_NOTHING;
    }
    while (scheme > t->start && word_char(scheme[-1])) {
        scheme--;
    }
    size_t len = (size_t)(colon - scheme);
    if (ONE_OF(scheme, len, oracle)) {
        return BEFORE_ORACLE;
    }
    bool word = len > 0 && isalpha((unsigned char)*scheme) && mask_at_start(t, scheme);
    return word && !ONE_OF(scheme, len, plain_names) ? BEFORE_SCHEME : BEFORE_OTHER;
}

/* Does a host stand at `p`? What stands before the user's name decides how much a host has to look
 * like one. */
static bool host_at(enum before before, const char *p, const char *end)
{
    if (database_at(p, end)) {
        return true;
    }
    if (before == BEFORE_ORACLE) {
        return p < end && strncasecmp(p, "sha256:", 7) != 0;
    }
    bool host = p < end && isalnum((unsigned char)*p);
    return before == BEFORE_SCHEME && host && !version_at(p, end);
}

static const char *oracle_dsn(struct strbuf *out, const struct mask_text *t, const char *p,
                              const char *end)
{
    const char *slash = p, *at = NULL;

    while (slash < end && (word_char(*slash) || strchr("$#[]", *slash) != NULL)) {
        slash++; /* "user", "proxy[user]" */
    }
    size_t n = mask_char(slash, end, 0, '/');
    if (slash == p || n == 0 || memchr(slash, '@', (size_t)(end - slash)) == NULL) {
        return NULL;
    }
    enum before before = before_user(t, p);
    if (before == BEFORE_SCHEME && memchr(p, '.', (size_t)(slash - p)) != NULL) {
        before = BEFORE_OTHER; /* "x:github.com/owner/repository@branch" */
    }
    for (const char *q = slash + n + 1; q < end; q++) {
        if (*q == '@' && host_at(before, q + 1, end)) {
            at = q;
        }
    }
    return at == NULL || strncmp(slash + n, MASK_STARS "@", strlen(MASK_STARS) + 1) == 0
               ? NULL
               : hide(out, p, slash + n, at);
}

const char *mask_dsn(struct strbuf *out, struct mask_text *t, const char *p)
{
    if (!mask_at_start(t, p) && p[-1] != ':') {
        return NULL;
    }
    const char *mark = skip_word(p, t->end);
    if (mark == t->end || strchr(":/\\$#[]", *mark) == NULL) {
        return NULL;
    }
    const char *end = dsn_end(t, p);
    const char *after = go_dsn(out, p, end);
    return after != NULL ? after : oracle_dsn(out, t, p, end);
}
