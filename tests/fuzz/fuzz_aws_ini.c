/* The INI files of AWS's tools, and command lines of credential_process. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/words.h"
#include "src/aws/awsini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct awsini *ini = awsini_parse((const char *)data, size);
    const char *section;

    for (size_t i = 0; (section = awsini_section(ini, i)) != NULL; i++) {
        (void)awsini_get(ini, section, "region");
        (void)awsini_get(ini, section, "dynamodb.endpoint_url");
    }
    awsini_free(ini);
    char *line = xstrndup((const char *)data, size);
    words_free(words_split(line));
    free(line);
    return 0;
}
