/* faults.h - all that is wrong with one input, field by field, beside the one sentence of err.h.
 * One thread at a time. */
#ifndef CORE_FAULTS_H
#define CORE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum { FAULTS_MAX = 50 }; /* what comes after these is only counted */

struct fault {
    char *field;  /* owned; where it is, as the caller names it: "metadata.features[2]" */
    char *reason; /* owned; what is wrong with it and what would be accepted */
};

struct faults {
    struct fault items[FAULTS_MAX];
    size_t len;
    size_t more; /* that did not fit */
};

/* Both are copied and made safe to show, as err_set does; a very long name is cut, with "...". */
void faults_add(struct faults *f, const char *field, const char *reason);
/* Adds what a check said, which began its sentence with "name: ". */
void faults_take(struct faults *f, const char *field, const struct err *e);
/* Is there one of this field or of a part of it? */
bool faults_of(const struct faults *f, const char *field);
void faults_clear(struct faults *f);

/* E_OK when there is none, else E_INVALID with the first as a sentence. */
MUST_CHECK enum err_code faults_err(const struct faults *f, struct err *e);
#endif
