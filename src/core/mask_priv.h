/* mask_priv.h - what the parts of the masking share: secrets by their place in a URL (mask_url.c),
 * in a data source name (mask_dsn.c) or in the path of a webhook (mask_webhook.c), and by the name
 * beside them (mask_name.c, mask_value.c). See mask.c. */
#ifndef CORE_MASK_PRIV_H
#define CORE_MASK_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/strbuf.h"

#define MASK_STARS "****"
enum { MASK_ENCODINGS = 3 }; /* percent encodings, one over the other, that are looked through */

/* The text as a whole, and how far the quotes were followed. */
struct mask_text {
    const char *start, *end;
    const char *quotes_at; /* up to here; only goes forward */
    bool quoted;           /* at quotes_at: inside "..." of this line */
    bool message;          /* of this program's own: "NAME: reason" is no name and value */
    size_t ahead;          /* bytes that were looked at ahead of their turn, in all */
};

/* Counts bytes that are looked at ahead. True when there were so many that no sensible text needs
 * them: a hostile one must not cost its length for each of its words. What is looked at is then to
 * be hidden as it is, and not looked at again. */
bool mask_looks_too_far(struct mask_text *t, size_t bytes);

/* Is `p` inside double quotes? Must not be asked for an earlier place than before. */
bool mask_in_quotes(struct mask_text *t, const char *p);
/* The length of `c` at `p` as it is written after `times` percent encodings (0: as itself, or as
 * \u00XX, the slash also behind backslashes); 0: it is something else. */
size_t mask_char(const char *p, const char *end, unsigned times, char c);
/* Nothing, white space, or punctuation that opens something stands before `p`. */
bool mask_at_start(const struct mask_text *t, const char *p);

/* What a name says of the value beside it. */
enum mask_name { NAME_PLAIN, NAME_SECRET, NAME_DATABASE };
enum mask_name mask_name(const char *name, size_t len);
/* "maxTokens": its number is a count. */
bool mask_counts(const char *name, size_t len);
/* Names that hide a value only as a parameter of a URL: "key", "sig". */
bool mask_parameter_name(const char *name, size_t len);

/* At a name or a number (the first character of such a run), which may begin a data source name or
 * be the host of a webhook: appends it, and stars for the secret that belongs to it. Returns where
 * to go on, after `p`. */
const char *mask_word(struct strbuf *out, struct mask_text *t, const char *p);

/* When a data source name that is no URL begins at `p`: appends it up to the password, and stars
 * for that. Returns where to go on; NULL, with nothing appended, when there is none. */
const char *mask_dsn(struct strbuf *out, struct mask_text *t, const char *p);
/* The same for a webhook. The word of `len` bytes at `p` may be its host. */
const char *mask_webhook(struct strbuf *out, const struct mask_text *t, const char *p, size_t len);

/* When `p` is the "://" of a URL: appends it with the user-info that follows, the password as
 * stars, and returns where to go on; else NULL. `whole`: nothing but this URL is in the text. */
const char *mask_user_info(struct strbuf *out, struct mask_text *t, const char *p, bool whole);
/* Does the text begin with the scheme of a database, broker or the like? */
bool mask_is_service_url(const char *text);
#endif
