/* openapi.c - GET /openapi.json: OpenAPI 3.1, made from the route table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "core/json.h"
#include "handlers.h"
#include "schemas.h"

/* The answers that any route of a kind may give, besides its own. */
static const struct {
    int status;
    unsigned flags; /* routes that have one of them; 0: all that it can happen to */
    const char *help;
} usual[] = {
    {400, 0,          "The request is not well-formed; the message names the field."                  },
    {401, 0,          "No token, or none that is known."                                              },
    {404, 0,          "No such route."                                                                },
    {405, 0,          "Not with this method: Allow has those that go."                                },
    {413, 0,          "The body is over 256 KiB."                                                     },
    {415, ROUTE_BODY, "The body is not application/json."                                             },
    {429, 0,          "Too many requests: Retry-After says when."                                     },
    {502, 0,          "AWS refused; the code is AWS's own. Nothing was done unless it says so."       },
    {503, 0,          "AWS is out of reach: nothing was done, and Retry-After says when to ask again."},
};

static cJSON *parsed(const char *text)
{
    cJSON *v = json_parse(text, strlen(text), "schema", NULL);

    if (v == NULL) {
        abort(); /* a typing error in the table, which its test finds */
    }
    return v;
}

static cJSON *ref(const char *component)
{
    char path[80];
    cJSON *v = json_new_object();

    (void)snprintf(path, sizeof path, "#/components/schemas/%s", component);
    json_set_str(v, "$ref", path);
    return v;
}

static cJSON *content(const char *component)
{
    cJSON *v = json_new_object();
    cJSON *media = json_new_object();

    json_set(media, "schema", component == NULL ? parsed("{\"type\":\"string\"}") : ref(component));
    json_set(v, component == NULL ? "text/plain" : "application/json", media);
    return v;
}

static void header(cJSON *headers, const char *name, const char *help, const char *schema)
{
    cJSON *h = json_new_object();

    json_set_str(h, "description", help);
    json_set(h, "schema", parsed(schema));
    json_set(headers, name, h);
}

static void add_answer(cJSON *responses, int status, const char *help, const char *component)
{
    char code[8];
    cJSON *answer = json_new_object();
    cJSON *headers = json_new_object();

    (void)snprintf(code, sizeof code, "%d", status);
    json_set_str(answer, "description", help);
    header(headers, "X-Request-Id", "The request's id, as given or made.", "{\"type\":\"string\"}");
    if (status == 429 || status == 503) {
        header(headers, "Retry-After", "Seconds.", "{\"type\":\"integer\",\"minimum\":1}");
    }
    json_set(answer, "headers", headers);
    json_set(answer, "content", content(component));
    json_set(responses, code, answer);
}

static cJSON *responses_json(const struct route *r)
{
    cJSON *v = json_new_object();
    char code[8];

    for (const struct route_answer *a = r->answers; a->status != 0; a++) {
        add_answer(v, a->status, a->help, a->schema);
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        bool tokens = usual[i].status == 401;
        bool aws = usual[i].status > 500;
        bool applies = usual[i].flags != 0 ? (r->flags & usual[i].flags) != 0
                       : tokens            ? (r->flags & ROUTE_OPEN) == 0
                       : aws               ? (r->flags & (ROUTE_OPEN | ROUTE_NO_AWS)) == 0
                                           : true;
        (void)snprintf(code, sizeof code, "%d", usual[i].status);
        if (applies && json_get(v, code) == NULL) {
            add_answer(v, usual[i].status, usual[i].help, "Error");
        }
    }
    return v;
}

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

static cJSON *parameters_json(const struct route *r)
{
    cJSON *list = json_new_array();

    if (r->id_help != NULL) {
        json_push(list,
                  parameter("id", "path", r->id_help,
                            parsed("{\"type\":\"string\",\"minLength\":1,\"maxLength\":256}")));
    }
    for (const struct route_query *q = r->query; q != NULL && q->name != NULL; q++) {
        json_push(list, parameter(q->name, "query", q->help, parsed(q->schema)));
    }
    if ((r->flags & ROUTE_KEY) != 0) {
        json_push(list,
                  parameter("Idempotency-Key", "header",
                            "The same key and body have the same answer for a day and do nothing "
                            "twice; another body with it is 409.",
                            parsed("{\"type\":\"string\",\"minLength\":1,\"maxLength\":255}")));
    }
    return list;
}

static cJSON *operation_json(const struct route *r)
{
    cJSON *v = json_new_object();

    json_set_str(v, "operationId", r->operation);
    json_set_str(v, "summary", r->summary);
    json_set(v, "parameters", parameters_json(r));
    if (r->body != NULL) {
        cJSON *body = json_new_object();
        json_set_bool(body, "required", true);
        json_set(body, "content", content(r->body));
        json_set(v, "requestBody", body);
    }
    if ((r->flags & ROUTE_OPEN) != 0) {
        json_set(v, "security", json_new_array());
    }
    json_set(v, "responses", responses_json(r));
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

static cJSON *paths_json(void)
{
    cJSON *paths = json_new_object();

    for (size_t i = 0; i < routes_len; i++) {
        char method[16];
        cJSON *path = cJSON_GetObjectItemCaseSensitive(paths, routes[i].path);
        if (path == NULL) {
            path = json_new_object();
            json_set(paths, routes[i].path, path);
        }
        lower(routes[i].method, method);
        json_set(path, method, operation_json(&routes[i]));
    }
    return paths;
}

char *api_openapi_text(void)
{
    cJSON *doc = json_new_object();
    cJSON *components = json_new_object();
    cJSON *schemas = json_new_object();

    json_set_str(doc, "openapi", "3.1.0");
    json_set(doc, "info",
             parsed("{\"title\":\"mvpdash\",\"version\":\"" MVPDASH_VERSION
                    "\",\"summary\":\"MVP development jobs on AWS\",\"license\":{\"name\":\"MIT\","
                    "\"identifier\":\"MIT\"}}"));
    json_set(doc, "servers", parsed("[{\"url\":\"/\"}]"));
    json_set(doc, "security", parsed("[{\"token\":[]}]"));
    json_set(doc, "paths", paths_json());
    for (size_t i = 0; i < api_schemas_len; i++) {
        json_set(schemas, api_schemas[i].name, parsed(api_schemas[i].json));
    }
    json_set(components, "schemas", schemas);
    json_set(components, "securitySchemes",
             parsed("{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"));
    json_set(doc, "components", components);
    char *text = json_text(doc);
    cJSON_Delete(doc);
    return text;
}

void do_openapi(const struct call *c, struct reply *r)
{
    (void)c;
    r->status = 200;
    r->type = "application/json";
    r->body = api_openapi_text();
}
