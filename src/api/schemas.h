/* schemas.h - private to api: the components of the OpenAPI document. Constant data. */
#ifndef API_SCHEMAS_H
#define API_SCHEMAS_H

#include <stddef.h>

struct api_schema {
    const char *name;
    const char *json; /* a JSON Schema */
};
extern const struct api_schema api_schemas[];
extern const size_t api_schemas_len;
#endif
