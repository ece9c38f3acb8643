/* A small parser of XML, for replies and error envelopes. */
#include "xml.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"

enum { DEPTH_MAX = 64, NAME_MAX_BYTES = 256 };

struct reader {
    const char *at;
    const char *end;
};

static bool starts(const struct reader *r, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(r->end - r->at) >= n && memcmp(r->at, word, n) == 0;
}

/* Moves to the place after the next `word`; false when there is none. */
static bool skip_past(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    const char *hit = memmem(r->at, (size_t)(r->end - r->at), word, n);

    if (hit == NULL) {
        return false;
    }
    r->at = hit + n;
    return true;
}

/* Adds the character of &amp; and similar entities; an unknown one stays as it is. */
static void add_entity(struct reader *r, struct strbuf *out)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {
        {"&amp;",  '&' },
        {"&lt;",   '<' },
        {"&gt;",   '>' },
        {"&quot;", '"' },
        {"&apos;", '\''},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (starts(r, known[i].name)) {
            strbuf_addc(out, known[i].c);
            r->at += strlen(known[i].name);
            return;
        }
    }
    if (starts(r, "&#")) {
        bool hex = r->end - r->at > 2 && (r->at[2] == 'x' || r->at[2] == 'X');
        const char *p = r->at + (hex ? 3 : 2);
        const char *digits = p;
        uint32_t cp = 0;
        for (; p < r->end && p - digits < 8; p++) {
            int d = *p >= '0' && *p <= '9'          ? *p - '0'
                    : hex && *p >= 'a' && *p <= 'f' ? *p - 'a' + 10
                    : hex && *p >= 'A' && *p <= 'F' ? *p - 'A' + 10
                                                    : -1;
            if (d < 0) {
                break;
            }
            cp = cp * (hex ? 16 : 10) + (uint32_t)d;
        }
        if (p > digits && p < r->end && *p == ';') {
            text_utf8_encode(out, cp == 0 ? 0xfffd : cp);
            r->at = p + 1;
            return;
        }
    }
    strbuf_addc(out, *r->at++);
}

/* Reads "<name attributes>" or "<name/>"; false when it is malformed. */
static bool open_tag(struct reader *r, char name[NAME_MAX_BYTES], bool *empty)
{
    size_t n = 0;
    char quote = '\0';

    r->at++;
    while (r->at < r->end && strchr(" \t\r\n/>", *r->at) == NULL) {
        if (*r->at == '<' || n + 1 >= NAME_MAX_BYTES || *r->at == '\0') {
            return false;
        }
        name[n++] = *r->at++;
        if (name[n - 1] == ':') {
            n = 0;
        }
    }
    name[n] = '\0';
    for (*empty = false; r->at < r->end; r->at++) {
        if (quote != '\0') {
            quote = *r->at == quote ? '\0' : quote;
        } else if (*r->at == '"' || *r->at == '\'') {
            quote = *r->at;
        } else if (*r->at == '>') {
            *empty = r->at[-1] == '/';
            r->at++;
            return n > 0;
        } else if (*r->at == '<') {
            return false;
        }
    }
    return false;
}

static bool close_tag(struct reader *r, const char *name)
{
    const char *from = r->at + 2;
    const char *gt = memchr(r->at, '>', (size_t)(r->end - r->at));

    if (gt == NULL) {
        return false;
    }
    const char *stop = gt;
    while (stop > from && strchr(" \t\r\n", stop[-1]) != NULL) {
        stop--;
    }
    for (const char *p = from; p < stop; p++) {
        if (*p == ':') {
            from = p + 1;
        }
    }
    r->at = gt + 1;
    return (size_t)(stop - from) == strlen(name) && memcmp(from, name, strlen(name)) == 0;
}

/* Skips or reads a comment, a processing instruction or CDATA. False when it is malformed; `*did`
 * tells whether there was one. */
static bool markup(struct reader *r, struct strbuf *text, bool *did)
{
    *did = true;
    if (starts(r, "<!--")) {
        return skip_past(r, "-->");
    }
    if (starts(r, "<?")) {
        return skip_past(r, "?>");
    }
    if (starts(r, "<![CDATA[")) {
        const char *from = r->at + 9;
        if (!skip_past(r, "]]>")) {
            return false;
        }
        if (r->at - 3 >= from) {
            strbuf_add(text, from, (size_t)(r->at - 3 - from));
        }
        return true;
    }
    *did = false;
    return !starts(r, "<!"); /* the markup is no DOCTYPE, whose entities somebody else defines */
}

static cJSON *element(struct reader *r, const char *name, int depth);

/* Adds `v` (taken) to `*children`, which the first child makes: an array for the members of a list,
 * else an object, in which the first child of a name counts. */
static void adopt(cJSON **children, const char *name, cJSON *v)
{
    bool member = strcmp(name, "member") == 0;

    if (*children == NULL) {
        *children = member ? json_new_array() : json_new_object();
    }
    if (cJSON_IsArray(*children) && member) {
        json_push(*children, v);
    } else if (cJSON_IsArray(*children) || json_get(*children, name) != NULL) {
        cJSON_Delete(v);
    } else {
        json_set(*children, name, v);
    }
}

/* Reads a child element and adds it to `*children`, unless its name is there already. */
static bool child(struct reader *r, cJSON **children, int depth)
{
    char name[NAME_MAX_BYTES];
    bool empty = false;
    cJSON *v;

    if (depth >= DEPTH_MAX || !open_tag(r, name, &empty)) {
        return false;
    }
    if (empty) {
        v = cJSON_CreateString("");
    } else {
        v = element(r, name, depth + 1);
    }
    if (v == NULL) {
        return false;
    }
    adopt(children, name, v);
    return true;
}

/* Reads everything up to and including the closing tag of `name`. */
static cJSON *element(struct reader *r, const char *name, int depth)
{
    struct strbuf text = STRBUF_INIT;
    cJSON *children = NULL;
    cJSON *out = NULL;
    bool ok = true;

    while (ok && r->at < r->end) {
        bool did = false;
        if (*r->at == '&') {
            add_entity(r, &text);
        } else if (*r->at != '<') {
            strbuf_addc(&text, *r->at++);
        } else if (starts(r, "</")) {
            if (close_tag(r, name)) {
                out = children != NULL ? children : cJSON_CreateString(strbuf_str(&text));
                children = NULL;
            }
            break;
        } else {
            ok = markup(r, &text, &did) && (did || child(r, &children, depth));
        }
    }
    strbuf_wipe(&text);
    cJSON_Delete(children);
    return out;
}

cJSON *xml_parse(const char *text, size_t len, struct err *e)
{
    struct reader r = {text, text + len};
    struct strbuf between = STRBUF_INIT;
    cJSON *root = NULL;
    bool ok = len > 0 && memchr(text, '\0', len) == NULL && text_utf8_valid(text, len);

    while (ok && r.at < r.end) {
        bool did = false;
        if (*r.at != '<') {
            /* the byte order mark */
            ok = strchr(" \t\r\n", *r.at) != NULL || (unsigned char)*r.at >= 0xbb;
            r.at++;
        } else {
            ok = markup(&r, &between, &did) && (did || (root == NULL && child(&r, &root, 0)));
        }
    }
    strbuf_clear(&between);
    if (!ok || root == NULL) {
        cJSON_Delete(root);
        (void)err_set(e, E_PARSE, "not well-formed XML near byte %zu", (size_t)(r.at - text));
        return NULL;
    }
    return root;
}
