#include "awsini.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"

struct entry {
    size_t section;
    char *key;
    char *value;
};

struct awsini {
    char **sections;
    size_t sections_len, sections_cap;
    struct entry *entries;
    size_t entries_len, entries_cap;
};

struct span {
    const char *s;
    size_t len;
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static struct span trim(const char *s, size_t len)
{
    while (len > 0 && blank(*s)) {
        s++;
        len--;
    }
    while (len > 0 && blank(s[len - 1])) {
        len--;
    }
    return (struct span){s, len};
}

/* "profile  \"a b\"" -> "profile a b": one space between words, quotes dropped. */
static char *section_name(struct span raw)
{
    char *out = xmalloc(raw.len + 1);
    size_t n = 0;
    bool quoted = false;

    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.s[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (quoted || !blank(c)) {
            out[n++] = c;
        } else if (n > 0 && out[n - 1] != ' ') {
            out[n++] = ' ';
        }
    }
    out[n] = '\0';
    return out;
}

static size_t open_section(struct awsini *ini, struct span raw)
{
    char *name = section_name(raw);

    for (size_t i = 0; i < ini->sections_len; i++) {
        if (strcmp(ini->sections[i], name) == 0) {
            free(name);
            return i;
        }
    }
    ini->sections =
        xgrow(ini->sections, ini->sections_len, &ini->sections_cap, sizeof *ini->sections);
    ini->sections[ini->sections_len] = name;
    return ini->sections_len++;
}

/* `parent` is the key that an indented line belongs to, or NULL. Returns the key's name. */
static const char *add(struct awsini *ini, size_t section, const char *parent, struct span key,
                       struct span value)
{
    char *name = parent == NULL ? xstrndup(key.s, key.len)
                                : xasprintf("%s.%.*s", parent, (int)key.len, key.s);

    for (char *p = name; *p != '\0'; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    }
    ini->entries = xgrow(ini->entries, ini->entries_len, &ini->entries_cap, sizeof *ini->entries);
    ini->entries[ini->entries_len++] = (struct entry){section, name, xstrndup(value.s, value.len)};
    return name;
}

struct awsini *awsini_parse(const char *text, size_t len)
{
    struct awsini *ini = xcalloc(1, sizeof *ini);
    const char *end = text + len;
    const char *parent = NULL; /* the last key at the margin, when it had no value */
    bool inside = false;
    size_t section = 0;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
    }
    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = nl == NULL ? (size_t)(end - text) : (size_t)(nl - text);
        bool indented = n > 0 && blank(text[0]);
        struct span line = trim(text, n);
        text += n + (nl != NULL);
        if (line.len == 0 || line.s[0] == '#' || line.s[0] == ';') {
            continue;
        }
        const char *close = line.s[0] == '[' ? memchr(line.s, ']', line.len) : NULL;
        if (close != NULL && !indented) {
            section = open_section(ini, trim(line.s + 1, (size_t)(close - line.s) - 1));
            inside = true;
            parent = NULL;
            continue;
        }
        const char *eq = memchr(line.s, '=', line.len);
        if (!inside || eq == NULL || eq == line.s || line.s[0] == '[') {
            continue;
        }
        struct span key = trim(line.s, (size_t)(eq - line.s));
        struct span value = trim(eq + 1, line.len - (size_t)(eq - line.s) - 1);
        if (indented && parent != NULL) {
            (void)add(ini, section, parent, key, value);
        } else {
            const char *name = add(ini, section, NULL, key, value);
            parent = value.len == 0 ? name : NULL;
        }
    }
    return ini;
}

void awsini_free(struct awsini *ini)
{
    if (ini == NULL) {
        return;
    }
    for (size_t i = 0; i < ini->entries_len; i++) {
        OPENSSL_cleanse(ini->entries[i].value, strlen(ini->entries[i].value));
        free(ini->entries[i].value);
        free(ini->entries[i].key);
    }
    for (size_t i = 0; i < ini->sections_len; i++) {
        free(ini->sections[i]);
    }
    free(ini->entries);
    free(ini->sections);
    free(ini);
}

static bool find_section(const struct awsini *ini, const char *name, size_t *at)
{
    for (size_t i = 0; ini != NULL && i < ini->sections_len; i++) {
        if (strcmp(ini->sections[i], name) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

bool awsini_has(const struct awsini *ini, const char *section)
{
    size_t at;

    return find_section(ini, section, &at);
}

const char *awsini_get(const struct awsini *ini, const char *section, const char *key)
{
    size_t at;

    if (!find_section(ini, section, &at)) {
        return NULL;
    }
    for (size_t i = ini->entries_len; i > 0; i--) {
        const struct entry *v = &ini->entries[i - 1];
        if (v->section == at && strcasecmp(v->key, key) == 0) {
            return v->value;
        }
    }
    return NULL;
}

const char *awsini_section(const struct awsini *ini, size_t i)
{
    return ini != NULL && i < ini->sections_len ? ini->sections[i] : NULL;
}
