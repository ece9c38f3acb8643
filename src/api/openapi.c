/* openapi.c - GET /openapi.json: the OpenAPI 3.1 document, made from the tables that the server
 * itself works by. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "handlers.h"
#include "idem.h"
#include "impl.h"
#include "schemas.h"

static const char about[] =
    "Jobs are deployed, watched and cancelled. Errors are {\"error\":{\"code\",\"message\"}}, with "
    "all that is wrong in fields. GET goes as HEAD, too. A body has at most 262144 bytes and its "
    "JSON at most 200 levels; a request target has at most 8192 bytes, all header fields 32768. "
    "Lengths in the schemas count characters. Where requests are limited, RateLimit and "
    "RateLimit-Policy say it as draft-ietf-httpapi-ratelimit-headers-10 does.";
/* These numbers stand in openapi_answers.c, too. */
_Static_assert(BODY_MAX == 262144 && TARGET_MAX == 8192 && HEAD_MAX == 32768,
               "the document describes how the server was started");

static cJSON *parsed(const char *text)
{
    cJSON *v = json_parse(text, strlen(text), "schema", NULL);

    if (v == NULL) {
        abort(); /* a typing error in the table, which the table's test finds */
    }
    return v;
}

/* ---- parameters ---- */

/* No header field's value holds a control character, whatever the field is for. */
#define FIELD_SCHEMA "{\"type\":\"string\",\"pattern\":\"" TARGET_PATTERN "\"}"

static cJSON *parameter(const char *name, const char *in, const char *help, cJSON *schema)
{
    cJSON *p = json_new_object();

    json_set_str(p, "name", name);
    json_set_str(p, "in", in);
    json_set_bool(p, "required", strcmp(in, "path") == 0);
    json_set_str(p, "description", help);
    json_set(p, "schema", schema);
    return p;
}

static void add_id(cJSON *list, const struct route *r)
{
    const char *brace = strchr(r->path, '{');

    if (brace != NULL) {
        char *name = xstrndup(brace + 1, strcspn(brace + 1, "}"));
        json_push(list, parameter(name, "path", r->id_help, route_id_schema()));
        free(name);
    }
}

static void add_fields(cJSON *list, const struct route *r)
{
    if ((r->flags & ROUTE_KEY) != 0) {
        json_push(list, parameter("Idempotency-Key", "header",
                                  "The same key and body have the same answer for a day and do "
                                  "nothing twice; another body with it gives 409.",
                                  parsed("{\"type\":\"string\",\"minLength\":1,\"maxLength\":255,"
                                         "\"pattern\":\"" IDEM_KEY_PATTERN "\"}")));
    }
    if ((r->flags & ROUTE_TAG) != 0) {
        json_push(list, parameter("If-None-Match", "header",
                                  "The ETag of an earlier answer: 304 when it still holds.",
                                  parsed(FIELD_SCHEMA)));
    }
    json_push(list, parameter("X-Request-Id", "header",
                              "The caller's id of the request, for the answer and the log. One "
                              "that is not accepted is replaced.",
                              parsed(FIELD_SCHEMA)));
}

static cJSON *parameters_json(const struct route *r)
{
    cJSON *list = json_new_array();

    add_id(list, r);
    for (const struct route_query *q = r->query; q != NULL && q->name != NULL; q++) {
        cJSON *p = parameter(q->name, "query", q->help, q->schema());
        if (q->example != NULL) {
            json_set(p, "example", parsed(q->example));
        }
        json_push(list, p);
    }
    add_fields(list, r);
    return list;
}

/* ---- operations ---- */

static cJSON *body_json(const struct route *r)
{
    cJSON *body = json_new_object();
    cJSON *content = json_new_object();
    cJSON *media = json_new_object();
    cJSON *schema = json_new_object();
    char path[80];

    (void)snprintf(path, sizeof path, SCHEMA_REF("%s"), r->body);
    json_set_str(schema, "$ref", path);
    json_set(media, "schema", schema);
    json_set(media, "example", parsed(r->example));
    json_set(content, "application/json", media);
    json_set_bool(body, "required", true);
    json_set(body, "content", content);
    return body;
}

static cJSON *operation_json(const struct openapi_about *a, const struct route *r)
{
    cJSON *v = json_new_object();
    cJSON *tags = json_new_array();

    json_push_str(tags, r->tag);
    json_set_str(v, "operationId", r->operation);
    json_set(v, "tags", tags);
    json_set_str(v, "summary", r->summary);
    json_set(v, "parameters", parameters_json(r));
    if (r->body != NULL) {
        json_set(v, "requestBody", body_json(r));
    }
    if (a->tokens && (r->flags & ROUTE_OPEN) != 0) {
        json_set(v, "security", json_new_array());
    }
    json_set(v, "responses", openapi_responses(a, r));
    return v;
}

static void lower(const char *method, char out[16])
{
    size_t n = 0;

    for (; method[n] != '\0' && n < 15; n++) {
        out[n] = (char)(method[n] - 'A' + 'a');
    }
    out[n] = '\0';
}

static cJSON *paths_json(const struct openapi_about *a)
{
    cJSON *paths = json_new_object();

    for (size_t i = 0; i < routes_len; i++) {
        char method[16];
        if (a->read_only && (routes[i].flags & ROUTE_WRITES) != 0) {
            continue;
        }
        cJSON *path = cJSON_GetObjectItemCaseSensitive(paths, routes[i].path);
        if (path == NULL) {
            path = json_new_object();
            json_set(paths, routes[i].path, path);
        }
        lower(routes[i].method, method);
        json_set(path, method, operation_json(a, &routes[i]));
    }
    return paths;
}

/* ---- the document ---- */

/* Is the schema used? That of a deploy is used only where a deploy can be sent. */
static bool schema_used(const struct openapi_about *a, const char *name)
{
    return !a->read_only || (strcmp(name, "Deploy") != 0 && strcmp(name, "Value") != 0 &&
                             strcmp(name, "Accepted") != 0 && strcmp(name, "Cancelled") != 0);
}

static cJSON *components_json(const struct openapi_about *a)
{
    cJSON *v = json_new_object();
    cJSON *schemas = json_new_object();

    for (size_t i = 0; i < api_schemas_len; i++) {
        const struct api_schema *s = &api_schemas[i];
        if (schema_used(a, s->name)) {
            json_set(schemas, s->name,
                     s->make == NULL ? parsed(s->json) : s->make(SCHEMA_REF("Value")));
        }
    }
    json_set(v, "schemas", schemas);
    json_set(v, "responses", openapi_errors(a));
    json_set(v, "headers", openapi_headers());
    if (a->tokens) {
        json_set(v, "securitySchemes",
                 parsed("{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"));
    }
    return v;
}

char *openapi_text(const struct openapi_about *a)
{
    cJSON *doc = json_new_object();
    cJSON *info = parsed("{\"title\":\"mvpdash\",\"version\":\"" MVPDASH_VERSION
                         "\",\"summary\":\"MVP development jobs on AWS\",\"license\":{\"name\":"
                         "\"MIT\",\"identifier\":\"MIT\"}}");

    json_set_str(info, "description", about);
    json_set_str(doc, "openapi", "3.1.0");
    json_set(doc, "info", info);
    json_set(doc, "servers", parsed("[{\"url\":\"/\"}]"));
    if (a->tokens) {
        json_set(doc, "security", parsed("[{\"token\":[]}]"));
    }
    json_set(doc, "tags",
             parsed("[{\"name\":\"jobs\",\"description\":\"Deploys and what becomes of them.\"},"
                    "{\"name\":\"service\",\"description\":\"How the server and AWS are.\"}]"));
    json_set(doc, "paths", paths_json(a));
    json_set(doc, "components", components_json(a));
    char *text = json_safe(doc);
    cJSON_Delete(doc);
    return text;
}

/* The document as it is now. It is made once, because making it takes milliseconds. Owned. */
static char *current(struct api *a)
{
    struct openapi_about how = {.read_only = a->o.read_only, .rated = a->o.rate > 0};

    (void)pthread_mutex_lock(&a->lock);
    how.tokens = tokens_len(a->tokens) > 0;
    char **kept = &a->documents[how.tokens ? 1 : 0];
    char *text = xstrdup(*kept);
    (void)pthread_mutex_unlock(&a->lock);
    if (text != NULL) {
        return text;
    }
    text = openapi_text(&how); /* the lock is not held meanwhile, so that nobody waits for it */
    (void)pthread_mutex_lock(&a->lock);
    if (*kept == NULL) {
        *kept = xstrdup(text);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return text;
}

void do_openapi(const struct call *c, struct reply *r)
{
    r->status = 200;
    r->type = "application/json";
    r->body = current(c->api);
    reply_tag(r, c->none_match, NULL);
}
