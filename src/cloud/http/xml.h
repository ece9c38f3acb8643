/* xml.h - text into an XML reply. Pure. */
#ifndef CLOUD_HTTP_XML_H
#define CLOUD_HTTP_XML_H

#include "core/strbuf.h"

/* Appends text; characters that XML cannot hold are replaced. */
void cloud_http_xml_text(struct strbuf *out, const char *s);
#endif
