/* xml.h - just enough XML to read replies of the query protocol and error envelopes. Any thread.
 *
 * Elements become members of an object: a text, or an object when there are elements inside; of
 * several elements with the same name the first one counts. Inner elements that are called "member"
 * make a list, which becomes an array (an empty list looks like an empty text). Attributes,
 * comments, processing instructions and prefixes of names are dropped; entities and CDATA are
 * decoded. */
#ifndef AWS_XML_H
#define AWS_XML_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "core/err.h"

/* Parses a text into an object with one member, named like the root element. Owned; NULL with `e`
 * (E_PARSE) when the text is not well-formed, nested over 64 levels, has a DOCTYPE, or bytes that
 * are not UTF-8. */
cJSON *xml_parse(const char *text, size_t len, struct err *e);
#endif
