/* filter.c - the filter line, compiled to a list of terms.
 *
 * DESIGN. It runs over 100,000 jobs at each key, so a term is decided by the cheapest test first,
 * nothing is allocated while matching, and every subject is cut at SUBJECT_MAX bytes. A regular
 * expression is limited in length, nesting and repeat counts, and to what glibc matches without
 * backtracking (no back-references), so that no pattern can hang the screen. */
#include "jobs/filter.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/regex_why.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "filter_field.h"

enum {
    TEXT_LIMIT = 512,
    TERMS_MAX = 32,
    REGEX_MAX = 128,
    REPEAT_MAX = 20,
    DEPTH_MAX = 3,
    SUBJECT_MAX = 1024
};

enum term_kind { TERM_WORD, TERM_FIELD, TERM_REGEX };

struct term {
    enum term_kind kind;
    bool negated;
    bool quoted; /* the word stood in quotes: it is searched as it is, never fuzzily */
    char *word;  /* owned */
    struct field_test field;
    regex_t regex;
};

struct filter {
    struct term terms[TERMS_MAX];
    size_t len;
};

/* --- words --- */

/* Do the letters of `word` stand in this order in `s`, the first one at the beginning of a word of
 * `s`? "mst" finds "My Startup". For ASCII the letter case does not matter. */
static bool fuzzy(const char *s, const char *word)
{
    for (size_t start = 0; s[start] != '\0' && start < SUBJECT_MAX; start++) {
        bool begins = start == 0 || filter_is_break(s[start - 1]);
        const char *w = word;
        if (!begins || filter_fold(s[start]) != filter_fold(*w)) {
            continue;
        }
        for (size_t i = start; s[i] != '\0' && i < SUBJECT_MAX && *w != '\0'; i++) {
            w += filter_fold(s[i]) == filter_fold(*w);
        }
        if (*w == '\0') {
            return true;
        }
    }
    return false;
}

static bool word_matches(const char *word, bool quoted, const struct job *j,
                         const struct job_state *s)
{
    const char *const subjects[] = {job_text(j, JOB_BUSINESS_NAME), j->id,
                                    job_text(j, JOB_USER_ID),       job_text(j, JOB_PRODUCT_ID),
                                    job_state_word(j, s),           job_text(j, JOB_STEP),
                                    job_status_people(s->status)};
    enum { ID = 1, COUNT = sizeof subjects / sizeof *subjects };

    for (size_t i = 0; i < COUNT; i++) {
        if (subjects[i] != NULL && filter_contains(subjects[i], word)) {
            return true;
        }
    }
    if (s->stuck != STUCK_NO && strcasecmp(word, "stuck") == 0) {
        return true;
    }
    if (quoted || strlen(word) < 2) {
        return false;
    }
    for (size_t i = 0; i < COUNT; i++) {
        /* Job ids are random letters: a fuzzy search in them would find everything. */
        if (i != ID && subjects[i] != NULL && fuzzy(subjects[i], word)) {
            return true;
        }
    }
    return false;
}

/* --- regular expressions --- */

/* Goes past a bracket expression, in which a ']' at the start stands for itself. */
static const char *skip_bracket(const char *p)
{
    p++;
    p += *p == '^';
    p += *p == ']';
    while (*p != '\0' && *p != ']') {
        p++;
    }
    return p;
}

/* At a '{': are its repeat counts within the limits? */
static bool counts_ok(const char *p)
{
    char *end = NULL;
    long low = strtol(p + 1, &end, 10);
    long high = *end == ',' ? strtol(end + 1, NULL, 10) : low;
    return low >= 0 && low <= REPEAT_MAX && high >= 0 && high <= REPEAT_MAX;
}

/* Why a pattern is refused, or NULL. glibc copies what a '+' or a count repeats, so nested or
 * doubled repeats take memory without end while the pattern is compiled; and a back-reference takes
 * time without end when the pattern is matched. */
static const char *regex_refused(const char *p)
{
    int counts = 0;
    int depth = 0;
    bool repeated = false; /* the part before this place was a repeat */

    if (strlen(p) > REGEX_MAX) {
        return "it is longer than 128 characters";
    }
    for (; *p != '\0'; p++) {
        bool repeats = strchr("*+?{", *p) != NULL;
        if (repeats && repeated) {
            return "two repeats follow each other";
        }
        if (*p == '\\') {
            if (p[1] >= '0' && p[1] <= '9') {
                return "back-references are not supported";
            }
            p += p[1] != '\0';
        } else if (*p == '[') {
            p = skip_bracket(p);
        } else if (*p == '{') {
            if (++counts > 2 || !counts_ok(p)) {
                return "repeat counts go up to 20, at most twice";
            }
            p += strcspn(p, "}");
        } else if (*p == '(' && ++depth > DEPTH_MAX) {
            return "it has groups in groups in groups in groups";
        } else if (*p == ')') {
            depth -= depth > 0;
        }
        if (*p == '\0') {
            break;
        }
        repeated = repeats;
    }
    return NULL;
}

static bool regex_matches(const regex_t *re, const struct job *j, const struct job_state *s)
{
    const char *const subjects[] = {j->id,
                                    job_text(j, JOB_BUSINESS_NAME),
                                    job_text(j, JOB_USER_ID),
                                    job_text(j, JOB_PRODUCT_ID),
                                    job_text(j, JOB_STEP),
                                    job_state_word(j, s),
                                    job_text(j, JOB_STATUS_REASON)};

    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        char cut[SUBJECT_MAX + 1];
        const char *subject = subjects[i];
        if (subject == NULL) {
            continue;
        }
        if (strnlen(subject, SUBJECT_MAX + 1) > SUBJECT_MAX) {
            memcpy(cut, subject, SUBJECT_MAX);
            cut[SUBJECT_MAX] = '\0';
            subject = cut;
        }
        if (regexec(re, subject, 0, NULL, 0) == 0) {
            return true;
        }
    }
    return false;
}

static enum err_code regex_term(struct term *t, char *pattern, struct err *e)
{
    const char *why = regex_refused(pattern);

    if (why != NULL) {
        return err_set(e, E_INVALID, "regular expression: %s", why);
    }
    int rc = regcomp(&t->regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB);
    if (rc != 0) {
        return err_set(e, E_INVALID, "regular expression: %s", regex_why(rc, pattern));
    }
    t->kind = TERM_REGEX;
    return E_OK;
}

/* --- the line --- */

/* Takes the text of one term from *at: quotes hold blanks together; a /regex/ goes to its closing
 * slash or, while it is still being typed, to the end. Sets *regex. Owned. */
static char *next_text(const char **at, bool *regex)
{
    struct strbuf b = STRBUF_INIT;
    const char *s = *at;
    bool quoted = false;

    *regex = *s == '/';
    if (*regex) {
        for (s++; *s != '\0' && *s != '/'; s++) {
            if (s[0] == '\\' && s[1] == '/') {
                s++;
            } else if (s[0] == '\\' && s[1] != '\0') {
                strbuf_addc(&b, *s++);
            }
            strbuf_addc(&b, *s);
        }
        *at = *s == '/' ? s + 1 : s;
        return strbuf_take(&b);
    }
    for (; *s != '\0' && (quoted || !filter_is_blank(*s)); s++) {
        if (*s == '"') {
            quoted = !quoted;
        } else {
            strbuf_addc(&b, *s);
        }
    }
    *at = s;
    return strbuf_take(&b);
}

/* Adds the term at *at; E_OK also for a term that is not typed far enough to mean anything. */
static enum err_code add_term(struct filter *f, const char **at, struct err *e)
{
    struct term *t = &f->terms[f->len];
    enum err_code rc = E_OK;
    bool regex;

    *t = (struct term){.kind = TERM_WORD};
    if (**at == '!') {
        t->negated = true;
        ++*at;
    }
    t->quoted = **at == '"';
    char *text = next_text(at, &regex);
    if (*text == '\0') {
        free(text);
        return E_OK;
    }
    if (regex) {
        rc = regex_term(t, text, e);
        free(text);
    } else {
        bool complete = true;
        t->word = text;
        rc = t->quoted ? E_OK : field_test_parse(text, &t->field, &complete, e);
        if (rc == E_OK && !complete && t->field.kind == FIELD_IS && **at != '\0') {
            rc = field_is_unknown(t->field.value, e); /* nobody types it any more */
        }
        if (rc == E_OK && !t->quoted && t->field.kind != FIELD_NONE) {
            t->kind = TERM_FIELD;
        }
        if (rc != E_OK || !complete) {
            free(text);
            t->word = NULL;
            return rc;
        }
    }
    f->len += rc == E_OK;
    return rc;
}

struct filter *filter_new(const char *text, struct err *e)
{
    struct filter *f = xcalloc(1, sizeof *f);
    const char *at = text;

    if (strnlen(text, TEXT_LIMIT + 1) > TEXT_LIMIT || !text_utf8_valid(text, strlen(text))) {
        (void)err_set(e, E_INVALID, "filter: give at most 512 bytes of UTF-8 text");
        goto fail;
    }
    for (;;) {
        while (filter_is_blank(*at)) {
            at++;
        }
        if (*at == '\0') {
            return f;
        }
        if (f->len == TERMS_MAX) {
            (void)err_set(e, E_INVALID, "filter: give at most 32 terms");
            goto fail;
        }
        if (add_term(f, &at, e) != E_OK) {
            goto fail;
        }
    }
fail:
    filter_free(f);
    return NULL;
}

void filter_free(struct filter *f)
{
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < f->len; i++) {
        free(f->terms[i].word);
        if (f->terms[i].kind == TERM_REGEX) {
            regfree(&f->terms[i].regex);
        }
    }
    free(f);
}

/* The term is of the job's context, not of the job: filter_wants looks at it. */
static bool is_env(const struct term *t)
{
    return t->kind == TERM_FIELD && t->field.kind == FIELD_ENV;
}

bool filter_wants(const struct filter *f, const char *context)
{
    for (size_t i = 0; f != NULL && i < f->len; i++) {
        const struct term *t = &f->terms[i];
        if (is_env(t) && field_test_env(&t->field, context) == t->negated) {
            return false;
        }
    }
    return true;
}

bool filter_match(const struct filter *f, const struct job *j, const struct batch_job *b,
                  const struct job_state *s, int64_t now_ms)
{
    for (size_t i = 0; f != NULL && i < f->len; i++) {
        const struct term *t = &f->terms[i];
        if (is_env(t)) {
            continue;
        }
        if (t->kind == TERM_FIELD) {
            if (field_test_matches(&t->field, j, b, s, now_ms) != (t->negated ? HIT_NO : HIT_YES)) {
                return false;
            }
            continue;
        }
        bool hit = t->kind == TERM_WORD ? word_matches(t->word, t->quoted, j, s)
                                        : regex_matches(&t->regex, j, s);
        if (hit == t->negated) {
            return false;
        }
    }
    return true;
}

bool filter_moves(const struct filter *f)
{
    for (size_t i = 0; f != NULL && i < f->len; i++) {
        if (f->terms[i].kind == TERM_FIELD && field_test_moves(&f->terms[i].field)) {
            return true;
        }
    }
    return false;
}
