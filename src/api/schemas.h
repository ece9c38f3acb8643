/* schemas.h - private to api: the components of the OpenAPI document. Constant data. */
#ifndef API_SCHEMAS_H
#define API_SCHEMAS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#define SCHEMA_REF(name) "#/components/schemas/" name

struct api_schema {
    const char *name;
    /* a JSON Schema; NULL: `make` makes it from what the checks use */
    const char *json;
    cJSON *(*make)(const char *value); /* gets the place of the schema Value; the result is owned */
};
extern const struct api_schema api_schemas[];
extern const size_t api_schemas_len;
#endif
