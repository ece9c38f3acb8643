/* path.h - files and folders: XDG places, whole-file reading, atomic writing.
 *
 * Any thread. Strings returned are owned by the caller. */
#ifndef CORE_PATH_H
#define CORE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

char *path_join(const char *a, const char *b); /* "a/b", one slash between */
char *path_home(void);                         /* $HOME, else the passwd entry, else "/" */
/* $XDG_CONFIG_HOME/mvpdash and $XDG_STATE_HOME/mvpdash with their defaults; relative values of the
 * variables are ignored as the XDG rules say. Nothing is created. */
char *path_config_dir(void);
char *path_state_dir(void);

bool path_exists(const char *path);
/* mkdir -p with `mode` for the folders it creates. */
MUST_CHECK enum err_code path_mkdirs(const char *path, unsigned mode, struct err *e);
/* Removes a file, or a folder with all in it; a missing one is fine. Never follows links. */
MUST_CHECK enum err_code path_remove_tree(const char *path, struct err *e);

/* E_OK when it is a plain file: reading a pipe or a terminal may wait for ever. E_NOT_FOUND, E_IO,
 * E_INVALID. */
MUST_CHECK enum err_code path_is_file(const char *path, struct err *e);
/* Reads a file of at most `limit` bytes; `*out` is NUL-terminated and owned, `*len` may be NULL.
 * E_NOT_FOUND when it is missing, E_TOO_BIG, E_IO. Waits for the writer of a pipe:
 * for files that a person names. */
MUST_CHECK enum err_code path_read(const char *path, size_t limit, char **out, size_t *len,
                                   struct err *e);
/* Is what was opened a plain file of this user? E_INVALID says what it is instead. */
MUST_CHECK enum err_code path_own_file(int fd, const char *path, struct err *e);
/* As path_read, for the files of our own state folder: a link, a pipe, a folder or another user's
 * file is E_INVALID at once; it is neither followed nor waited for. */
MUST_CHECK enum err_code path_read_own(const char *path, size_t limit, char **out, size_t *len,
                                       struct err *e);
/* As path_read, for what a program finds by itself in the working directory: what is no plain file,
 * such as a pipe that nobody writes to, is E_INVALID at once. */
MUST_CHECK enum err_code path_read_plain(const char *path, size_t limit, char **out, size_t *len,
                                         struct err *e);
/* Writes all of it to a descriptor, going on after signals and short writes; false leaves errno. */
MUST_CHECK bool path_write_all(int fd, const void *data, size_t len);
/* Writes a temporary file beside it, fsyncs, renames, fsyncs the folder: after a crash the file is
 * the old one or the new one. */
MUST_CHECK enum err_code path_write_atomic(const char *path, const void *bytes, size_t len,
                                           unsigned mode, struct err *e);
#endif
