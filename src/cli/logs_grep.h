/* logs_grep.h - `mvpdash logs --grep`: a text in the logs of many jobs. */
#ifndef CLI_LOGS_GREP_H
#define CLI_LOGS_GREP_H

#include "src/cli/cli_priv.h"

/* E_USAGE when an option or word stands beside --grep that does not go with it. */
MUST_CHECK enum err_code logs_grep_check(const struct cli *c, struct err *e);
/* E_USAGE when an option of --grep stands there without it. */
MUST_CHECK enum err_code logs_grep_only(const struct cli *c, struct err *e);
MUST_CHECK enum err_code run_logs_grep(struct cli *c, struct err *e);
#endif
