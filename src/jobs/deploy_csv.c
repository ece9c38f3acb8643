/* A reader of CSV records by RFC 4180, with any separator, as spreadsheets write them. */
#include "deploy_csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/deploy_file.h"

enum { TITLES_MAX = 8 }; /* the most lines that may stand above the header */

static void drop_cells(struct csv *c)
{
    for (size_t i = 0; i < c->len; i++) {
        secret_free(c->cells[i]);
    }
    c->len = 0;
}

void csv_clear(struct csv *c)
{
    drop_cells(c);
    free(c->cells);
    *c = (struct csv){0};
}

/* The length of the line break at `s`: "
 * ", "\r
 * " or a lone "\r"; 0 when no line break is there. */
static size_t line_break(const char *s, const char *end)
{
    if (s >= end || (*s != '\n' && *s != '\r')) {
        return 0;
    }
    return *s == '\r' && s + 1 < end && s[1] == '\n' ? 2 : 1;
}

static void skip_line(struct csv *c)
{
    while (c->at < c->end && line_break(c->at, c->end) == 0) {
        c->at++;
    }
    size_t n = line_break(c->at, c->end);
    c->at += n;
    c->line += n > 0;
}

static bool skip_blank_lines(struct csv *c)
{
    while (c->at < c->end) {
        const char *s = c->at;
        while (s < c->end && (*s == ' ' || *s == '\t') && *s != c->sep) {
            s++;
        }
        if (s < c->end && line_break(s, c->end) == 0) {
            return true;
        }
        skip_line(c);
    }
    return false;
}

/* Reads a cell from its opening quote to the place after its closing quote. */
static enum err_code quoted(struct csv *c, struct strbuf *cell, struct err *e)
{
    const char *s = c->at + 1;
    size_t line = c->line;

    while (s < c->end && !cell->overflow) {
        size_t n = line_break(s, c->end);
        if (*s == '"' && (s + 1 >= c->end || s[1] != '"')) {
            c->at = s + 1;
            c->line = line;
            return E_OK;
        }
        if (n > 0) {
            line++;
            strbuf_addc(cell, '\n');
            s += n;
        } else {
            strbuf_addc(cell, *s);
            s += *s == '"' ? 2 : 1;
        }
    }
    return cell->overflow
               ? err_set(e, E_INVALID, "is over %d bytes", DEPLOY_FILE_LINE_MAX)
               : err_set(e, E_INVALID, "column %zu has a quote that is not closed", c->len + 1);
}

static enum err_code plain(struct csv *c, struct strbuf *cell, struct err *e)
{
    while (c->at < c->end && *c->at != c->sep && line_break(c->at, c->end) == 0) {
        if (*c->at == '"') {
            return err_set(e, E_INVALID,
                           "column %zu has a quote in the middle: put the whole value in quotes, "
                           "and double each quote in it",
                           c->len + 1);
        }
        strbuf_addc(cell, *c->at++);
    }
    return E_OK;
}

static enum err_code check_cell(const struct csv *c, const struct strbuf *cell, struct err *e)
{
    const char *text = strbuf_str(cell);

    if (cell->overflow) {
        return err_set(e, E_INVALID, "is over %d bytes", DEPLOY_FILE_LINE_MAX);
    }
    if (strlen(text) != cell->len || !text_utf8_valid(text, cell->len)) {
        return err_set(e, E_INVALID,
                       "column %zu is not text in UTF-8: save the sheet as \"CSV UTF-8\"",
                       c->len + 1);
    }
    if (c->len >= DEPLOY_FILE_COLUMNS_MAX) {
        return err_set(e, E_INVALID, "has over %d columns", DEPLOY_FILE_COLUMNS_MAX);
    }
    return E_OK;
}

/* Reads one cell and the separator or line end after it; sets `*last` at the end of the record. */
static enum err_code next_cell(struct csv *c, const char *start, bool *last, struct err *e)
{
    size_t used = (size_t)(c->at - start);
    struct strbuf cell =
        STRBUF_LIMIT(used < DEPLOY_FILE_LINE_MAX ? DEPLOY_FILE_LINE_MAX - used : 1);
    bool quote = c->at < c->end && *c->at == '"';
    enum err_code rc = quote ? quoted(c, &cell, e) : plain(c, &cell, e);
    size_t brk = line_break(c->at, c->end);

    if (rc == E_OK) {
        rc = check_cell(c, &cell, e);
    }
    if (rc == E_OK && c->at < c->end && *c->at != c->sep && brk == 0) {
        rc = err_set(e, E_INVALID, "column %zu has text after its closing quote", c->len + 1);
    }
    if (rc == E_OK) {
        c->cells = xgrow(c->cells, c->len, &c->cap, sizeof *c->cells);
        c->cells[c->len++] = xstrdup(strbuf_str(&cell));
        *last = c->at >= c->end || brk > 0;
        c->at += *last ? brk : 1;
        c->line += brk > 0;
    }
    strbuf_wipe(&cell);
    return rc;
}

/* Reads the next record that is not a blank line. False at the end of the text. `*rc` is E_INVALID
 * with `e` when the record is malformed (a quote where none may be, a quote that is not closed, a
 * NUL, a record that is too long or has too many cells); reading then goes on with the next
 * line. */
static bool csv_next(struct csv *c, enum err_code *rc, struct err *e)
{
    bool last = false;

    drop_cells(c);
    if (!skip_blank_lines(c)) {
        return false;
    }
    const char *start = c->at;
    c->start_line = c->line;
    *rc = E_OK;
    while (*rc == E_OK && !last) {
        *rc = next_cell(c, start, &last, e);
    }
    if (*rc != E_OK) {
        drop_cells(c);
        skip_line(c);
    }
    return true;
}

static bool is_blank(const char *cell)
{
    return text_trim(&cell, strlen(cell)) == 0;
}

/* How many cells of the record have a value. The line below the header of a Markdown table,
 * "|---|:--:|", has none. */
static size_t values(const struct csv *c)
{
    size_t n = 0;
    size_t rules = 0;

    for (size_t i = 0; i < c->len; i++) {
        const char *cell = c->cells[i];
        n += !is_blank(cell);
        rules += c->sep == '|' && strchr(cell, '-') != NULL && cell[strspn(cell, " :-")] == '\0';
    }
    return n == rules ? 0 : n;
}

/* Reads the first line that Excel itself writes, "sep=;": sets the separator and moves to the place
 * after the line. */
static bool take_separator_line(struct csv *c)
{
    static const char word[] = "sep=";
    const char *at = c->at + (c->at < c->end && *c->at == '"' ? 1 : 0);

    if ((size_t)(c->end - at) < sizeof word || strncasecmp(at, word, sizeof word - 1) != 0 ||
        at[sizeof word - 1] == '\0' || strchr(",;\t|", at[sizeof word - 1]) == NULL) {
        return false;
    }
    const char *after = at + sizeof word;
    after += at > c->at && after < c->end && *after == '"' ? 1 : 0;
    while (after < c->end && (*after == ';' || *after == ',' || *after == ' ' || *after == '\t')) {
        after++; /* skips the empty cells that a table adds */
    }
    if (after < c->end && *after != '\r' && *after != '\n') {
        return false;
    }
    c->sep = at[sizeof word - 1];
    c->at = after;
    skip_line(c);
    return true;
}

bool csv_next_full(struct csv *c, enum err_code *rc, struct err *e)
{
    bool more = csv_next(c, rc, e);

    while (more && *rc == E_OK && values(c) == 0) {
        more = csv_next(c, rc, e);
    }
    return more;
}

bool csv_header(struct csv *c, enum err_code *rc, struct err *e)
{
    struct csv start = *c; /* owns no cells yet */
    bool more = csv_next_full(c, rc, e);

    for (int titles = 0; more && *rc == E_OK && titles < TITLES_MAX; titles++) {
        if (values(c) > 1) {
            return true;
        }
        more = csv_next_full(c, rc, e);
    }
    csv_clear(c); /* no line is a header: the first line shows best what is wrong */
    *c = start;
    return csv_next_full(c, rc, e);
}

static bool is_field(const char *cell)
{
    size_t len = text_trim(&cell, strlen(cell));
    char *name = xstrndup(cell, len);
    bool found = deploy_field_find(name) != NULL;
    free(name);
    return found;
}

/* Finds the separator. Excel takes the one of the locale: a comma, a semicolon, in UTF-16 a tab. It
 * is the separator that makes the most deploy fields of the header; a comma when none makes any. */
static char find_separator(const struct csv *start)
{
    static const char all[] = ",;\t|";
    size_t best = 0;
    char found = ',';

    for (const char *sep = all; *sep != '\0'; sep++) {
        struct csv c = {.at = start->at, .end = start->end, .line = 1, .sep = *sep};
        enum err_code rc = E_OK;
        size_t fields = 0;
        if (csv_header(&c, &rc, NULL) && rc == E_OK) {
            for (size_t i = 0; i < c.len; i++) {
                fields += is_field(c.cells[i]);
            }
        }
        csv_clear(&c);
        if (fields > best) {
            best = fields;
            found = *sep;
        }
    }
    return found;
}

void csv_begin(struct csv *c, const char *text, size_t len)
{
    *c = (struct csv){.at = text, .end = text + len, .line = 1, .sep = ','};
    if (!take_separator_line(c)) {
        c->sep = find_separator(c);
    }
}
