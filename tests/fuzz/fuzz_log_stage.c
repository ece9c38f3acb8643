/* Log lines of any bytes as a source of a job's stage. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "jobs/log_stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lines of a container's log, one after another. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    const char *end = at + size;
    struct log_stage s;
    int64_t ms = 1;

    log_stage_init(&s);
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t len = line == NULL ? (size_t)(end - at) : (size_t)(line - at);
        log_stage_line(&s, ms++, at, len);
        at += len + 1;
    }
    if (memchr(s.stage, '\0', sizeof s.stage) == NULL ||
        memchr(s.said, '\0', sizeof s.said) == NULL) {
        abort();
    }
    for (const char *p = s.stage; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ') {
            abort(); /* it stands in a column */
        }
    }
    if (s.stage[0] != '\0' && (s.at_ms == TIME_NONE || s.since_ms > s.at_ms)) {
        abort();
    }
    return 0;
}
