/* notice.h - a command that waits for a service says so.
 *
 * A thread of its own looks at the calls under way; the rest of the command line knows nothing of
 * it. Started and ended by the main thread. */
#ifndef CLI_NOTICE_H
#define CLI_NOTICE_H

#include "src/cli/cli_priv.h"

/* After two seconds in which calls were under way without a pause stderr says which service is
 * waited for and for how long, and again now and then; with --json as {"waiting"}. */
void notice_start(struct cli *c);
void notice_end(struct cli *c); /* waits for the thread; without a start it does nothing */
#endif
