/* AttributeValues and numbers: whatever passes validation has a normal form that is stable. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void numbers(const char *text)
{
    char *a = attr_num_normalise(text, NULL);

    if (a == NULL) {
        return;
    }
    char *again = attr_num_normalise(a, NULL);
    char *zero = attr_num_add(a, text, true, NULL);
    if (again == NULL || strcmp(a, again) != 0 || attr_num_compare(a, text) != 0 || zero == NULL ||
        strcmp(zero, "0") != 0) {
        abort();
    }
    free(attr_num_add(a, "1", false, NULL));
    free(zero);
    free(again);
    free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xstrndup((const char *)data, size);
    cJSON *av = json_parse((const char *)data, size, "fuzz", NULL);

    numbers(text);
    if (av != NULL) {
        struct err e;
        (void)attr_validate(av, &e);
        cJSON *plain = attr_to_plain(av);
        cJSON *back = attr_from_plain(plain);
        cJSON_Delete(attr_item_to_plain(av));
        cJSON_Delete(back);
        cJSON_Delete(plain);
        cJSON_Delete(av);
    }
    free(text);
    return 0;
}
