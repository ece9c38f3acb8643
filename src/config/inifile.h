/* inifile.h - config.ini: [sections], `name = value`, comments with ; or #, over inih.
 *
 * One line holds one setting (an indented line continues nothing) and at most INI_LINE_MAX bytes,
 * which is inih's limit as distributions build it. Pure; any thread. */
#ifndef CONFIG_INIFILE_H
#define CONFIG_INIFILE_H

#include <stddef.h>

#include "core/err.h"

#define INI_FILE_MAX_BYTES ((size_t)256 * 1024)
#define INI_LINE_MAX 196

/* The strings live only while the call lasts. */
typedef void (*ini_pair_fn)(void *arg, int line, const char *section, const char *name,
                            const char *value);

/* `what` names the file in errors (E_CONFIG: file, line, what was expected). */
MUST_CHECK enum err_code ini_file_parse(const char *text, size_t len, const char *what,
                                        ini_pair_fn pair, void *arg, struct err *e);
#endif
