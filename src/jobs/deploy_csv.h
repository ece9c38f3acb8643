/* deploy_csv.h - records of CSV by RFC 4180: private to src/jobs. Pure. */
#ifndef JOBS_DEPLOY_CSV_H
#define JOBS_DEPLOY_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Where reading stands. Set text, end and line (1) before the first record. */
struct csv {
    const char *at, *end; /* borrowed */
    size_t line;          /* of `at` */
    /* The record read last. */
    size_t start_line;
    char **cells; /* owned, NUL-terminated; hold secrets */
    size_t len, cap;
};

/* Reads the next record that is no blank line. False at the end of the text. `*rc` is E_INVALID
 * with `e` when the record is malformed (a quote where none may be, one that is not closed, a NUL,
 * too long, too many cells); reading goes on with the line after it. */
bool csv_next(struct csv *c, enum err_code *rc, struct err *e);
void csv_clear(struct csv *c); /* wipes the cells */
#endif
