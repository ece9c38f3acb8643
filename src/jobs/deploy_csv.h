/* deploy_csv.h - records of CSV by RFC 4180, with any separator: private to src/jobs. Pure. */
#ifndef JOBS_DEPLOY_CSV_H
#define JOBS_DEPLOY_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Where reading stands; csv_begin sets it up. */
struct csv {
    const char *at, *end; /* borrowed */
    size_t line;          /* of `at` */
    char sep;             /* between cells */
    /* The record read last. */
    size_t start_line;
    char **cells; /* owned, NUL-terminated; hold secrets */
    size_t len, cap;
};

/* At the first record. The separator is that of a line "sep=;" (which is passed over), else the one
 * of comma, semicolon, tab and bar that makes the most deploy fields of the header. */
void csv_begin(struct csv *c, const char *text, size_t len); /* text: borrowed */
/* Reads the next record that is no blank line. False at the end of the text. `*rc` is E_INVALID
 * with `e` when the record is malformed (a quote where none may be, one that is not closed, a NUL,
 * too long, too many cells); reading goes on with the line after it. */
bool csv_next(struct csv *c, enum err_code *rc, struct err *e);
/* The same for the next record in which a cell has a value: rows that were emptied, or only
 * formatted, are no rows, nor is the line of dashes below the header of a Markdown table. */
bool csv_next_full(struct csv *c, enum err_code *rc, struct err *e);
/* The header, as the first record: the first that has several values. What stands above it with a
 * single value is a title ("Table 1" of Numbers). */
bool csv_header(struct csv *c, enum err_code *rc, struct err *e);
void csv_clear(struct csv *c); /* wipes the cells */
#endif
