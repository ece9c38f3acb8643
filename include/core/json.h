/* json.h - small helpers over cJSON.
 *
 * Readers never fail: a missing member or one of the wrong type reads as absent. Any thread (cJSON
 * is used without its global error pointer). */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/strbuf.h"

/* Parses exactly one JSON value of `len` bytes by RFC 8259 (white space around it and a byte order
 * mark before it allowed; anything else after it is an error, as are raw control characters,
 * invalid UTF-8 and nesting over 200). An escaped NUL or half a surrogate pair reads as U+FFFD.
 * `what` names the source in the error. Returns an owned tree, or NULL with `e` filled (E_PARSE).
 *
 * The text of a parsed string lies in the block of its node (its type has cJSON_IsReference, which
 * cJSON's functions respect): change it with json_change_str, never free it. */
cJSON *json_parse(const char *text, size_t len, const char *what, struct err *e);
/* Does the same, but an escaped NUL or half a surrogate pair is an error: for a text that somebody
 * shall correct rather than find changed. */
cJSON *json_parse_whole(const char *text, size_t len, const char *what, struct err *e);
/* Does the same as json_parse, but the elements of the array that the object's member of that name
 * holds do not go into the tree: each is handed over when it has been read, and is gone when the
 * function returns (json_copy keeps one). So only one of a megabyte of elements is in memory (and
 * in the processor's cache) at a time. What comes after the elements may still be wrong: then NULL
 * is returned, although they were handed over. */
struct json_each {
    const char *member;
    void (*element)(void *arg, const cJSON *element); /* borrowed: neither keep nor change it */
    void *arg;
};
cJSON *json_parse_each(const char *text, size_t len, const char *what, const struct json_each *each,
                       struct err *e);
/* The digits of a number that a double may not hold exactly (over 15 of them), as the text had
 * them; NULL for every other value. Borrowed. */
const char *json_digits(const cJSON *v);

/* Is the whole text a number by JSON's grammar? The digits of such a text may be printed as they
 * are. */
bool json_is_number(const char *s);

const cJSON *json_get(const cJSON *obj, const char *key); /* member or NULL; exact case */
const char *json_str(const cJSON *obj, const char *key);  /* string member, borrowed, or NULL */
const char *json_str_or(const cJSON *obj, const char *key, const char *fallback);
bool json_bool(const cJSON *obj, const char *key, bool fallback);
/* A number member as an integer (the fraction is cut, and values out of range become the nearest
 * limit), else `fallback`. */
int64_t json_int(const cJSON *obj, const char *key, int64_t fallback);
const cJSON *json_object(const cJSON *obj, const char *key); /* object member or NULL */
const cJSON *json_array(const cJSON *obj, const char *key);  /* array member or NULL */

/* Functions that write; all abort when memory runs out, like core/alloc.h. `obj` is an object. NULL
 * strings become JSON null. */
cJSON *json_new_object(void);
cJSON *json_new_array(void);
cJSON *json_new_str(const char *s);
cJSON *json_new_int(int64_t n);                           /* exact to the digit */
void json_set(cJSON *obj, const char *key, cJSON *value); /* takes `value`; NULL becomes null */
void json_set_str(cJSON *obj, const char *key, const char *s);
void json_set_int(cJSON *obj, const char *key, int64_t n); /* exact to the digit */
void json_set_bool(cJSON *obj, const char *key, bool b);
void json_push(cJSON *array, cJSON *value); /* takes value */
void json_push_str(cJSON *array, const char *s);
cJSON *json_copy(const cJSON *value); /* a deep copy */
/* A deep copy that prints its long numbers with the digits that they came with: these become
 * cJSON_Raw, so read before you copy. */
cJSON *json_copy_exact(const cJSON *value);
/* Gives a string node another text, which is copied. cJSON_SetValuestring refuses nodes that were
 * parsed here. */
void json_change_str(cJSON *string, const char *s);

/* Prints without white space; owned, never NULL. Text outside ASCII stays as it is. */
char *json_text(const cJSON *value);
/* Prints the value for people, or for another program's output: characters that text_is_dangerous
 * names, and malformed bytes, are written as \u escapes, so that the text cannot drive a terminal.
 * json_pretty indents by two blanks a level. Owned, never NULL. */
char *json_safe(const cJSON *value);
char *json_pretty(const cJSON *value);

/* Appends `s` as a JSON string literal with its quotes; invalid UTF-8 becomes U+FFFD. */
void json_quote(struct strbuf *out, const char *s);
/* Does the same, with escapes for what json_safe escapes. */
void json_quote_safe(struct strbuf *out, const char *s);
#endif
