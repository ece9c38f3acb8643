/* secret.h - strings that are wiped when they go, and never printed. Any thread, not shared. */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include <stddef.h>

#include "core/strbuf.h"

struct secret {
    char
        *value; /* owned, NUL-terminated; NULL when unset. Only for the code that signs or sends. */
};

/* copies the value and wipes the old one; NULL unsets it */
void secret_set(struct secret *s, const char *value);
void secret_copy(struct secret *to, const struct secret *from);
void secret_clear(struct secret *s);            /* wipes */
const char *secret_str(const struct secret *s); /* borrowed; "" when unset */

/* The one way to overwrite what was secret, so that neither a core dump nor a reuse of the memory
 * shows it; the compiler does not leave it out. NULL is allowed. For a strbuf: strbuf_wipe. */
void secret_wipe(void *p, size_t len);
void secret_free(char *text);                /* wipes the text up to its NUL, then frees it */
void secret_free_bytes(void *p, size_t len); /* does the same for a block of a known length */

/* ---- secrets in texts that a person sees ----
 *
 * Passwords in URLs (also in http URLs, with '/', '?', '#' or '@' in them, percent-encoded, or in
 * JSON in JSON) and the values beside names of secrets (password=, Pwd=, "githubToken":,
 * Authorization:; assets/config.md has the list, "What is hidden") become "****"; all other bytes
 * stay as they are. Where it cannot be told what belongs to a password, more is hidden. These
 * functions are applied where a text leaves the program: screens, --json, replies, logs; never to
 * what is sent to AWS. Pure; any thread. */

/* Appends a value that is a database URL, or should be one: a value without "://" becomes "****" as
 * a whole. */
void secret_mask_url(struct strbuf *out, const char *url);
/* Appends any text: prose, a log line, a DSN, JSON as text. */
void secret_mask_text(struct strbuf *out, const char *text);
char *secret_masked(const char *text); /* does the same; owned */
/* Does the same in the room of the text: what no longer fits is cut off at its end. */
void secret_mask_in_place(char *text);
/* Does the same for a message of this program's own in a buffer of `size` bytes: after "NAME: "
 * only URLs and quoted values are hidden, because a message names a setting in this way. */
void secret_mask_message(char *text, size_t size);
/* Mask a tree in place, at any depth: by the names of the members, and each string as a text. A
 * value that is hidden as a whole becomes the string "****", also when it was a number. */
struct cJSON;
void secret_mask_json(struct cJSON *v);
#endif
