/* deploy_columns.h - private to jobs: the header of a CSV file of deploys. */
#ifndef JOBS_DEPLOY_COLUMNS_H
#define JOBS_DEPLOY_COLUMNS_H

#include <stddef.h>

#include "deploy_csv.h"
#include "jobs/deploy.h"

struct columns {
    char **names; /* owned, trimmed; "": the column has no name */
    /* the field of each column; NULL: the column goes into metadata */
    const struct deploy_field **field;
    size_t len;
};

/* Reads the header that `c` stands on. E_INVALID: two columns are the same, one nearly has the name
 * of a field that has no column, or a required field has none. `h` has to be cleared in any case.
 */
MUST_CHECK enum err_code columns_read(const struct csv *c, struct columns *h, struct err *e);
void columns_clear(struct columns *h);
#endif
