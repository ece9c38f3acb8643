/* Env files of any bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/envfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct env_file f;
    struct err e;

    if (env_file_parse((const char *)data, size, "fuzz", &f, &e) == E_OK) {
        for (size_t i = 0; i < f.len; i++) {
            if (f.items[i].line < 1 || env_file_find(&f, f.items[i].key) == NULL) {
                abort();
            }
        }
        for (size_t i = 0; i < f.warnings_len; i++) {
            if (strncmp(f.warnings[i], "fuzz:", 5) != 0) {
                abort();
            }
        }
        env_file_clear(&f);
    } else if (f.len != 0 || e.msg[0] == '\0') {
        abort();
    }
    return 0;
}
