/* day.h - a day at FounderDash, put into a local cloud: what the pictures show.
 *
 * Everything comes from tables and from the number of a job; nothing is by chance. */
#ifndef TESTS_SCREENS_DAY_H
#define TESTS_SCREENS_DAY_H

#include <stdbool.h>

#include "tests/e2e/cloud.h"

/* The jobs that the pictures open: the names of their businesses, and their users. */
#define DAY_FAILED "Bright Smile Dental"
#define DAY_FAILED_USER "user_2763"
#define DAY_RUNNING "Tidewater Books"
#define DAY_RUNNING_USER "user_3318"

/* Fills a cloud that has just been started. False after a line on stderr. */
bool day_fill(const struct cloud *c);
/* The dead letters as they were: not yet read by anybody. */
bool day_unread(const struct cloud *c);
/* Switches the rule that starts the jobs off, or on. */
bool day_rule(const struct cloud *c, bool on);
#endif
