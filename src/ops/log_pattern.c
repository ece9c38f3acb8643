/* The filter pattern of CloudWatch Logs that finds a text as it stands. */
#include "core/strbuf.h"
#include "ops/log_search.h"

char *log_pattern_of(const char *text)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addc(&b, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            strbuf_addc(&b, '\\');
        }
        strbuf_addc(&b, *text);
    }
    strbuf_addc(&b, '"');
    return strbuf_take(&b);
}
