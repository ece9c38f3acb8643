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

/* Adds what an environment variable says: a token, which gets the name "default", or `name token`,
 * or several of these with commas between them. A name may come again: while a client's token is
 * changed, the old and the new one are both its own. */
MUST_CHECK enum err_code tokens_list(struct tokens *t, const char *text, struct err *e);
/* Takes the first `n` tokens of `from`. */
void tokens_keep(struct tokens *t, const struct tokens *from, size_t n);
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
