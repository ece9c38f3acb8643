/* inifile.h - config.ini: [sections], `name = value`, comments with ; or #, over inih.
 *
 * One line holds one setting (an indented line continues nothing) and at most INI_LINE_MAX bytes,
 * which is inih's limit as distributions build it. A line that cannot be read spoils itself alone.
 * Pure; any thread. */
#ifndef CONFIG_INIFILE_H
#define CONFIG_INIFILE_H

#include <stddef.h>

#include "core/err.h"

#define INI_FILE_MAX_BYTES ((size_t)256 * 1024)
#define INI_LINE_MAX 196

/* The strings live only while the call lasts. */
typedef void (*ini_pair_fn)(void *arg, int line, const char *section, const char *name,
                            const char *value);

/* The section of the lines after one that cannot be read and may have been a heading. */
#define INI_SECTION_LOST "?"

struct ini_reader_hooks {
    ini_pair_fn pair;
    /* A section begins; NULL: nobody wants to know. */
    void (*section)(void *arg, int line, const char *section);
    /* A line cannot be read, and is left out. `word` is what it begins with, which may have been
     * meant as a setting: letters, digits, _ and -; "": none. */
    void (*mistake)(void *arg, int line, const char *section, const char *word, const char *what);
};

/* `what` names the file in errors. E_CONFIG: the whole file is too large. */
MUST_CHECK enum err_code ini_file_parse(const char *text, size_t len, const char *what,
                                        const struct ini_reader_hooks *hooks, void *arg,
                                        struct err *e);
#endif
