/* awsini.h - AWS's own INI dialect (~/.aws/config, ~/.aws/credentials; AWS-WIRE 4.2).
 *
 * "[section]", "key = value", comment lines with '#' or ';', and keys nested under a key by
 * indentation, which are read as "key.nested". Keys are case-blind, sections are not. What is not
 * understood is skipped: these files belong to other tools. A later value of a key wins. Text after
 * " #" in a value stays part of it, as in botocore. Values may be secrets: awsini_free wipes them.
 * Read-only after parsing; any thread. */
#ifndef AWS_AWSINI_H
#define AWS_AWSINI_H

#include <stdbool.h>
#include <stddef.h>

struct awsini;

struct awsini *awsini_parse(const char *text, size_t len);
void awsini_free(struct awsini *ini); /* NULL allowed */

bool awsini_has(const struct awsini *ini, const char *section);
/* Value, "" when empty, NULL when absent. Borrowed. A NULL ini has nothing. */
const char *awsini_get(const struct awsini *ini, const char *section, const char *key);
/* Names of the sections in the order of the file; NULL past the end. */
const char *awsini_section(const struct awsini *ini, size_t i);
#endif
