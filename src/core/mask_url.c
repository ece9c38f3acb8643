/* Masking of passwords in URLs.
 *
 * DESIGN: where does the user-info of a URL end, when people write passwords into it without
 * encoding them? By RFC 3986 it ends at the last '@' before the first '/', '?' or '#'; but a
 * password that holds one of these ends after it. So the last '@' of the word decides, with these
 * exceptions:
 *   - In http and similar schemes, with host:port before the first '/', an '@' after that '/'
 *   belongs to the path.
 *   - An '@' may as well belong to the value of a parameter. When the parameter's name is not that
 *   of a secret, everything from the password on is hidden, because the rest may be a part of the
 *   password.
 *   - In Oracle's "user/password@host" a '/' stands in the place of the ':', except in schemes that
 *   name files.
 *   - When there is no '@' at all and no port follows the ':', the host was forgotten, or the
 *   password holds a blank: the next '@' of the line ends the password, else the end of the word
 *   does.
 * These rules may hide a host that is no secret; they never show a password.
 *
 * The same rules hold for a URL that stands percent-encoded in another URL, or in JSON: each mark
 * is looked for in the form that it has there. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/core/mask_priv.h"

enum { REACH = 1024, TOKEN_MIN = 20 };

struct url {
    const char *host; /* the place after "://" */
    const char *end;  /* the end of the word */
    /* the end of the line, or the quote around the URL; at most REACH bytes after `end` */
    const char *line;
    unsigned times; /* how many percent encodings the URL has */
    bool web;       /* host:port comes first, then a path that may hold an '@' */
    /* the path names a file or a version of one: the same as `web`, except for the ':' */
    bool place;
    bool oracle;
};

/* The first place in [from, to) that holds one of `marks`; `to` when there is none. */
static const char *first_of(const struct url *u, const char *from, const char *to,
                            const char *marks)
{
    for (const char *p = from; p < to; p++) {
        for (const char *m = marks; *m != '\0'; m++) {
            if (mask_char(p, to, u->times, *m) > 0) {
                return p;
            }
        }
    }
    return to;
}

static const char *last_at(const struct url *u, const char *from, const char *to)
{
    const char *found = NULL;

    for (const char *p = from; p < to; p++) {
        if (mask_char(p, to, u->times, '@') > 0) {
            found = p;
        }
    }
    return found;
}

/* The ':' after the user's name, which some programs write percent-encoded. */
static const char *colon_of(const struct url *u)
{
    for (const char *p = u->host; p < u->end; p++) {
        if (mask_char(p, u->end, u->times, ':') > 0 ||
            mask_char(p, u->end, u->times + 1, ':') > 0) {
            return p;
        }
    }
    return NULL;
}

static size_t colon_len(const struct url *u, const char *colon)
{
    size_t n = mask_char(colon, u->end, u->times, ':');

    return n > 0 ? n : mask_char(colon, u->end, u->times + 1, ':');
}

/* Are there only digits up to a mark that ends an authority? */
static bool port_at(const struct url *u, const char *p)
{
    const char *from = p;

    while (p < u->end && *p >= '0' && *p <= '9') {
        p++;
    }
    if (p == u->end) {
        return true;
    }
    bool ends = (unsigned char)*p <= ' ';
    for (const char *m = "/?#;,)"; *m != '\0' && !ends; m++) {
        ends = mask_char(p, u->end, u->times, *m) > 0;
    }
    return ends && p > from;
}

static bool has_parameter(const struct url *u, const char *from, const char *to)
{
    return first_of(u, from, to, "=") < to;
}

/* Is one of the parameters in [from, to) named like a secret? */
static bool has_secret_parameter(const struct url *u, const char *from, const char *to)
{
    for (const char *p = first_of(u, from, to, "="); p < to; p = first_of(u, p + 1, to, "=")) {
        const char *name = p;
        while (name > from &&
               (isalnum((unsigned char)name[-1]) || strchr("_.-", name[-1]) != NULL)) {
            name--;
        }
        if (name == from || p + 1 == to || (unsigned char)p[1] <= ' ' ||
            strchr("?&;", name[-1]) == NULL) {
            continue;
        }
        if (mask_name(name, (size_t)(p - name)) == NAME_SECRET ||
            (name[-1] != ';' && mask_parameter_name(name, (size_t)(p - name)))) {
            return true;
        }
    }
    return false;
}

/* Does a key of GitHub, GitLab and similar services stand in the user's place? */
static bool looks_like_token(const char *s, const char *end)
{
    static const char *const known[] = {"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if ((size_t)(end - s) > strlen(known[i]) && strncmp(s, known[i], strlen(known[i])) == 0) {
            return true;
        }
    }
    return end - s >= TOKEN_MIN && memchr(s, '.', (size_t)(end - s)) == NULL;
}

static void add_user(struct strbuf *out, const struct url *u, const char *end)
{
    if (u->web && looks_like_token(u->host, end)) {
        strbuf_adds(out, MASK_STARS);
    } else {
        strbuf_add(out, u->host, (size_t)(end - u->host));
    }
}

/* Handles a URL with a user's name but without a password before the '@'. */
static const char *only_user(struct strbuf *out, const struct url *u)
{
    const char *authority = first_of(u, u->host, u->end, "/?#");
    const char *at = last_at(u, u->host, authority);

    if (at == NULL) {
        return u->host;
    }
    add_user(out, u, at);
    return at;
}

static const char *hide(struct strbuf *out, const struct url *u, const char *colon, const char *to)
{
    add_user(out, u, colon);
    strbuf_add(out, colon, colon_len(u, colon));
    strbuf_adds(out, MASK_STARS);
    return to;
}

/* Is this "http://HOST[:PORT]" or "http://$HOST:$PORT", a pattern and not an address? */
static bool placeholder(const char *p, const char *end)
{
    while (p < end && ((*p >= 'A' && *p <= 'Z') || strchr("_[]{}<>$%()", *p) != NULL)) {
        p++;
    }
    return p == end;
}

/* Handles a ':' after which the word has no '@'. */
static const char *unended(struct strbuf *out, const struct url *u, const char *colon)
{
    const char *at = u->web ? NULL : last_at(u, u->end, u->line);

    if (u->web) {
        const char *to = first_of(u, colon + 1, u->end, "/?#");
        return placeholder(colon + colon_len(u, colon), to) ? u->host : hide(out, u, colon, to);
    }
    return hide(out, u, colon, at != NULL ? at : u->end);
}

/* Handles a ':' after which the word has an '@'. */
static const char *ended(struct strbuf *out, const struct url *u, const char *colon, const char *at)
{
    const char *authority = first_of(u, u->host, u->end, "/?#");
    const char *value = colon + colon_len(u, colon);

    if (port_at(u, value)) {
        if (u->web || has_secret_parameter(u, value, at)) {
            return u->host; /* the '@' belongs to that parameter, which mask_word hides */
        }
        return hide(out, u, colon, has_parameter(u, value, at) ? u->end : at);
    }
    if (at < authority || !has_parameter(u, authority, at)) {
        return hide(out, u, colon, at);
    }
    const char *first = authority > colon ? last_at(u, colon, authority) : NULL;
    if (has_secret_parameter(u, authority, at)) {
        return hide(out, u, colon, first != NULL && first > value ? first : u->end);
    }
    return hide(out, u, colon, first != NULL ? u->end : at);
}

/* The '/' that stands for the ':' in "oracle://user/password@host". NULL: the '@' belongs to a path
 * or to a parameter, or there is no '@'. Only Oracle allows a dot in a user's name. */
static const char *slash_of(const struct url *u, const char *at)
{
    const char *slash = at == NULL || u->place ? at : first_of(u, u->host, at, "/");

    if (slash == at || slash == u->host) {
        return NULL;
    }
    bool dot = memchr(u->host, '.', (size_t)(slash - u->host)) != NULL;
    const char *query = first_of(u, slash, at, "?");
    bool other = first_of(u, u->host, slash, "?#@") < slash || has_parameter(u, query, at);
    return other || (dot && !u->oracle) ? NULL : slash;
}

/* Handles a URL without a ':' between a user's name and a password. */
static const char *no_colon(struct strbuf *out, const struct url *u, const char *at)
{
    const char *slash = slash_of(u, at);

    if (slash == NULL) {
        return only_user(out, u);
    }
    strbuf_add(out, u->host, (size_t)(slash - u->host));
    strbuf_add(out, slash, mask_char(slash, u->end, u->times, '/'));
    strbuf_adds(out, MASK_STARS);
    return at;
}

static const char *user_info(struct strbuf *out, const struct url *u)
{
    const char *colon = colon_of(u);
    const char *at = last_at(u, u->host, u->end);

    if (colon == NULL || (at != NULL && at < colon) || mask_char(u->host, u->end, 0, '[') > 0) {
        return no_colon(out, u, at);
    }
    if (first_of(u, u->host, colon, "/?#;=") < colon) { /* the authority has no ':' */
        if (u->web || at == NULL || first_of(u, u->host, at, "?;=") < at) {
            return no_colon(out, u, at);
        }
        strbuf_adds(out, MASK_STARS); /* the user's name holds a '/' or a similar mark */
        return at;
    }
    size_t stars = strlen(MASK_STARS);
    const char *value = colon + colon_len(u, colon);
    if ((size_t)(u->end - value) == stars && strncmp(value, MASK_STARS, stars) == 0) {
        return u->host; /* another rule has hidden it already */
    }
    if (at != NULL) {
        return ended(out, u, colon, at);
    }
    bool empty = value == u->end || mask_char(value, u->end, u->times, '/') > 0;
    return empty || port_at(u, value) ? u->host : unended(out, u, colon);
}

/* ---- where it begins and ends ---- */

static bool scheme_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '.' || c == '-';
}

static bool web_scheme(const char *s, size_t len)
{
    static const char *const names[] = {"http", "https", "ws",     "wss", "s3",
                                        "gs",   "file",  "docker", "oci", "arn"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == len && strncasecmp(names[i], s, len) == 0) {
            return true;
        }
    }
    return len == 0;
}

static bool has_part(const char *s, size_t len, const char *part)
{
    size_t n = strlen(part);

    for (size_t i = 0; i + n <= len; i++) {
        if (strncasecmp(s + i, part, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Is this a scheme like "git+https", "ssh" or "hdfs", in whose paths a folder or a package stands
 * before an '@'? */
static bool place_scheme(const char *s, size_t len)
{
    static const char *const parts[] = {"git", "svn", "hg+", "bzr",   "http",     "ssh",  "ftp",
                                        "scp", "nfs", "smb", "rsync", "dfs",      "abfs", "wasb",
                                        "s3",  "npm", "pkg", "app",   "extension"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (has_part(s, len, parts[i])) {
            return true;
        }
    }
    return web_scheme(s, len);
}

bool mask_is_service_url(const char *text)
{
    size_t n = 0;

    /* a scheme may have another one before it, as in "jdbc:x" */
    while (scheme_char(text[n]) || (text[n] == ':' && text[n + 1] != '/')) {
        n++;
    }
    const char *scheme = text + n;
    while (scheme > text && scheme[-1] != ':') {
        scheme--;
    }
    return n > 0 && strncmp(text + n, "://", 3) == 0 &&
           !place_scheme(scheme, (size_t)(text + n - scheme));
}

/* The end of the word that begins at `from`: white space, the quote that was opened before the
 * scheme, or the quote around the URL. */
static const char *word_end(struct mask_text *t, const char *scheme, const char *from,
                            unsigned times, const char **line)
{
    char opener = scheme > t->start && strchr("\"'`", scheme[-1]) != NULL ? scheme[-1] : '\0';
    size_t depth = 0;

    for (const char *p = scheme - 1; opener != '\0' && p > t->start && p[-1] == '\\'; p--) {
        depth++;
    }
    bool quoted = opener != '"' && mask_in_quotes(t, scheme);
    const char *end = NULL;
    const char *p = from;
    size_t slashes = 0;
    for (; p < t->end && *p != '\n' && (end == NULL || p - end < REACH); p++) {
        bool closes = opener != '\0' && *p == opener && slashes <= depth &&
                      (opener == '"' || p + 1 == t->end || strchr(",;)]} \t\n:", p[1]) != NULL);
        if (closes || (quoted && *p == '"' && slashes % 2 == 0)) {
            break;
        }
        if (end == NULL && ((unsigned char)*p <= ' ' || *p == 0x7f ||
                            (times > 0 && strchr("&\"'<>", *p) != NULL))) {
            end = p;
        }
        slashes = *p == '\\' ? slashes + 1 : 0;
    }
    *line = p;
    return end == NULL ? p : end;
}

const char *mask_user_info(struct strbuf *out, struct mask_text *t, const char *p, bool whole)
{
    for (unsigned times = 0; times < MASK_ENCODINGS; times++) {
        size_t colon = mask_char(p, t->end, times, ':');
        size_t one = colon == 0 ? 0 : mask_char(p + colon, t->end, times, '/');
        size_t two = one == 0 ? 0 : mask_char(p + colon + one, t->end, times, '/');
        bool bare = times == 0 && colon == 0 && mask_at_start(t, p); /* "//user:password@host" */
        if (bare) {
            one = mask_char(p, t->end, 0, '/');
            two = one == 0 ? 0 : mask_char(p + one, t->end, 0, '/');
        }
        if (two == 0) {
            continue;
        }
        struct url u = {.host = p + colon + one + two, .times = times};
        const char *scheme = p;
        while (!bare && scheme > t->start && scheme_char(scheme[-1])) {
            scheme--;
        }
        u.web = web_scheme(scheme, (size_t)(p - scheme));
        u.place = place_scheme(scheme, (size_t)(p - scheme));
        u.oracle = has_part(scheme, (size_t)(p - scheme), "ora");
        u.end = word_end(t, scheme, u.host, times, &u.line);
        if (whole) {
            u.end = u.line = t->end;
        }
        strbuf_add(out, p, (size_t)(u.host - p));
        if (u.host < u.end && mask_looks_too_far(t, (size_t)(u.line - u.host))) {
            strbuf_adds(out, MASK_STARS);
            return u.end;
        }
        return u.host >= u.end ? u.host : user_info(out, &u);
    }
    return NULL;
}
