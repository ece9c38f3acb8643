/* CloudWatch Logs filter patterns of any text, matched with any text, and the pattern that finds a
 * text as it stands. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "ops/log_search.h"
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
    char *pattern = log_pattern_of(text);
    f = cloud_logs_filter_new(pattern, NULL);
    if (f == NULL ? text[0] != '\0' && strlen(pattern) <= LOGFILTER_MAX
                  : !cloud_logs_filter_match(f, text)) {
        abort(); /* the pattern of a text finds the text */
    }
    cloud_logs_filter_free(f);
    free(pattern);
    free(text);
    return 0;
}
