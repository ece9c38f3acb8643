/* Forms of older SQS clients: routed, turned into documents and answered in XML. */
#include <stdint.h>
#include <string.h>

#include "core/json.h"
#include "src/cloud/http/protocol.h"
#include "src/cloud/sqs/sqs.h"
#include "src/cloud/sqs/sqs_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cloud_http_request q = {.method = "POST",
                                   .path = "/",
                                   .type = "application/x-www-form-urlencoded",
                                   .body = (const char *)data,
                                   .body_len = size};
    struct cloud_http_route route;
    struct cloud_reply r = {.status = 200};
    struct cloud_http_reply out;
    cJSON *in = NULL;

    static const struct cloud_service *const services[] = {&cloud_sqs_service, NULL};

    cloud_http_find_route(services, &q, &route);
    if (cloud_http_read_body(&route, &q, &in, &r)) {
        r.out = in;
    }
    route.service = AWS_SQS;
    route.query = &cloud_sqs_query;
    cloud_http_write_reply(&route, &r, "ID", &out);
    strbuf_clear(&out.body);
    cJSON_Delete(in);
    return 0;
}
