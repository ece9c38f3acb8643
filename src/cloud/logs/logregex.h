/* logregex.h - the regular expressions of CloudWatch Logs filter patterns (%...%).
 *
 * Letters, digits, ": _ # = @ / ; , -", the operators ^ $ ? [ ] { } | \ * + . and the escapes \d \D
 * \s \S \w \W \xHH; no groups, no blanks, nothing beyond ASCII. Matching takes time in proportion
 * to the text. Pure; any thread. Facts: CloudWatch Logs user guide, "Supported regular
 * expressions". */
#ifndef CLOUD_LOGS_LOGREGEX_H
#define CLOUD_LOGS_LOGREGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct cloud_logs_regex; /* opaque: the layout lives in src/cloud/logs/logregex.c */

/* Compiles the `len` bytes between the two %. Owned; NULL with `e` (E_INVALID). */
struct cloud_logs_regex *cloud_logs_regex_new(const char *text, size_t len, struct err *e);
void cloud_logs_regex_free(struct cloud_logs_regex *r); /* NULL is allowed */
/* Does the expression match somewhere in the text? A character beyond ASCII counts as one. */
bool cloud_logs_regex_match(const struct cloud_logs_regex *r, const char *text);
#endif
