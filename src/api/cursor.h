/* cursor.h - private to api: where a page of jobs ended, as text that clients hand back. Pure.
 *
 * A list is made of two streams, each with a place of its own: user-jobs-index, and the jobs that
 * the slow scan found. A cursor also says whose list it is of and by which status, and it fits no
 * other list. A cursor is no secret and proves nothing: a client that changes one only moves the
 * place within the list that it may ask for. */
#ifndef API_CURSOR_H
#define API_CURSOR_H

#include <stdbool.h>

#include "core/err.h"
#include "ops/list.h"
#include "scan.h"

enum { CURSOR_MAX = 2048 };

struct cursor {
    struct user_place index; /* owned parts; empty: from the newest */
    bool index_done;         /* the index has no further jobs */
    struct stray stray;      /* owned id; NULL: from the newest */
};
void cursor_clear(struct cursor *c);

/* The cursor as base64url; owned. `status` may be NULL. */
char *cursor_text(const struct cursor *c, const char *user_id, const char *status);
/* E_INVALID when the text is no cursor, or is the cursor of another list. */
MUST_CHECK enum err_code cursor_parse(const char *text, const char *user_id, const char *status,
                                      struct cursor *out, struct err *e);
#endif
