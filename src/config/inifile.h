/* inifile.h - config.ini: [sections], `name = value`, comments with ; or #, over inih.
 *
 * One line holds one setting (an indented line continues nothing) and at most INI_LINE_MAX bytes,
 * which is inih's limit as distributions build it. Pure; any thread. */
#ifndef CONFIG_INIFILE_H
#define CONFIG_INIFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define INI_FILE_MAX_BYTES ((size_t)256 * 1024)
#define INI_LINE_MAX 196

/* The strings live only while the call lasts. */
typedef void (*ini_pair_fn)(void *arg, int line, const char *section, const char *name,
                            const char *value);

struct ini_reader_hooks {
    ini_pair_fn pair;
    /* A section begins. True: a mistake in the section is told to `mistake`, its line is left out,
     * and the file is read on; false: a mistake refuses the file. NULL: always false. */
    bool (*section)(void *arg, int line, const char *section);
    void (*mistake)(void *arg, int line, const char *section, const char *what);
};

/* `what` names the file in errors (E_CONFIG: file, line, what was expected). */
MUST_CHECK enum err_code ini_file_parse(const char *text, size_t len, const char *what,
                                        const struct ini_reader_hooks *hooks, void *arg,
                                        struct err *e);
#endif
