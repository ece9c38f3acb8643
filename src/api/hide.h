/* hide.h - private to api: what callers of the API are not told of this machine. Pure. */
#ifndef API_HIDE_H
#define API_HIDE_H

#include <cjson/cJSON.h>

/* The text without absolute paths: each becomes "a file of the server". Names of AWS that look like
 * a path ("/aws/batch/job") stay. Owned. */
char *hide_paths(const char *text);
void hide_paths_in(cJSON *doc); /* does the same in all texts of a document */
/* Why a job ended, without who ended it on which machine: "mvpdash user@host: text" becomes
 * "mvpdash: text". Owned; NULL for NULL. */
char *hide_actor(const char *reason);
#endif
