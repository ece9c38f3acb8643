/* filter_field.h - "field:value" terms of the filter: private to src/jobs. */
#ifndef JOBS_FILTER_FIELD_H
#define JOBS_FILTER_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
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
    FIELD_AGE,      /* since it was created */
    FIELD_UPDATED,  /* since the last update */
    FIELD_DURATION, /* of its run */
    FIELD_PROGRESS
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
    IS_TWO_RECORDS
};

struct field_test {
    enum field_kind kind;
    const char *value; /* borrowed from the term's text; alternatives stand between commas */
    enum field_is is;
    char op; /* '<', '>' or '=' of AGE, UPDATED, DURATION, PROGRESS */
    bool or_equal;
    int64_t number; /* milliseconds, or percent */
};

/* Reads "status:failed", "age<2h"; FIELD_NONE when `text` has neither ':' nor a comparison of a
 * field. `*complete` is false while the value is still being typed ("status:"): then it is no test
 * yet. `text` must outlive the test. E_INVALID names the field and what would be accepted. */
MUST_CHECK enum err_code field_test_parse(const char *text, struct field_test *out, bool *complete,
                                          struct err *e);
bool field_test_matches(const struct field_test *t, const struct job *j, const struct job_state *s,
                        int64_t now_ms);
bool field_test_moves(const struct field_test *t); /* time alone may change what it says */

/* Letter-case folding of ASCII, and the tests on single bytes that words need. */
char filter_fold(char c);
bool filter_is_blank(char c);
bool filter_is_break(char c); /* what parts words: anything but letters, digits and UTF-8 bytes */
/* Is `needle` in `s`, in any letter case? Letters outside ASCII fold by towlower in the locale. */
bool filter_contains(const char *s, const char *needle);
#endif
