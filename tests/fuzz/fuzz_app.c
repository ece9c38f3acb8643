/* Keys, pastes, sizes and replies in any order: the dashboard's model stays whole. */
#include <locale.h>
#include <stdio.h>

#include "tests/unit/app_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;

    if (!ready) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
        ready = true;
    }
    const char *broken = script_run(data, size > 4096 ? 4096 : size);
    if (broken != NULL) {
        (void)fprintf(stderr, "broken: %s\n", broken);
        abort();
    }
    return 0;
}
