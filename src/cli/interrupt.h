/* interrupt.h - Ctrl-C that ends the calls under way, so that a command can still say what it has.
 *
 * cli_catch_interrupt only notes a Ctrl-C: a call that waits for its answer goes on. The thread
 * here ends it. The main thread starts and ends it. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "src/cli/cli_priv.h"

struct interrupt; /* opaque: src/cli/interrupt.c */

/* From here to interrupt_end the first Ctrl-C makes cli_interrupted true and the calls of c->ops,
 * or of all contexts, end soon with E_CANCELLED; a second one ends the program. */
struct interrupt *interrupt_catch(struct cli *c);
/* Did Ctrl-C come? Frees; calls may be made again afterwards. */
bool interrupt_end(struct interrupt *i);
#endif
