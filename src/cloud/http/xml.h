/* xml.h - text into an XML reply. Pure. */
#ifndef CLOUD_HTTP_XML_H
#define CLOUD_HTTP_XML_H

#include "core/strbuf.h"

/* Appends text with what XML cannot hold as it is replaced. */
void cloud_http_xml_text(struct strbuf *out, const char *s);
#endif
