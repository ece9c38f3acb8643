/* The Authorization header, and a stream's shard iterator. */
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "src/cloud/dynamodb/streams.h"
#include "src/cloud/http/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sigv4_header headers[] = {
        {"Host",       "127.0.0.1:1"     },
        {"X-Amz-Date", "20260102T030405Z"}
    };
    char *text = xstrndup((const char *)data, size);
    struct cloud_http_verify_request r = {.method = "POST",
                                          .path = "/",
                                          .query = "",
                                          .headers = headers,
                                          .headers_len = 2,
                                          .body = "",
                                          .body_len = 0};
    struct cloud_http_verify_auth a;
    struct cloud_http_verify_fault f = {0};
    struct ddb_streams_iterator it;

    if (cloud_http_verify_parse(text, &a, &f)) {
        struct cloud_http_verify_expect x = {.secret_key = "secret",
                                             .region = a.region,
                                             .service = a.service,
                                             .now_ms = 1767323045000};
        if (cloud_http_verify_check(&r, &a, &x, &f)) {
            abort(); /* nobody guesses a signature */
        }
    }
    cloud_http_verify_auth_clear(&a);
    if (ddb_streams_iterator_parse(text, &it) && (it.stream_id <= 0 || it.after < 0)) {
        abort();
    }
    free(text);
    return 0;
}
