/* Documents that hold keys, as containers, programs and portals give them. */
#include <stddef.h>
#include <stdint.h>

#include "core/json.h"
#include "src/aws/creds_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct creds_members members = {.key_id = "AccessKeyId",
                                                 .secret = "SecretAccessKey",
                                                 .token = "Token",
                                                 .expiration = "Expiration",
                                                 .account = "AccountId"};
    cJSON *doc = json_parse((const char *)data, size, "fuzz", NULL);
    struct aws_creds c = {.expires_ms = TIME_NONE};
    struct err e;

    if (doc != NULL && creds_from_json(doc, &members, "fuzz", &c, &e) == E_OK &&
        (c.access_key_id == NULL || c.secret_key.value == NULL)) {
        __builtin_trap();
    }
    aws_creds_clear(&c);
    cJSON_Delete(doc);
    return 0;
}
