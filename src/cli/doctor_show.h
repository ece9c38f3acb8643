/* doctor_show.h - how `mvpdash doctor` prints: a line a check, its remedy below, commands ready to
 * be copied. Main thread. */
#ifndef CLI_DOCTOR_SHOW_H
#define CLI_DOCTOR_SHOW_H

#include "jobs/doctor.h"
#include "src/cli/cli_priv.h"

/* State, id, title and what was found, with its remedy; `took_ms` is -1 where it does not matter.
 * Text is broken between words on a terminal; commands never, so that they can be copied. */
void doctor_show(struct cli *c, const char *id, const char *title, const struct finding *f,
                 int64_t took_ms);
/* "First: D3: ..." with its remedy. */
void doctor_show_first(struct cli *c, const char *id, const char *text, const char *fix);
#endif
