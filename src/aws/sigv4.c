/* AWS Signature Version 4.
 *
 * DESIGN: signing is a pipeline whose stages are kept: canonical request -> its hash -> string to
 * sign -> signature -> Authorization. The client sends the last one; the local cloud compares the
 * signature with the one that it received; tests compare every stage, so that a failure names the
 * line.
 *
 * The canonical path is the wire path, normalised (dot segments and double slashes collapsed) and
 * URI-encoded once more, as every service but S3 wants it (AWS-WIRE 1.3). The canonical query is
 * the wire query with each name and value decoded and encoded again, sorted by encoded name, then
 * by value: a query that was not normalised on the wire ("%2f", "%41") still gives the text that
 * AWS computes. */
#include "aws/sigv4.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/hex.h"
#include "core/secret.h"
#include "core/sha256.h"

static const char algorithm[] = "AWS4-HMAC-SHA256";
static const char upper_hex[] = "0123456789ABCDEF";

void sigv4_sha256_hex(const void *bytes, size_t len, char out[65])
{
    unsigned char digest[SHA256_SIZE];

    sha256(bytes, len, digest);
    hex_text(digest, sizeof digest, out);
}

static void hmac(const void *key, size_t key_len, const char *text, unsigned char out[32])
{
    sha256_hmac(key, key_len, text, strlen(text), out);
}

void sigv4_signing_key(const char *secret_key, const char *date8, const char *region,
                       const char *service, unsigned char out[32])
{
    struct strbuf first = STRBUF_INIT;
    unsigned char a[32];
    unsigned char b[32];

    strbuf_adds(&first, "AWS4");
    strbuf_adds(&first, secret_key);
    hmac(first.data, first.len, date8, a);
    hmac(a, sizeof a, region, b);
    hmac(b, sizeof b, service, a);
    hmac(a, sizeof a, "aws4_request", out);
    strbuf_wipe(&first);
    secret_wipe(a, sizeof a);
    secret_wipe(b, sizeof b);
}

static bool unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void encode(struct strbuf *out, const char *s, size_t len, bool keep_slash)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (unreserved(c) || (keep_slash && c == '/')) {
            strbuf_addc(out, (char)c);
        } else {
            char pct[3] = {'%', upper_hex[c >> 4], upper_hex[c & 15]};
            strbuf_add(out, pct, sizeof pct);
        }
    }
}

void sigv4_uri_encode(struct strbuf *out, const char *s, bool keep_slash)
{
    encode(out, s, strlen(s), keep_slash);
}

static void canonical_path(struct strbuf *out, const char *path)
{
    struct strbuf flat = STRBUF_INIT;
    bool slash_at_end = false;

    while (*path != '\0') {
        size_t len = strcspn(path, "/");
        slash_at_end = path[len] == '/';
        if (len == 2 && memcmp(path, "..", 2) == 0) {
            const char *up = flat.len == 0 ? NULL : strrchr(flat.data, '/');
            strbuf_truncate(&flat, up == NULL ? 0 : (size_t)(up - flat.data));
            slash_at_end = true;
        } else if (len == 1 && path[0] == '.') {
            slash_at_end = true;
        } else if (len > 0) {
            strbuf_addc(&flat, '/');
            strbuf_add(&flat, path, len);
        }
        path += len;
        path += *path == '/';
    }
    if (flat.len == 0 || slash_at_end) {
        strbuf_addc(&flat, '/');
    }
    encode(out, flat.data, flat.len, true);
    strbuf_clear(&flat);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes one part of a query and encodes it again by SigV4's rules. */
static void reencode(struct strbuf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (c == '%' && i + 2 < len && hex_digit(s[i + 1]) >= 0 && hex_digit(s[i + 2]) >= 0) {
            c = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
            i += 2;
        }
        encode(out, &c, 1, false);
    }
}

struct pair {
    char *name;
    char *value;
};

static int pair_order(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    int by_name = strcmp(x->name, y->name);

    return by_name != 0 ? by_name : strcmp(x->value, y->value);
}

static void canonical_query(struct strbuf *out, const char *query)
{
    struct pair *pairs = NULL;
    size_t len = 0;
    size_t cap = 0;

    while (query != NULL && *query != '\0') {
        size_t part = strcspn(query, "&");
        size_t name = strcspn(query, "=&");
        if (part > 0) {
            struct strbuf n = STRBUF_INIT;
            struct strbuf v = STRBUF_INIT;
            reencode(&n, query, name);
            reencode(&v, query + name + (name < part), part - name - (name < part));
            pairs = xgrow(pairs, len, &cap, sizeof *pairs);
            pairs[len++] = (struct pair){strbuf_take(&n), strbuf_take(&v)};
        }
        query += part;
        query += *query == '&';
    }
    if (len > 1) {
        qsort(pairs, len, sizeof *pairs, pair_order);
    }
    for (size_t i = 0; i < len; i++) {
        strbuf_adds(out, i == 0 ? "" : "&");
        strbuf_adds(out, pairs[i].name);
        strbuf_addc(out, '=');
        strbuf_adds(out, pairs[i].value);
        free(pairs[i].name);
        free(pairs[i].value);
    }
    free(pairs);
}

static int header_order(const void *a, const void *b)
{
    const struct sigv4_header *const *x = a;
    const struct sigv4_header *const *y = b;
    int by_name = strcasecmp((*x)->name, (*y)->name);

    /* For the same name, the order on the wire counts, which is the order in the request's
     * array. */
    return by_name != 0 ? by_name : (*x > *y) - (*x < *y);
}

static void add_lower(struct strbuf *out, const char *s)
{
    size_t at = out->len;

    strbuf_adds(out, s);
    for (; at < out->len; at++) {
        char c = out->data[at];
        out->data[at] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
}

/* Adds the value without white space around it, and with one space for each run of white space
 * inside it. */
static void add_trimmed(struct strbuf *out, const char *s)
{
    static const char space[] = " \t\r\n\v\f";

    s += strspn(s, space);
    while (*s != '\0') {
        size_t word = strcspn(s, space);
        strbuf_add(out, s, word);
        s += word;
        s += strspn(s, space);
        strbuf_adds(out, *s == '\0' ? "" : " ");
    }
}

/* Adds "name:value\n" for each header (values of one name joined by ',') and fills `names`. */
static void canonical_headers(struct strbuf *out, struct strbuf *names,
                              const struct sigv4_request *r)
{
    const struct sigv4_header **sorted = xcalloc(r->headers_len + 1, sizeof *sorted);

    for (size_t i = 0; i < r->headers_len; i++) {
        sorted[i] = &r->headers[i];
    }
    if (r->headers_len > 1) {
        qsort(sorted, r->headers_len, sizeof *sorted, header_order);
    }
    for (size_t i = 0; i < r->headers_len; i++) {
        if (i > 0 && strcasecmp(sorted[i]->name, sorted[i - 1]->name) == 0) {
            strbuf_truncate(out, out->len - 1);
            strbuf_addc(out, ',');
        } else {
            strbuf_adds(names, names->len == 0 ? "" : ";");
            add_lower(names, sorted[i]->name);
            add_lower(out, sorted[i]->name);
            strbuf_addc(out, ':');
        }
        add_trimmed(out, sorted[i]->value);
        strbuf_addc(out, '\n');
    }
    free(sorted);
}

static void canonical_request(const struct sigv4_request *r, struct sigv4_result *out)
{
    struct strbuf text = STRBUF_INIT;
    struct strbuf names = STRBUF_INIT;
    char body_sha256[65];

    strbuf_adds(&text, r->method);
    strbuf_addc(&text, '\n');
    canonical_path(&text, r->path);
    strbuf_addc(&text, '\n');
    canonical_query(&text, r->query);
    strbuf_addc(&text, '\n');
    canonical_headers(&text, &names, r);
    strbuf_addc(&text, '\n');
    strbuf_adds(&text, strbuf_str(&names));
    strbuf_addc(&text, '\n');
    sigv4_sha256_hex(r->body, r->body_len, body_sha256);
    strbuf_adds(&text, body_sha256);
    sigv4_sha256_hex(text.data, text.len, out->canonical_sha256);
    out->canonical = strbuf_take(&text);
    out->signed_headers = strbuf_take(&names);
}

void sigv4_sign_with_key(const struct sigv4_request *r, const char *access_key_id,
                         const unsigned char key[32], struct sigv4_result *out)
{
    unsigned char mac[32];

    canonical_request(r, out);
    out->scope = xasprintf("%.8s/%s/%s/aws4_request", r->amz_date, r->region, r->service);
    out->string_to_sign =
        xasprintf("%s\n%s\n%s\n%s", algorithm, r->amz_date, out->scope, out->canonical_sha256);
    hmac(key, 32, out->string_to_sign, mac);
    hex_text(mac, sizeof mac, out->signature);
    out->authorization = xasprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s", algorithm,
                                   access_key_id, out->scope, out->signed_headers, out->signature);
}

void sigv4_sign(const struct sigv4_request *r, const char *access_key_id, const char *secret_key,
                struct sigv4_result *out)
{
    unsigned char key[32];
    char date8[9] = "";

    strncat(date8, r->amz_date, 8);
    sigv4_signing_key(secret_key, date8, r->region, r->service, key);
    sigv4_sign_with_key(r, access_key_id, key, out);
    secret_wipe(key, sizeof key);
}

void sigv4_result_clear(struct sigv4_result *r)
{
    secret_free(r->canonical); /* the text holds the session token */
    free(r->string_to_sign);
    free(r->signed_headers);
    free(r->scope);
    free(r->authorization);
    *r = (struct sigv4_result){0};
}
