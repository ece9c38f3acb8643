/* Checking the SigV4 signature of a request to the local cloud. */
#include "verify.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/strbuf.h"

enum { WINDOW_MS = 5 * 60 * 1000, AUTHORIZATION_MAX = 8192, SIGNED_MAX = 64 };

static bool fail(struct cloud_http_verify_fault *f, enum cloud_http_verify_fault_kind kind,
                 const char *fmt, ...) PRINTF_LIKE(3, 4);

static bool fail(struct cloud_http_verify_fault *f, enum cloud_http_verify_fault_kind kind,
                 const char *fmt, ...)
{
    va_list args;

    f->kind = kind;
    va_start(args, fmt);
    (void)vsnprintf(f->message, sizeof f->message, fmt, args);
    va_end(args);
    /* The message quotes what the client sent: this keeps it one line of harmless ASCII. */
    for (char *p = f->message; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f) {
            *p = '?';
        }
    }
    return false;
}

const char *cloud_http_verify_header(const struct cloud_http_verify_request *r, const char *name)
{
    for (size_t i = 0; i < r->headers_len; i++) {
        if (strcasecmp(r->headers[i].name, name) == 0) {
            return r->headers[i].value;
        }
    }
    return NULL;
}

/* Cuts the scope "AKID/date/region/service/aws4_request" in place. If the key id holds slashes,
 * they stay in it, because AWS reads the scope from the right. */
static bool cut_credential(char *credential, struct cloud_http_verify_auth *out)
{
    const char **parts[] = {&out->terminator, &out->service, &out->region, &out->date8};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *slash = strrchr(credential, '/');
        if (slash == NULL) {
            return false;
        }
        *slash = '\0';
        *parts[i] = slash + 1;
    }
    out->access_key = credential;
    return *credential != '\0';
}

static void take_parameter(char *part, char **credential, struct cloud_http_verify_auth *out)
{
    char *equals = strchr(part, '=');

    if (equals == NULL) {
        return;
    }
    *equals = '\0';
    if (strcmp(part, "Credential") == 0) {
        *credential = equals + 1;
    } else if (strcmp(part, "SignedHeaders") == 0) {
        out->signed_headers = equals + 1;
    } else if (strcmp(part, "Signature") == 0) {
        out->signature = equals + 1;
    }
}

bool cloud_http_verify_parse(const char *authorization, struct cloud_http_verify_auth *out,
                             struct cloud_http_verify_fault *fault)
{
    static const char algorithm[] = "AWS4-HMAC-SHA256";
    char *credential = NULL;
    char *save = NULL;

    *out = (struct cloud_http_verify_auth){0};
    if (authorization == NULL || *authorization == '\0') {
        return fail(fault, VERIFY_MISSING,
                    "Request must contain either a valid (registered) AWS access key ID or X.509 "
                    "certificate.");
    }
    size_t len = strlen(authorization);
    if (len > AUTHORIZATION_MAX || strncmp(authorization, algorithm, sizeof algorithm - 1) != 0 ||
        !isspace((unsigned char)authorization[sizeof algorithm - 1])) {
        return fail(fault, VERIFY_INCOMPLETE,
                    "Unsupported AWS 'algorithm': '%.60s' (only AWS4-HMAC-SHA256).", authorization);
    }
    out->text = xstrdup(authorization);
    for (char *part = strtok_r(out->text + sizeof algorithm, ", \t", &save); part != NULL;
         part = strtok_r(NULL, ", \t", &save)) {
        take_parameter(part, &credential, out);
    }
    if (credential == NULL || out->signed_headers == NULL || out->signature == NULL) {
        (void)fail(
            fault, VERIFY_INCOMPLETE, "%s%s%s",
            credential != NULL ? "" : "Authorization header requires 'Credential' parameter. ",
            out->signature != NULL ? "" : "Authorization header requires 'Signature' parameter. ",
            out->signed_headers != NULL
                ? ""
                : "Authorization header requires 'SignedHeaders' parameter. ");
    } else if (!cut_credential(credential, out)) {
        (void)fail(fault, VERIFY_INCOMPLETE,
                   "Credential must have at least 5 slash-delimited elements, e.g. "
                   "keyid/date/region/service/term.");
    } else {
        return true;
    }
    cloud_http_verify_auth_clear(out);
    return false;
}

void cloud_http_verify_auth_clear(struct cloud_http_verify_auth *a)
{
    free(a->text);
    *a = (struct cloud_http_verify_auth){0};
}

/* Is `name` an element of the list, which has ';' between its elements? */
static bool is_signed(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *p = list; p != NULL; p = strchr(p, ';')) {
        p += *p == ';';
        if (strncasecmp(p, name, len) == 0 && (p[len] == ';' || p[len] == '\0')) {
            return true;
        }
    }
    return false;
}

/* Checks that the signature covers the headers that change what a request means, when they are
 * there. */
static bool check_signed_headers(const struct cloud_http_verify_request *r,
                                 const struct cloud_http_verify_auth *a,
                                 struct cloud_http_verify_fault *fault)
{
    static const char *const required[] = {"x-amz-date", "x-amz-target", "x-amz-security-token"};

    if (!is_signed(a->signed_headers, "host")) {
        return fail(fault, VERIFY_MISMATCH,
                    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    }
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        if (cloud_http_verify_header(r, required[i]) != NULL &&
            !is_signed(a->signed_headers, required[i])) {
            return fail(fault, VERIFY_MISMATCH,
                        "'%s' must be a 'SignedHeader' in the AWS Authorization.", required[i]);
        }
    }
    return true;
}

static bool check_scope(const struct cloud_http_verify_auth *a,
                        const struct cloud_http_verify_expect *x, const char *amz_date,
                        struct cloud_http_verify_fault *fault)
{
    if (strcmp(a->terminator, "aws4_request") != 0) {
        return fail(fault, VERIFY_MISMATCH,
                    "Credential should be scoped with a valid terminator: 'aws4_request', not "
                    "'%.40s'.",
                    a->terminator);
    }
    if (strcmp(a->region, x->region) != 0) {
        return fail(fault, VERIFY_MISMATCH,
                    "Credential should be scoped to a valid region, not '%.40s'. This local cloud "
                    "is in '%s'.",
                    a->region, x->region);
    }
    if (strcmp(a->service, x->service) != 0) {
        return fail(fault, VERIFY_MISMATCH, "Credential should be scoped to correct service: '%s'.",
                    x->service);
    }
    if (strncmp(a->date8, amz_date, 8) != 0 || a->date8[8] != '\0') {
        return fail(fault, VERIFY_MISMATCH,
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                    "date from HTTP: '%.16s' != '%.8s', from '%.20s'.",
                    a->date8, amz_date, amz_date);
    }
    return true;
}

/* Reads "20260102T030405Z" as epoch milliseconds. */
static bool parse_amz_date(const char *s, int64_t *ms)
{
    char iso[21];

    if (s == NULL || strlen(s) != 16 || s[8] != 'T' || s[15] != 'Z') {
        return false;
    }
    for (size_t i = 0; i < 15; i++) {
        if (i != 8 && !isdigit((unsigned char)s[i])) {
            return false;
        }
    }
    (void)snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s, s + 4, s + 6, s + 9,
                   s + 11, s + 13);
    return time_parse_iso(iso, ms);
}

static bool check_date(const char *amz_date, int64_t at, int64_t now,
                       struct cloud_http_verify_fault *fault)
{
    char now_text[TIME_ISO_SIZE], edge[TIME_ISO_SIZE];

    if (at < now - WINDOW_MS) {
        return fail(fault, VERIFY_MISMATCH,
                    "Signature expired: %s is now earlier than %s (%s - 5 min.)", amz_date,
                    time_iso_basic(now - WINDOW_MS, edge), time_iso_basic(now, now_text));
    }
    if (at > now + WINDOW_MS) {
        return fail(fault, VERIFY_MISMATCH,
                    "Signature not yet current: %s is still later than %s (%s + 5 min.)", amz_date,
                    time_iso_basic(now + WINDOW_MS, edge), time_iso_basic(now, now_text));
    }
    return true;
}

static bool check_token(const struct cloud_http_verify_request *r,
                        const struct cloud_http_verify_expect *x,
                        struct cloud_http_verify_fault *fault)
{
    const char *sent = cloud_http_verify_header(r, "x-amz-security-token");

    if (x->secret_key == NULL || (x->token == NULL) != (sent == NULL)) {
        return fail(fault, VERIFY_UNKNOWN_KEY,
                    "The security token included in the request is invalid.");
    }
    if (x->token != NULL) {
        size_t len = strlen(x->token);
        if (strlen(sent) != len || CRYPTO_memcmp(sent, x->token, len) != 0) {
            return fail(fault, VERIFY_UNKNOWN_KEY,
                        "The security token included in the request is invalid.");
        }
        if (x->now_ms >= x->token_expires_ms) {
            return fail(fault, VERIFY_EXPIRED,
                        "The security token included in the request is expired");
        }
    }
    return true;
}

/* Collects the headers to sign, one for each name of the list; the values of repeated headers are
 * joined by commas in the order in which they came, as the canonical form wants. False when the
 * list names a header that is not there. */
static bool collect_headers(const struct cloud_http_verify_request *r, char *list,
                            struct sigv4_header *out, size_t *out_len,
                            struct strbuf joined[SIGNED_MAX])
{
    char *save = NULL;

    for (char *name = strtok_r(list, ";", &save); name != NULL; name = strtok_r(NULL, ";", &save)) {
        size_t n = *out_len;
        size_t seen = 0;
        if (n == SIGNED_MAX) {
            return false;
        }
        for (size_t i = 0; i < r->headers_len; i++) {
            if (strcasecmp(r->headers[i].name, name) == 0) {
                strbuf_adds(&joined[n], seen++ > 0 ? "," : "");
                strbuf_adds(&joined[n], r->headers[i].value);
            }
        }
        if (seen == 0) {
            return false;
        }
        out[n] = (struct sigv4_header){.name = name, .value = strbuf_str(&joined[n])};
        *out_len = n + 1;
    }
    return true;
}

static bool check_signature(const struct cloud_http_verify_request *r,
                            const struct cloud_http_verify_auth *a,
                            const struct cloud_http_verify_expect *x, const char *amz_date,
                            struct cloud_http_verify_fault *fault)
{
    struct sigv4_header headers[SIGNED_MAX];
    struct strbuf joined[SIGNED_MAX] = {0};
    size_t len = 0;
    char *list = xstrdup(a->signed_headers);
    bool same = false;

    if (collect_headers(r, list, headers, &len, joined)) {
        struct sigv4_result made = {0};
        sigv4_sign(&(struct sigv4_request){.method = r->method,
                                           .path = r->path,
                                           .query = r->query,
                                           .headers = headers,
                                           .headers_len = len,
                                           .body = r->body,
                                           .body_len = r->body_len,
                                           .region = a->region,
                                           .service = a->service,
                                           .amz_date = amz_date},
                   a->access_key, x->secret_key, &made);
        same = strlen(a->signature) == 64 && CRYPTO_memcmp(a->signature, made.signature, 64) == 0;
        sigv4_result_clear(&made);
    }
    for (size_t i = 0; i < SIGNED_MAX; i++) {
        strbuf_clear(&joined[i]);
    }
    free(list);
    if (!same) {
        return fail(fault, VERIFY_MISMATCH,
                    "The request signature we calculated does not match the signature you "
                    "provided. Check your AWS Secret Access Key and signing method. Consult the "
                    "service documentation for details.");
    }
    return true;
}

bool cloud_http_verify_check(const struct cloud_http_verify_request *r,
                             const struct cloud_http_verify_auth *a,
                             const struct cloud_http_verify_expect *x,
                             struct cloud_http_verify_fault *fault)
{
    const char *amz_date = cloud_http_verify_header(r, "x-amz-date");
    int64_t at = 0;

    fault->kind = VERIFY_OK;
    if (!parse_amz_date(amz_date, &at)) {
        return fail(fault, VERIFY_INCOMPLETE, "%s",
                    amz_date == NULL
                        ? "Authorization header requires existence of either a 'X-Amz-Date' or a "
                          "'Date' header."
                        : "Date must be in ISO-8601 'basic format', like 20130524T000000Z.");
    }
    return check_token(r, x, fault) && check_signed_headers(r, a, fault) &&
           check_scope(a, x, amz_date, fault) && check_date(amz_date, at, x->now_ms, fault) &&
           check_signature(r, a, x, amz_date, fault);
}

const char *cloud_http_verify_code(enum cloud_http_verify_fault_kind kind,
                                   enum aws_protocol protocol, int *status)
{
    /* clang-format off */
    static const struct {
        const char *json;
        const char *query; /* older services leave the word "Exception" out */
        int query_status;
    } codes[] = {
        [VERIFY_OK]          = {"",                                    "",                           200},
        [VERIFY_MISSING]     = {"MissingAuthenticationTokenException", "MissingAuthenticationToken", 403},
        [VERIFY_INCOMPLETE]  = {"IncompleteSignatureException",        "IncompleteSignature",        400},
        [VERIFY_UNKNOWN_KEY] = {"UnrecognizedClientException",         "InvalidClientTokenId",       403},
        [VERIFY_EXPIRED]     = {"ExpiredTokenException",               "ExpiredToken",               403},
        [VERIFY_MISMATCH]    = {"InvalidSignatureException",           "SignatureDoesNotMatch",      403},
    };
    /* clang-format on */

    /* awsJson answers 400 to all of them, REST and query protocols as above (AWS-WIRE 3.1, 2.7). */
    bool json = protocol == AWS_JSON_1_0 || protocol == AWS_JSON_1_1;
    *status = json && kind != VERIFY_OK ? 400 : codes[kind].query_status;
    return protocol == AWS_QUERY_XML ? codes[kind].query : codes[kind].json;
}
