/* Whatever json_parse takes, cJSON prints and json_parse takes again, with the same result;
 * json_safe's text is the same value, and holds nothing that drives a terminal; and json_parse_each
 * takes the same texts, and hands over what else would be in the tree. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *arg, const cJSON *element)
{
    size_t *n = arg;
    char *text = json_text(element); /* every byte of the element is looked at */

    free(text);
    (*n)++;
}

static size_t elements(const cJSON *v)
{
    size_t n = 0;
    const cJSON *m;
    const cJSON *object = cJSON_IsObject(v) ? v : NULL;

    cJSON_ArrayForEach(m, object)
    {
        n += cJSON_IsArray(m) && strcmp(m->string, "I") == 0 ? (size_t)cJSON_GetArraySize(m) : 0;
    }
    return n;
}

static void check_safe(const cJSON *v, const char *once)
{
    char *safe = json_safe(v);
    cJSON *again = json_parse(safe, strlen(safe), "fuzz", NULL);
    char *text = again == NULL ? NULL : json_text(again);
    size_t len = strlen(safe);

    if (text == NULL || strcmp(text, once) != 0) {
        abort();
    }
    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(safe + i, len - i, &cp);
        if (n == 0 || text_is_dangerous(cp)) {
            abort();
        }
        i += n;
    }
    free(text);
    cJSON_Delete(again);
    free(safe);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0}; /* asks for the cause of what is refused, too */
    cJSON *v = json_parse((const char *)data, size, "fuzz", &e);
    size_t handed = 0;
    const struct json_each each = {"I", count, &handed};
    cJSON *rest = json_parse_each((const char *)data, size, "fuzz", &each, NULL);

    if ((v == NULL) != (rest == NULL) || elements(rest) > elements(v) ||
        (v != NULL && handed + elements(rest) != elements(v))) {
        abort();
    }
    cJSON_Delete(rest);
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
    check_safe(copy, once);
    free(once);
    free(twice);
    free(thrice);
    cJSON_Delete(copy);
    cJSON_Delete(again);
    return 0;
}
