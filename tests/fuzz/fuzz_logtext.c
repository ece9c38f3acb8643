/* Log lines of any bytes: every byte of a line's last state is in a run or in a known sequence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/logtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data;
    struct log_look look = {0};
    struct log_run run;
    size_t len = size;
    bool log = size % 2 == 0;
    size_t at = log ? log_last_state(line, &len, &look) : 0;
    size_t before = at;

    if (len > size || at > len) {
        abort();
    }
    while (log_run_next(line, len, &at, &look, log, &run)) {
        if (run.len == 0 || at <= before || run.text + run.len != line + at ||
            run.look.fg > LOG_WHITE || run.look.bg > LOG_WHITE ||
            log_look_color(&run.look) > LOG_WHITE) {
            abort();
        }
        before = at;
    }
    return 0;
}
