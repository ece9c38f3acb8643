/* The item of an Idempotency-Key, of any JSON: an answer is one that HTTP knows, and all else says
 * that there is none. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "ops/state_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ops o = {.table = "t", .bus = "b"};
    struct state_key k;
    cJSON *item = json_parse((const char *)data, size, "fuzz", NULL);

    state_key_init(&o, "client", "key", "d", &k);
    state_key_read(&k, item);
    bool answered = k.is == STATE_KEY_ANSWERED;
    if (answered != (k.body != NULL) || (answered && (k.status < 100 || k.status > 599)) ||
        (item == NULL && k.is != STATE_KEY_NONE) || strlen(k.job_id) >= sizeof k.job_id) {
        abort();
    }
    state_key_clear(&k);
    cJSON_Delete(item);
    return 0;
}
