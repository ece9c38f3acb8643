/* envfile.h - KEY=VALUE files such as .env.eventbridge.
 *
 * Accepted: blank lines, # comments, an `export ` prefix, CRLF, a byte order mark, 'literal' and
 * "escaped" values (\n \r \t \" \\ \$; both may span lines), a comment after white space. Nothing
 * is expanded or run. A key given twice: the last one counts, as in a shell. Pure; any thread. */
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
};

/* `what` names the file in errors. E_CONFIG with file, line and what was expected; values are never
 * quoted in the message. On failure `out` is empty. */
MUST_CHECK enum err_code env_file_parse(const char *text, size_t len, const char *what,
                                        struct env_file *out, struct err *e);
void env_file_clear(struct env_file *f); /* wipes the values */
const struct env_entry *env_file_find(const struct env_file *f, const char *key); /* NULL: absent */
#endif
