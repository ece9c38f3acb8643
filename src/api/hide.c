/* Texts without the paths and people of this machine. */
#include "hide.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"

static const char around[] = " \t\"'`(=,";

/* The length of the path at `s`; 0: no path is there. A lone slash is no path, nor is "//". In
 * quotes, blanks belong to a path. */
static size_t path_len(const char *s, bool quoted)
{
    size_t n = strcspn(s, quoted ? "\"" : " \t\"'`),;");

    if (s[0] != '/' || n < 2 || s[1] == '/' || s[1] == ' ' || strncmp(s, "/aws/", 5) == 0) {
        return 0;
    }
    while (n > 1 && (s[n - 1] == ':' || s[n - 1] == '.')) {
        n--;
    }
    /* "/a/b:12" names a line of a file; "/a/b:text" is a path with a text after it */
    size_t colon = strcspn(s, ":");
    return colon < n ? colon : n;
}

char *hide_paths(const char *text)
{
    struct strbuf b = STRBUF_INIT;

    for (const char *s = text; *s != '\0';) {
        bool begins = s == text || strchr(around, s[-1]) != NULL;
        size_t n = begins ? path_len(s, s > text && s[-1] == '"') : 0;
        if (n > 0) {
            strbuf_adds(&b, "a file of the server");
            s += n;
        } else {
            strbuf_addc(&b, *s++);
        }
    }
    return strbuf_take(&b);
}

void hide_paths_in(cJSON *doc)
{
    cJSON *v;

    cJSON_ArrayForEach(v, doc)
    {
        if (cJSON_IsString(v)) {
            char *told = hide_paths(v->valuestring);
            json_change_str(v, told);
            free(told);
        } else {
            hide_paths_in(v);
        }
    }
}

char *hide_actor(const char *reason)
{
    static const char made[] = "mvpdash ";
    struct strbuf b = STRBUF_INIT;

    if (reason == NULL) {
        return NULL;
    }
    for (const char *s = reason; *s != '\0';) {
        size_t n = strncmp(s, made, sizeof made - 1) == 0 ? sizeof made - 1 : 0;
        size_t who = n == 0 ? 0 : strcspn(s + n, " :;,");
        if (who > 0 && memchr(s + n, '@', who) != NULL) {
            strbuf_adds(&b, "mvpdash");
            s += n + who;
        } else {
            strbuf_addc(&b, *s++);
        }
    }
    return strbuf_take(&b);
}
