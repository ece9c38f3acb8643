/* own.h - what a person defined in [views], [commands] and [keys] of config.ini, for `mvpdash
 * config`. Any thread. */
#ifndef APP_OWN_H
#define APP_OWN_H

#include <cjson/cJSON.h>

#include "config/settings.h"

/* {"views":[{"name","line","filter","sort","columns","states","mistake"}],
 * "commands":[{"name","line","keys","confirm","safe","terminal","program","mistake"}],
 * "keyWarnings":[]}. Owned. */
cJSON *own_json(const struct settings *s);
#endif
