/* A reader of config.ini over the library inih.
 *
 * As distributions build it, inih gives its handler no line number, tells of no section that is
 * empty, cuts long names of sections, and has one result for the whole file. So the reader looks at
 * each line before inih gets it: inih calls the reader once a line and the handler right after
 * it. */
#include "inifile.h"

#include <ctype.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

struct reader {
    const char *at;
    const char *end;
    int line;
    char section[INI_LINE_MAX + 1];
    bool lost;        /* the line may have been the heading of a section */
    char word[64];    /* what a line that cannot be read begins with */
    char message[64]; /* "the line is over 196 bytes" */
    const struct ini_reader_hooks *hooks;
    void *arg;
};

/* Where one of `chars` stands before a comment begins, as inih looks for it; NULL: nowhere. */
static const char *find_before_comment(const char *s, size_t len, const char *chars)
{
    bool blank = false;

    for (size_t i = 0; i < len && !(blank && s[i] == ';'); i++) {
        if (strchr(chars, s[i]) != NULL) {
            return s + i;
        }
        blank = isspace((unsigned char)s[i]) != 0;
    }
    return NULL;
}

/* True: only blanks, or a comment after a blank. */
static bool is_nothing(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && isspace((unsigned char)s[n])) {
        n++;
    }
    return n == len || (n > 0 && (s[n] == ';' || s[n] == '#'));
}

/* Keeps the word that the text begins with. */
static void keep_word(struct reader *r, const char *s, size_t len)
{
    size_t n = 0;

    while (len > 0 && isspace((unsigned char)*s)) {
        s++;
        len--;
    }
    while (n < len && n < sizeof r->word - 1 &&
           (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '-')) {
        r->word[n] = s[n];
        n++;
    }
    r->word[n] = '\0';
}

/* Keeps the name of the section that begins. What is wrong with the line; NULL: nothing. */
static const char *begin_section(struct reader *r, const char *line, size_t len)
{
    const char *stop = find_before_comment(line + 1, len - 1, "]");
    size_t n = stop != NULL ? (size_t)(stop - line - 1) : len - 1;

    n = n < sizeof r->section ? n : sizeof r->section - 1;
    memcpy(r->section, line + 1, n);
    r->section[n] = '\0';
    while (stop == NULL && n > 0 && isspace((unsigned char)r->section[n - 1])) {
        r->section[--n] = '\0';
    }
    if (r->hooks->section != NULL) {
        r->hooks->section(r->arg, r->line, r->section);
    }
    if (stop == NULL) {
        keep_word(r, line + 1, len - 1);
        return "expected ] at the end of the section's name";
    }
    if (is_nothing(stop + 1, (size_t)(line + len - stop - 1))) {
        return NULL;
    }
    keep_word(r, stop + 1, (size_t)(line + len - stop - 1));
    return "expected nothing after the ]; each setting has a line of its own";
}

/* Does a line that cannot be read look like the heading of a section ("ui]", "{ui}", a heading
 * behind bytes that are no text)? Then nobody knows whose lines follow. */
static bool loses_section(struct reader *r, const char *line, size_t len)
{
    r->lost = len > 0 &&
              (line[0] == '{' || memchr(line, '[', len) != NULL || memchr(line, ']', len) != NULL);
    return r->lost;
}

/* What is wrong with the line; NULL: nothing. */
static const char *fault_of(struct reader *r, const char *line, size_t len)
{
    static const char lost[] = "expected name = value, or [section]";
    bool section = len > 0 && line[0] == '[';

    keep_word(r, line, len);
    const char *fault = section ? begin_section(r, line, len) : NULL;
    if (memchr(line, '\0', len) != NULL || !text_utf8_valid(line, len)) {
        if (!section && loses_section(r, line, len)) {
            return lost;
        }
        return "the line is not UTF-8 text";
    }
    if (len > INI_LINE_MAX) {
        (void)snprintf(r->message, sizeof r->message, "the line is over %d bytes", INI_LINE_MAX);
        return r->message;
    }
    if (section) {
        return fault;
    }
    bool nothing = len == 0 || strchr(";#\r", line[0]) != NULL;
    if (nothing || find_before_comment(line, len, "=:") != NULL) {
        return NULL;
    }
    return loses_section(r, line, len) ? lost : "expected name = value";
}

static char *next_line(char *room, int size, void *stream)
{
    struct reader *r = stream;

    if (r->at == r->end || size < INI_LINE_MAX + 2) {
        return NULL;
    }
    r->line++;
    const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
    const char *next = stop == NULL ? r->end : stop + 1;
    const char *from = r->at;
    if (stop == NULL) {
        stop = r->end;
    }
    while (from < stop && (*from == ' ' || *from == '\t')) {
        from++;
    }
    size_t len = (size_t)(stop - from);
    const char *fault = fault_of(r, from, len);
    if (fault != NULL) {
        r->hooks->mistake(r->arg, r->line, r->section, r->word, fault);
        len = 0;
    }
    if (r->lost) {
        r->lost = false;
        (void)snprintf(r->section, sizeof r->section, INI_SECTION_LOST);
        if (r->hooks->section != NULL) {
            r->hooks->section(r->arg, r->line, r->section);
        }
    }
    r->at = next;
    memcpy(room, from, len);
    room[len] = '\n';
    room[len + 1] = '\0';
    return room;
}

static int on_pair(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;

    (void)section;
    if (name != NULL) {
        r->hooks->pair(r->arg, r->line, r->section, name, value == NULL ? "" : value);
    }
    return 1;
}

enum err_code ini_file_parse(const char *text, size_t len, const char *what,
                             const struct ini_reader_hooks *hooks, void *arg, struct err *e)
{
    static const char bom[] = "\xef\xbb\xbf";
    struct reader r = {.at = text, .end = text + len, .hooks = hooks, .arg = arg};

    if (len > INI_FILE_MAX_BYTES) {
        return err_set(e, E_CONFIG, "%s: over %zu bytes", what, INI_FILE_MAX_BYTES);
    }
    if (len >= sizeof bom - 1 && memcmp(text, bom, sizeof bom - 1) == 0) {
        r.at += sizeof bom - 1;
    }
    int bad = ini_parse_stream(next_line, &r, on_pair, &r);
    if (bad > 0) { /* inih stumbles over a line that fault_of lets pass: none is known */
        hooks->mistake(arg, bad, r.section, "", "expected [section] or name = value");
    }
    return bad >= 0 ? E_OK : err_set(e, E_CONFIG, "%s cannot be read", what);
}
