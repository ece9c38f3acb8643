/* The Authorization header, and a stream's shard iterator. */
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "local/streams.h"
#include "local/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sigv4_header headers[] = {
        {"Host",       "127.0.0.1:1"     },
        {"X-Amz-Date", "20260102T030405Z"}
    };
    char *text = xstrndup((const char *)data, size);
    struct verify_request r = {.method = "POST",
                               .path = "/",
                               .query = "",
                               .headers = headers,
                               .headers_len = 2,
                               .body = "",
                               .body_len = 0};
    struct verify_auth a;
    struct verify_fault f = {0};
    struct streams_iterator it;

    if (verify_parse(text, &a, &f)) {
        struct verify_expect x = {.secret_key = "secret",
                                  .region = a.region,
                                  .service = a.service,
                                  .now_ms = 1767323045000};
        if (verify_check(&r, &a, &x, &f)) {
            abort(); /* nobody guesses a signature */
        }
    }
    verify_auth_clear(&a);
    if (streams_iterator_parse(text, &it) && (it.stream_id <= 0 || it.after < 0)) {
        abort();
    }
    free(text);
    return 0;
}
