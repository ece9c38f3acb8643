/* path.h - files and folders: XDG places, whole-file reading, atomic writing.
 *
 * Any thread. Strings returned are owned by the caller. */
#ifndef CORE_PATH_H
#define CORE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

char *path_join(const char *a, const char *b); /* joins to "a/b", with one slash between */
char *path_home(void);                         /* $HOME, else the passwd entry, else "/" */
/* The folders $XDG_CONFIG_HOME/mvpdash and $XDG_STATE_HOME/mvpdash with their defaults; relative
 * values of the variables are ignored, as the XDG rules say. Nothing is created. */
char *path_config_dir(void);
char *path_state_dir(void);

bool path_exists(const char *path);
/* Does what mkdir -p does, with `mode` for the folders that it creates. */
MUST_CHECK enum err_code path_mkdirs(const char *path, unsigned mode, struct err *e);
/* Removes a file, or a folder with everything in it; a missing one is no error. Never follows
 * links. */
MUST_CHECK enum err_code path_remove_tree(const char *path, struct err *e);

/* E_OK when the path is a plain file: reading a pipe or a terminal may wait for ever. E_NOT_FOUND,
 * E_IO, E_INVALID. */
MUST_CHECK enum err_code path_is_file(const char *path, struct err *e);
/* Reads a file of at most `limit` bytes; `*out` is NUL-terminated and owned, `*len` may be NULL.
 * E_NOT_FOUND when it is missing, E_TOO_BIG, E_IO. Waits for the writer of a pipe, so it is for
 * files that a person names. */
MUST_CHECK enum err_code path_read(const char *path, size_t limit, char **out, size_t *len,
                                   struct err *e);
/* Is the file that was opened a plain file of this user? E_INVALID says what it is instead. */
MUST_CHECK enum err_code path_own_file(int fd, const char *path, struct err *e);
/* Does the same as path_read for the files of our own state folder: a link, a pipe, a folder or
 * another user's file is E_INVALID at once; it is neither followed nor waited for. */
MUST_CHECK enum err_code path_read_own(const char *path, size_t limit, char **out, size_t *len,
                                       struct err *e);
/* Does the same as path_read for what a program finds by itself in the working directory: a file
 * that is not plain, such as a pipe that nobody writes to, is E_INVALID at once. */
MUST_CHECK enum err_code path_read_plain(const char *path, size_t limit, char **out, size_t *len,
                                         struct err *e);
/* Writes all bytes to a descriptor, and goes on after signals and short writes; on false errno
 * tells why. */
MUST_CHECK bool path_write_all(int fd, const void *data, size_t len);
/* Does the same at a place in the file, which need not be where the descriptor stands. */
MUST_CHECK bool path_write_at(int fd, const void *data, size_t len, int64_t at);
/* Syncs the names in a folder. */
bool path_sync_folder(const char *dir);
/* Writes a temporary file beside `path`, syncs it, renames it and syncs the folder: after a crash
 * the file is the old one or the new one. */
MUST_CHECK enum err_code path_write_atomic(const char *path, const void *bytes, size_t len,
                                           unsigned mode, struct err *e);
#endif
