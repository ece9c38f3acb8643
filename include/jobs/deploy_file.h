/* deploy_file.h - a file of deploys: JSON Lines, or CSV with a header (RFC 4180).
 *
 * JSON Lines: one object a line, as deploy_request_from_json takes it. CSV: a column is named like
 * a field of deploy_fields or its flag ("userId", "user-id"); any other column goes into metadata
 * as a text; an empty cell is a value left out. Sheets are read as Excel writes them: separated by
 * comma, semicolon or tab, with "sep=;", in UTF-8 or UTF-16, a title above the header, short rows,
 * and rows and columns without any value, which are none. Which of the two it is shows in the first
 * character that is no blank. Blank lines do not count. Every line is read and checked, whatever is
 * wrong with the lines before it, so that all mistakes are told at once. Pure; any thread. */
#ifndef JOBS_DEPLOY_FILE_H
#define JOBS_DEPLOY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "jobs/deploy.h"

enum {
    DEPLOY_FILE_MAX = 64 << 20,     /* bytes */
    DEPLOY_FILE_LINE_MAX = 1 << 20, /* bytes of one line, or of one CSV record */
    DEPLOY_FILE_LEN_MAX = 100000,   /* deploys */
    DEPLOY_FILE_COLUMNS_MAX = 200,
    DEPLOY_FILE_ERRORS_MAX = 50
};

/* What is wrong, and where; `err.msg` is a sentence that begins with the field where there is one.
 * Nothing of a secret is repeated. */
struct deploy_file_error {
    size_t line;    /* from 1; where the record begins */
    char field[64]; /* its name or column, cleaned; "" when it is about the whole line */
    struct err err;
};

struct deploy_file {
    struct deploy_request *requests; /* owned; checked, not sealed */
    size_t *lines;                   /* owned; where each stands */
    size_t len, cap, lines_cap;
    struct deploy_file_error *errors; /* owned; the first DEPLOY_FILE_ERRORS_MAX */
    size_t errors_len, errors_cap;
    bool more_errors; /* there are others, not kept */
};

/* Reads `len` bytes. E_INVALID when they are more than DEPLOY_FILE_MAX, when any line is wrong, or
 * when there is none: `out->errors` lists what, `e` tells of the first. `out` is filled in any
 * case: clear it. */
MUST_CHECK enum err_code deploy_file_read(const char *text, size_t len, struct deploy_file *out,
                                          struct err *e);
void deploy_file_clear(struct deploy_file *f);
#endif
