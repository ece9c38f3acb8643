/* filter_field.h - "field:value" terms of the filter: private to src/jobs. */
#ifndef JOBS_FILTER_FIELD_H
#define JOBS_FILTER_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/strbuf.h"
#include "jobs/batch.h"
#include "jobs/job.h"
#include "jobs/state.h"

enum field_kind {
    FIELD_NONE, /* the text is no field term */
    FIELD_STATUS,
    FIELD_USER,
    FIELD_PRODUCT,
    FIELD_NAME,
    FIELD_STEP,
    FIELD_PRIORITY,
    FIELD_ID,
    FIELD_BATCH,
    FIELD_FEATURE,
    FIELD_ERROR,
    FIELD_EMAIL,
    FIELD_IS,
    FIELD_AGE,      /* the time since the job was created */
    FIELD_UPDATED,  /* the time since the job was last updated */
    FIELD_DURATION, /* the duration of the job's run */
    FIELD_PROGRESS,
    FIELD_EXIT,   /* the exit code of the container */
    FIELD_REASON, /* why the job failed (jobs/cause.h) */
    FIELD_RETRY_OF,
    FIELD_ENV /* the context that the job is of */
};

enum field_is {
    IS_STUCK,
    IS_DRIFT,
    IS_FAILED,
    IS_ACTIVE,
    IS_FINAL,
    IS_RETRY,
    IS_GONE,
    IS_OVER,
    IS_NO_RECORD,
    IS_TWO_RECORDS,
    IS_SLOW /* in its step for longer than usual */
};

struct field_test {
    enum field_kind kind;
    const char *value; /* borrowed from the term's text; commas stand between the alternatives */
    enum field_is is;
    char op; /* for the fields that are compared: '<', '>' or '=' */
    bool or_equal;
    int64_t number; /* milliseconds, percent, or an exit code */
};

/* What a test finds. Of a value that is not known neither the test nor its opposite holds. */
enum field_hit { HIT_NO, HIT_YES, HIT_NOT_KNOWN };

/* Reads "status:failed" or "age<2h"; FIELD_NONE when `text` has neither a ':' nor a field with a
 * comparison. `*complete` is false while the value is still being typed ("status:"): the term is no
 * test yet. `text` must outlive the test. E_INVALID names the field and what would be accepted. */
MUST_CHECK enum err_code field_test_parse(const char *text, struct field_test *out, bool *complete,
                                          struct err *e);
enum field_hit field_test_matches(const struct field_test *t, const struct job *j,
                                  const struct batch_job *b, const struct job_state *s,
                                  int64_t now_ms); /* `b` may be NULL */
/* Does a test of FIELD_ENV hold for this context (NULL: none)? A context is named by its beginning.
 */
bool field_test_env(const struct field_test *t, const char *context);
/* may the test's result change only because time passes? */
bool field_test_moves(const struct field_test *t);

/* The i-th field that is offered, and how it is mostly joined to its value; NULL: there are no
 * more.
 */
const char *field_name(size_t i, char *joint);
enum field_kind field_named(const char *typed, size_t len); /* FIELD_NONE: there is none */
/* E_INVALID: says which words `is:` takes, if any ("" is none: E_OK). */
enum err_code field_is_unknown(const char *value, struct err *e);
const char *field_is_word(size_t i); /* the i-th word of `is:`; NULL: there are no more */
/* The job's text of a field whose values are texts; NULL: it has none, or is not of that kind. */
const char *filter_field_text(enum field_kind kind, const struct job *j);

/* Letter-case folding of ASCII, and two tests of single bytes. */
char filter_fold(char c);
bool filter_is_blank(char c);
/* does the byte separate words? That is anything but letters, digits and UTF-8 bytes */
bool filter_is_break(char c);
/* Does `needle` stand in `s`, in any letter case? Letters outside ASCII fold by the locale's
 * towlower. */
bool filter_contains(const char *s, const char *needle);
bool filter_contains_n(const char *s, const char *needle, size_t len);
/* does `s` begin with it? */
bool filter_begins(const char *s, const char *needle, size_t needle_len);
#endif
