/* Targets with any Input, InputPath or InputTransformer, applied to any event. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "jobs/transform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is a path, the rest a template. What passes the check must be JSON when filled. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char event_text[] = "{\"id\":\"e\",\"detail\":{\"a\":\"x\\\"y\",\"b\":[1,{}]}}";
    const struct transform_vars vars = {.rule_arn = "r", .rule_name = "n", .ingestion_time = "t"};
    const char *cut = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t len = cut != NULL ? (size_t)(cut - (const char *)data) : size;
    char *path = xstrndup((const char *)data, len);
    char *template = cut != NULL ? xstrndup(cut + 1, size - len - 1) : xstrdup("{\"p\":<p>}");
    cJSON *event = json_parse(event_text, sizeof event_text - 1, "event", NULL);
    cJSON *target = json_new_object(), *t = json_new_object(), *paths = json_new_object();
    char *out = NULL;

    json_set_str(paths, "p", path);
    json_set(t, "InputPathsMap", paths);
    json_set_str(t, "InputTemplate", template);
    json_set(target, "InputTransformer", t);
    if (transform_check(target, NULL) == E_OK &&
        transform_apply(target, event, &vars, &out, NULL) == E_OK && template[0] == '{') {
        cJSON *doc = json_parse(out, strlen(out), "out", NULL);
        if (doc == NULL) {
            abort();
        }
        cJSON_Delete(doc);
    }
    free(out);
    cJSON_Delete(target);
    cJSON_Delete(event);
    free(template);
    free(path);
    return 0;
}
