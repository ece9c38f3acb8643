/* deploy_text.h - what kind of text a file of deploys is: private to src/jobs. Pure. */
#ifndef JOBS_DEPLOY_TEXT_H
#define JOBS_DEPLOY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* JSON documents one behind the other. */
struct deploy_documents {
    size_t len;
    bool lines; /* one of them takes more than one line */
};
/* False when the text is anything but whole JSON values. */
bool deploy_text_documents(const char *text, size_t len, struct deploy_documents *out);

/* E_INVALID when a spreadsheet wrote something else into the cell than the value: the error of a
 * formula ("#N/A"), or, where an id belongs, a number that it shortened ("1.23E+11"). */
MUST_CHECK enum err_code deploy_text_check_cell(const char *name, bool id, const char *cell,
                                                struct err *e);
#endif
