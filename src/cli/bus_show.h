/* bus_show.h - how `mvpdash bus` prints: rule by rule, target by target. Main thread. */
#ifndef CLI_BUS_SHOW_H
#define CLI_BUS_SHOW_H

#include "ops/bus.h"
#include "src/cli/cli_priv.h"

/* Prints each rule with its targets; when an event was given, also which rules match it and what
 * each target gets. */
void bus_show(struct cli *c, const struct bus_report *r);
/* Prints {"bus","arn","event","matches","notKnown","rules":[...]}. */
void bus_show_json(struct cli *c, const struct bus_report *r);
#endif
