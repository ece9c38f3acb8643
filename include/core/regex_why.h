/* regex_why.h - what is wrong with a regular expression, in words that a person can act on. Pure;
 * any thread. */
#ifndef CORE_REGEX_WHY_H
#define CORE_REGEX_WHY_H

/* Why regcomp refused the pattern with `code`: "unclosed [". Static; never NULL. The library's own
 * texts name no part of the pattern ("Invalid regular expression") and differ between libraries. */
const char *regex_why(int code, const char *pattern);
#endif
