/* mask_priv.h - what the parts of the masking share: secrets by their place in a URL (mask_url.c),
 * in a data source name (mask_dsn.c) or in the path of a webhook (mask_webhook.c), and by the name
 * beside them (mask_name.c, mask_value.c). See mask.c. */
#ifndef CORE_MASK_PRIV_H
#define CORE_MASK_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/strbuf.h"

#define MASK_STARS "****"
/* how many percent encodings, one over the other, are looked through */
enum { MASK_ENCODINGS = 3 };

/* The text as a whole, and how far its quotes have been followed. */
struct mask_text {
    const char *start, *end;
    const char *quotes_at; /* the quotes are followed up to here; it only goes forward */
    bool quoted;           /* the place quotes_at lies inside "..." of this line */
    /* the text is a message of this program: "NAME: reason" is no name with its value */
    bool message;
    size_t ahead; /* how many bytes in all were looked at ahead of their turn */
};

/* Counts bytes that are looked at ahead of their turn. True when there were more of them than any
 * sensible text needs: a hostile text must not cost its whole length again for each of its words.
 * The caller then hides what it wanted to look at, without looking. */
bool mask_looks_too_far(struct mask_text *t, size_t bytes);

/* Is `p` inside double quotes? `p` must not lie before the place that the last call asked about. */
bool mask_in_quotes(struct mask_text *t, const char *p);
/* The length of the character `c` at `p` as `times` percent encodings write it (0 encodings: as
 * itself or as \u00XX, a slash also with backslashes before it). 0: another character is there. */
size_t mask_char(const char *p, const char *end, unsigned times, char c);
/* Is `p` the start of the text, or does white space or an opening mark stand before it? */
bool mask_at_start(const struct mask_text *t, const char *p);

/* What a name says about the value beside it. */
enum mask_name { NAME_PLAIN, NAME_SECRET, NAME_DATABASE };
enum mask_name mask_name(const char *name, size_t len);
/* Does the name count something ("maxTokens")? Then the number beside it is no secret. */
bool mask_counts(const char *name, size_t len);
/* Does the name hide a value only when it is a parameter of a URL ("key", "sig")? */
bool mask_parameter_name(const char *name, size_t len);

/* `p` is the first character of a name or number, which may begin a data source name or may be the
 * host of a webhook. Appends the word, and stars for the secret that belongs to it. Returns the
 * place after `p` where the caller goes on. */
const char *mask_word(struct strbuf *out, struct mask_text *t, const char *p);

/* When a data source name that is no URL begins at `p`: appends it up to its password, and stars
 * for the password. Returns the place where the caller goes on; NULL, with nothing appended, when
 * no such name begins there. */
const char *mask_dsn(struct strbuf *out, struct mask_text *t, const char *p);
/* Does the same for the address of a webhook. The word of `len` bytes at `p` may be the host of
 * one. */
const char *mask_webhook(struct strbuf *out, const struct mask_text *t, const char *p, size_t len);

/* When `p` is the "://" of a URL: appends it together with the user-info that follows, the password
 * as stars, and returns the place where the caller goes on; else NULL. `whole`: the text is nothing
 * but this URL. */
const char *mask_user_info(struct strbuf *out, struct mask_text *t, const char *p, bool whole);
/* Does the text begin with the scheme of a database, a message broker or the like? */
bool mask_is_service_url(const char *text);
#endif
