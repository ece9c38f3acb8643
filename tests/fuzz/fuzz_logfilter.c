/* CloudWatch Logs filter patterns of any text, matched with any text. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "src/cloud/logs/logfilter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xstrndup((const char *)data, size);
    struct cloud_logs_filter *f = cloud_logs_filter_new(text, NULL);

    if (f != NULL) {
        (void)cloud_logs_filter_match(f, "job 1 failed with \"exit code 3\"");
        (void)cloud_logs_filter_match(f, text);
    }
    cloud_logs_filter_free(f);
    free(text);
    return 0;
}
