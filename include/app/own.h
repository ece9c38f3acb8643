/* own.h - what a person defined in [views], [commands] and [keys] of config.ini, for `mvpdash
 * config`. Any thread. */
#ifndef APP_OWN_H
#define APP_OWN_H

#include <cjson/cJSON.h>

#include "config/settings.h"

/* {"views":[{"name","line","filter","sort","columns","states","mistake"}],
 * "commands":[{"name","line","keys","confirm","safe","terminal","program","mistake"}],
 * "keyWarnings":[],"keyNotices":[]}: what does not count, and which action lost a key. Owned. */
cJSON *own_json(const struct settings *s);

/* Adds to the warnings what only the dashboard understands: keys, views, commands, columns and
 * order that do not count. */
void own_warn(struct settings *s);
#endif
