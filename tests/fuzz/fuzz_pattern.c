/* Event patterns of any JSON, matched with events of any JSON. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/json.h"
#include "src/cloud/events/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A pattern and an event, one after the other with a newline between them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *cut = size > 0 ? memchr(text, '\n', size) : NULL;
    size_t len = cut != NULL ? (size_t)(cut - text) : size;
    struct cloud_events_pattern *p = NULL;

    if (cloud_events_pattern_compile_text(text, len, &p, NULL) == E_OK) {
        cJSON *event =
            cut != NULL ? json_parse(cut + 1, size - len - 1, "event", NULL) : json_new_object();
        (void)cloud_events_pattern_match(p, event);
        cJSON_Delete(event);
    }
    cloud_events_pattern_free(p);
    return 0;
}
