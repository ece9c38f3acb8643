/* doctor_show.h - how `mvpdash doctor` prints: a line for each check, its remedy below it, commands
 * ready to be copied. Main thread. */
#ifndef CLI_DOCTOR_SHOW_H
#define CLI_DOCTOR_SHOW_H

#include "jobs/doctor.h"
#include "src/cli/cli_priv.h"

/* Prints state, id, title and what was found, with the remedy; `took_ms` is -1 where the time does
 * not matter; `limit` says how far a PASS goes (NULL: nothing is to be said). On a terminal text is
 * broken between words; commands never are, so that they can be copied. */
void doctor_show(struct cli *c, const char *id, const char *title, const struct finding *f,
                 int64_t took_ms, const char *limit);
/* Prints what stands before it (doctor_first_lead), "D3: ..." and its remedy. */
void doctor_show_first(struct cli *c, const char *lead, const char *id, const char *text,
                       const char *fix);
#endif
