/* The parser of AWS's INI dialect. */
#include "awsini.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/words.h"

struct entry {
    size_t section;
    char *key;
    char *value;
    size_t len, room; /* the length of the value, and the bytes of the room for it */
};

struct awsini {
    char **sections;
    size_t sections_len, sections_cap;
    struct entry *entries;
    size_t entries_len, entries_cap;
    struct awsini_note notes[AWSINI_NOTES];
    size_t notes_len;
};

struct span {
    const char *s;
    size_t len;
};

#define NOWHERE SIZE_MAX /* no section is open, or no key is */

struct reader {
    struct awsini *ini;
    enum awsini_kind kind;
    size_t line; /* the number of that line */
    /* the section that is open; NOWHERE before the first one and in a section that is passed
     * over */
    size_t section;
    /* the reader passes over the lines of a section that was not understood, or that belongs to
     * nobody */
    bool passing;
    size_t key;    /* the entry that lines of deeper indent belong to, or NOWHERE */
    size_t indent; /* the indent of the last line that was not a line of deeper indent */
    bool nests;    /* the entry has no value of its own */
    size_t empty;  /* how many empty lines came since the last line of the entry's value */
};

/* The bytes of the blank that begins at `s`, 0 when none does. The pages that people copy from hold
 * no-break spaces. */
static size_t blank_at(const char *s, size_t len)
{
    static const struct {
        const char *bytes;
        size_t len;
    } wide[] = {
        {"\xc2\x85",     2},
        {"\xc2\xa0",     2},
        {"\xe1\x9a\x80", 3},
        {"\xe2\x80\xa8", 3},
        {"\xe2\x80\xa9", 3},
        {"\xe2\x80\xaf", 3},
        {"\xe2\x81\x9f", 3},
        {"\xe3\x80\x80", 3}
    };

    if (len == 0) {
        return 0;
    }
    if (*s == ' ' || (*s >= '\t' && *s <= '\r') || (*s >= '\x1c' && *s <= '\x1f')) {
        return 1;
    }
    if (len >= 3 && memcmp(s, "\xe2\x80", 2) == 0 && (unsigned char)s[2] >= 0x80 &&
        (unsigned char)s[2] <= 0x8a) {
        return 3; /* U+2000 to U+200A: quads and thin spaces */
    }
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (len >= wide[i].len && memcmp(s, wide[i].bytes, wide[i].len) == 0) {
            return wide[i].len;
        }
    }
    return 0;
}

/* Skips the blanks before the text and counts them as characters. */
static size_t skip_blanks(struct span *t)
{
    size_t count = 0;

    for (size_t n; (n = blank_at(t->s, t->len)) > 0; count++) {
        t->s += n;
        t->len -= n;
    }
    return count;
}

static struct span trim(const char *s, size_t len)
{
    struct span t = {s, len};

    (void)skip_blanks(&t);
    for (bool again = true; again;) {
        again = false;
        for (size_t n = 1; n <= 3 && n <= t.len && !again; n++) {
            if (blank_at(t.s + t.len - n, n) == n) {
                t.len -= n;
                again = true;
            }
        }
    }
    return t;
}

/* The text without the comment at its end: '#' or ';' after a blank. */
static struct span without_comment(struct span v)
{
    /* The character before the first one is read, too: it is the separator, or a blank after the
     * separator. */
    for (const char *p = v.s; p < v.s + v.len; p++) {
        if ((*p == '#' || *p == ';') && (p[-1] == ' ' || p[-1] == '\t')) {
            return trim(v.s, (size_t)(p - v.s));
        }
    }
    return v;
}

static void note(struct reader *r, const char *why)
{
    struct awsini *ini = r->ini;

    if (ini->notes_len < AWSINI_NOTES) {
        ini->notes[ini->notes_len++] = (struct awsini_note){r->line, why};
    } else {
        ini->notes[AWSINI_NOTES - 1].why = "is not understood, nor are the lines after it";
    }
}

/* Turns "profile 'a b'" into "profile a b"; NULL, with a note, when the words are no name. A
 * section of another kind keeps its text: it belongs to another tool. */
static char *config_section(struct reader *r, struct span raw)
{
    static const char *const kinds[] = {"profile", "sso-session", "services"};
    char *text = xstrndup(raw.s, raw.len);
    char **words = words_split(text);
    char *name = NULL;
    size_t kind = 0;

    while (kind < sizeof kinds / sizeof *kinds &&
           (strncmp(text, kinds[kind], strlen(kinds[kind])) != 0 ||
            strchr(" \t\"'\\", text[strlen(kinds[kind])]) == NULL)) {
        kind++;
    }
    if (kind == sizeof kinds / sizeof *kinds) {
        words_free(words);
        return text;
    }
    if (words == NULL) {
        note(r, "opens a quote that does not end; the keys of this section are not read");
    } else if (words[1] == NULL) {
        note(r, "names no profile, session or services; the keys of this section are not read");
    } else if (words[2] != NULL) {
        note(r, "has a name with blanks, which needs quotes: [profile 'a b']; the keys of this "
                "section are not read");
    } else if (strcmp(words[0], kinds[kind]) == 0) {
        name = xasprintf("%s %s", words[0], words[1]);
    }
    words_free(words);
    free(text);
    return name;
}

/* Opens a section. Takes `name`. */
static size_t open_section(struct awsini *ini, char *name)
{
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

/* The ']' that ends a section's name: one with nothing or a comment after it, else the last one, as
 * in botocore. NULL when there is none, or when the name is missing. */
static const char *section_end(struct span line)
{
    const char *last = NULL;

    for (const char *p = line.s + 1; p < line.s + line.len; p++) {
        if (*p != ']' || p == line.s + 1) {
            continue;
        }
        struct span rest = trim(p + 1, (size_t)(line.s + line.len - p) - 1);
        last = p;
        if (rest.len == 0 || *rest.s == '#' || *rest.s == ';') {
            break;
        }
    }
    return last;
}

static void read_section(struct reader *r, struct span line)
{
    const char *end = section_end(line);
    char *name = NULL;

    r->key = NOWHERE;
    r->section = NOWHERE;
    r->passing = true;
    if (end == NULL) {
        note(r, "opens a section without a name and `]`; the keys after it are not read");
        return;
    }
    struct span raw = trim(line.s + 1, (size_t)(end - line.s) - 1);
    name = r->kind == AWSINI_CONFIG ? config_section(r, raw) : xstrndup(raw.s, raw.len);
    if (name != NULL) {
        r->section = open_section(r->ini, name);
        r->passing = false;
    }
}

/* Adds an entry. `parent` is the key that a nested key belongs to, or NULL. */
static size_t add(struct reader *r, const char *parent, struct span key, struct span value)
{
    struct awsini *ini = r->ini;
    char *name = parent == NULL ? xstrndup(key.s, key.len)
                                : xasprintf("%s.%.*s", parent, (int)key.len, key.s);

    for (char *p = name; *p != '\0'; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    }
    char *copy = xstrndup(value.s, value.len);
    ini->entries = xgrow(ini->entries, ini->entries_len, &ini->entries_cap, sizeof *ini->entries);
    ini->entries[ini->entries_len] =
        (struct entry){r->section, name, copy, strlen(copy), strlen(copy) + 1};
    return ini->entries_len++;
}

static void lengthen(struct entry *v, struct span line)
{
    if (v->len + line.len + 2 > v->room) {
        size_t room = 2 * (v->len + line.len + 2);
        char *more = xmalloc(room);
        memcpy(more, v->value, v->len);
        secret_free_bytes(v->value, v->len);
        v->value = more;
        v->room = room;
    }
    v->value[v->len++] = '\n';
    memcpy(v->value + v->len, line.s, line.len);
    v->len += line.len;
    v->value[v->len] = '\0';
}

/* Does the line look as if it were written by itself: "[section]" or "name = ..."? */
static bool looks_separate(struct span line)
{
    size_t i = 0;

    while (i < line.len && (isalnum((unsigned char)line.s[i]) || line.s[i] == '_')) {
        i++;
    }
    struct span rest = trim(line.s + i, line.len - i);
    return line.s[0] == '[' || (i > 0 && rest.len > 0 && rest.s[0] == '=');
}

/* Reads a line that is indented deeper than the key above: the key's value goes on, or a key is
 * nested in it. */
static void read_deeper(struct reader *r, struct span line)
{
    struct entry *above = &r->ini->entries[r->key];
    const char *eq = memchr(line.s, '=', line.len);

    if (!r->nests) {
        for (; r->empty > 0; r->empty--) {
            lengthen(above, (struct span){"", 0});
        }
        lengthen(above, line);
        if (looks_separate(line)) {
            note(r, "is indented deeper than the key above it, so it continues that key's value");
        }
    } else if (eq == NULL || eq == line.s) {
        note(r, "is indented below a key, and is not `key = value`; it is not read");
    } else {
        (void)add(r, above->key, trim(line.s, (size_t)(eq - line.s)),
                  trim(eq + 1, line.len - (size_t)(eq - line.s) - 1));
    }
}

static void read_key(struct reader *r, struct span line)
{
    size_t at = 0;

    r->key = NOWHERE;
    if (r->passing) {
        return;
    }
    if (r->section == NOWHERE) {
        note(r, "stands before the first [section]; it is not read");
        return;
    }
    while (at < line.len && line.s[at] != '=' && line.s[at] != ':') {
        at++;
    }
    if (at == line.len || at == 0) {
        note(r, at == 0 ? "has no name before its value; it is not read"
                        : "is neither a [section] nor `key = value`; it is not read");
        return;
    }
    struct span value = {line.s + at + 1, line.len - at - 1};
    value = without_comment(trim(value.s, value.len));
    r->key = add(r, NULL, trim(line.s, at), value);
    r->nests = value.len == 0;
}

/* Handles a line with a NUL byte: a crash left a hole in the file, or the file is no text. A
 * section that may have begun here gets none of the keys after it. */
static void spoiled_line(struct reader *r, struct span line)
{
    bool opens = line.s[0] == '[' || line.s[0] == '\0';

    note(r, opens ? "holds a NUL byte; it is not read, nor are the keys after it"
                  : "holds a NUL byte; it is not read");
    r->key = NOWHERE;
    if (opens) {
        r->section = NOWHERE;
        r->passing = true;
    }
}

static void read_line(struct reader *r, struct span raw)
{
    size_t indent = skip_blanks(&raw);
    struct span line = trim(raw.s, raw.len);

    if (line.len == 0 || line.s[0] == '#' || line.s[0] == ';') {
        r->empty += line.len == 0;
        return;
    }
    if (memchr(line.s, '\0', line.len) != NULL) {
        spoiled_line(r, line);
        return;
    }
    if (r->key != NOWHERE && indent > r->indent) {
        read_deeper(r, line);
        return;
    }
    r->indent = indent;
    r->empty = 0;
    if (line.s[0] == '[') {
        read_section(r, line);
    } else {
        read_key(r, line);
    }
}

struct awsini *awsini_parse(const char *text, size_t len, enum awsini_kind kind)
{
    struct awsini *ini = xcalloc(1, sizeof *ini);
    struct reader r = {.ini = ini, .kind = kind, .section = NOWHERE, .key = NOWHERE};
    const char *end = text + len;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
    } else if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        r.line = 1;
        note(&r, "is UTF-16, so nothing of the file is read: save it as UTF-8");
        return ini;
    }
    while (text < end) {
        const char *stop = text;
        while (stop < end && *stop != '\n' && *stop != '\r') {
            stop++;
        }
        r.line++;
        read_line(&r, (struct span){text, (size_t)(stop - text)});
        text = stop + 1;
        if (stop < end && *stop == '\r' && text < end && *text == '\n') {
            text++;
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
        secret_free(ini->entries[i].value);
        free(ini->entries[i].key);
    }
    for (size_t i = 0; i < ini->sections_len; i++) {
        free(ini->sections[i]);
    }
    free(ini->entries);
    free(ini->sections);
    free(ini);
}

/* Python's parser, and so the AWS CLI, gives the keys of "[DEFAULT]" to every section. */
static const char for_all[] = "DEFAULT";

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

    return strcmp(section, for_all) != 0 && find_section(ini, section, &at);
}

static const char *value_in(const struct awsini *ini, size_t section, const char *key)
{
    for (size_t i = ini->entries_len; i > 0; i--) {
        const struct entry *v = &ini->entries[i - 1];
        if (v->section == section && strcasecmp(v->key, key) == 0) {
            return v->value;
        }
    }
    return NULL;
}

const char *awsini_get(const struct awsini *ini, const char *section, const char *key)
{
    size_t at;

    if (!awsini_has(ini, section) || !find_section(ini, section, &at)) {
        return NULL;
    }
    const char *own = value_in(ini, at, key);
    return own == NULL && find_section(ini, for_all, &at) ? value_in(ini, at, key) : own;
}

const char *awsini_section(const struct awsini *ini, size_t i)
{
    return ini != NULL && i < ini->sections_len ? ini->sections[i] : NULL;
}

const struct awsini_note *awsini_note(const struct awsini *ini, size_t i)
{
    return ini != NULL && i < ini->notes_len ? &ini->notes[i] : NULL;
}
