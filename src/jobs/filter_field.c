/* The "field:value" terms of the filter: their table and their parser. */
#include "filter_field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wctype.h>

#include "core/strbuf.h"
#include "core/text.h"
#include "deploy_rules.h"
#include "jobs/age.h"

enum { SUBJECT_MAX = 1024 };

/* --- text --- */

char filter_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool filter_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool filter_is_break(char c)
{
    char l = filter_fold(c);
    return !((l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80);
}

/* The code point at `s` with its letter case folded; *n gets its length. A malformed byte stands
 * for itself. */
static uint32_t folded(const char *s, size_t *n)
{
    uint32_t cp = (unsigned char)*s;

    *n = 1;
    if (cp >= 0x80) {
        size_t len = text_utf8_decode(s, strnlen(s, 4), &cp);
        *n = len == 0 ? 1 : len;
        return len == 0 ? cp : (uint32_t)towlower((wint_t)cp);
    }
    return (unsigned char)filter_fold(*s);
}

bool filter_begins(const char *s, const char *needle, size_t needle_len)
{
    size_t i = 0;

    while (i < needle_len) {
        size_t a;
        size_t b;
        if (*s == '\0' || folded(s, &a) != folded(needle + i, &b)) {
            return false;
        }
        s += a;
        i += b;
    }
    return true;
}

bool filter_contains_n(const char *s, const char *needle, size_t len)
{
    char first = filter_fold(*needle);
    bool ascii = (unsigned char)first < 0x80;
    char upper = first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first;

    if (len == 0) {
        return true;
    }
    for (size_t i = 0; s[i] != '\0' && i < SUBJECT_MAX; i++) {
        if ((!ascii || s[i] == first || s[i] == upper || (unsigned char)s[i] >= 0x80) &&
            filter_begins(s + i, needle, len)) {
            return true;
        }
    }
    return false;
}

bool filter_contains(const char *s, const char *needle)
{
    return filter_contains_n(s, needle, strlen(needle));
}

/* --- the table --- */

static const struct {
    const char *name;
    enum field_kind kind;
    char joint;    /* how the field is mostly joined to its value */
    bool compares; /* the field may be compared by <, > and =, with a duration or a number */
    bool heading;  /* another name, as the list's heading has it: neither completed nor listed */
} fields[] = {
    {"status",   FIELD_STATUS,   ':', false, false},
    {"user",     FIELD_USER,     ':', false, false},
    {"product",  FIELD_PRODUCT,  ':', false, false},
    {"business", FIELD_NAME,     ':', false, false},
    {"name",     FIELD_NAME,     ':', false, false},
    {"step",     FIELD_STEP,     ':', false, false},
    {"priority", FIELD_PRIORITY, ':', false, false},
    {"prio",     FIELD_PRIORITY, ':', false, true },
    {"id",       FIELD_ID,       ':', false, false},
    {"job",      FIELD_ID,       ':', false, true },
    {"batch",    FIELD_BATCH,    ':', false, false},
    {"feature",  FIELD_FEATURE,  ':', false, false},
    {"features", FIELD_FEATURE,  ':', false, true },
    {"error",    FIELD_ERROR,    ':', false, false},
    {"reason",   FIELD_REASON,   ':', false, false},
    {"retry-of", FIELD_RETRY_OF, ':', false, false},
    {"email",    FIELD_EMAIL,    ':', false, false},
    {"env",      FIELD_ENV,      ':', false, false},
    {"is",       FIELD_IS,       ':', false, false},
    {"exit",     FIELD_EXIT,     ':', true,  false},
    {"age",      FIELD_AGE,      '<', true,  false},
    {"updated",  FIELD_UPDATED,  '<', true,  false},
    {"upd",      FIELD_UPDATED,  '<', true,  true },
    {"took",     FIELD_DURATION, '>', true,  false},
    {"duration", FIELD_DURATION, '>', true,  false},
    {"progress", FIELD_PROGRESS, '>', true,  false},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static const char *const is_words[] = {
    [IS_STUCK] = "stuck",     [IS_DRIFT] = "drift", [IS_FAILED] = "failed",
    [IS_ACTIVE] = "active",   [IS_FINAL] = "final", [IS_RETRY] = "retry",
    [IS_GONE] = "gone",       [IS_OVER] = "over",   [IS_NO_RECORD] = "norecord",
    [IS_TWO_RECORDS] = "two", [IS_SLOW] = "slow",
};
enum { IS_WORDS = sizeof is_words / sizeof *is_words };

enum err_code field_is_unknown(const char *value, struct err *e)
{
    struct strbuf all = STRBUF_INIT;

    if (value[0] == '\0') {
        return E_OK;
    }
    for (size_t i = 0; i < IS_WORDS; i++) {
        strbuf_addf(&all, "%s%s", i == 0 ? "" : ", ", is_words[i]);
    }
    enum err_code rc =
        err_set(e, E_INVALID, "is: %s is not one of %s", rule_shown(value).text, strbuf_str(&all));
    strbuf_clear(&all);
    return rc;
}

static enum err_code parse_is(const char *value, struct field_test *out, bool *complete,
                              struct err *e)
{
    for (size_t i = 0; i < IS_WORDS; i++) {
        if (strcasecmp(value, is_words[i]) == 0) {
            out->is = (enum field_is)i;
            return E_OK;
        }
        /* The value is the beginning of a word: it is no test yet, and no error either. */
        *complete = *complete && strncasecmp(value, is_words[i], strlen(value)) != 0;
    }
    if (!*complete) {
        return E_OK;
    }
    return field_is_unknown(value, e);
}

/* Reads exit codes with commas between them: "137", "1,2". */
static bool exit_codes(const char *value, char op, int64_t *number)
{
    for (const char *at = value;; at++) {
        char *end = NULL;
        long n = strtol(at, &end, 10);
        if (*at < '0' || *at > '9' || n > 255 || (*end != '\0' && (*end != ',' || op != '='))) {
            return false;
        }
        *number = at == value ? n : *number;
        if (*end == '\0' || end[1] == '\0') { /* a comma at the end: the next is being typed */
            return true;
        }
        at = end;
    }
}

static enum err_code parse_number(const char *name, const char *value, struct field_test *out,
                                  bool *complete, struct err *e)
{
    char *end = NULL;

    if (*value == '=') {
        out->or_equal = true;
        value++;
    }
    if (*value == '\0') {
        *complete = false;
        return E_OK;
    }
    if (out->kind == FIELD_PROGRESS) {
        out->number = strtol(value, &end, 10);
        if (end == value || (*end != '\0' && strcmp(end, "%") != 0) || *value < '0' ||
            *value > '9') {
            return err_set(e, E_INVALID, "%s: %s is not a percentage: give a number like 50", name,
                           rule_shown(value).text);
        }
        return E_OK;
    }
    if (out->kind == FIELD_EXIT) {
        return exit_codes(value, out->op, &out->number)
                   ? E_OK
                   : err_set(e, E_INVALID,
                             "%s: %s is not an exit code: give 0 to 255, such as exit:137, "
                             "exit:1,2 or exit>=128",
                             name, rule_shown(value).text);
    }
    if (out->op == '=') {
        return err_set(e, E_INVALID, "%s: times are hardly ever equal: give %s<%s or %s>%s", name,
                       name, "2h", name, "2h");
    }
    if (!duration_parse(value, &out->number)) {
        return err_set(e, E_INVALID, "%s: %s is not a duration: give one like 90s, 30m, 2h or 7d",
                       name, rule_shown(value).text);
    }
    out->number *= 1000;
    return E_OK;
}

static enum err_code unknown_field(const char *text, size_t len, struct err *e)
{
    struct strbuf b = STRBUF_INIT;
    char word[64];
    size_t n = len < sizeof word ? len : sizeof word - 1;

    memcpy(word, text, n);
    word[n] = '\0';
    for (size_t i = 0; i < FIELDS; i++) {
        if (!fields[i].heading) {
            strbuf_addf(&b, "%s%s", i == 0 ? "" : ", ", fields[i].name);
        }
    }
    enum err_code rc =
        err_set(e, E_INVALID, "%s is not a field: give one of %s, or put the text in quotes",
                rule_shown(word).text, strbuf_str(&b));
    strbuf_clear(&b);
    return rc;
}

static bool is_field(size_t i, const char *typed, size_t len)
{
    return strlen(fields[i].name) == len && strncasecmp(fields[i].name, typed, len) == 0;
}

enum err_code field_test_parse(const char *text, struct field_test *out, bool *complete,
                               struct err *e)
{
    size_t len = strcspn(text, ":<>=");
    char op = text[len];

    *out = (struct field_test){.kind = FIELD_NONE};
    *complete = true;
    if (op == '\0' || len == 0) {
        return E_OK;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        if (!is_field(i, text, len)) {
            continue;
        }
        out->kind = fields[i].kind;
        out->value = text + len + 1;
        out->op = op == ':' ? '=' : op;
        if (*out->value == '\0') {
            *complete = false;
            return E_OK;
        }
        if (fields[i].compares) {
            return parse_number(fields[i].name, out->value, out, complete, e);
        }
        if (op != ':' && op != '=') {
            return err_set(e, E_INVALID,
                           "%s: its values have no order, so %c does not apply: give %s:value",
                           fields[i].name, op, fields[i].name);
        }
        return out->kind == FIELD_IS ? parse_is(out->value, out, complete, e) : E_OK;
    }
    return op == ':' ? unknown_field(text, len, e) : E_OK;
}

/* --- for the completion --- */

const char *field_name(size_t i, char *joint)
{
    for (size_t at = 0; at < FIELDS; at++) {
        if (!fields[at].heading && i-- == 0) {
            *joint = fields[at].joint;
            return fields[at].name;
        }
    }
    return NULL;
}

enum field_kind field_named(const char *typed, size_t len)
{
    for (size_t i = 0; i < FIELDS; i++) {
        if (is_field(i, typed, len)) {
            return fields[i].kind;
        }
    }
    return FIELD_NONE;
}

const char *field_is_word(size_t i)
{
    return i < IS_WORDS ? is_words[i] : NULL;
}
