/* The INI files of AWS's tools, command lines of credential_process, lists of no_proxy, and proxies
 * whose user and password are never told. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/words.h"
#include "src/aws/awsini.h"
#include "src/aws/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum awsini_kind kinds[] = {AWSINI_CONFIG, AWSINI_CREDENTIALS};

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct awsini *ini = awsini_parse((const char *)data, size, kinds[k]);
        const char *section;
        const struct awsini_note *note;
        for (size_t i = 0; (section = awsini_section(ini, i)) != NULL; i++) {
            (void)awsini_get(ini, section, "region");
            (void)awsini_get(ini, section, "dynamodb.endpoint_url");
        }
        for (size_t i = 0; (note = awsini_note(ini, i)) != NULL; i++) {
            if (note->line == 0 || note->why == NULL) {
                abort();
            }
        }
        awsini_free(ini);
    }
    char *line = xstrndup((const char *)data, size);
    words_free(words_split(line));
    (void)proxy_bypassed(line, "a.example", "443");
    (void)proxy_bypassed(line, "10.1.2.3", "443");
    (void)proxy_bypassed(line, "[fd00::1]", "443");
    struct proxy proxy;
    (void)setenv("https_proxy", line, 1);
    proxy_choose(NULL, "https://a.example/", &proxy);
    if (strchr(proxy.host, '@') != NULL || (proxy.login && strchr(line, '@') == NULL) ||
        (proxy.wrong != NULL && proxy.host[0] != '\0')) {
        abort();
    }
    free(line);
    return 0;
}
