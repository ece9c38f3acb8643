/* deploy_text.h - what kind of text a file of deploys is: private to src/jobs. Pure. */
#ifndef JOBS_DEPLOY_TEXT_H
#define JOBS_DEPLOY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* JSON documents that stand one behind the other in a text. */
struct deploy_documents {
    size_t len;
    bool lines; /* one of the documents takes more than one line */
};
/* Counts the documents. False when the text holds anything but complete JSON values. */
bool deploy_text_documents(const char *text, size_t len, struct deploy_documents *out);

/* E_INVALID when a spreadsheet wrote something else into the cell than the value: the error of a
 * formula ("#N/A"), or, where an id belongs, a number that it shortened ("1.23E+11"). */
MUST_CHECK enum err_code deploy_text_check_cell(const char *name, bool id, const char *cell,
                                                struct err *e);
#endif
