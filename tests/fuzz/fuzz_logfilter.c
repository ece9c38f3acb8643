#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "local/logfilter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xstrndup((const char *)data, size);
    struct logfilter *f = logfilter_new(text, NULL);

    if (f != NULL) {
        (void)logfilter_match(f, "job 1 failed with \"exit code 3\"");
        (void)logfilter_match(f, text);
    }
    logfilter_free(f);
    free(text);
    return 0;
}
