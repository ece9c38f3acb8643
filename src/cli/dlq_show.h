/* dlq_show.h - how `mvpdash dlq list` prints: by error code, each with what to do about it. */
#ifndef CLI_DLQ_SHOW_H
#define CLI_DLQ_SHOW_H

#include "ops/dlq.h"
#include "src/cli/cli_priv.h"

/* Prints a table for each group; below it the body, cleaned, of each message that is no event. */
void dlq_show(struct cli *c, const struct dlq_list *l);
/* Prints {"queue","messages","groups","more","hidden"}. */
void dlq_show_json(struct cli *c, const struct dlq_queue *q, const struct dlq_list *l);
#endif
