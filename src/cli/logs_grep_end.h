/* logs_grep_end.h - what `mvpdash logs --grep` says when a search has ended: how much was found,
 * and what was not looked at. */
#ifndef CLI_LOGS_GREP_END_H
#define CLI_LOGS_GREP_END_H

#include "ops/log_search.h"
#include "src/cli/cli_priv.h"

enum { GREP_END_WHO = 80 };

/* A search that has ended. All borrowed. */
struct grep_end {
    struct cli *c;
    const struct log_search *q;
    const struct ops *ops;
    const struct log_search_result *r;
    const char *who; /* "context NAME: " before each sentence, or "" */
};

/* Says what was found, and what the search could not look at; `rc` is how it ended. */
void grep_end_say(const struct grep_end *g, enum err_code rc);
/* The search's result for the exit status, with its remedy; `e` is how it ended. */
MUST_CHECK enum err_code grep_end_code(const struct grep_end *g, enum err_code rc, struct err *e);
/* Says that Ctrl-C ended it; sets the command's exit status. E_OK. */
enum err_code grep_end_interrupted(struct cli *c, int64_t reached_ms);
/* Says that --limit ended it. */
void grep_end_limit(struct cli *c, size_t hits, int64_t reached_ms);
#endif
