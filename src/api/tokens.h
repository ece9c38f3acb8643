/* tokens.h - private to api: which callers are allowed. Only digests of tokens are kept. An
 * immutable list; any thread may look into it. */
#ifndef API_TOKENS_H
#define API_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum { TOKEN_NAME_SIZE = 65, TOKEN_LEAST = 16, TOKEN_MOST = 512 };

struct tokens; /* opaque: src/api/tokens.c */

struct tokens *tokens_new(void);
void tokens_free(struct tokens *t); /* NULL allowed */
size_t tokens_len(const struct tokens *t);

/* Adds a token. A name is 1-64 of [A-Za-z0-9._-], a token 16-512 of [A-Za-z0-9._~+/=-] (what a
 * Bearer token may hold); neither may be in the list already. E_CONFIG, which never quotes the
 * token. */
MUST_CHECK enum err_code tokens_add(struct tokens *t, const char *name, const char *token,
                                    struct err *e);
/* Takes the token of that name from `from`, when `from` has it. */
void tokens_keep(struct tokens *t, const struct tokens *from, const char *name);
/* Reads lines of `name token`, with blanks between; empty lines and lines that begin with # are
 * skipped. `what` names the text in errors. */
MUST_CHECK enum err_code tokens_parse(struct tokens *t, const char *text, size_t len,
                                      const char *what, struct err *e);
/* Reads the same lines from a file that only its owner (this user or root) may read. */
MUST_CHECK enum err_code tokens_read(struct tokens *t, const char *path, struct err *e);

/* The name of this token. All tokens are looked at, each in constant time. NULL when it is in no
 * list. */
const char *tokens_find(const struct tokens *t, const char *token);

/* The token in an Authorization header ("Bearer x"), NULL when there is none. Borrowed. */
const char *tokens_bearer(const char *header);
#endif
