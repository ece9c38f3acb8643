/* Whatever json_parse takes, cJSON prints and json_parse takes again, with the same result. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cJSON *v = json_parse((const char *)data, size, "fuzz", NULL);

    if (v == NULL) {
        return 0;
    }
    char *once = json_text(v);
    cJSON *again = json_parse(once, strlen(once), "fuzz", NULL);
    if (again == NULL) {
        abort();
    }
    char *twice = json_text(again);
    cJSON *copy = json_copy(v);
    cJSON_Delete(v);
    char *thrice = json_text(copy);
    if (strcmp(once, twice) != 0 || strcmp(once, thrice) != 0) {
        abort();
    }
    free(once);
    free(twice);
    free(thrice);
    cJSON_Delete(copy);
    cJSON_Delete(again);
    return 0;
}
