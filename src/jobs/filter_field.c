/* The "field:value" terms of the filter: their table, their parser, their tests. */
#include "filter_field.h"

#include <stdlib.h>
#include <string.h>
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

static bool begins(const char *s, const char *needle, size_t needle_len)
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

static bool contains(const char *s, const char *needle, size_t len)
{
    char first = filter_fold(*needle);
    bool ascii = (unsigned char)first < 0x80;
    char upper = first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first;

    if (len == 0) {
        return true;
    }
    for (size_t i = 0; s[i] != '\0' && i < SUBJECT_MAX; i++) {
        if ((!ascii || s[i] == first || s[i] == upper || (unsigned char)s[i] >= 0x80) &&
            begins(s + i, needle, len)) {
            return true;
        }
    }
    return false;
}

bool filter_contains(const char *s, const char *needle)
{
    return contains(s, needle, strlen(needle));
}

/* --- the table --- */

static const struct {
    const char *name;
    enum field_kind kind;
    bool compares; /* the field may be compared by <, > and =, with a duration or a number */
} fields[] = {
    {"status",   FIELD_STATUS,   false},
    {"user",     FIELD_USER,     false},
    {"product",  FIELD_PRODUCT,  false},
    {"name",     FIELD_NAME,     false},
    {"step",     FIELD_STEP,     false},
    {"priority", FIELD_PRIORITY, false},
    {"id",       FIELD_ID,       false},
    {"batch",    FIELD_BATCH,    false},
    {"feature",  FIELD_FEATURE,  false},
    {"error",    FIELD_ERROR,    false},
    {"email",    FIELD_EMAIL,    false},
    {"env",      FIELD_ENV,      false},
    {"is",       FIELD_IS,       false},
    {"age",      FIELD_AGE,      true },
    {"updated",  FIELD_UPDATED,  true },
    {"duration", FIELD_DURATION, true },
    {"progress", FIELD_PROGRESS, true },
};
enum { FIELDS = sizeof fields / sizeof *fields };

static const char *const is_words[] = {
    [IS_STUCK] = "stuck",     [IS_DRIFT] = "drift", [IS_FAILED] = "failed",
    [IS_ACTIVE] = "active",   [IS_FINAL] = "final", [IS_RETRY] = "retry",
    [IS_GONE] = "gone",       [IS_OVER] = "over",   [IS_NO_RECORD] = "norecord",
    [IS_TWO_RECORDS] = "two",
};
enum { IS_WORDS = sizeof is_words / sizeof *is_words };

static enum err_code parse_is(const char *value, struct field_test *out, bool *complete,
                              struct err *e)
{
    struct strbuf all = STRBUF_INIT;

    for (size_t i = 0; i < IS_WORDS; i++) {
        if (strcmp(value, is_words[i]) == 0) {
            out->is = (enum field_is)i;
            return E_OK;
        }
        /* The value is the beginning of a word: it is no test yet, and no error either. */
        *complete = *complete && strncmp(value, is_words[i], strlen(value)) != 0;
    }
    if (!*complete) {
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
    if (out->op == '=') {
        return err_set(e, E_INVALID, "%s: no two are equal to the millisecond: give %s<%s or %s>%s",
                       name, name, "2h", name, "2h");
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
        strbuf_addf(&b, "%s%s", i == 0 ? "" : ", ", fields[i].name);
    }
    enum err_code rc = err_set(e, E_INVALID,
                               "%s is not a field: give one of %s, or put the text "
                               "into quotes",
                               rule_shown(word).text, strbuf_str(&b));
    strbuf_clear(&b);
    return rc;
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
        if (strlen(fields[i].name) != len || strncmp(fields[i].name, text, len) != 0) {
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
            return err_set(e, E_INVALID, "%s: has no order: give %s:value", fields[i].name,
                           fields[i].name);
        }
        return out->kind == FIELD_IS ? parse_is(out->value, out, complete, e) : E_OK;
    }
    return op == ':' ? unknown_field(text, len, e) : E_OK;
}

/* --- matching --- */

/* Does one of the alternatives, with commas between them, stand in `s`? */
static bool any_in(const char *s, const char *alternatives)
{
    while (s != NULL && *alternatives != '\0') {
        size_t len = strcspn(alternatives, ",");
        if (len > 0 && contains(s, alternatives, len)) {
            return true;
        }
        alternatives += len + (alternatives[len] == ',');
    }
    return false;
}

/* Does one of the alternatives name the status by its beginning? "in" and "IN_PROGRESS" name
 * IN_PROGRESS, "prog" does not. '-' stands for '_'. */
static bool status_is(const char *word, const char *alternatives)
{
    while (*alternatives != '\0') {
        size_t len = strcspn(alternatives, ",");
        size_t i = 0;
        while (i < len && word[i] != '\0' &&
               filter_fold(word[i]) ==
                   filter_fold(alternatives[i] == '-' ? '_' : alternatives[i])) {
            i++;
        }
        if (len > 0 && i == len) {
            return true;
        }
        alternatives += len + (alternatives[len] == ',');
    }
    return false;
}

static bool is(const struct field_test *t, const struct job *j, const struct job_state *s,
               int64_t now_ms)
{
    char buf[AGE_SIZE];
    bool over = false;

    switch (t->is) {
    case IS_STUCK:
        return s->stuck != STUCK_NO;
    case IS_DRIFT:
        return s->drift;
    case IS_FAILED:
        return s->status == JOB_FAILED;
    case IS_ACTIVE:
        return !job_status_final((enum job_status)s->status);
    case IS_FINAL:
        return job_status_final((enum job_status)s->status);
    case IS_RETRY:
        return job_text(j, JOB_RETRY_OF) != NULL;
    case IS_GONE:
        return s->gone_from_batch;
    case IS_OVER:
        (void)job_duration_text(j, s, now_ms, buf, &over);
        return over;
    case IS_NO_RECORD:
        return j->mark == JOB_NO_RECORD;
    case IS_TWO_RECORDS:
        return j->mark == JOB_TWO_RECORDS || j->mark == JOB_OTHER_KEY;
    }
    return false;
}

static bool compare(const struct field_test *t, int64_t n)
{
    if (n < 0) {
        return false; /* a value that is not known matches no comparison */
    }
    switch (t->op) {
    case '<':
        return n < t->number || (t->or_equal && n == t->number);
    case '>':
        return n > t->number || (t->or_equal && n == t->number);
    default:
        return n == t->number;
    }
}

static int64_t since(int64_t then_ms, int64_t now_ms)
{
    return then_ms == TIME_NONE || then_ms < 0 ? -1 : then_ms > now_ms ? 0 : now_ms - then_ms;
}

static bool any_feature(const struct job *j, const char *alternatives)
{
    char room[JOB_ROOM];

    for (size_t i = 0; i < j->features_len; i++) {
        if (any_in(job_feature(j, i, room), alternatives)) {
            return true;
        }
    }
    return false;
}

static bool any_error(const struct job *j, const char *alternatives)
{
    for (size_t i = 0; i < j->errors_len; i++) {
        if (any_in(job_errors(j)[i].message, alternatives)) {
            return true;
        }
    }
    return any_in(job_text(j, JOB_STATUS_REASON), alternatives);
}

static const char *usual_priority(void)
{
    return deploy_field_named("priority")->standard;
}

bool field_test_matches(const struct field_test *t, const struct job *j, const struct job_state *s,
                        int64_t now_ms)
{
    switch (t->kind) {
    case FIELD_NONE:
    case FIELD_ENV: /* the job does not tell it: field_test_env */
        return true;
    case FIELD_STATUS:
        return status_is(job_state_word(j, s), t->value);
    case FIELD_USER:
        return any_in(job_text(j, JOB_USER_ID), t->value);
    case FIELD_PRODUCT:
        return any_in(job_text(j, JOB_PRODUCT_ID), t->value);
    case FIELD_NAME:
        return any_in(job_text(j, JOB_BUSINESS_NAME), t->value);
    case FIELD_STEP:
        return any_in(job_text(j, JOB_STEP), t->value);
    case FIELD_PRIORITY:
        return any_in(job_text(j, JOB_PRIORITY) == NULL ? usual_priority()
                                                        : job_text(j, JOB_PRIORITY),
                      t->value);
    case FIELD_ID:
        return any_in(j->id, t->value);
    case FIELD_BATCH:
        return any_in(job_text(j, JOB_BATCH_ID), t->value) ||
               any_in(batch_status_word((enum batch_status)s->batch), t->value);
    case FIELD_FEATURE:
        return any_feature(j, t->value);
    case FIELD_ERROR:
        return any_error(j, t->value);
    case FIELD_EMAIL:
        return any_in(job_text(j, JOB_EMAIL), t->value);
    case FIELD_IS:
        return is(t, j, s, now_ms);
    case FIELD_AGE:
        return compare(t, since(job_time(j, s, NULL), now_ms));
    case FIELD_UPDATED:
        return compare(t, since(job_ms(j, JOB_UPDATED), now_ms));
    case FIELD_DURATION:
        return compare(t, job_duration_ms(j, s, now_ms));
    case FIELD_PROGRESS:
        return compare(t, j->progress);
    }
    return false;
}

bool field_test_env(const struct field_test *t, const char *context)
{
    const char *at = t->value;

    while (context != NULL && *at != '\0') {
        size_t len = strcspn(at, ",");
        if (len > 0 && begins(context, at, len)) {
            return true;
        }
        at += len + (at[len] == ',');
    }
    return false;
}

bool field_test_moves(const struct field_test *t)
{
    return t->kind == FIELD_AGE || t->kind == FIELD_UPDATED || t->kind == FIELD_DURATION ||
           (t->kind == FIELD_IS && t->is == IS_OVER);
}
