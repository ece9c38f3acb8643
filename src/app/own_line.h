/* own_line.h - lines of [views] and [commands] with a mistake. Pure. */
#ifndef APP_OWN_LINE_H
#define APP_OWN_LINE_H

#include "config/settings.h"

/* "config.ini:12 [views] late: WHY". `file`: config.ini as it is shown; NULL: its plain name.
 * Owned. */
char *own_line_mistake(const struct setting_line *l, const char *file, const char *section,
                       const char *why);
#endif
