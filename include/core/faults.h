/* faults.h - all the faults of one input, field by field, in addition to the one sentence of err.h.
 * One thread at a time. */
#ifndef CORE_FAULTS_H
#define CORE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum { FAULTS_MAX = 50 }; /* further faults are only counted */

struct fault {
    /* owned; the place of the fault, as the caller names it: "metadata.features[2]" */
    char *field;
    char *reason; /* owned; what is wrong with it and what would be accepted */
};

struct faults {
    struct fault items[FAULTS_MAX];
    size_t len;
    size_t more; /* how many faults did not fit */
};

/* Adds a fault. Both texts are copied and made safe to show, as err_set does; a very long name is
 * cut, with "...". */
void faults_add(struct faults *f, const char *field, const char *reason);
/* Adds the error of a check, whose sentence began with the name: "name is ..." or "name: ...". */
void faults_take(struct faults *f, const char *field, const struct err *e);
/* What stands between a field's name and the reason, so that both are one sentence: " " before a
 * verb ("userId is missing"), else ": ". */
const char *fault_joint(const char *reason);
/* The reason of a sentence without the name of the field at its begin; points into `msg`. */
const char *fault_reason(const char *field, const char *msg);
/* Is there a fault of this field or of a part of it? */
bool faults_of(const struct faults *f, const char *field);
void faults_clear(struct faults *f);

/* E_OK when there are no faults, else E_INVALID with the first one as a sentence. */
MUST_CHECK enum err_code faults_err(const struct faults *f, struct err *e);
#endif
