/* stats_show.h - the figures of `mvpdash stats` for people, and as CSV. */
#ifndef CLI_STATS_SHOW_H
#define CLI_STATS_SHOW_H

#include "jobs/insight.h"
#include "src/cli/cli_priv.h"

/* Prints the figures; the groups too when `grouped`. */
void stats_show(struct cli *c, const struct insight *x, bool grouped, bool ascii);
/* How many buckets the plots have room for on this terminal. */
size_t stats_room(const struct cli *c);
/* Prints a line for each group (RFC 4180); what is not known is empty. */
void stats_csv(struct cli *c, const struct insight *x);
#endif
