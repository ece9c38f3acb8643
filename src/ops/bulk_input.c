/* bulk_input.c - reading a file of deploys, and the built-in samples. */
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/secret.h"
#include "ops/bulk.h"

enum err_code bulk_read(const char *path, struct bulk_input *out, struct err *e)
{
    *out = (struct bulk_input){0};
    enum err_code rc = path_read(path, DEPLOY_FILE_MAX, &out->text, &out->len, e);
    if (rc == E_TOO_BIG) {
        return err_set(e, E_INVALID, "is over %d MiB: split it", DEPLOY_FILE_MAX >> 20);
    }
    return rc == E_OK ? deploy_file_read(out->text, out->len, &out->file, e) : rc;
}

/* The samples have different priorities, so that they show how a new deployment deals with each. */
static const char samples[] =
    "{\"userId\":\"sample-user-1\",\"productId\":\"sample-product-1\",\"priority\":\"high\","
    "\"metadata\":{\"businessName\":\"Sample Bakery\",\"features\":[\"auth\",\"payments\"],"
    "\"sample\":true}}\n"
    "{\"userId\":\"sample-user-2\",\"productId\":\"sample-product-2\",\"priority\":\"normal\","
    "\"metadata\":{\"businessName\":\"Sample "
    "Bikes\",\"features\":[\"dashboard\"],\"sample\":true}}\n"
    "{\"userId\":\"sample-user-3\",\"productId\":\"sample-product-3\",\"priority\":\"normal\","
    "\"metadata\":{\"businessName\":\"Sample Books\",\"features\":[\"auth\",\"search\"],"
    "\"sample\":true}}\n"
    "{\"userId\":\"sample-user-4\",\"productId\":\"sample-product-4\",\"priority\":\"low\","
    "\"metadata\":{\"businessName\":\"Sample Garden\",\"features\":[\"blog\"],\"sample\":true}}\n"
    "{\"userId\":\"sample-user-5\",\"productId\":\"sample-product-5\",\"priority\":\"normal\","
    "\"metadata\":{\"businessName\":\"Sample Studio\",\"features\":[\"auth\",\"dashboard\"],"
    "\"sample\":true}}\n";

enum err_code bulk_samples(struct bulk_input *out, struct err *e)
{
    *out = (struct bulk_input){.text = xstrdup(samples), .len = strlen(samples)};
    return deploy_file_read(out->text, out->len, &out->file, e);
}

void bulk_input_clear(struct bulk_input *in)
{
    deploy_file_clear(&in->file);
    secret_free_bytes(in->text, in->len);
    *in = (struct bulk_input){0};
}
