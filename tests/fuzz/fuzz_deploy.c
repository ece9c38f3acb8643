/* Deploy bodies as any JSON, and fields as any text: what is accepted goes round trip. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "jobs/deploy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void body(const uint8_t *data, size_t size)
{
    cJSON *v = json_parse((const char *)data, size, "fuzz", NULL);
    struct deploy_request r;
    struct deploy_request back;

    if (v == NULL) {
        return;
    }
    if (deploy_request_from_json(&r, v, NULL) == E_OK &&
        deploy_request_check(&r, NULL, NULL) == E_OK) {
        deploy_request_seal(&r, INT64_C(1755685800000));
        cJSON *detail = deploy_detail_json(&r, false);
        if (deploy_request_from_json(&back, detail, NULL) != E_OK) {
            abort(); /* what we send, we must be able to read */
        }
        cJSON *item = deploy_record_item(&r);
        const cJSON *av;
        cJSON_ArrayForEach(av, item)
        {
            if (attr_validate(av, NULL) != E_OK) {
                abort(); /* DynamoDB would refuse the record */
            }
        }
        deploy_request_clear(&back);
        deploy_request_from_job(&back, item);
        if (back.retry_of == NULL || deploy_request_check(&back, NULL, NULL) != E_OK) {
            abort(); /* what was deployed can be repeated */
        }
        deploy_request_clear(&back);
        cJSON_Delete(item);
        cJSON_Delete(detail);
    }
    deploy_request_clear(&r);
    deploy_request_from_job(&r, v);
    deploy_request_seal(&r, INT64_C(1755685800000));
    cJSON *repeat = deploy_record_item(&r);
    cJSON_Delete(deploy_detail_json(&r, true));
    deploy_request_from_job(&back, repeat); /* and the repeat can be repeated */
    deploy_request_clear(&back);
    cJSON_Delete(repeat);
    deploy_request_clear(&r);
    cJSON_Delete(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct deploy_request r;
    struct err e;

    if (size == 0) {
        return 0;
    }
    body(data, size);
    char *s = xstrndup((const char *)data + 1, size - 1);
    const struct deploy_field *f = &deploy_fields[data[0] % deploy_fields_len];
    deploy_request_init(&r);
    if (deploy_request_set(&r, f->name, s, &e) == E_OK && *s != '\0') {
        char *text = deploy_request_get(&r, f->name);
        if (!f->secret && deploy_request_set(&r, f->name, text, &e) != E_OK) {
            abort(); /* what a form shows can be saved again */
        }
        free(text);
    }
    deploy_request_clear(&r);
    free(s);
    return 0;
}
