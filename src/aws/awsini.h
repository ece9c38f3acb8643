/* awsini.h - AWS's own INI dialect (~/.aws/config, ~/.aws/credentials; AWS-WIRE 4.2).
 *
 * The files are read as botocore, the AWS CLI's library, reads them: sections and keys may be
 * indented; `=` or `:` separates key and value; lines indented deeper than a key continue its
 * value, or are nested in it when it has none ("key.nested"). In the config file "[profile 'a b']"
 * is quoted as in a shell; in the credentials file the whole text is the name. The letter case of
 * keys does not matter, that of sections does. The keys of "[DEFAULT]" stand in for those that a
 * section lacks; it is no section of its own.
 *
 * Where botocore and the common reference of AWS's SDKs differ, the reference counts: " # ..." and
 * " ; ..." after a value are comments (botocore keeps them), section names are trimmed, a section
 * or key that comes again adds to the earlier one or replaces it (botocore refuses the file), and a
 * byte order mark is skipped (botocore refuses the file).
 *
 * A line that is not understood is noted with its number, never with its text, which may be a
 * secret; the rest of the file is read. Values may be secrets: awsini_free wipes them. Read-only
 * after parsing; any thread. */
#ifndef AWS_AWSINI_H
#define AWS_AWSINI_H

#include <stdbool.h>
#include <stddef.h>

struct awsini;

enum awsini_kind { AWSINI_CONFIG, AWSINI_CREDENTIALS };

struct awsini *awsini_parse(const char *text, size_t len, enum awsini_kind kind);
void awsini_free(struct awsini *ini); /* NULL allowed */

/* Is there such a section? Sections of the config file are named "profile a b", "sso-session x",
 * "default". */
bool awsini_has(const struct awsini *ini, const char *section);
/* The value of a key, "" when it is empty, NULL when it is absent. Borrowed. A NULL ini has no
 * keys. */
const char *awsini_get(const struct awsini *ini, const char *section, const char *key);
/* The name of the i-th section in the order of the file; NULL past the end. */
const char *awsini_section(const struct awsini *ini, size_t i);

struct awsini_note {
    size_t line;     /* from 1 */
    const char *why; /* "is neither ...": a text that follows "line 7 of FILE"; constant */
};
/* The i-th line that was not understood; NULL past the end. At most AWSINI_NOTES are kept; the last
 * one says that there are more. */
enum { AWSINI_NOTES = 8 };
const struct awsini_note *awsini_note(const struct awsini *ini, size_t i);
#endif
