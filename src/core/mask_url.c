/* DESIGN. Where does the user-info of a URL end, when people put passwords into it as they are? By
 * RFC 3986 at the last '@' before the first '/', '?' or '#'; a password with one of these in it
 * ends after it. So the last '@' of the word decides, with these exceptions:
 *   - http and its like, host:port before the first '/': an '@' after it belongs to the path;
 *   - an '@' that may as well belong to the value of a parameter: when that is no secret by its
 *     name, all from the password on is hidden, for the rest may be a part of it;
 *   - Oracle's "user/password@host", where no ':' is: a '/' stands for it, but for what names
 * files;
 *   - no '@' at all, and what follows the ':' is no port: the host was forgotten, or the password
 *     holds a blank; the next '@' of the line ends it, else the end of the word.
 * A host may so be hidden that is none of a secret; a password is not shown.
 *
 * The same in a URL that stands percent-encoded in another one, or in JSON in JSON: each mark is
 * looked for as it is written there. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/core/mask_priv.h"

enum { REACH = 1024, TOKEN_MIN = 20 };

struct url {
    const char *host; /* after "://" */
    const char *end;  /* of the word */
    const char *line; /* of the line, or the quote around it; not over REACH after `end` */
    unsigned times;   /* percent encodings */
    bool web;         /* host:port, then a path that may hold an '@' */
    bool place;       /* the path names a file or a version of it: as web, but for the ':' */
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

/* The ':' after the user's name; some write it encoded. */
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

/* Digits up to what ends an authority. */
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

/* The names of all parameters in [from, to): is one of a secret among them? */
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

/* A key of GitHub, GitLab and their like may stand in the user's place. */
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

/* No password before an '@'. */
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

/* "http://HOST[:PORT]", "http://$HOST:$PORT": a pattern, not an address. */
static bool placeholder(const char *p, const char *end)
{
    while (p < end && ((*p >= 'A' && *p <= 'Z') || strchr("_[]{}<>$%()", *p) != NULL)) {
        p++;
    }
    return p == end;
}

/* A ':' that no '@' follows in the word. */
static const char *unended(struct strbuf *out, const struct url *u, const char *colon)
{
    const char *at = u->web ? NULL : last_at(u, u->end, u->line);

    if (u->web) {
        const char *to = first_of(u, colon + 1, u->end, "/?#");
        return placeholder(colon + colon_len(u, colon), to) ? u->host : hide(out, u, colon, to);
    }
    return hide(out, u, colon, at != NULL ? at : u->end);
}

/* A ':' and, after it, an '@'. */
static const char *ended(struct strbuf *out, const struct url *u, const char *colon, const char *at)
{
    const char *authority = first_of(u, u->host, u->end, "/?#");
    const char *value = colon + colon_len(u, colon);

    if (port_at(u, value)) {
        if (u->web || has_secret_parameter(u, value, at)) {
            return u->host; /* the '@' is in that parameter, which mask_word hides */
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

/* "oracle://user/password@host": the '/' that stands for the ':'; NULL: the '@' belongs to a path
 * or to a parameter, or there is none. Oracle alone has a dot in a user's name. */
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

/* No ':' stands between a user's name and a password. */
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
    if (first_of(u, u->host, colon, "/?#;=") < colon) { /* no ':' in the authority */
        if (u->web || at == NULL || first_of(u, u->host, at, "?;=") < at) {
            return no_colon(out, u, at);
        }
        strbuf_adds(out, MASK_STARS); /* a user's name with a '/' in it, or so */
        return at;
    }
    size_t stars = strlen(MASK_STARS);
    const char *value = colon + colon_len(u, colon);
    if ((size_t)(u->end - value) == stars && strncmp(value, MASK_STARS, stars) == 0) {
        return u->host; /* hidden already */
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

/* "git+https", "ssh", "hdfs": what stands before an '@' in their paths is a folder or a package. */
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

    while (scheme_char(text[n]) || (text[n] == ':' && text[n + 1] != '/')) { /* "jdbc:x" */
        n++;
    }
    const char *scheme = text + n;
    while (scheme > text && scheme[-1] != ':') {
        scheme--;
    }
    return n > 0 && strncmp(text + n, "://", 3) == 0 &&
           !place_scheme(scheme, (size_t)(text + n - scheme));
}

/* The end of the word that begins at `from`: white space, or the quote that was opened before the
 * scheme, or the one around it. */
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
