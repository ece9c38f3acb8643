/* notice.h - a line on stderr that says which service a command waits for.
 *
 * A thread of its own looks at the calls under way; the rest of the command line knows nothing of
 * it. The main thread starts and ends it. */
#ifndef CLI_NOTICE_H
#define CLI_NOTICE_H

#include "src/cli/cli_priv.h"

/* Starts the thread. When calls were under way for two seconds without a pause, stderr says which
 * service the command waits for and for how long, and says it again now and then; with --json as
 * {"waiting"}. */
void notice_start(struct cli *c);
void notice_end(struct cli *c); /* waits for the thread; does nothing when it was not started */
#endif
