/* doctor_fix.h - remedies that several rules give. Private to src/jobs. */
#ifndef JOBS_DOCTOR_FIX_H
#define JOBS_DOCTOR_FIX_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "jobs/doctor.h"

/* Sets the remedy: the text `before`, and the command that writes the target as it is now. */
void doctor_target_fix(const char *before, const cJSON *target, const struct doctor_names *n,
                       struct finding *f);
/* Sets the remedy: the text `before`, and the command that gives a compute environment room for
 * `vcpus` (0: for twice what it has). */
void doctor_grow_fix(const char *before, const cJSON *environment, int64_t vcpus,
                     const struct doctor_names *n, struct finding *f);
#endif
