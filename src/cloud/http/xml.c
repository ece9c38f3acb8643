/* Text in an XML reply. */
#include "xml.h"

void cloud_http_xml_text(struct strbuf *out, const char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '&') {
            strbuf_adds(out, "&amp;");
        } else if (c == '<') {
            strbuf_adds(out, "&lt;");
        } else if (c == '>') {
            strbuf_adds(out, "&gt;");
        } else if (c == '"') {
            strbuf_adds(out, "&quot;");
        } else if (c == '\r') {
            strbuf_adds(out, "&#13;"); /* a parser would turn this character into a line feed */
        } else if (c < 0x20 && c != '\t' && c != '\n') {
            strbuf_addc(out, '?'); /* XML 1.0 has no form for this character */
        } else {
            strbuf_addc(out, *s);
        }
    }
}
