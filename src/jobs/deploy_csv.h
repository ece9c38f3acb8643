/* deploy_csv.h - records of CSV by RFC 4180, with any separator: private to src/jobs. Pure. */
#ifndef JOBS_DEPLOY_CSV_H
#define JOBS_DEPLOY_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* A reader of CSV and its place in the text; csv_begin sets it up. */
struct csv {
    const char *at, *end; /* borrowed */
    size_t line;          /* the line of `at` */
    char sep;             /* the separator between cells */
    /* the record that was read last */
    size_t start_line;
    char **cells; /* owned and NUL-terminated; the cells may hold secrets */
    size_t len, cap;
};

/* Goes to the first record. The separator is the one that a line "sep=;" names (which is passed
 * over), else the one among comma, semicolon, tab and bar that makes the most deploy fields of the
 * header. */
void csv_begin(struct csv *c, const char *text, size_t len); /* text: borrowed */
/* Reads the next record in which a cell has a value: a row that was emptied or only formatted is no
 * record, nor is the line of dashes below the header of a Markdown table. False at the end of the
 * text. `*rc` and `e` are those of a malformed record, after which reading goes on with the next
 * line. */
bool csv_next_full(struct csv *c, enum err_code *rc, struct err *e);
/* Reads the header: the first record that has several values. A line above it with a single value
 * is a title ("Table 1" of Numbers). */
bool csv_header(struct csv *c, enum err_code *rc, struct err *e);
void csv_clear(struct csv *c); /* wipes the cells */
#endif
