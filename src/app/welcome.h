/* welcome.h - what the dashboard shows on a first start, when no credentials were found at all:
 * what it is, the local cloud to try it on, and how to connect it to AWS. UI thread only. */
#ifndef APP_WELCOME_H
#define APP_WELCOME_H

#include "core/err.h"
#include "textview.h"

struct welcome {
    struct textview text;
    struct err why; /* what was looked for: the error of the credentials; E_OK: not known */
};

/* Takes what was looked for. */
void welcome_set(struct welcome *w, const struct err *why);
#endif
