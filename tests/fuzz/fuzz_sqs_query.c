/* Forms of older SQS clients: routed, turned into documents and answered in XML. */
#include <stdint.h>
#include <string.h>

#include "core/json.h"
#include "local/protocol.h"
#include "local/sqs_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proto_request q = {.method = "POST",
                              .path = "/",
                              .type = "application/x-www-form-urlencoded",
                              .body = (const char *)data,
                              .body_len = size};
    struct proto_route route;
    struct local_reply r = {.status = 200};
    struct proto_reply out;
    cJSON *in = NULL;

    proto_find_route(&q, &route);
    if (proto_read_body(&route, &q, &in, &r)) {
        r.out = in;
    }
    route.service = AWS_SQS;
    proto_write_reply(&route, &r, "ID", &out);
    strbuf_clear(&out.body);
    cJSON_Delete(in);
    return 0;
}
