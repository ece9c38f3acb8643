/* doc.h - building request documents and taking replies apart, for the typed calls. Any thread. */
#ifndef AWS_DOC_H
#define AWS_DOC_H

#include <cjson/cJSON.h>

#include "aws/client.h"
#include "core/err.h"

/* Adds a member that points at a tree of the caller's: the tree is not copied, and not freed with
 * `doc`. NULL adds nothing. */
void doc_borrow(cJSON *doc, const char *key, const cJSON *value);
void doc_opt_str(cJSON *doc, const char *key, const char *s); /* NULL adds nothing */

/* Moves a member of the wanted kind out of `reply`; gives an empty array when it is missing or of
 * another kind. Owned. */
cJSON *doc_take_array(cJSON *reply, const char *key);
/* NULL when the member is missing or no object */
cJSON *doc_take_object(cJSON *reply, const char *key);
/* A copy of a string member that is not empty, or NULL. Owned. */
char *doc_dup_str(const cJSON *reply, const char *key);
/* Appends all elements of `from` to `to` and frees `from`. */
void doc_append(cJSON *to, cJSON *from);

/* Moves what the caller wants out of a page. `*next` is the token of the next page, owned; it stays
 * NULL when there is no next page or the caller wants no other. */
typedef enum err_code (*doc_page_fn)(void *arg, cJSON *reply, char **next, struct err *e);
/* Asks for page after page. The token goes into the member `member` of the request; `in` is freed.
 * E_SERVICE when a service gives the same page again and again, or pages without an end: a part is
 * never told as the whole. */
MUST_CHECK enum err_code doc_pages(struct aws_client *c, enum aws_op_id op, cJSON *in,
                                   const char *member, doc_page_fn take, void *arg, struct err *e);
/* Collects the elements of the array `member` of all pages, whose token is named `token` in replies
 * and requests. `*all` is owned, NULL after an error. `in` is freed. */
MUST_CHECK enum err_code doc_list(struct aws_client *c, enum aws_op_id op, cJSON *in,
                                  const char *member, const char *token, cJSON **all,
                                  struct err *e);

/* Calls aws_call and frees `in`, for documents that were made for one call. */
MUST_CHECK enum err_code doc_call(struct aws_client *c, enum aws_op_id op, cJSON *in, cJSON **out,
                                  struct err *e);
#endif
