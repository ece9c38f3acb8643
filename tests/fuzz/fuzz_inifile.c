/* A config.ini of any bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "src/config/inifile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_pair(void *arg, int line, const char *section, const char *name, const char *value)
{
    (void)arg;
    if (line < 1 || section == NULL || name == NULL || value == NULL) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};

    if (ini_file_parse((const char *)data, size, "fuzz", on_pair, NULL, &e) != E_OK &&
        e.msg[0] == '\0') {
        abort();
    }
    return 0;
}
