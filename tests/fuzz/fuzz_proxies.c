/* The networks of proxies that are believed, and the headers in which they tell whom they speak
 * for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "src/api/proxies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xstrndup((const char *)data, size);
    struct proxies *p = proxies_new();
    char out[INET6_ADDRSTRLEN];
    char plain[INET6_ADDRSTRLEN];

    (void)!proxies_add(p, text, NULL);
    (void)!proxies_add(p, "10.0.0.0/8", NULL);
    proxies_client(p, "10.0.0.1", text, NULL, out);
    if (!proxies_plain(out, plain) || strcmp(plain, out) != 0) {
        abort(); /* who asks always has an address */
    }
    proxies_client(p, "10.0.0.1", NULL, text, out);
    if (!proxies_plain(out, plain) || strcmp(plain, out) != 0) {
        abort();
    }
    proxies_free(p);
    free(text);
    return 0;
}
