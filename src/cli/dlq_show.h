/* dlq_show.h - how `mvpdash dlq list` prints: by error code, each with what to do about it. */
#ifndef CLI_DLQ_SHOW_H
#define CLI_DLQ_SHOW_H

#include "ops/dlq.h"
#include "src/cli/cli_priv.h"

/* A table a group; the body of what is no event below it, cleaned. */
void dlq_show(struct cli *c, const struct dlq_list *l);
/* {"queue","messages","groups","more","hidden"}. */
void dlq_show_json(struct cli *c, const struct dlq_queue *q, const struct dlq_list *l);
#endif
