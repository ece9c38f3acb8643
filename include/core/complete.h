/* complete.h - file names for a line being typed. Reads folders; any thread. */
#ifndef CORE_COMPLETE_H
#define CORE_COMPLETE_H

#include <stddef.h>

#include "core/err.h"

/* A path such as "~/x" with the home folder for the tilde; any other path as it is. Owned. */
char *path_expand(const char *path);
/* The paths that begin with the typed text (a leading ~/ stays as typed): folders, with a slash at
 * their end, then files; hidden ones only when their dot is typed. At most `max`, sorted; owned
 * array of owned strings, NULL when there is none. */
char **path_complete(const char *typed, size_t max, size_t *len);
/* How many bytes all the paths begin with in common. */
size_t complete_common(char *const *paths, size_t len);
#endif
