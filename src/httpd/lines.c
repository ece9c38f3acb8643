/* Reading field lines byte by byte. */
#include "lines.h"

#include <string.h>

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

bool http_is_token_char(char c)
{
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

    return plain || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool http_same(const char *s, size_t len, const char *string)
{
    if (strlen(string) != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (lower(s[i]) != lower(string[i])) {
            return false;
        }
    }
    return true;
}

static const char *start(struct http_lines *l, char c)
{
    if (c == '\r') {
        l->at = HTTP_LINES_END_LF;
        return NULL;
    }
    if (c == '\n') {
        return "a line ends with a line feed that has no carriage return before it";
    }
    if (c == ' ' || c == '\t') {
        return "a header line begins with a blank, as if it went on from the line before";
    }
    if (c == ':') {
        return "a header field has an empty name";
    }
    if (!http_is_token_char(c)) {
        return "a header field's name holds a character that no name may hold";
    }
    if (l->count == HTTP_LINES_MAX) {
        l->status = 431;
        return "there are more than 100 header fields";
    }
    l->count++;
    l->at = HTTP_LINES_NAME;
    return NULL;
}

static const char *name(struct http_lines *l, char c)
{
    if (c == ':') {
        l->at = HTTP_LINES_BEFORE;
        return NULL;
    }
    if (c == ' ' || c == '\t') {
        return "a header field's name has a blank behind it or within";
    }
    if (c == '\r' || c == '\n') {
        return "a header line has no colon";
    }
    return http_is_token_char(c) ? NULL
                                 : "a header field's name holds a character that no name may hold";
}

static const char *value(struct http_lines *l, char c)
{
    if (c == '\r') {
        l->at = HTTP_LINES_LF;
        return NULL;
    }
    if (c == '\n') {
        return "a line ends with a line feed that has no carriage return before it";
    }
    if (c == '\t') {
        l->at = l->at == HTTP_LINES_BEFORE ? HTTP_LINES_BEFORE : HTTP_LINES_TAB;
        return NULL;
    }
    if (is_control(c)) {
        return "a header field's value holds a control character";
    }
    if (c == ' ') {
        return NULL; /* blanks stand around the value or inside it */
    }
    if (l->at == HTTP_LINES_TAB) {
        return "a header field's value holds a tab";
    }
    l->at = HTTP_LINES_VALUE;
    return NULL;
}

const char *http_lines_take(struct http_lines *l, char c)
{
    static const char bare[] = "a carriage return has no line feed behind it";
    const char *why = NULL;

    l->status = 400;
    switch (l->at) {
    case HTTP_LINES_START:
        why = start(l, c);
        break;
    case HTTP_LINES_NAME:
        why = name(l, c);
        break;
    case HTTP_LINES_BEFORE:
    case HTTP_LINES_VALUE:
    case HTTP_LINES_TAB:
        why = value(l, c);
        break;
    case HTTP_LINES_LF:
    case HTTP_LINES_END_LF:
        why = c == '\n' ? NULL : bare;
        l->at = l->at == HTTP_LINES_LF ? HTTP_LINES_START : HTTP_LINES_END;
        break;
    case HTTP_LINES_END:
        break;
    }
    l->status = why == NULL ? 0 : l->status;
    return why;
}
