/* openapi_answers.c - the answers of each route in the OpenAPI document: those of the route's row,
 * and those that every route of a kind may give. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "handlers.h"
#include "impl.h"
#include "schemas.h"

/* ---- header fields ---- */

enum { NEVER, MAYBE, ALWAYS };

/* clang-format off */
static const struct {
    const char *name;
    const char *help;
    const char *schema;
} fields[] = {
    {"X-Request-Id",        "The request's id: the caller's if it is accepted, else made by the server.",                                                "{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9._-]{1,128}$\"}"},
    {"Retry-After",         "Seconds.",                                                                                                               "{\"type\":\"integer\",\"minimum\":1}"},
    {"Location",            "Where the job's state is.",                                                                                              "{\"type\":\"string\",\"pattern\":\"^/status/[A-Za-z0-9][A-Za-z0-9._-]*$\"}"},
    {"Idempotent-Replayed", "This is the answer to an earlier request with the same Idempotency-Key.",                                                "{\"type\":\"string\",\"enum\":[\"true\"]}"},
    {"WWW-Authenticate",    "Bearer, and what is wrong with the token.",                                                                              "{\"type\":\"string\",\"pattern\":\"^Bearer \"}"},
    {"Allow",               "The methods that this path accepts.",                                                                                      "{\"type\":\"string\"}"},
    {"ETag",                "Send it as If-None-Match; an unchanged answer is then not sent again.",                                                  "{\"type\":\"string\",\"pattern\":\"^(?:W/)?\\\"[0-9a-f]{32}\\\"$\"}"},
    {"RateLimit-Policy",    "How many requests a caller may send (q) in how many seconds (w), as draft-ietf-httpapi-ratelimit-headers-10 writes it.", "{\"type\":\"string\",\"pattern\":\"^\\\"client\\\";q=[0-9]+;w=[0-9]+$\"}"},
    {"RateLimit",           "How many are left (r), and the seconds until all are there again (t).",                                                  "{\"type\":\"string\",\"pattern\":\"^\\\"client\\\";r=[0-9]+;t=[0-9]+$\"}"},
};
/* clang-format on */
enum { FIELDS = sizeof fields / sizeof *fields };

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Does an answer with this status have the field? `r` NULL: on any route. */
static int has_field(const struct openapi_about *a, const struct route *r, int status,
                     const char *name)
{
    bool good = status < 400;
    bool keyed = r != NULL && (r->flags & ROUTE_KEY) != 0;

    if (is(name, "X-Request-Id")) {
        return ALWAYS;
    }
    if (is(name, "Retry-After")) {
        return status == 429 || status == 503 ? ALWAYS : status == 409 && keyed ? MAYBE : NEVER;
    }
    if (is(name, "Location")) {
        return status == 202 ? ALWAYS : NEVER;
    }
    if (is(name, "Idempotent-Replayed")) {
        return keyed && (good || status > 500) ? MAYBE : NEVER;
    }
    if (is(name, "WWW-Authenticate")) {
        return status == 401 ? ALWAYS : NEVER;
    }
    if (is(name, "Allow")) {
        return status == 405 ? ALWAYS : NEVER;
    }
    if (is(name, "ETag")) {
        return good && r != NULL && (r->flags & ROUTE_TAG) != 0 ? ALWAYS : NEVER;
    }
    /* Vital requests are not counted, unless their token is wrong; nor are requests that cannot be
     * read. */
    return !a->rated || (good && r != NULL && (r->flags & ROUTE_VITAL) != 0) ? NEVER : MAYBE;
}

cJSON *openapi_headers(void)
{
    cJSON *all = json_new_object();

    for (size_t i = 0; i < FIELDS; i++) {
        cJSON *h = json_new_object();
        json_set_str(h, "description", fields[i].help);
        json_set(h, "schema",
                 json_parse(fields[i].schema, strlen(fields[i].schema), "schema", NULL));
        json_set(all, fields[i].name, h);
    }
    return all;
}

static cJSON *headers(const struct openapi_about *a, const struct route *r, int status)
{
    cJSON *all = json_new_object();
    char where[80];

    for (size_t i = 0; i < FIELDS; i++) {
        int has = has_field(a, r, status, fields[i].name);
        if (has == NEVER) {
            continue;
        }
        cJSON *h = json_new_object();
        if (has == MAYBE) {
            (void)snprintf(where, sizeof where, "#/components/headers/%s", fields[i].name);
            json_set_str(h, "$ref", where);
        } else { /* a reference cannot say that the field is always there */
            json_set_str(h, "description", fields[i].help);
            json_set_bool(h, "required", true);
            json_set(h, "schema",
                     json_parse(fields[i].schema, strlen(fields[i].schema), "schema", NULL));
        }
        json_set(all, fields[i].name, h);
    }
    return all;
}

/* ---- answers ---- */

static cJSON *content(const char *component, const char *example)
{
    cJSON *v = json_new_object();
    cJSON *media = json_new_object();
    cJSON *schema = json_new_object();
    char path[80];

    if (component == NULL) {
        json_set_str(schema, "type", "string");
    } else {
        (void)snprintf(path, sizeof path, SCHEMA_REF("%s"), component);
        json_set_str(schema, "$ref", path);
    }
    json_set(media, "schema", schema);
    if (example != NULL) {
        json_set(media, "example", json_parse(example, strlen(example), "example", NULL));
    }
    json_set(v, component == NULL ? "text/plain" : "application/json", media);
    return v;
}

/* Which routes may give an answer. */
enum when {
    ANY,       /* each */
    TOKEN,     /* those that need a token, where tokens are asked for */
    NO_TOKENS, /* all routes, where no tokens are asked for */
    RATED,     /* those that count against the rate */
    AWS,       /* those that ask AWS */
    WAITS      /* those that may wait for their turn */
};

#define WRONG_FIELD                                                                                \
    "{\"error\":{\"code\":\"bad_request\",\"message\":\"metadata.estimatedDuration: 1 seconds is " \
    "not between 60 and 1209600 (1 minute and 14 days)\",\"fields\":[{\"field\":"                  \
    "\"metadata.estimatedDuration\",\"reason\":\"1 seconds is not between 60 and 1209600 "         \
    "(1 minute and 14 days)\"}]}}"

/* clang-format off */
static const struct {
    int status;
    const char *name; /* the component's name */
    enum when when;
    const char *help;
    const char *example; /* the code and the message */
} usual[] = {
    {400, "BadRequest",          ANY,       "Something in the request is wrong: message names the first fault, fields all of them.",                                                 WRONG_FIELD},
    {401, "Unauthorized",        TOKEN,     "No token, or one that the server does not know.",                                                                                  NULL},
    {403, "Forbidden",           NO_TOKENS, "Without a token: Host is not this machine, or a web page sent the request.",                                              NULL},
    {405, "MethodNotAllowed",    ANY,       "The path exists, but not with this method.",                                                                      NULL},
    {408, "Slow",                ANY,       "The request was not complete in time; the connection closes.",                                                             NULL},
    {413, "TooLarge",            ANY,       "The body is over 262144 bytes.",                                                                                    NULL},
    {414, "TargetTooLong",       ANY,       "The request target is over 8192 bytes; the connection closes.",                                                     NULL},
    {415, "WrongMediaType",      ANY,       "A body that is not application/json, or is compressed.",                                                            NULL},
    {417, "ExpectationFailed",   ANY,       "Expect is not 100-continue.",                                                                              NULL},
    {429, "TooManyRequests",     RATED,     "More requests than the rate allows.",                                                                               NULL},
    {431, "FieldsTooLarge",      ANY,       "The header fields are over 32768 bytes; the connection closes.",                                                    NULL},
    {501, "NotImplemented",      ANY,       "A transfer coding that is not known; the connection closes.",                                                       NULL},
    {502, "AwsRefused",          AWS,       "AWS refused, or its reply was not understood; the code is AWS's own. Nothing was done unless the message says so.", NULL},
    {503, "Unavailable",         WAITS,     "AWS cannot be reached, or the server is too busy: nothing was done.",                                           NULL},
    {505, "VersionNotSupported", ANY,       "The version is neither HTTP/1.0 nor 1.1; the connection closes.",                                                     NULL},
};
/* clang-format on */
enum { USUAL = sizeof usual / sizeof *usual };

static bool applies(const struct openapi_about *a, const struct route *r, enum when when)
{
    bool open = (r->flags & ROUTE_OPEN) != 0 || !a->tokens;
    bool vital = (r->flags & ROUTE_VITAL) != 0;

    switch (when) {
    case TOKEN:
        return !open;
    case NO_TOKENS:
        return !a->tokens;
    case RATED:
        return a->rated && !(vital && open);
    case AWS:
        return (r->flags & (ROUTE_OPEN | ROUTE_NO_AWS)) == 0;
    case WAITS:
        return !vital;
    case ANY:
        break;
    }
    return true;
}

static cJSON *answer(const struct openapi_about *a, const struct route *r,
                     const struct route_answer *x)
{
    cJSON *v = json_new_object();

    json_set_str(v, "description", x->help);
    json_set(v, "headers", headers(a, r, x->status));
    json_set(v, "content", content(x->schema, x->example));
    return v;
}

/* The links to those operations that are served. */
static cJSON *links(const struct openapi_about *a, const struct route *r)
{
    cJSON *all = json_new_object();

    for (const struct route_link *l = r->links; l->name != NULL; l++) {
        size_t to = 0;
        while (to < routes_len && !is(routes[to].operation, l->operation)) {
            to++;
        }
        if (to == routes_len || (a->read_only && (routes[to].flags & ROUTE_WRITES) != 0)) {
            continue;
        }
        cJSON *v = json_new_object();
        json_set_str(v, "operationId", l->operation);
        json_set_str(v, "description", l->help);
        json_set(v, "parameters", json_parse(l->parameters, strlen(l->parameters), "link", NULL));
        json_set(all, l->name, v);
    }
    return all;
}

static cJSON *unchanged(const struct openapi_about *a, const struct route *r)
{
    cJSON *v = json_new_object();

    json_set_str(v, "description", "If-None-Match has the ETag: nothing has changed.");
    json_set(v, "headers", headers(a, r, 304));
    return v;
}

cJSON *openapi_responses(const struct openapi_about *a, const struct route *r)
{
    cJSON *all = json_new_object();
    char code[12];
    char where[80];

    for (const struct route_answer *x = r->answers; x->status != 0; x++) {
        cJSON *v = answer(a, r, x);
        (void)snprintf(code, sizeof code, "%d", x->status);
        if (x == r->answers && r->links != NULL) {
            json_set(v, "links", links(a, r));
        }
        json_set(all, code, v);
    }
    if ((r->flags & ROUTE_TAG) != 0) {
        json_set(all, "304", unchanged(a, r));
    }
    for (size_t i = 0; i < USUAL; i++) {
        (void)snprintf(code, sizeof code, "%d", usual[i].status);
        if (json_get(all, code) != NULL || !applies(a, r, usual[i].when)) {
            continue;
        }
        /* the answer may be one that is given again */
        if ((r->flags & ROUTE_KEY) != 0 && usual[i].status > 501) {
            const struct route_answer x = {usual[i].status, usual[i].help, "Error", NULL};
            json_set(all, code, answer(a, r, &x));
            continue;
        }
        cJSON *v = json_new_object();
        (void)snprintf(where, sizeof where, "#/components/responses/%s", usual[i].name);
        json_set_str(v, "$ref", where);
        json_set(all, code, v);
    }
    return all;
}

cJSON *openapi_errors(const struct openapi_about *a)
{
    cJSON *all = json_new_object();

    for (size_t i = 0; i < USUAL; i++) {
        const struct route_answer x = {usual[i].status, usual[i].help, "Error", usual[i].example};
        bool used = false;
        for (size_t k = 0; k < routes_len; k++) {
            used = used || (applies(a, &routes[k], usual[i].when) &&
                            !(a->read_only && (routes[k].flags & ROUTE_WRITES) != 0));
        }
        if (used) {
            json_set(all, usual[i].name, answer(a, NULL, &x));
        }
    }
    return all;
}
