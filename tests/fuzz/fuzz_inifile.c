/* A config.ini of any bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/config/inifile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_pair(void *arg, int line, const char *section, const char *name, const char *value)
{
    (void)arg;
    if (line < 1 || section == NULL || name == NULL || value == NULL) {
        abort();
    }
}

static void on_section(void *arg, int line, const char *section)
{
    (void)arg;
    if (line < 1 || section == NULL) {
        abort();
    }
}

static void on_mistake(void *arg, int line, const char *section, const char *word, const char *what)
{
    (void)arg;
    if (line < 1 || what[0] == '\0' || section == NULL || strlen(word) > 63) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ini_reader_hooks hooks = {on_pair, on_section, on_mistake};
    struct err e = {0};

    if (ini_file_parse((const char *)data, size, "fuzz", &hooks, NULL, &e) != E_OK &&
        e.msg[0] == '\0') {
        abort();
    }
    return 0;
}
