/* envfile.h - KEY=VALUE files such as .env.eventbridge.
 *
 * Read as the common dotenv libraries read them where they agree, else as a shell does: blank
 * lines, # comments, `export `, all three line ends, a byte order mark, UTF-16 (PowerShell's `>`),
 * blanks of every kind (text_blank) around keys and values, a comment after a blank, 'literal' (\'
 * is a quote in it) and "escaped" values (\n \r \t \" \\ \$; both may span lines), quotes within
 * quotes of the same kind where the last one of the line closes them. Behind a value in quotes a
 * further setting may follow in the line, as in a shell
 * (`A="1"; export B="2"`). What sets nothing is passed over: `set -a`, `export NAME`.
 * Nothing is expanded or run. A line that is none of these spoils itself alone, with a warning. A
 * key given twice: the last one counts, as in a shell. Pure; any thread. */
#ifndef CORE_ENVFILE_H
#define CORE_ENVFILE_H

#include <stddef.h>

#include "core/err.h"

#define ENV_FILE_MAX_BYTES ((size_t)256 * 1024)

struct env_entry {
    char *key;
    char *value;
    int line; /* 1-based, where the key stands */
};

struct env_file {
    struct env_entry *items; /* owned, in file order */
    size_t len;
    size_t cap;
    char **warnings; /* owned: "FILE:LINE: what is wrong with it"; they quote no value */
    size_t warnings_len, warnings_cap;
    /* owned: the key of each line that is left out, as far as it can be told (""); the first ones
     * belong to the warnings, which are fewer */
    char **left_out;
    size_t left_out_len, left_out_cap;
};

/* `what` names the file in errors and warnings. E_CONFIG when it is no text, or too large; then
 * `out` is empty. A line that is not understood is a warning. */
MUST_CHECK enum err_code env_file_parse(const char *text, size_t len, const char *what,
                                        struct env_file *out, struct err *e);
void env_file_clear(struct env_file *f); /* wipes the values */
const struct env_entry *env_file_find(const struct env_file *f, const char *key); /* NULL: absent */
#endif
