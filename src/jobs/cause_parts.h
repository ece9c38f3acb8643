/* cause_parts.h - the parts of a message that differ from job to job: private to cause_text.c.
 *
 * Each function gives the length of the part that begins at the reader's place; 0: there is none.
 */
#ifndef JOBS_CAUSE_PARTS_H
#define JOBS_CAUSE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

struct reader {
    const char *s;
    size_t len;
    size_t at;
};

bool cause_digit(char c);
bool cause_letter(char c); /* all characters outside ASCII are letters */
bool cause_word(char c);   /* a digit, a letter, '-' or '_' */
bool cause_blank(char c);
bool cause_end(char c);                                /* ends an address in running text */
char cause_peek(const struct reader *r, size_t ahead); /* '\0' behind the end */

/* A path, an address, a date, an id as a whole; `*becomes` is what stands in its place. `before` is
 * the character that was written last. */
size_t cause_part(const struct reader *r, char before, const char **becomes);
/* Digits, and further digits after '.', ',' or ':': times of the day, versions, addresses. */
size_t cause_number(const struct reader *r);
/* An address's scheme with its "://"; what follows is a host, then a path. */
size_t cause_scheme(const struct reader *r);
/* What stands for a part already. */
size_t cause_mark(const struct reader *r);
/* An escape sequence that colours a terminal's text. */
size_t cause_escape(const struct reader *r);
/* `n` without the dots at its end: a dot that ends a sentence does not belong to the part before
 * it. */
size_t cause_without_dots(const struct reader *r, size_t n);
#endif
