/* attr_rows.h - the table of known attributes: private to src/jobs. */
#ifndef JOBS_ATTR_ROWS_H
#define JOBS_ATTR_ROWS_H

#include "jobs/attrs.h"

struct attr_row {
    const char *name;
    enum attr_use use;
    bool told; /* struct job, the timeline or a fact tells the attribute's value */
};
/* Is the attribute known, so that nobody shows it once more as an unknown one? */
bool attr_told(const char *name);
/* All rows, sorted as strcmp sorts their names; a test checks that order. */
size_t attr_rows(const struct attr_row **out);
#endif
