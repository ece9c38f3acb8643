/* context.h - what a command owes to the context in force (SPEC 11). */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include "src/cli/cli_priv.h"

/* Refuses a command that writes where the credentials are not of the context's account, before
 * anything is sent; one that reads goes on with a warning. */
MUST_CHECK enum err_code context_check_account(struct cli *c, struct err *e);
/* Tells programs (--json), too, when a command works on another table or profile than its context
 * says. `config` has it in its document. */
void context_tell_hidden(struct cli *c);
#endif
