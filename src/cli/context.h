/* context.h - what a command owes to the context in force (SPEC 11). */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include "src/cli/cli_priv.h"

/* Refuses a command that writes where the credentials are not of the context's account, before
 * anything is sent; one that reads goes on with a warning. */
MUST_CHECK enum err_code context_check_account(struct cli *c, struct err *e);
/* Tells the warnings of these settings; programs (--json) are told, too, when a command works on
 * another table or profile than its context says. `config` has that in its document. */
void context_tell_warnings(struct cli *c, const struct settings *s);

/* Was --all-contexts given? */
bool context_all(const struct cli *c);
/* E_USAGE when an option stands beside --all-contexts that would make all contexts one. */
MUST_CHECK enum err_code context_check_all(const struct cli *c, struct err *e);
/* Makes c->all, and tells the warnings of each context. */
MUST_CHECK enum err_code context_open_all(struct cli *c, struct err *e);
#endif
